// Depthwise multiply-accumulate: Lanes results, Taps taps of each at a time.
//
// Function: acc[c] = bias[c] + sum_t x[t][c / Multiplier] * w[c][t] over the KernelTaps taps of a
//           window.
// Input:    per group of Lanes / Multiplier channels KernelTaps / Taps beats of [tap][lane], the
//           groups of a pixel one after the other. Output: a beat of Lanes results a group.
// Memories: WeightFile word [group][beat], in it [tap][lane] of WeightWidth bits; BiasFile word
//           [group], in it [lane] of AccWidth bits; first lowest. AccWidth holds the results;
//           partial sums may wrap.
// Latency:  memory 2, multiplier, tree, accumulator: `dwu` in
//           hwcomp/targets/dataflow/modules/compute.py. Interval: Channels / Lanes * KernelTaps / Taps
//           clocks a pixel. in_ready_o follows out_ready_i by wire.
// Bench:    rtl/tb/test_dwu.py.
module hwc_dwu #(
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
  input  logic [Taps*Lanes/Multiplier*InWidth-1:0] in_data_i,
  output logic                          out_valid_o,
  input  logic                          out_ready_i,
  output logic [Lanes*AccWidth-1:0]     out_data_o
);
  localparam int Groups     = Channels / Lanes;
  localparam int Words      = KernelTaps / Taps * Groups;
  localparam int GroupWidth = Groups > 1 ? $clog2(Groups) : 1;
  localparam int WordWidth  = Words > 1 ? $clog2(Words) : 1;

  hwc_dwu_core #(
    .InWidth    (InWidth),
    .InSigned   (InSigned),
    .WeightWidth(WeightWidth),
    .AccWidth   (AccWidth),
    .Lanes      (Lanes),
    .Channels   (Channels),
    .Multiplier (Multiplier),
    .KernelTaps (KernelTaps),
    .Taps       (Taps),
    .WeightStyle(WeightStyle),
    .MultStyle  (MultStyle),
    .WeightFile (WeightFile),
    .BiasFile   (BiasFile)
  ) u_core (
    .clk_i,
    .rst_ni,
    .in_valid_i,
    .in_ready_o,
    .in_data_i,
    .out_valid_o,
    .out_ready_i,
    .out_data_o,
    .weight_write_i(1'b0),
    .weight_addr_i ({WordWidth{1'b0}}),
    .weight_data_i ({Taps * Lanes * WeightWidth{1'b0}}),
    .bias_write_i  (1'b0),
    .bias_addr_i   ({GroupWidth{1'b0}}),
    .bias_data_i   ({Lanes * AccWidth{1'b0}})
  );
endmodule
