// Register slice: cuts the paths of valid, data and ready. Holds two beats.
//
// Latency: 1 clock. Interval: one beat a clock. Every output is a register.
// Model: hwcomp/targets/fpga/modules/stream.py. Bench: rtl/tb/test_stream_basic.py. Proof:
// rtl/formal/.
module hwc_stream_reg #(
  parameter int Width = 8  // bits of a beat
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             in_valid_i,
  output logic             in_ready_o,
  input  logic [Width-1:0] in_data_i,
  output logic             out_valid_o,
  input  logic             out_ready_i,
  output logic [Width-1:0] out_data_o
);
  logic [Width-1:0] data_q, spare_q;
  logic valid_q, spare_valid_q, is_free;

  assign is_free     = !valid_q || out_ready_i;
  assign in_ready_o  = !spare_valid_q;
  assign out_valid_o = valid_q;
  assign out_data_o  = data_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q       <= 1'b0;
      spare_valid_q <= 1'b0;
    end else begin
      // `is_free` comes late; of a branch with zeroes synthesis makes a reset, which is slow to reach.
      valid_q       <= !is_free || spare_valid_q || in_valid_i;
      spare_valid_q <= !is_free && (spare_valid_q || in_valid_i);
    end
  end

  always_ff @(posedge clk_i) begin
    if (is_free) data_q <= spare_valid_q ? spare_q : in_data_i;
    if (!spare_valid_q) spare_q <= in_data_i;
  end
`ifdef FORMAL
  `include "hwc_stream_reg_formal.svh"
`endif
endmodule
