// Compares with sorted constants: a requant to few levels.
//
// Function: out[lane] = Base + number of the Levels thresholds of its channel that are <= x.
// Memories: ThresholdFile word [group of Lanes channels], in it [lane][level] of InWidth + 1 bits,
//           signed as x is, so that a threshold above every x can be written. With Channels == 1
//           one word of one lane.
// Latency:  2 + ceil(log2(Levels)), `threshold` in hwcomp/targets/dataflow/modules/elementwise.py.
//           Interval: 1 clock a beat. in_ready_o follows out_ready_i by wire. Bench:
//           rtl/tb/test_lut.py.
module hwc_threshold #(
  parameter int InWidth  = 16,  // bits of x
  parameter int InSigned = 1,
  parameter int Lanes    = 1,   // elements of a beat
  parameter int Channels = 1,   // 1: the same thresholds for all; else a multiple of Lanes
  parameter int Levels   = 3,   // thresholds of a channel
  parameter int Base     = 0,   // the least output
  parameter int OutWidth = 2,   // bits
  // verilog_lint: waive-start explicit-parameter-storage-type (Icarus 11 has no string parameters)
  parameter     ThresholdFile = ""
  // verilog_lint: waive-stop explicit-parameter-storage-type
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      in_valid_i,
  output logic                      in_ready_o,
  input  logic [Lanes*InWidth-1:0]  in_data_i,
  output logic                      out_valid_o,
  input  logic                      out_ready_i,
  output logic [Lanes*OutWidth-1:0] out_data_o
);
  localparam int Groups     = Channels > Lanes ? Channels / Lanes : 1;
  localparam int GroupWidth = Groups > 1 ? $clog2(Groups) : 1;
  localparam int Sets       = Channels == 1 ? 1 : Lanes;
  localparam int TestWidth  = InWidth + 1;  // of a threshold
  localparam int CountWidth = $clog2(Levels + 1);

  logic en;
  logic [GroupWidth-1:0] group_q;
  logic [Lanes*InWidth-1:0] data_q;
  logic [Sets*Levels*TestWidth-1:0] thresholds;

  assign in_ready_o = en;

  hwc_valid #(
    .Stages(2 + $clog2(Levels))
  ) u_valid (
    .clk_i,
    .rst_ni,
    .valid_i(in_valid_i),
    .ready_i(out_ready_i),
    .en_o   (en),
    .valid_o(out_valid_o)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni) group_q <= '0;
    else if (en && in_valid_i) begin
      group_q <= group_q == GroupWidth'(Groups - 1) ? '0 : group_q + GroupWidth'(1);
    end
  end

  always_ff @(posedge clk_i) if (en) data_q <= in_data_i;

  hwc_rom #(
    .Width(Sets * Levels * TestWidth),
    .Depth(Groups),
    .File (ThresholdFile)
  ) u_thresholds (
    .clk_i,
    .en_i  (en),
    .addr_i(group_q),
    .data_o(thresholds)
  );

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    localparam int Set = Channels == 1 ? 0 : l;
    logic signed [TestWidth-1:0] x;
    logic [Levels-1:0] reached_q;
    logic [CountWidth-1:0] count;
    if (InSigned != 0) begin : gen_signed
      assign x = TestWidth'($signed(data_q[l*InWidth+:InWidth]));
    end else begin : gen_unsigned
      assign x = TestWidth'(data_q[l*InWidth+:InWidth]);
    end
    for (genvar i = 0; i < Levels; i++) begin : gen_level
      logic signed [TestWidth-1:0] threshold;
      assign threshold = thresholds[(Set*Levels+i)*TestWidth+:TestWidth];
      if (InSigned != 0) begin : gen_signed
        always_ff @(posedge clk_i) if (en) reached_q[i] <= x >= threshold;
      end else begin : gen_unsigned
        always_ff @(posedge clk_i) if (en) reached_q[i] <= $unsigned(x) >= $unsigned(threshold);
      end
    end
    hwc_tree #(
      .Inputs  (Levels),
      .InWidth (1),
      .InSigned(0),
      .IsMax   (0),
      .OutWidth(CountWidth)
    ) u_count (
      .clk_i,
      .en_i  (en),
      .data_i(reached_q),
      .sum_o (count)
    );
    assign out_data_o[l*OutWidth+:OutWidth] = OutWidth'(count) + OutWidth'(Base);
  end
`ifdef FORMAL
  `include "hwc_threshold_formal.svh"
`endif
endmodule
