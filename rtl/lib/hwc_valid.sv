// The valid flags of a pipeline that stands still while its last beat waits.
//
// Function: `en_o` moves the pipeline: its last stage is empty or is taken. `valid_o` is that
//           stage's flag.
// Latency:  Stages. Interval: 1 clock. Bench: every bench of a pipelined module.
module hwc_valid #(
  parameter int Stages = 2  // registers between the input and the output, at least 1
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic valid_i,  // a beat enters when en_o is high
  input  logic ready_i,
  output logic en_o,
  output logic valid_o
);
  logic [Stages-1:0] valid_q;

  assign valid_o = valid_q[Stages-1];
  assign en_o    = !valid_o || ready_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= '0;
    else if (en_o) valid_q <= Stages'({valid_q, valid_i});
  end
endmodule
