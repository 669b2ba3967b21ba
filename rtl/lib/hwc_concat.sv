// Concatenation: a round is Bursts[0] beats of input 0, then Bursts[1] of input 1, and so on; then
// the next round.
//
// Channel concatenation has a round a pixel, row concatenation a round a frame. Latency: 1 clock.
// Interval: the beats. in_ready_o follows out_ready_i by wire.
// Model: hwcomp/targets/dataflow/modules/stream.py. Bench: rtl/tb/test_stream_frame.py.
module hwc_concat #(
  parameter int                    Width  = 8,  // bits of an element
  parameter int                    Lanes  = 1,  // elements of a beat
  parameter int                    Inputs = 2,
  parameter logic [Inputs*32-1:0]  Bursts = {Inputs{32'd1}}  // beats, 32 bits each, input 0 lowest
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic [Inputs-1:0]             in_valid_i,
  output logic [Inputs-1:0]             in_ready_o,
  input  logic [Inputs*Lanes*Width-1:0] in_data_i,
  output logic                          out_valid_o,
  input  logic                          out_ready_i,
  output logic [Lanes*Width-1:0]        out_data_o
);
  localparam int Beat = Lanes * Width;
  localparam int SelWidth = Inputs > 1 ? $clog2(Inputs) : 1;

  logic [SelWidth-1:0] sel_q, sel_next;
  logic [31:0] count_q;
  logic [Inputs-1:0] chosen;
  logic [Beat-1:0] data_q;
  logic valid_q, is_free, takes, burst_ends;

  assign sel_next    = sel_q == SelWidth'(Inputs - 1) ? '0 : sel_q + 1'b1;
  assign chosen      = Inputs'(1) << sel_q;
  assign is_free     = !valid_q || out_ready_i;
  assign in_ready_o  = chosen & {Inputs{is_free}};
  assign takes       = |(in_valid_i & in_ready_o);
  assign burst_ends  = count_q == 32'd1;
  assign out_valid_o = valid_q;
  assign out_data_o  = data_q;

  // count_q: beats of the burst that are left. Synthesis drops the bits that no burst needs.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      sel_q   <= '0;
      count_q <= Bursts[31:0];
      valid_q <= 1'b0;
    end else begin
      if (is_free) valid_q <= takes;
      if (takes) begin
        count_q <= burst_ends ? Bursts[32*32'(sel_next)+:32] : count_q - 32'd1;
        if (burst_ends) sel_q <= sel_next;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (takes) data_q <= in_data_i[Beat*32'(sel_q)+:Beat];
  end
endmodule
