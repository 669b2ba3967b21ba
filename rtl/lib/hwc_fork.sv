// Fork: each beat goes to every output once; the outputs may take it at different times.
//
// Latency: 0 clocks (wires and one flag an output). Interval: one beat a clock. in_ready_o follows
// all out_ready_i by wire; out_valid_o follows in_valid_i by wire and never waits for a ready.
// Model: hwcomp/targets/dataflow/modules/stream.py. Bench: rtl/tb/test_stream_basic.py.
module hwc_fork #(
  parameter int Width   = 8,  // bits of a beat
  parameter int Outputs = 2
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     in_valid_i,
  output logic                     in_ready_o,
  input  logic [Width-1:0]         in_data_i,
  output logic [Outputs-1:0]       out_valid_o,
  input  logic [Outputs-1:0]       out_ready_i,
  output logic [Outputs*Width-1:0] out_data_o
);
  // This output has taken the beat that another one still waits for.
  logic [Outputs-1:0] taken_q, finishes;

  assign finishes    = taken_q | out_ready_i;
  assign in_ready_o  = &finishes;
  assign out_valid_o = {Outputs{in_valid_i}} & ~taken_q;
  assign out_data_o  = {Outputs{in_data_i}};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) taken_q <= '0;
    else if (in_valid_i) taken_q <= in_ready_o ? '0 : finishes;
  end
`ifdef FORMAL
  `include "hwc_fork_formal.svh"
`endif
endmodule
