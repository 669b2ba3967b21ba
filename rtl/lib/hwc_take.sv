// Take: keeps beats [Start, Start + Count) of every Period and drops the others.
//
// Latency: 0 clocks (wires and a counter). Interval: Period beats, one a clock. in_ready_o follows
// out_ready_i by wire.
// Model: hwcomp/targets/dataflow/modules/stream.py. Bench: rtl/tb/test_stream_basic.py.
module hwc_take #(
  parameter int Width  = 8,  // bits of a beat
  parameter int Period = 4,  // beats
  parameter int Start  = 0,  // beats
  parameter int Count  = 2   // beats
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
  localparam int CountWidth = $clog2(Period + 1);

`ifndef __ICARUS__  // it knows no elaboration tasks
  if (Start < 0 || Count < 1 || Start + Count > Period) begin : gen_check
    $error("hwc_take: [Start, Start + Count) must lie in [0, Period)");
  end
`endif

  logic [CountWidth-1:0] count_q, next;
  logic keep_q;

  assign next        = count_q == CountWidth'(Period - 1) ? '0 : count_q + 1'b1;
  assign in_ready_o  = !keep_q || out_ready_i;
  assign out_valid_o = in_valid_i && keep_q;
  assign out_data_o  = in_data_i;

  // keep_q says whether beat count_q is kept; 33 bits, so that the counter's range has any bound.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      count_q <= '0;
      keep_q  <= Start == 0;
    end else if (in_valid_i && in_ready_o) begin
      count_q <= next;
      keep_q  <= 33'(next) - 33'(Start) < 33'(Count);
    end
  end
endmodule
