// Rescale with two roundings, as TFLite's MultiplyByQuantizedMultiplier does it.
//
// Function: `rescaled` of hwcomp/ir/ops/lstm.py, saturated to OutWidth bits: q = x * Mults[which]
//           / 2^Drop, halves up; then q / 2^Shifts[which], halves away from zero.
// Latency:  Stages; `rescale_latency` in hwcomp/targets/dataflow/modules/lstm.py is the least, what is
//           more is a delay. Interval: 1 clock.
// Bench:    rtl/tb/test_lstm.py.
module hwc_lstm_rescale #(
  parameter int InWidth   = 24,  // bits of x, two's complement
  parameter int MultWidth = 32,  // bits of a multiplier, two's complement
  parameter int Scales    = 4,
  parameter logic [Scales*64-1:0] Mults  = {Scales{64'd1073741825}},  // scale 0 lowest
  parameter logic [Scales*8-1:0]  Shifts = {Scales{8'd5}},            // 0 to 32
  parameter int Drop      = 31,
  parameter int OutWidth  = 16,  // bits
  parameter int Stages    = 7,
  // verilog_lint: waive-start explicit-parameter-storage-type (Icarus 11 has no string parameters)
  parameter     MultStyle = "dsp",  // "dsp", "lut"
  // verilog_lint: waive-stop explicit-parameter-storage-type
  localparam int WhichWidth = Scales > 1 ? $clog2(Scales) : 1
) (
  input  logic                  clk_i,
  input  logic                  en_i,
  input  logic [InWidth-1:0]    x_i,
  input  logic [WhichWidth-1:0] which_i,
  output logic [OutWidth-1:0]   y_o
);
  localparam int PWidth   = InWidth + MultWidth;                  // of the product
  localparam int QWidth   = PWidth > Drop ? PWidth + 1 - Drop : 2;  // of the first quotient
  localparam int SumWidth = (QWidth > 33 ? QWidth : 33) + 1;
  // Texts of different lengths are compared.
  // verilator lint_off WIDTHEXPAND
  localparam int IsDsp    = MultStyle == "dsp" ? 1 : 0;
  // verilator lint_on WIDTHEXPAND
  // Latency of hwc_product, of hwc_mul in LUTs.
  localparam int PartsX   = InWidth <= 18 ? 1 : (InWidth - 1 + 16) / 17;
  localparam int PartsM   = MultWidth <= 18 ? 1 : (MultWidth - 1 + 16) / 17;
  localparam int Recoded  = InWidth < MultWidth ? InWidth : MultWidth;
  localparam int MulStages = IsDsp != 0 ? 1 + $clog2(PartsX * PartsM) : (Recoded + 3) / 4;

  logic [InWidth-1:0] x_q;
  logic [MultWidth-1:0] mult;
  logic [WhichWidth-1:0] which_s;
  logic signed [PWidth-1:0] product;
  // verilator lint_off UNUSEDSIGNAL
  logic signed [PWidth:0] nudged;
  logic signed [SumWidth-1:0] quotient;
  // verilator lint_on UNUSEDSIGNAL
  logic signed [QWidth-1:0] q_q, r_q;
  logic signed [SumWidth-1:0] sum;
  logic [Scales*SumWidth-1:0] biases, quotients;
  logic [SumWidth-1:0] bias;
  logic [OutWidth-1:0] y, y_q;

  always_ff @(posedge clk_i) if (en_i) x_q <= x_i;

  hwc_delay #(
    .Width (WhichWidth),
    .Clocks(1 + MulStages + 1)
  ) u_which (
    .clk_i,
    .en_i,
    .d_i(which_i),
    .q_o(which_s)
  );

  if (Scales > 1) begin : gen_choose
    logic [MultWidth-1:0] mult_q;
    always_ff @(posedge clk_i) if (en_i) mult_q <= MultWidth'(Mults[64*32'(which_i)+:64]);
    assign mult     = mult_q;
    assign bias     = biases[SumWidth*32'(which_s)+:SumWidth];
    assign quotient = quotients[SumWidth*32'(which_s)+:SumWidth];
  end else begin : gen_one
    // verilator lint_off UNUSEDSIGNAL
    logic unused_which;
    // verilator lint_on UNUSEDSIGNAL
    assign unused_which = which_s;
    assign mult         = MultWidth'(Mults[63:0]);
    assign bias         = biases;
    assign quotient     = quotients;
  end

  if (IsDsp != 0) begin : gen_dsp
    hwc_product #(
      .AWidth  (InWidth),
      .BWidth  (MultWidth),
      .AChunk  (18),
      .BChunk  (18),
      .OutWidth(PWidth)
    ) u_product (
      .clk_i,
      .en_i,
      .a_i(x_q),
      .b_i(mult),
      .p_o(product)
    );
  end else begin : gen_lut
    hwc_mul #(
      .AWidth (InWidth),
      .ASigned(1),
      .BWidth (MultWidth),
      .Style  ("lut")
    ) u_mul (
      .clk_i,
      .en_i,
      .a_i(x_q),
      .b_i(mult),
      .p_o(product)
    );
  end

  // First rounding: half up. Second: half away from zero, so a negative number is lowered by one.
  if (Drop > 0) begin : gen_drop
    assign nudged = (PWidth + 1)'(product) + ((PWidth + 1)'(1) << (Drop - 1));
  end else begin : gen_keep
    assign nudged = (PWidth + 1)'(product);
  end
  for (genvar s = 0; s < Scales; s++) begin : gen_scale
    localparam int Shift = 32'(Shifts[8*s+:8]);
    if (Shift > 0) begin : gen_shift
      assign biases[s*SumWidth+:SumWidth] = (SumWidth'(1) << (Shift - 1)) - SumWidth'(q_q < 0);
    end else begin : gen_keep
      assign biases[s*SumWidth+:SumWidth] = '0;
    end
    assign quotients[s*SumWidth+:SumWidth] = sum >>> Shift;
  end
  assign sum = SumWidth'(q_q) + $signed(bias);

  if (QWidth > OutWidth) begin : gen_clip
    logic [QWidth-OutWidth-1:0] above;
    assign above = r_q[QWidth-1:OutWidth];
    assign y = above == {QWidth - OutWidth{r_q[OutWidth-1]}} ? r_q[OutWidth-1:0]
        : {r_q[QWidth-1], {OutWidth - 1{!r_q[QWidth-1]}}};
  end else begin : gen_extend
    assign y = OutWidth'(r_q);
  end

  always_ff @(posedge clk_i) begin
    if (en_i) begin
      q_q <= QWidth'(nudged >>> Drop);
      r_q <= QWidth'(quotient);
      y_q <= y;
    end
  end

  hwc_delay #(
    .Width (OutWidth),
    .Clocks(Stages - MulStages - 4)
  ) u_pad (
    .clk_i,
    .en_i,
    .d_i(y_q),
    .q_o(y_o)
  );
endmodule
