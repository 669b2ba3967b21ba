// Reset synchroniser: the reset falls at once and rises with the clock.
//
// Function: rst_no follows arst_ni down without a clock, and up two clocks later. All that is
//           reset by rst_no is reset in the clocks between, for resets are synchronous but here.
// Latency:  2 clocks to rise. Bench: tests/targets/test_asic_simulation.py.
module hwc_reset_sync (
  input  logic clk_i,
  input  logic arst_ni,  // from a pin, at any time
  output logic rst_no
);
  logic [1:0] sync_q;

  assign rst_no = sync_q[1];

  always_ff @(posedge clk_i or negedge arst_ni) begin
    if (!arst_ni) sync_q <= 2'b00;
    else sync_q <= {sync_q[0], 1'b1};
  end
endmodule
