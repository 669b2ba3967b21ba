// Depthwise multiply-accumulate: Lanes channels, Taps taps of each at a time.
//
// Function: acc[c] = bias[c] + sum_t x[t][c] * w[c][t] over the KernelTaps taps of a window.
// Input:    per group of Lanes channels KernelTaps / Taps beats of [tap][lane], the groups of a
//           pixel one after the other. Output: a beat of Lanes results a group.
// Memories: WeightFile word [group][beat], in it [tap][lane] of WeightWidth bits; BiasFile word
//           [group], in it [lane] of AccWidth bits; first lowest. AccWidth holds the results;
//           partial sums may wrap.
// Latency:  memory 2, multiplier, tree, accumulator: `dwu` in
//           hwcomp/targets/fpga/modules/compute.py. Interval: Channels / Lanes * KernelTaps / Taps
//           clocks a pixel. in_ready_o follows out_ready_i by wire.
// Bench:    rtl/tb/test_dwu.py.
module hwc_dwu #(
  parameter int InWidth     = 8,   // bits of an activation
  parameter int InSigned    = 1,
  parameter int WeightWidth = 8,   // bits of a weight, two's complement
  parameter int AccWidth    = 24,  // bits of a result, two's complement
  parameter int Lanes       = 2,   // channels of a beat
  parameter int Channels    = 8,   // a multiple of Lanes
  parameter int KernelTaps  = 9,   // taps of the window
  parameter int Taps        = 3,   // taps of a beat, a divisor of KernelTaps
  // verilog_lint: waive-start explicit-parameter-storage-type (Icarus 11 has no string parameters)
  parameter     WeightStyle = "block",  // "block", "distributed"
  parameter     MultStyle   = "dsp",    // "dsp", "lut"
  parameter     WeightFile  = "",
  parameter     BiasFile    = ""
  // verilog_lint: waive-stop explicit-parameter-storage-type
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic                          in_valid_i,
  output logic                          in_ready_o,
  input  logic [Taps*Lanes*InWidth-1:0] in_data_i,
  output logic                          out_valid_o,
  input  logic                          out_ready_i,
  output logic [Lanes*AccWidth-1:0]     out_data_o
);
  localparam int Beats      = KernelTaps / Taps;
  localparam int Groups     = Channels / Lanes;
  localparam int Words      = Beats * Groups;
  localparam int BeatWidth  = Beats > 1 ? $clog2(Beats) : 1;
  localparam int GroupWidth = Groups > 1 ? $clog2(Groups) : 1;
  localparam int WordWidth  = Words > 1 ? $clog2(Words) : 1;

  logic en, take, is_end;
  logic [BeatWidth-1:0] beat_q;
  logic [GroupWidth-1:0] group_q, group_x;
  logic [WordWidth-1:0] word_q;
  logic [1:0] valid_q, first_q, last_q;
  logic [Taps*Lanes*InWidth-1:0] data, x;
  logic [Taps*Lanes*WeightWidth-1:0] weights, w;

  assign in_ready_o = en;
  assign take       = en && in_valid_i;
  assign is_end     = beat_q == BeatWidth'(Beats - 1);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      beat_q  <= '0;
      group_q <= '0;
      word_q  <= '0;
      valid_q <= '0;
    end else begin
      if (take) begin
        beat_q <= is_end ? '0 : beat_q + BeatWidth'(1);
        if (is_end) group_q <= group_q == GroupWidth'(Groups - 1) ? '0 : group_q + GroupWidth'(1);
        word_q <= word_q == WordWidth'(Words - 1) ? '0 : word_q + WordWidth'(1);
      end
      if (en) valid_q <= {valid_q[0], in_valid_i};
    end
  end

  always_ff @(posedge clk_i) begin
    if (en) begin
      first_q <= {first_q[0], beat_q == '0};
      last_q  <= {last_q[0], is_end};
    end
  end

  hwc_delay #(
    .Width (GroupWidth + Taps * Lanes * InWidth),
    .Clocks(2)
  ) u_data (
    .clk_i,
    .en_i(en),
    .d_i ({group_q, in_data_i}),
    .q_o ({group_x, data})
  );

  hwc_weights #(
    .Width(Taps * Lanes * WeightWidth),
    .Depth(Words),
    .Style(WeightStyle),
    .File (WeightFile)
  ) u_weights (
    .clk_i,
    .en_i        (en),
    .addr_i      (word_q),
    .data_o      (weights),
    .write_i     (1'b0),
    .write_addr_i({WordWidth{1'b0}}),
    .write_data_i({Taps * Lanes * WeightWidth{1'b0}})
  );

  // The array wants [lane][tap].
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    for (genvar t = 0; t < Taps; t++) begin : gen_tap
      assign x[(l*Taps+t)*InWidth+:InWidth] = data[(t*Lanes+l)*InWidth+:InWidth];
      assign w[(l*Taps+t)*WeightWidth+:WeightWidth] =
          weights[(t*Lanes+l)*WeightWidth+:WeightWidth];
    end
  end

  hwc_mac #(
    .Simd       (Taps),
    .Pe         (Lanes),
    .InWidth    (InWidth),
    .InSigned   (InSigned),
    .WeightWidth(WeightWidth),
    .AccWidth   (AccWidth),
    .Groups     (Groups),
    .BiasWrites (0),
    .MultStyle  (MultStyle),
    .BiasFile   (BiasFile)
  ) u_mac (
    .clk_i,
    .rst_ni,
    .en_o        (en),
    .valid_i     (valid_q[1]),
    .first_i     (first_q[1]),
    .last_i      (last_q[1]),
    .group_i     (group_x),
    .x_i         (x),
    .w_i         (w),
    .bias_write_i(1'b0),
    .bias_addr_i ({GroupWidth{1'b0}}),
    .bias_data_i ({Lanes * AccWidth{1'b0}}),
    .out_valid_o,
    .out_ready_i,
    .out_data_o
  );
endmodule
