// Depthwise multiply-accumulate with loadable weights: hwc_dwu is this without the write ports.
//
// Function, input, memories, latency, interval: see hwc_dwu. `weight_*` and `bias_*` write words as
// the files have them, with WeightStyle "ram"; while no window is under way.
// Bench:    rtl/tb/test_dwu.py, tests/targets/test_fpga_loading.py.
module hwc_dwu_core #(
  parameter int InWidth     = 8,   // bits of an activation
  parameter int InSigned    = 1,
  parameter int WeightWidth = 8,   // bits of a weight, two's complement
  parameter int AccWidth    = 24,  // bits of a result, two's complement
  parameter int Lanes       = 2,   // results of a beat
  parameter int Channels    = 8,   // results of a pixel, a multiple of Lanes
  parameter int Multiplier  = 1,   // results of an input channel, a divisor of Lanes
  parameter int KernelTaps  = 9,   // taps of the window
  parameter int Taps        = 3,   // taps of a beat, a divisor of KernelTaps
  // verilog_lint: waive-start explicit-parameter-storage-type (Icarus 11 has no string parameters)
  parameter     WeightStyle = "block",  // "block", "distributed", "ram"
  parameter     MultStyle   = "dsp",    // "dsp", "lut"
  parameter     WeightFile  = "",
  parameter     BiasFile    = "",
  // verilog_lint: waive-stop explicit-parameter-storage-type
  localparam int Beats      = KernelTaps / Taps,
  localparam int Groups     = Channels / Lanes,
  localparam int Words      = Beats * Groups,
  localparam int WordWidth  = Words > 1 ? $clog2(Words) : 1,
  localparam int GroupWidth = Groups > 1 ? $clog2(Groups) : 1
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic                          in_valid_i,
  output logic                          in_ready_o,
  input  logic [Taps*Lanes/Multiplier*InWidth-1:0] in_data_i,
  output logic                          out_valid_o,
  input  logic                          out_ready_i,
  output logic [Lanes*AccWidth-1:0]     out_data_o,
  input  logic                          weight_write_i,
  input  logic [WordWidth-1:0]          weight_addr_i,
  input  logic [Taps*Lanes*WeightWidth-1:0] weight_data_i,
  input  logic                          bias_write_i,
  input  logic [GroupWidth-1:0]         bias_addr_i,
  input  logic [Lanes*AccWidth-1:0]     bias_data_i
);
  localparam int InLanes    = Lanes / Multiplier;
  localparam int BeatWidth  = Beats > 1 ? $clog2(Beats) : 1;
  // Texts of different lengths are compared.
  // verilator lint_off WIDTHEXPAND
  localparam int Writes = WeightStyle == "ram" ? 1 : 0;
  // verilator lint_on WIDTHEXPAND

  logic en, take, is_end;
  logic [BeatWidth-1:0] beat_q;
  logic [GroupWidth-1:0] group_q, group_x;
  logic [WordWidth-1:0] word_q;
  logic [1:0] valid_q, first_q, last_q;
  logic [Taps*InLanes*InWidth-1:0] data;
  logic [Taps*Lanes*InWidth-1:0] x;
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
    .Width (GroupWidth + Taps * InLanes * InWidth),
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
    .write_i     (weight_write_i),
    .write_addr_i(weight_addr_i),
    .write_data_i(weight_data_i)
  );

  // The array wants [lane][tap]; results of one channel share its taps.
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    for (genvar t = 0; t < Taps; t++) begin : gen_tap
      assign x[(l*Taps+t)*InWidth+:InWidth] = data[(t*InLanes+l/Multiplier)*InWidth+:InWidth];
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
    .BiasWrites (Writes),
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
    .bias_write_i,
    .bias_addr_i,
    .bias_data_i,
    .out_valid_o,
    .out_ready_i,
    .out_data_o
  );
endmodule
