// Proof that hwc_requant_lane is the definition of `apply_requant` (hwcomp/ir/dyadic.py), on every input.
//
// The lane is fed with new operands and constants each clock; `expected` is the definition, written down in one
// expression and delayed by the lane's latency. The pipeline has no state beside its stages, so once as many clocks
// as it has stages are past, the assertion speaks about every reachable state. Run by rtl/formal/test_requant_proof.py.
module requant #(
  parameter int Inputs      = 1,
  parameter int XWidth      = 12,
  parameter int MultWidth   = 8,
  parameter int OffsetWidth = 16,
  parameter int AmountWidth = 8,
  parameter int AccWidth    = 24,
  parameter int Shift       = 6,
  // verilog_lint: waive-start explicit-parameter-storage-type (Icarus 11 has no string parameters)
  parameter     Tie         = "floor",
  // verilog_lint: waive-stop explicit-parameter-storage-type
  parameter int HasNegative = 0,
  parameter logic signed [63:0] NegativeBias = 64'sd0,
  parameter int Zero        = 3,
  parameter int Lo          = -100,
  parameter int Hi          = 127,
  parameter int OutWidth    = 8,
  parameter int XChunk      = 18,
  parameter int MultChunk   = 18,
  parameter int Latency     = 4,  // of the lane, clocks
  parameter int Mutant      = 0   // 1: a wrong definition, which the proof must refuse
) (
  input logic                        clk_i,
  input logic [Inputs*XWidth-1:0]    x_i,
  input logic [Inputs*MultWidth-1:0] mult_i,
  input logic [OffsetWidth-1:0]      offset_i,
  input logic [AmountWidth-1:0]      amount_i
);
  logic [OutWidth-1:0] y, expected, expected_q;

  hwc_requant_lane #(
    .Inputs      (Inputs),
    .XWidth      (XWidth),
    .MultWidth   (MultWidth),
    .OffsetWidth (OffsetWidth),
    .AmountWidth (AmountWidth),
    .AccWidth    (AccWidth),
    .Shift       (Shift),
    .Tie         (Tie),
    .HasNegative (HasNegative),
    .NegativeBias(NegativeBias),
    .Zero        (Zero),
    .Lo          (Lo),
    .Hi          (Hi),
    .OutWidth    (OutWidth),
    .XChunk      (XChunk),
    .MultChunk   (MultChunk)
  ) u_lane (
    .clk_i,
    .en_i(1'b1),
    .x_i,
    .mult_i,
    .offset_i,
    .amount_i,
    .y_o (y)
  );

  // The definition, in 64 bits, where nothing overflows.
  logic signed [63:0] p, acc, q, tied, level;
  logic is_exact;
  always_comb begin
    p = 64'sd0;
    for (int i = 0; i < Inputs; i++) begin
      p = p + 64'($signed(x_i[i*XWidth+:XWidth])) * 64'($signed(mult_i[i*MultWidth+:MultWidth]));
    end
    acc = p + 64'($signed(offset_i));
    if (HasNegative != 0 && p + NegativeBias < 64'sd0) acc = acc - $signed(64'(amount_i));
    q        = acc >>> Shift;
    is_exact = (q <<< Shift) == acc;
    tied     = q;
    if (Tie == "even" && is_exact && q[0]) tied = q - 64'sd1;
    if (Tie == "away" && is_exact && p < 64'sd0) tied = q - 64'sd1;
    if (Mutant != 0 && is_exact) tied = q;
    level = tied + 64'(Zero);
    if (level < 64'(Lo)) level = 64'(Lo);
    if (level > 64'(Hi) - 64'(Mutant)) level = 64'(Hi) - 64'(Mutant);
  end
  assign expected = level[OutWidth-1:0];

  hwc_delay #(
    .Width (OutWidth),
    .Clocks(Latency)
  ) u_expected (
    .clk_i,
    .en_i(1'b1),
    .d_i (expected),
    .q_o (expected_q)
  );

  logic [4:0] age_q = 5'd0;
  always_ff @(posedge clk_i) if (age_q != 5'(Latency)) age_q <= age_q + 5'd1;

  always_comb if (age_q == 5'(Latency)) assert (y == expected_q);
endmodule
