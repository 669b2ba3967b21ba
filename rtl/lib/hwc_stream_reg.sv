// Register slice: cuts the paths of valid, data and ready. Holds two beats.
//
// Latency: 1 clock. Interval: one beat a clock. Outputs are registers; out_data_o is chosen of two by
// a third. out_ready_i, which comes late, goes to three registers only: beats stay where they are.
// Model: hwcomp/targets/dataflow/modules/stream.py. Bench: rtl/tb/test_stream_basic.py. Proof:
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
  logic [Width-1:0] low_q, high_q;
  logic valid_q, full_q;     // a beat is here; two are
  logic is_high_q, is_free;  // the first of them is in high_q
  logic puts_high;           // where the next one goes

  assign is_free     = !valid_q || out_ready_i;
  assign in_ready_o  = !full_q;
  assign out_valid_o = valid_q;
  assign out_data_o  = is_high_q ? high_q : low_q;
  assign puts_high   = is_high_q ^ valid_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q   <= 1'b0;
      full_q    <= 1'b0;
      is_high_q <= 1'b0;
    end else begin
      // `is_free` comes late; of a branch with zeroes synthesis makes a reset, which is slow to reach.
      valid_q   <= !is_free || full_q || in_valid_i;
      full_q    <= !is_free && (full_q || in_valid_i);
      is_high_q <= is_high_q ^ (valid_q && out_ready_i);
    end
  end

  always_ff @(posedge clk_i) begin
    if (!full_q && !puts_high) low_q <= in_data_i;
    if (!full_q && puts_high) high_q <= in_data_i;
  end
`ifdef FORMAL
  `include "hwc_stream_reg_formal.svh"
`endif
endmodule
