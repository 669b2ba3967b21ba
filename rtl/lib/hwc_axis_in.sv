// AXI4-Stream in: byte lanes to elements, and a check that `tlast` ends each frame and nothing
// else.
//
// Element i is the low Width bits of the i-th ByteWidth bits of the data. `frame_o` pulses when a
// frame's last beat is taken, `start_o` with its first. `error_o` stays high from the first
// misplaced or missing `tlast` on, until reset; data go on being counted by beats. Latency: 1
// clock. Interval: Beats. A register slice: every output is a register.
// Model: hwcomp/targets/dataflow/modules/stream.py. Bench: rtl/tb/test_stream_axis.py.
module hwc_axis_in #(
  parameter int Width = 8,  // bits of an element
  parameter int Lanes = 1,  // elements of a beat
  parameter int Beats = 4   // of a frame
) (
  input  logic                               clk_i,
  input  logic                               rst_ni,
  input  logic                               in_valid_i,
  output logic                               in_ready_o,
  input  logic [Lanes*((Width+7)/8)*8-1:0]   in_data_i,
  input  logic                               in_last_i,
  output logic                               out_valid_o,
  input  logic                               out_ready_i,
  output logic [Lanes*Width-1:0]             out_data_o,
  output logic                               start_o,
  output logic                               frame_o,
  output logic                               error_o
);
  localparam int ByteWidth = ((Width + 7) / 8) * 8;
  localparam int CountWidth = $clog2(Beats + 1);

  logic [Lanes*Width-1:0] elements;
  logic [CountWidth-1:0] count_q;
  logic takes, is_last, start_q, frame_q, error_q;

  for (genvar i = 0; i < Lanes; i++) begin : gen_lane
    assign elements[i*Width+:Width] = in_data_i[i*ByteWidth+:Width];
    if (Width != ByteWidth) begin : gen_rest
      logic unused_rest;
      assign unused_rest = ^in_data_i[i*ByteWidth+Width+:ByteWidth-Width];
    end
  end

  hwc_stream_reg #(
    .Width(Lanes * Width)
  ) u_stream_reg (
    .clk_i,
    .rst_ni,
    .in_valid_i,
    .in_ready_o,
    .in_data_i(elements),
    .out_valid_o,
    .out_ready_i,
    .out_data_o
  );

  assign takes   = in_valid_i && in_ready_o;
  assign is_last = count_q == CountWidth'(Beats - 1);
  assign start_o = start_q;
  assign frame_o = frame_q;
  assign error_o = error_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      count_q <= '0;
      start_q <= 1'b0;
      frame_q <= 1'b0;
      error_q <= 1'b0;
    end else begin
      start_q <= takes && count_q == '0;
      frame_q <= takes && is_last;
      if (takes) begin
        count_q <= is_last ? '0 : count_q + 1'b1;
        if (is_last != in_last_i) error_q <= 1'b1;
      end
    end
  end
endmodule
