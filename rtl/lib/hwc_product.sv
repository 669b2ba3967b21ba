// Exact signed product of wide operands, cut into parts that one DSP block each multiplies.
//
// Function: p_o = a_i * b_i modulo 2^OutWidth. An operand of more than ChunkWidth bits is cut into
//           parts of ChunkWidth - 1 bits (the highest one signed, the others not negative); the
//           partial products are added by a tree.
// Latency:  1 + ceil(log2(PartsA * PartsB)) clocks in which `en_i` is high. Interval: 1 clock.
// Model:    `product_latency` in hwcomp/targets/dataflow/modules/compute.py. Bench:
//           rtl/tb/test_requant.py.
module hwc_product #(
  parameter int AWidth     = 24,  // bits, two's complement
  parameter int BWidth     = 20,  // bits, two's complement
  parameter int AChunk     = 18,  // bits of the multiplier block's first operand
  parameter int BChunk     = 18,  // bits of its second operand
  parameter int OutWidth   = 44   // bits of the product that are kept
) (
  input  logic                clk_i,
  input  logic                en_i,
  input  logic [AWidth-1:0]   a_i,
  input  logic [BWidth-1:0]   b_i,
  output logic [OutWidth-1:0] p_o
);
  // A signed part of Chunk bits holds Chunk - 1 bits of the operand; the highest part has its sign.
  localparam int PartsA = AWidth <= AChunk ? 1 : (AWidth - 1 + AChunk - 2) / (AChunk - 1);
  localparam int PartsB = BWidth <= BChunk ? 1 : (BWidth - 1 + BChunk - 2) / (BChunk - 1);
  localparam int Parts  = PartsA * PartsB;

  logic [Parts*OutWidth-1:0] partial;

  for (genvar i = 0; i < PartsA; i++) begin : gen_a
    localparam int LowA   = i * (AChunk - 1);
    localparam int WidthA = i == PartsA - 1 ? AWidth - LowA : AChunk;
    logic signed [WidthA-1:0] a;
    if (i == PartsA - 1) begin : gen_high
      assign a = a_i[AWidth-1:LowA];
    end else begin : gen_low
      assign a = {1'b0, a_i[LowA+:AChunk-1]};
    end
    for (genvar j = 0; j < PartsB; j++) begin : gen_b
      localparam int LowB   = j * (BChunk - 1);
      localparam int WidthB = j == PartsB - 1 ? BWidth - LowB : BChunk;
      localparam int WidthP = WidthA + WidthB;  // exact
      localparam int LowP   = LowA + LowB;
      localparam int WidthX = OutWidth > LowP + WidthP ? OutWidth : LowP + WidthP;
      logic signed [WidthB-1:0] b;
      logic signed [WidthP-1:0] p_q;
      // verilator lint_off UNUSEDSIGNAL
      logic signed [WidthX-1:0] wide;  // modulo 2^OutWidth
      // verilator lint_on UNUSEDSIGNAL
      if (j == PartsB - 1) begin : gen_high
        assign b = b_i[BWidth-1:LowB];
      end else begin : gen_low
        assign b = {1'b0, b_i[LowB+:BChunk-1]};
      end
      always_ff @(posedge clk_i) if (en_i) p_q <= WidthP'(a) * WidthP'(b);
      assign wide = WidthX'(p_q) <<< LowP;
      assign partial[(i*PartsB+j)*OutWidth+:OutWidth] = wide[OutWidth-1:0];
    end
  end

  hwc_tree #(
    .Inputs  (Parts),
    .InWidth (OutWidth),
    .InSigned(1),
    .IsMax   (0),
    .OutWidth(OutWidth)
  ) u_tree (
    .clk_i,
    .en_i,
    .data_i(partial),
    .sum_o (p_o)
  );
endmodule
