// Proof that hwc_packed_mul gives the products, on every input.
//
// The module is fed with a new activation and new weights each clock; `expected` are the products, each computed alone,
// delayed by the module's latency. There is no state beside the stages, so once as many clocks as there are stages are
// past, the assertion speaks about every reachable state. Run by rtl/formal/test_packed_proof.py.
module packed_proof #(
  parameter int AWidth  = 4,
  parameter int ASigned = 1,
  parameter int BWidth  = 4,
  parameter int Pack    = 3,
  parameter int Mutant  = 0  // 1: products without the borrow's correction, which the proof must refuse
) (
  input logic                   clk_i,
  input logic [AWidth-1:0]      a_i,
  input logic [Pack*BWidth-1:0] b_i
);
  localparam int Step = AWidth + BWidth;
  localparam int Latency = 3;
  localparam int AFull = AWidth + (ASigned != 0 ? 0 : 1);

  logic [Pack*Step-1:0] products, expected, expected_q;
  logic signed [AFull-1:0] a;

  hwc_packed_mul #(
    .AWidth (AWidth),
    .ASigned(ASigned),
    .BWidth (BWidth),
    .Pack   (Pack)
  ) u_mul (
    .clk_i,
    .en_i(1'b1),
    .a_i,
    .b_i,
    .p_o (products)
  );

  if (ASigned != 0) begin : gen_signed
    assign a = a_i;
  end else begin : gen_unsigned
    assign a = {1'b0, a_i};
  end

  for (genvar i = 0; i < Pack; i++) begin : gen_product
    logic signed [BWidth-1:0] b;
    logic signed [Step:0] product;
    assign b = b_i[i*BWidth+:BWidth];
    assign product = (Step + 1)'(a) * (Step + 1)'(b);
    if (i == 0 || Mutant == 0) begin : gen_exact
      assign expected[i*Step+:Step] = product[Step-1:0];
    end else begin : gen_mutant
      assign expected[i*Step+:Step] = product[Step-1:0] - Step'(expected[i*Step-1]);
    end
  end

  hwc_delay #(
    .Width (Pack * Step),
    .Clocks(Latency)
  ) u_expected (
    .clk_i,
    .en_i(1'b1),
    .d_i (expected),
    .q_o (expected_q)
  );

  logic [2:0] age_q = 3'd0;
  always_ff @(posedge clk_i) if (age_q != 3'(Latency)) age_q <= age_q + 3'd1;

  always_comb if (age_q == 3'(Latency)) assert (products == expected_q);
endmodule
