// Sum or maximum of several operands: a balanced tree, one register a level.
//
// Function: sum_o = sum of the operands modulo 2^OutWidth, or their greatest (IsMax).
// Latency:  ceil(log2(Inputs)) clocks in which `en_i` is high; one operand is a wire. Interval: 1
//           clock.
// Model:    hwcomp/targets/dataflow/modules/elementwise.py. Bench: rtl/tb/test_pool.py, rtl/tb/test_mvu.py.
module hwc_tree #(
  parameter int Inputs   = 4,   // operands
  parameter int InWidth  = 8,   // bits of an operand
  parameter int InSigned = 1,   // 1: two's complement, 0: not negative
  parameter int IsMax    = 0,   // 1: maximum, 0: sum
  parameter int OutWidth = 10   // bits of the result
) (
  input  logic                      clk_i,
  input  logic                      en_i,
  input  logic [Inputs*InWidth-1:0] data_i,
  output logic [OutWidth-1:0]       sum_o
);
  localparam int Levels = $clog2(Inputs);
  // Maxima are compared in full, though the greatest may fit a narrower type.
  localparam int NodeWidth = IsMax != 0 && InWidth > OutWidth ? InWidth : OutWidth;

  // Every level's values are extended to NodeWidth; only the bits it can reach are registers.
  // Extension bits and places beside the tree are not read; a tree of one operand has no clock.
  // verilator lint_off UNUSEDSIGNAL
  logic [(Levels+1)*Inputs*NodeWidth-1:0] node;
  logic unused_clock;
  // verilator lint_on UNUSEDSIGNAL
  assign unused_clock = clk_i ^ en_i;

  for (genvar i = 0; i < Inputs; i++) begin : gen_leaf
    if (InSigned != 0) begin : gen_signed
      logic signed [InWidth-1:0] leaf;
      assign leaf = data_i[i*InWidth+:InWidth];
      assign node[i*NodeWidth+:NodeWidth] = NodeWidth'(leaf);
    end else begin : gen_unsigned
      assign node[i*NodeWidth+:NodeWidth] = NodeWidth'(data_i[i*InWidth+:InWidth]);
    end
  end

  for (genvar l = 1; l <= Levels; l++) begin : gen_level
    // Values of the level below.
    localparam int Below = (Inputs + (1 << (l - 1)) - 1) >> (l - 1);
    localparam int Grown = IsMax != 0 ? InWidth : InWidth + l;  // a sum of two needs a bit more
    localparam int Width = Grown < NodeWidth ? Grown : NodeWidth;
    localparam int From  = (l - 1) * Inputs * NodeWidth;
    localparam int To    = l * Inputs * NodeWidth;
    for (genvar i = 0; i < Inputs; i++) begin : gen_node
      if (2 * i < Below) begin : gen_used
        localparam int Other = 2 * i + 1 < Below ? 2 * i + 1 : 2 * i;
        logic signed [Width-1:0] a, node_d, node_q;
        // verilator lint_off UNUSEDSIGNAL
        logic signed [Width-1:0] b;  // not read where the number of operands is odd
        // verilator lint_on UNUSEDSIGNAL
        assign a = node[From+2*i*NodeWidth+:Width];
        assign b = node[From+Other*NodeWidth+:Width];
        if (Other == 2 * i) begin : gen_pass
          assign node_d = a;
        end else if (IsMax == 0) begin : gen_sum
          assign node_d = a + b;
        end else if (InSigned != 0) begin : gen_max
          assign node_d = a > b ? a : b;
        end else begin : gen_umax
          assign node_d = $unsigned(a) > $unsigned(b) ? a : b;
        end
        always_ff @(posedge clk_i) if (en_i) node_q <= node_d;
        if (InSigned != 0) begin : gen_signed
          assign node[To+i*NodeWidth+:NodeWidth] = NodeWidth'(node_q);
        end else begin : gen_unsigned
          assign node[To+i*NodeWidth+:NodeWidth] = NodeWidth'($unsigned(node_q));
        end
      end else begin : gen_unused
        assign node[To+i*NodeWidth+:NodeWidth] = '0;
      end
    end
  end

  assign sum_o = node[Levels*Inputs*NodeWidth+:OutWidth];
endmodule
