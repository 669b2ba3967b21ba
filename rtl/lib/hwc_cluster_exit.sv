// Takes whatever comes out of a cluster: a FIFO that has room for all that is under way.
//
// Function: a FIFO. room_o: beside what it holds there is room for Reserve beats.
// Latency:  2 clocks. Interval: 1 clock a beat. Bench: rtl/tb/test_cluster.py.
// Requires: no more than Reserve beats come that were let in while room_o was high, the one that is
//           let in with them.
module hwc_cluster_exit #(
  parameter int Width   = 8,   // bits of a beat
  parameter int Depth   = 16,  // beats that fit at least, more than 2
  parameter int Reserve = 8    // beats under way, fewer than Depth
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  output logic             room_o,
  input  logic             in_valid_i,
  output logic             in_ready_o,
  input  logic [Width-1:0] in_data_i,
  output logic             out_valid_o,
  input  logic             out_ready_i,
  output logic [Width-1:0] out_data_o
);
  localparam int Most = Depth - Reserve;  // beats that may be here while others are let in
  localparam int LevelWidth = $clog2(Depth + 2);

  logic [LevelWidth-1:0] level_q;
  logic puts, takes, room_q;

  assign room_o = room_q;
  assign puts   = in_valid_i;
  assign takes  = out_valid_o && out_ready_i;

  hwc_fifo #(
    .Width(Width),
    .Depth(Depth)
  ) u_fifo (
    .clk_i,
    .rst_ni,
    .in_valid_i,
    .in_ready_o,
    .in_data_i,
    .out_valid_o,
    .out_ready_i,
    .out_data_o
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      level_q <= '0;
      room_q  <= 1'b0;
    end else begin
      level_q <= level_q + LevelWidth'(puts) - LevelWidth'(takes);
      // What is taken in this clock is missed: it is known late.
      room_q  <= level_q + LevelWidth'(puts) <= LevelWidth'(Most);
    end
  end
endmodule
