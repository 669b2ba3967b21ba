// AXI4-Stream out: elements to byte lanes, and `tlast` with the last beat of each frame.
//
// Element i is extended to the i-th ByteWidth bits of the data, by its sign where Signed.
// `frame_o` pulses after a frame's last beat was taken. Latency: 1 clock. Interval: Beats. A
// register slice: every output is a register.
// Model: hwcomp/targets/dataflow/modules/stream.py. Bench: rtl/tb/test_stream_axis.py.
module hwc_axis_out #(
  parameter int Width  = 8,  // bits of an element
  parameter int Lanes  = 1,  // elements of a beat
  parameter int Beats  = 4,  // of a frame
  parameter bit Signed = 1   // elements are two's complement
) (
  input  logic                               clk_i,
  input  logic                               rst_ni,
  input  logic                               in_valid_i,
  output logic                               in_ready_o,
  input  logic [Lanes*Width-1:0]             in_data_i,
  output logic                               out_valid_o,
  input  logic                               out_ready_i,
  output logic [Lanes*((Width+7)/8)*8-1:0]   out_data_o,
  output logic                               out_last_o,
  output logic                               frame_o
);
  localparam int ByteWidth = ((Width + 7) / 8) * 8;
  localparam int CountWidth = $clog2(Beats + 1);

  logic [Lanes*Width-1:0] elements;
  logic [CountWidth-1:0] count_q;
  logic is_last, frame_q;

  assign is_last = count_q == CountWidth'(Beats - 1);

  // tlast goes through the slice with its beat.
  hwc_stream_reg #(
    .Width(Lanes * Width + 1)
  ) u_stream_reg (
    .clk_i,
    .rst_ni,
    .in_valid_i,
    .in_ready_o,
    .in_data_i ({is_last, in_data_i}),
    .out_valid_o,
    .out_ready_i,
    .out_data_o({out_last_o, elements})
  );

  for (genvar i = 0; i < Lanes; i++) begin : gen_lane
    assign out_data_o[i*ByteWidth+:Width] = elements[i*Width+:Width];
    if (Width != ByteWidth) begin : gen_rest
      assign out_data_o[i*ByteWidth+Width+:ByteWidth-Width] =
          {(ByteWidth - Width) {Signed && elements[i*Width+Width-1]}};
    end
  end

  assign frame_o = frame_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      count_q <= '0;
      frame_q <= 1'b0;
    end else begin
      if (in_valid_i && in_ready_o) count_q <= is_last ? '0 : count_q + 1'b1;
      frame_q <= out_valid_o && out_ready_i && out_last_o;
    end
  end
endmodule
