// Lets beats into a cluster: modules in which nothing ever waits, up to an hwc_cluster_exit.
//
// Function: passes a beat on, at most one in Interval clocks, while the exit has room for all that
//           is under way. Whoever reads takes each beat at once: there is no ready from there.
// Latency:  0. Interval: Interval clocks a beat. in_ready_o comes from registers.
// Model: hwcomp/targets/dataflow/timing/clusters.py. Bench: rtl/tb/test_cluster.py.
module hwc_cluster_entry #(
  parameter int Width    = 8,  // bits of a beat
  parameter int Interval = 1   // clocks that the slowest module of the cluster takes for a beat
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             room_i,  // of the exit
  input  logic             in_valid_i,
  output logic             in_ready_o,
  input  logic [Width-1:0] in_data_i,
  output logic             out_valid_o,
  input  logic             out_ready_i,  // high
  output logic [Width-1:0] out_data_o
);
  logic is_due, unused;

  assign unused      = out_ready_i;
  assign in_ready_o  = room_i && is_due;
  assign out_valid_o = in_valid_i && in_ready_o;
  assign out_data_o  = in_data_i;

  if (Interval > 1) begin : gen_wait
    localparam int WaitWidth = $clog2(Interval);
    logic [WaitWidth-1:0] wait_q;
    assign is_due = wait_q == '0;
    always_ff @(posedge clk_i) begin
      if (!rst_ni) wait_q <= '0;
      else if (out_valid_o) wait_q <= WaitWidth'(Interval - 1);
      else if (!is_due) wait_q <= wait_q - 1'b1;
    end
  end else begin : gen_always
    logic unused_clock;
    assign unused_clock = clk_i ^ rst_ni;
    assign is_due = 1'b1;
  end
endmodule
