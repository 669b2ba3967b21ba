// Products of one activation and several weights, in one multiplier block.
//
// Function: p_o[i] = a_i * b_i[i] for i < Pack, exact. The weights are fields of one wide operand,
//           Gap = AWidth + BWidth - 1 bits apart: sum b[i] * 2^(i*Gap) has Gap * (Pack - 1) + BWidth + 1
//           bits. A product has one bit more than there is room: its highest is met by the lowest of
//           the one above, which is known before, a[0] & b[i+1][0]. Where what lies below a product is
//           negative it is one too small; the bit in which both meet says so.
// Latency:  3: the wide operand, the product, the correction. Interval: 1 clock.
// Bench:    rtl/tb/test_mvu.py. Proof: rtl/formal/test_packed_proof.py.
module hwc_packed_mul #(
  parameter int AWidth  = 8,  // bits of the activation
  parameter int ASigned = 1,
  parameter int BWidth  = 8,  // bits of a weight, two's complement
  parameter int Pack    = 2,  // weights, at least 2
  localparam int Step   = AWidth + BWidth,  // bits of a product
  localparam int Gap    = Step - 1
) (
  input  logic                   clk_i,
  input  logic                   en_i,
  input  logic [AWidth-1:0]      a_i,
  input  logic [Pack*BWidth-1:0] b_i,
  output logic [Pack*Step-1:0]   p_o
);
  localparam int AFull     = AWidth + (ASigned != 0 ? 0 : 1);  // as two's complement
  localparam int WideWidth = Gap * (Pack - 1) + BWidth + 1;
  localparam int FullWidth = WideWidth + AFull;

  logic [AWidth-1:0] a_q;
  logic signed [AFull-1:0] a;
  logic signed [WideWidth-1:0] wide, wide_q;
  // verilator lint_off UNUSEDSIGNAL
  logic [Pack-1:0] odd_b_q, odd_q;      // a weight, and its product, is odd; not of the lowest
  logic signed [FullWidth-1:0] full_q;  // above the highest product the sign again
  logic [Pack:0] below;                 // whether the fields below are negative, together
  // verilator lint_on UNUSEDSIGNAL

  // A field takes the borrow of those below it.
  assign below[0] = 1'b0;
  for (genvar i = 0; i < Pack; i++) begin : gen_field
    localparam int Width = i == Pack - 1 ? BWidth + 1 : Gap;
    logic signed [BWidth-1:0] b;
    logic signed [BWidth:0] field;
    assign b = b_i[i*BWidth+:BWidth];
    assign field = (BWidth + 1)'(b) - $signed((BWidth + 1)'(below[i]));
    assign below[i+1] = field[BWidth];
    always_ff @(posedge clk_i) if (en_i) odd_b_q[i] <= b_i[i*BWidth];
    assign wide[i*Gap+:Width] = Width'(field);
  end

  // Blocks lie far apart: `keep` gives each its copy of what they share.
  (* keep *) always_ff @(posedge clk_i) if (en_i) a_q <= a_i;
  always_ff @(posedge clk_i) begin
    if (en_i) begin
      wide_q <= wide;
      odd_q  <= odd_b_q & {Pack{a_q[0]}};
    end
  end

  if (ASigned != 0) begin : gen_signed
    assign a = a_q;
  end else begin : gen_unsigned
    assign a = {1'b0, a_q};
  end

  always_ff @(posedge clk_i) if (en_i) full_q <= FullWidth'(wide_q) * FullWidth'(a);

  for (genvar i = 0; i < Pack; i++) begin : gen_product
    logic [Step-1:0] product_q;
    logic above, is_negative;  // what meets the highest bit; what lies below
    logic [Step-1:0] own;
    if (i == Pack - 1) begin : gen_highest
      assign above = 1'b0;
    end else begin : gen_met
      assign above = odd_q[i+1];
    end
    if (i == 0) begin : gen_lowest
      assign is_negative = 1'b0;
    end else begin : gen_borrow
      assign is_negative = full_q[i*Gap] ^ odd_q[i];
    end
    assign own = full_q[i*Gap+:Step] ^ {above, {Gap{1'b0}}};
    always_ff @(posedge clk_i) if (en_i) product_q <= own + Step'(is_negative);
    assign p_o[i*Step+:Step] = product_q;
  end
endmodule
