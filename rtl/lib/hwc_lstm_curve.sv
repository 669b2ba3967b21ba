// Logistic function and tanh of 16 bits, from a table.
//
// Function: `_function` of hwcomp/ir/ops/lstm.py. Direct: the table's word for x. Otherwise the
//           argument is x * Mult / 2^Shift, halves up, and the result is interpolated between two
//           of 256 values of the logistic function, in Q0.15.
// Memories: TableFile. Direct: 65536 words of TableWidth bits, two's complement, from x = -32768.
//           Otherwise 256 words {next value - value: 17 bits, value: 16 bits}. With Tables 2 the
//           logistic function's, then tanh's; with 1 tanh's alone.
// Latency:  2 where direct, else 5 and the multiplier (1, in LUTs 3). Interval: 1 clock.
// Bench:    rtl/tb/test_lstm.py.
module hwc_lstm_curve #(
  parameter int Direct     = 0,
  parameter int Tables     = 2,
  parameter int Mult       = 3,
  parameter int Shift      = 0,
  parameter int TableWidth = 33,  // bits of a word
  // verilog_lint: waive-start explicit-parameter-storage-type (Icarus 11 has no string parameters)
  parameter     MultStyle  = "dsp",  // "dsp", "lut"
  parameter     TableFile  = ""
  // verilog_lint: waive-stop explicit-parameter-storage-type
) (
  input  logic        clk_i,
  input  logic        en_i,
  input  logic        is_tanh_i,
  input  logic [15:0] x_i,
  output logic [16:0] y_o
);
  localparam int Entries   = Direct != 0 ? 65536 : 256;
  localparam int PlaceWidth = Direct != 0 ? 16 : 8;
  localparam int AddrWidth = PlaceWidth + (Tables > 1 ? 1 : 0);

  logic [PlaceWidth-1:0] place;
  logic [AddrWidth-1:0] address;
  logic [TableWidth-1:0] word;
  logic [16:0] y_q;

  hwc_rom #(
    .Width(TableWidth),
    .Depth(Tables * Entries),
    .File (TableFile)
  ) u_table (
    .clk_i,
    .en_i,
    .addr_i(address),
    .data_o(word)
  );
  assign y_o = y_q;

  if (Direct != 0) begin : gen_direct
    assign place = {!x_i[15], x_i[14:0]};
    if (Tables > 1) begin : gen_two
      assign address = {is_tanh_i, place};
    end else begin : gen_one
      // verilator lint_off UNUSEDSIGNAL
      logic unused_tanh;
      // verilator lint_on UNUSEDSIGNAL
      assign unused_tanh = is_tanh_i;
      assign address     = place;
    end
    always_ff @(posedge clk_i) if (en_i) y_q <= 17'($signed(word));
  end else begin : gen_interpolate
    localparam int ScaledWidth = 17 + $clog2(Mult + 1);
    localparam int WideWidth   = ScaledWidth + Shift + 1;
    // Texts of different lengths are compared.
    // verilator lint_off WIDTHEXPAND
    localparam int MulStages = MultStyle == "dsp" ? 1 : 3;
    // verilator lint_on WIDTHEXPAND
    localparam logic [31:0] Factor = Mult;

    // verilator lint_off UNUSEDSIGNAL
    logic signed [WideWidth-1:0] wide;
    logic [ScaledWidth-1:0] level;  // table entries from zero
    // verilator lint_on UNUSEDSIGNAL
    logic signed [ScaledWidth-1:0] scaled_q;
    logic [ScaledWidth-1:0] magnitude;
    logic [7:0] place_q;
    logic tanh_q, tanh_a_q, negative_q, end_q;
    logic tanh_p, negative_p, end_p, tanh_s_q, negative_s_q;
    logic [8:0] fraction_q, fraction_r_q;
    logic [15:0] value_p;
    logic [25:0] product;
    logic signed [27:0] between, between_q;
    // verilator lint_off UNUSEDSIGNAL
    logic signed [27:0] rounded;
    // verilator lint_on UNUSEDSIGNAL

    // x * Mult without a multiplier: it has few ones.
    always_comb begin
      wide = Shift > 0 ? WideWidth'(1) << (Shift > 0 ? Shift - 1 : 0) : '0;
      for (int i = 0; i < $clog2(Mult + 1); i++) begin
        if (Factor[i]) wide = wide + (WideWidth'($signed(x_i)) <<< i);
      end
    end

    assign magnitude = scaled_q < 0 ? -scaled_q : scaled_q;
    assign level     = tanh_q ? magnitude >> 8 : magnitude >> 9;
    always_ff @(posedge clk_i) begin
      if (en_i) begin
        scaled_q     <= ScaledWidth'(wide >>> Shift);
        tanh_q       <= is_tanh_i;
        tanh_a_q     <= tanh_q;
        negative_q   <= scaled_q < 0;
        end_q        <= level >= ScaledWidth'(255);
        place_q      <= level >= ScaledWidth'(254) ? 8'd254 : level[7:0];
        fraction_q   <= {magnitude[8] && !tanh_q, magnitude[7:0]};
        fraction_r_q <= fraction_q;  // beside the table's word
      end
    end
    assign place = place_q;
    if (Tables > 1) begin : gen_two
      assign address = {tanh_a_q, place};
    end else begin : gen_one
      assign address = place;
    end

    hwc_mul #(
      .AWidth (9),
      .ASigned(0),
      .BWidth (17),
      .Style  (MultStyle)
    ) u_mul (
      .clk_i,
      .en_i,
      .a_i(fraction_r_q),
      .b_i(word[32:16]),
      .p_o(product)
    );
    hwc_delay #(
      .Width (16),
      .Clocks(MulStages)
    ) u_value (
      .clk_i,
      .en_i,
      .d_i(word[15:0]),
      .q_o(value_p)
    );
    hwc_delay #(
      .Width (3),
      .Clocks(1 + MulStages)
    ) u_flags (
      .clk_i,
      .en_i,
      .d_i({tanh_a_q, negative_q, end_q}),
      .q_o({tanh_p, negative_p, end_p})
    );

    // In Q0.23 (tanh) or Q0.25, then rounded to Q0.15.
    always_comb begin
      if (tanh_p) begin
        between = end_p ? 28'shFFFF00 : $signed({4'b0, value_p, 8'b0}) + 28'($signed(product));
        between = between - 28'sh800000;
      end else begin
        between = end_p ? 28'sh1FFFC00 : $signed({3'b0, value_p, 9'b0}) + 28'($signed(product));
      end
      if (tanh_s_q) rounded = negative_s_q ? 28'sd127 - between_q : between_q + 28'sd128;
      else rounded = negative_s_q ? 28'sh20001FF - between_q : between_q + 28'sd512;
    end
    always_ff @(posedge clk_i) begin
      if (en_i) begin
        between_q    <= between;
        tanh_s_q     <= tanh_p;
        negative_s_q <= negative_p;
        y_q          <= tanh_s_q ? 17'(rounded >>> 8) : 17'(rounded >>> 10);
      end
    end
  end
endmodule
