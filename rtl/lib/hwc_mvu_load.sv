// Matrix times vector whose weights and biases are RAMs that hwc_axil loads.
//
// Function, input, memories, latency, interval: see hwc_mvu. Words are loaded as the files have
// them (hwc_load), while no vector is under way; the files are the contents at power-up.
// `load_rst_ni` is the reset of hwc_axil, not the core's: what was loaded stays.
// Bench:    tests/targets/test_fpga_loading.py.
module hwc_mvu_load #(
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
  parameter int WeightTarget = 0,  // RAM numbers for hwc_load
  parameter int BiasTarget   = 1,
  // verilog_lint: waive-start explicit-parameter-storage-type (Icarus 11 has no string parameters)
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
  output logic [Pe*AccWidth-1:0]  out_data_o,
  input  logic                    load_rst_ni,
  input  logic                    load_start_i,
  input  logic [7:0]              load_target_i,
  input  logic                    load_valid_i,
  input  logic [31:0]             load_data_i
);
  localparam int Rows      = OutChannels / Pe * Sets;
  localparam int Words     = InChannels / Simd * Rows;
  localparam int RowWidth  = Rows > 1 ? $clog2(Rows) : 1;
  localparam int WordWidth = Words > 1 ? $clog2(Words) : 1;

  logic weight_write, bias_write;
  logic [WordWidth-1:0] weight_addr;
  logic [RowWidth-1:0] bias_addr;
  logic [Pe*Simd*WeightWidth-1:0] weight_data;
  logic [Pe*AccWidth-1:0] bias_data;

  hwc_load #(
    .Width (Pe*Simd*WeightWidth),
    .Depth (Words),
    .Target(WeightTarget)
  ) u_weight_load (
    .clk_i,
    .rst_ni   (load_rst_ni),
    .load_start_i,
    .load_target_i,
    .load_valid_i,
    .load_data_i,
    .wr_en_o  (weight_write),
    .wr_addr_o(weight_addr),
    .wr_data_o(weight_data)
  );

  hwc_load #(
    .Width (Pe*AccWidth),
    .Depth (Rows),
    .Target(BiasTarget)
  ) u_bias_load (
    .clk_i,
    .rst_ni   (load_rst_ni),
    .load_start_i,
    .load_target_i,
    .load_valid_i,
    .load_data_i,
    .wr_en_o  (bias_write),
    .wr_addr_o(bias_addr),
    .wr_data_o(bias_data)
  );

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
    .WeightStyle("ram"),
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
    .weight_write_i(weight_write),
    .weight_addr_i (weight_addr),
    .weight_data_i (weight_data),
    .bias_write_i  (bias_write),
    .bias_addr_i   (bias_addr),
    .bias_data_i   (bias_data)
  );
endmodule
