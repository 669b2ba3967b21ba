// A value delayed by a number of clocks in which `en_i` is high.
//
// Latency:  Clocks; 0 is a wire. Interval: 1 clock. Bench: rtl/tb/test_requant.py.
module hwc_delay #(
  parameter int Width  = 8,  // bits
  parameter int Clocks = 1
) (
  input  logic             clk_i,
  input  logic             en_i,
  input  logic [Width-1:0] d_i,
  output logic [Width-1:0] q_o
);
  if (Clocks == 0) begin : gen_wire
    // verilator lint_off UNUSEDSIGNAL
    logic unused_clock;  // a wire has no clock
    // verilator lint_on UNUSEDSIGNAL
    assign unused_clock = clk_i ^ en_i;
    assign q_o = d_i;
  end else begin : gen_stages
    logic [Clocks*Width-1:0] stages_q;  // the newest lowest
    always_ff @(posedge clk_i) begin
      if (en_i) stages_q <= (Clocks * Width)'({stages_q, d_i});
    end
    assign q_o = stages_q[(Clocks-1)*Width+:Width];
  end
endmodule
