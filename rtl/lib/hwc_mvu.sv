// Matrix times vector: dense layers, and convolutions behind a window.
//
// Function: for each vector x of InChannels activations, acc[o] = bias[o] + sum_k x[k] * w[o][k].
//           With Sets > 1 vectors v, v + 1 ... meet the matrices v mod Sets, v + 1 mod Sets ...:
//           the groups of a convolution.
// Input:    InChannels / Simd beats a vector. Output: OutChannels / Pe beats, the group of Pe
//           results the slower index.
// Memories: WeightFile word [set][group][beat], in it [pe][simd] of WeightWidth bits; BiasFile word
//           [set][group], in it [pe] of AccWidth bits; first lowest. AccWidth holds the results; partial
//           sums may wrap.
// Latency:  memory 2, multiplier, tree, accumulator, and 1 for the vector buffer: `mvu` in
//           hwcomp/targets/dataflow/modules/compute.py. Interval: InChannels / Simd * OutChannels / Pe
//           clocks a vector.
// Storage:  two vectors, where OutChannels > Pe; in_ready_o then comes from registers.
// Bench:    rtl/tb/test_mvu.py.
module hwc_mvu #(
  parameter int InWidth     = 8,   // bits of an activation
  parameter int InSigned    = 1,
  parameter int WeightWidth = 8,   // bits of a weight, two's complement
  parameter int AccWidth    = 24,  // bits of a result, two's complement
  parameter int Simd        = 4,   // activations of a beat
  parameter int Pe          = 2,   // results of a beat
  parameter int InChannels  = 16,  // activations of a vector, a multiple of Simd
  parameter int OutChannels = 8,   // results of a vector, a multiple of Pe
  parameter int Sets        = 1,   // matrices that the vectors meet in turn
  parameter int Pack        = 1,   // of MultStyle "packed": products of a block, a divisor of Pe
  // verilog_lint: waive-start explicit-parameter-storage-type (Icarus 11 has no string parameters)
  parameter     WeightStyle = "block",  // "block", "distributed"
  parameter     MultStyle   = "dsp",    // "dsp", "lut", "packed"
  parameter     WeightFile  = "",
  parameter     BiasFile    = ""
  // verilog_lint: waive-stop explicit-parameter-storage-type
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    in_valid_i,
  output logic                    in_ready_o,
  input  logic [Simd*InWidth-1:0] in_data_i,
  output logic                    out_valid_o,
  input  logic                    out_ready_i,
  output logic [Pe*AccWidth-1:0]  out_data_o
);
  localparam int Rows      = OutChannels / Pe * Sets;
  localparam int Words     = InChannels / Simd * Rows;
  localparam int RowWidth  = Rows > 1 ? $clog2(Rows) : 1;
  localparam int WordWidth = Words > 1 ? $clog2(Words) : 1;

  hwc_mvu_core #(
    .InWidth    (InWidth),
    .InSigned   (InSigned),
    .WeightWidth(WeightWidth),
    .AccWidth   (AccWidth),
    .Simd       (Simd),
    .Pe         (Pe),
    .InChannels (InChannels),
    .OutChannels(OutChannels),
    .Sets       (Sets),
    .Pack       (Pack),
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
    .weight_data_i ({Pe * Simd * WeightWidth{1'b0}}),
    .bias_write_i  (1'b0),
    .bias_addr_i   ({RowWidth{1'b0}}),
    .bias_data_i   ({Pe * AccWidth{1'b0}})
  );
endmodule
