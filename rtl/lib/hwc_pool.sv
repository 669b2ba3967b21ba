// Maximum or sum over the taps of a window's beat.
//
// Function: out[lane] = max or sum over t of in[t][lane]. Input beat: [tap][lane], the tap slower.
//           Output: Lanes elements.
// Latency:  1 + ceil(log2(Taps)), `pool` in hwcomp/targets/dataflow/modules/elementwise.py. Interval: 1
//           clock a beat. in_ready_o follows out_ready_i by wire. Bench: rtl/tb/test_pool.py.
module hwc_pool #(
  parameter int Width    = 8,  // bits of an input element
  parameter int Signed   = 1,
  parameter int Lanes    = 1,  // channels of a beat
  parameter int Taps     = 4,  // places of the window
  parameter int IsMax    = 1,  // 1: maximum, 0: sum
  parameter int OutWidth = 8   // bits of an output element: holds every result
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  logic                        in_valid_i,
  output logic                        in_ready_o,
  input  logic [Taps*Lanes*Width-1:0] in_data_i,
  output logic                        out_valid_o,
  input  logic                        out_ready_i,
  output logic [Lanes*OutWidth-1:0]   out_data_o
);
  logic en;
  logic [Taps*Lanes*Width-1:0] data_q;

  assign in_ready_o = en;

  hwc_valid #(
    .Stages(1 + $clog2(Taps))
  ) u_valid (
    .clk_i,
    .rst_ni,
    .valid_i(in_valid_i),
    .ready_i(out_ready_i),
    .en_o   (en),
    .valid_o(out_valid_o)
  );

  always_ff @(posedge clk_i) if (en) data_q <= in_data_i;

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [Taps*Width-1:0] taps;
    for (genvar t = 0; t < Taps; t++) begin : gen_tap
      assign taps[t*Width+:Width] = data_q[(t*Lanes+l)*Width+:Width];
    end
    hwc_tree #(
      .Inputs  (Taps),
      .InWidth (Width),
      .InSigned(Signed),
      .IsMax   (IsMax),
      .OutWidth(OutWidth)
    ) u_tree (
      .clk_i,
      .en_i  (en),
      .data_i(taps),
      .sum_o (out_data_o[l*OutWidth+:OutWidth])
    );
  end
endmodule
