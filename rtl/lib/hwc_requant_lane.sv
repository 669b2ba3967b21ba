// One lane of hwc_requant: the datapath alone, a pipeline that moves when `en_i` is high.
//
// Function: apply_requant of hwcomp/ir/dyadic.py for one element of each input:
//             p = sum_i x_i * mult_i;  acc = p + offset - (amount where p + NegativeBias < 0)
//             q = acc >> Shift, less one for ties;  y = clamp(q + Zero, Lo, Hi)
// Latency:  products, their sum, [sign], add, shift and coarse clamp, tie and clamp:
//           `RequantShape.latency` in hwcomp/targets/dataflow/modules/compute.py. Interval: 1 clock.
//           Bench: rtl/tb/test_requant.py. Proof: rtl/formal.
// Requires: AccWidth holds p, p + NegativeBias, p + offset and acc; Tie "away" has offset
//           2^(Shift-1).
module hwc_requant_lane #(
  parameter int Inputs      = 1,   // operands x_i
  parameter int XWidth      = 24,  // bits of an operand, two's complement
  parameter int MultWidth   = 20,  // bits of a multiplier, two's complement
  parameter int OffsetWidth = 44,  // bits, two's complement
  parameter int AmountWidth = 1,   // bits, not negative
  parameter int AccWidth    = 46,  // bits, two's complement
  parameter int Shift       = 20,  // 0..62
  // verilog_lint: waive-start explicit-parameter-storage-type (Icarus 11 has no string parameters)
  parameter     Tie         = "floor",  // "floor", "even", "away"
  // verilog_lint: waive-stop explicit-parameter-storage-type
  parameter int HasNegative = 0,   // 1: amount is subtracted below zero
  parameter logic signed [63:0] NegativeBias = 64'sd0,
  parameter int Zero        = 0,   // zero point of the output
  parameter int Lo          = -128,
  parameter int Hi          = 127,
  parameter int OutWidth    = 8,   // bits
  parameter int XChunk      = 18,  // bits of a multiplier block's operands
  parameter int MultChunk   = 18,
  // verilog_lint: waive-start explicit-parameter-storage-type (Icarus 11 has no string parameters)
  parameter     MultStyle   = "dsp"  // "dsp", "lut": products in multiplier blocks, or none in them
  // verilog_lint: waive-stop explicit-parameter-storage-type
) (
  input  logic                        clk_i,
  input  logic                        en_i,
  input  logic [Inputs*XWidth-1:0]    x_i,
  input  logic [Inputs*MultWidth-1:0] mult_i,
  input  logic [OffsetWidth-1:0]      offset_i,
  input  logic [AmountWidth-1:0]      amount_i,
  output logic [OutWidth-1:0]         y_o
);
  localparam int PartsX = XWidth <= XChunk ? 1 : (XWidth - 1 + XChunk - 2) / (XChunk - 1);
  localparam int PartsM =
      MultWidth <= MultChunk ? 1 : (MultWidth - 1 + MultChunk - 2) / (MultChunk - 1);
  localparam int Recoded = XWidth < MultWidth ? XWidth : MultWidth;  // of hwc_mul
  // Texts of different lengths are compared.
  // verilator lint_off WIDTHEXPAND
  localparam bit UsesLuts = MultStyle == "lut";
  // verilator lint_on WIDTHEXPAND
  localparam int MulStages = UsesLuts ? (Recoded + 3) / 4 : 1 + $clog2(PartsX * PartsM);
  // Clocks to p: a product, the tree over the inputs.
  localparam int SumStages = MulStages + $clog2(Inputs);

  logic [Inputs*AccWidth-1:0] product;
  logic signed [AccWidth-1:0] p;

  for (genvar i = 0; i < Inputs; i++) begin : gen_input
    if (UsesLuts) begin : gen_lut
      // Bits above the accumulator are copies of its sign.
      // verilator lint_off UNUSEDSIGNAL
      logic signed [XWidth+MultWidth-1:0] exact;
      // verilator lint_on UNUSEDSIGNAL
      hwc_mul #(
        .AWidth (XWidth),
        .ASigned(1),
        .BWidth (MultWidth),
        .Style  ("lut")
      ) u_mul (
        .clk_i,
        .en_i,
        .a_i(x_i[i*XWidth+:XWidth]),
        .b_i(mult_i[i*MultWidth+:MultWidth]),
        .p_o(exact)
      );
      assign product[i*AccWidth+:AccWidth] = AccWidth'(exact);
    end else begin : gen_dsp
      hwc_product #(
        .AWidth  (XWidth),
        .BWidth  (MultWidth),
        .AChunk  (XChunk),
        .BChunk  (MultChunk),
        .OutWidth(AccWidth)
      ) u_product (
        .clk_i,
        .en_i,
        .a_i(x_i[i*XWidth+:XWidth]),
        .b_i(mult_i[i*MultWidth+:MultWidth]),
        .p_o(product[i*AccWidth+:AccWidth])
      );
    end
  end

  hwc_tree #(
    .Inputs  (Inputs),
    .InWidth (AccWidth),
    .InSigned(1),
    .IsMax   (0),
    .OutWidth(AccWidth)
  ) u_sum (
    .clk_i,
    .en_i,
    .data_i(product),
    .sum_o (p)
  );

  // The constants keep pace with the products.
  logic signed [OffsetWidth-1:0] offset_p;
  hwc_delay #(
    .Width (OffsetWidth),
    .Clocks(SumStages)
  ) u_offset (
    .clk_i,
    .en_i,
    .d_i(offset_i),
    .q_o(offset_p)
  );

  logic signed [AccWidth-1:0] acc_q;
  logic p_negative_q;  // p < 0, beside acc_q

  if (HasNegative != 0) begin : gen_negative
    logic [AmountWidth-1:0] amount_p;
    logic signed [AccWidth-1:0] p_q, offset_q, lowered_q, biased;
    logic is_lowered_q;
    hwc_delay #(
      .Width (AmountWidth),
      .Clocks(SumStages)
    ) u_amount (
      .clk_i,
      .en_i,
      .d_i(amount_i),
      .q_o(amount_p)
    );
    assign biased = p + AccWidth'(NegativeBias);
    always_ff @(posedge clk_i) begin
      if (en_i) begin
        p_q          <= p;
        is_lowered_q <= biased[AccWidth-1];
        offset_q     <= AccWidth'(offset_p);
        lowered_q    <= AccWidth'(offset_p) - AccWidth'($unsigned(amount_p));
        acc_q        <= p_q + (is_lowered_q ? lowered_q : offset_q);
        p_negative_q <= p_q[AccWidth-1];
      end
    end
  end else begin : gen_plain
    always_ff @(posedge clk_i) begin
      if (en_i) begin
        acc_q        <= p + AccWidth'(offset_p);
        p_negative_q <= p[AccWidth-1];
      end
    end
    // verilator lint_off UNUSEDSIGNAL
    logic unused_amount;
    // verilator lint_on UNUSEDSIGNAL
    assign unused_amount = ^amount_i;
  end

  // Bounds of q before the zero point is added. A tie lowers q by one: the coarse clamp keeps
  // Most + 1 apart. Without ties it is the only one.
  localparam logic signed [63:0] Least = 64'(Lo) - 64'(Zero);
  localparam logic signed [63:0] Most  = 64'(Hi) - 64'(Zero);
  // Texts of different lengths are compared.
  // verilator lint_off WIDTHEXPAND
  localparam bit HasTies = Tie != "floor";
  // verilator lint_on WIDTHEXPAND
  localparam logic signed [63:0] Top = HasTies ? Most + 64'sd1 : Most;
  // Bits that hold Least and Most + 1.
  localparam logic signed [63:0] Reach = (Most + 64'sd1 > -Least ? Most + 64'sd1 : -Least);
  localparam int CoarseWidth = $clog2(Reach + 64'sd1) + 1;
  localparam int ShiftedWidth = AccWidth > Shift ? AccWidth - Shift : 1;
  localparam int QWidth = ShiftedWidth > CoarseWidth ? ShiftedWidth : CoarseWidth;

  logic signed [QWidth-1:0] q;
  logic is_exact;  // acc is a multiple of 2^Shift
  if (Shift == 0) begin : gen_unshifted
    assign q        = QWidth'(acc_q);
    assign is_exact = 1'b1;
  end else if (AccWidth > Shift) begin : gen_shifted
    logic signed [ShiftedWidth-1:0] high;
    assign high     = acc_q[AccWidth-1:Shift];
    assign q        = QWidth'(high);
    assign is_exact = acc_q[Shift-1:0] == '0;
  end else begin : gen_sign
    assign q        = {QWidth{acc_q[AccWidth-1]}};
    assign is_exact = acc_q == '0;
  end

  // Each rounding reads some of these.
  // verilator lint_off UNUSEDSIGNAL
  logic unused_tie;
  // verilator lint_on UNUSEDSIGNAL
  assign unused_tie = is_exact ^ p_negative_q;

  logic is_lower;
  // Texts of different lengths are compared.
  // verilator lint_off WIDTHEXPAND
  if (Tie == "even") begin : gen_even
    assign is_lower = is_exact && q[0];
  end else if (Tie == "away") begin : gen_away
    assign is_lower = is_exact && p_negative_q;
  end else begin : gen_floor
    assign is_lower = 1'b0;
  end
  // verilator lint_on WIDTHEXPAND

  // q outside of CoarseWidth bits is beyond a bound, on the side of its sign. Bounds are put in by
  // masks: of a branch with a constant synthesis makes a reset, which `en_i` reaches by a LUT more.
  logic is_far, is_q_negative, is_lower_q, is_below, is_above;
  logic signed [CoarseWidth-1:0] near, coarse_d, coarse_q;
  assign is_q_negative = q[QWidth-1];
  assign near   = q[CoarseWidth-1:0];
  assign is_far = q[QWidth-1:CoarseWidth-1] != {(QWidth - CoarseWidth + 1) {q[QWidth-1]}};
  assign is_below = is_far ? is_q_negative : near < CoarseWidth'(Least);
  assign is_above = is_far ? !is_q_negative : near > CoarseWidth'(Top);
  assign coarse_d = (near & {CoarseWidth{!is_below && !is_above}}) |
                    (CoarseWidth'(Least) & {CoarseWidth{is_below}}) |
                    (CoarseWidth'(Top) & {CoarseWidth{is_above}});

  // verilator lint_off UNUSEDSIGNAL
  logic signed [CoarseWidth-1:0] fine;  // its high bits are the sign's
  // verilator lint_on UNUSEDSIGNAL
  logic [OutWidth-1:0] y_d, y_q;
  if (HasTies) begin : gen_fine
    logic is_down, is_over;
    assign is_down = is_lower_q && coarse_q != CoarseWidth'(Least);
    assign is_over = !is_lower_q && coarse_q > CoarseWidth'(Most);
    assign fine    = ((coarse_q - CoarseWidth'(is_down)) & {CoarseWidth{!is_over}}) |
                     (CoarseWidth'(Most) & {CoarseWidth{is_over}});
  end else begin : gen_clamped
    // verilator lint_off UNUSEDSIGNAL
    logic unused_lower;
    // verilator lint_on UNUSEDSIGNAL
    assign unused_lower = is_lower_q;
    assign fine         = coarse_q;
  end
  // Modulo 2^OutWidth: Lo..Hi fit.
  assign y_d = OutWidth'(fine) + OutWidth'(Zero);

  always_ff @(posedge clk_i) begin
    if (en_i) begin
      coarse_q   <= coarse_d;
      is_lower_q <= is_lower;
      y_q        <= y_d;
    end
  end

  assign y_o = y_q;
endmodule
