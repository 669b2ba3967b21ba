// Matrix times vector with loadable weights: hwc_mvu is this without the write ports.
//
// Function, input, memories, latency, interval: see hwc_mvu. `weight_*` and `bias_*` write words as
// the files have them, with WeightStyle "ram"; while no vector is under way, else results mix old
// and new weights.
// Bench:    rtl/tb/test_mvu.py.
module hwc_mvu_core #(
  parameter int InWidth     = 8,   // bits of an activation
  parameter int InSigned    = 1,
  parameter int WeightWidth = 8,   // bits of a weight, two's complement
  parameter int AccWidth    = 24,  // bits of a result, two's complement
  parameter int Simd        = 4,   // activations of a beat
  parameter int Pe          = 2,   // results of a beat
  parameter int InChannels  = 16,  // activations of a vector, a multiple of Simd
  parameter int OutChannels = 8,   // results of a vector, a multiple of Pe
  parameter int Sets        = 1,   // matrices that the vectors meet in turn
  parameter int Pack        = 1,   // of MultStyle "packed": products of a block, a divisor of Pe
  // verilog_lint: waive-start explicit-parameter-storage-type (Icarus 11 has no string parameters)
  parameter     WeightStyle = "block",  // "block", "distributed", "ram"
  parameter     MultStyle   = "dsp",    // "dsp", "lut", "packed"
  parameter     WeightFile  = "",
  parameter     BiasFile    = "",
  // verilog_lint: waive-stop explicit-parameter-storage-type
  localparam int Beats      = InChannels / Simd,
  localparam int Groups     = OutChannels / Pe,
  localparam int Rows       = Groups * Sets,
  localparam int Words      = Beats * Rows,
  localparam int WordWidth  = Words > 1 ? $clog2(Words) : 1,
  localparam int RowWidth   = Rows > 1 ? $clog2(Rows) : 1
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  input  logic                           in_valid_i,
  output logic                           in_ready_o,
  input  logic [Simd*InWidth-1:0]        in_data_i,
  output logic                           out_valid_o,
  input  logic                           out_ready_i,
  output logic [Pe*AccWidth-1:0]         out_data_o,
  input  logic                           weight_write_i,
  input  logic [WordWidth-1:0]           weight_addr_i,
  input  logic [Pe*Simd*WeightWidth-1:0] weight_data_i,
  input  logic                           bias_write_i,
  input  logic [RowWidth-1:0]            bias_addr_i,
  input  logic [Pe*AccWidth-1:0]         bias_data_i
);
  localparam int BeatWidth = Beats > 1 ? $clog2(Beats) : 1;
  localparam int GroupWidth = Groups > 1 ? $clog2(Groups) : 1;
  // Texts of different lengths are compared.
  // verilator lint_off WIDTHEXPAND
  localparam int Writes = WeightStyle == "ram" ? 1 : 0;
  localparam int OwnOperands = MultStyle == "dsp" && Pe > 1 ? 1 : 0;
  // verilator lint_on WIDTHEXPAND

  logic en, valid, give, is_first, is_last, is_end, is_last_row;
  logic [BeatWidth-1:0] beat_q;
  logic [GroupWidth-1:0] group_q;
  logic [WordWidth-1:0] word_q;
  logic [1:0] valid_q, first_q, last_q;
  logic [RowWidth-1:0] row, row_x;
  logic [Simd*InWidth-1:0] x;
  logic [Pe*Simd*WeightWidth-1:0] weights;

  // What is asked for: the beat, the group of results, the word of the weights.
  assign is_end   = beat_q == BeatWidth'(Beats - 1);
  assign is_first = group_q == '0;
  assign is_last  = group_q == GroupWidth'(Groups - 1);
  assign give     = en && valid;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      beat_q  <= '0;
      group_q <= '0;
      word_q  <= '0;
      valid_q <= '0;
    end else begin
      if (give) begin
        beat_q <= is_end ? '0 : beat_q + BeatWidth'(1);
        if (is_end) group_q <= is_last ? '0 : group_q + GroupWidth'(1);
        word_q <= is_end && is_last_row ? '0 : word_q + WordWidth'(1);
      end
      if (en) valid_q <= {valid_q[0], valid};
    end
  end

  always_ff @(posedge clk_i) begin
    if (en) begin
      first_q <= {first_q[0], beat_q == '0};
      last_q  <= {last_q[0], is_end};
    end
  end

  // Groups of all sets, one after the other.
  if (Sets > 1) begin : gen_sets
    logic [RowWidth-1:0] row_q;
    assign row         = row_q;
    assign is_last_row = row_q == RowWidth'(Rows - 1);
    always_ff @(posedge clk_i) begin
      if (!rst_ni) row_q <= '0;
      else if (give && is_end) row_q <= is_last_row ? '0 : row_q + RowWidth'(1);
    end
  end else begin : gen_set
    assign row         = group_q;
    assign is_last_row = is_last;
  end

  hwc_delay #(
    .Width (RowWidth),
    .Clocks(2)
  ) u_row (
    .clk_i,
    .en_i(en),
    .d_i (row),
    .q_o (row_x)
  );

  if (Groups > 1) begin : gen_replay
    hwc_replay #(
      .Width(Simd * InWidth),
      .Beats(Beats)
    ) u_replay (
      .clk_i,
      .rst_ni,
      .in_valid_i,
      .in_ready_o,
      .in_data_i,
      .en_i      (en),
      .shift_i   (en),
      .is_first_i(is_first),
      .is_last_i (is_last),
      .is_end_i  (is_end),
      .valid_o   (valid),
      .data_o    (x)
    );
  end else begin : gen_direct
    // verilator lint_off UNUSEDSIGNAL
    logic unused_first;
    // verilator lint_on UNUSEDSIGNAL
    assign unused_first = is_first;
    assign valid      = in_valid_i;
    assign in_ready_o = en;
    hwc_delay #(
      .Width (Simd * InWidth),
      .Clocks(2)
    ) u_x (
      .clk_i,
      .en_i(en),
      .d_i (in_data_i),
      .q_o (x)
    );
  end

  hwc_weights #(
    .Width(Pe * Simd * WeightWidth),
    .Depth(Words),
    .Style(WeightStyle),
    .File (WeightFile)
  ) u_weights (
    .clk_i,
    .en_i        (en),
    .addr_i      (word_q),
    .data_o      (weights),
    .write_i     (weight_write_i),
    .write_addr_i(weight_addr_i),
    .write_data_i(weight_data_i)
  );

  hwc_mac #(
    .Simd       (Simd),
    .Pe         (Pe),
    .InWidth    (InWidth),
    .InSigned   (InSigned),
    .WeightWidth(WeightWidth),
    .AccWidth   (AccWidth),
    .Groups     (Rows),
    .BiasWrites (Writes),
    .OwnOperands(OwnOperands),
    .Pack       (Pack),
    .MultStyle  (MultStyle),
    .BiasFile   (BiasFile)
  ) u_mac (
    .clk_i,
    .rst_ni,
    .en_o   (en),
    .valid_i(valid_q[1]),
    .first_i(first_q[1]),
    .last_i (last_q[1]),
    .group_i(row_x),
    .x_i    ({Pe{x}}),
    .w_i    (weights),
    .bias_write_i,
    .bias_addr_i,
    .bias_data_i,
    .out_valid_o,
    .out_ready_i,
    .out_data_o
  );
endmodule
