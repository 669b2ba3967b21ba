// A RAM that hwc_axil loads, read like hwc_rom.
//
// Function: data_o = word addr_i, a clock in which `en_i` is high later. Words arrive through
//           hwc_load; File is the contents at power-up. Load while nothing is read.
// Latency:  1. Interval: 1 clock. Bench: tests/targets/test_fpga_loading.py.
module hwc_loaded #(
  parameter int Width  = 8,  // bits of a word
  parameter int Depth  = 4,  // words
  parameter int Target = 0,  // the number of this RAM for hwc_load
  // verilog_lint: waive explicit-parameter-storage-type (Icarus has no string parameters)
  parameter     File   = "",  // for $readmemh, Depth words, or none
  localparam int AddrWidth = Depth > 1 ? $clog2(Depth) : 1
) (
  input  logic                 clk_i,
  input  logic                 en_i,
  input  logic [AddrWidth-1:0] addr_i,
  output logic [Width-1:0]     data_o,
  input  logic                 load_rst_ni,
  input  logic                 load_start_i,
  input  logic [7:0]           load_target_i,
  input  logic                 load_valid_i,
  input  logic [31:0]          load_data_i
);
  logic write;
  logic [AddrWidth-1:0] write_addr;
  logic [Width-1:0] write_data;

  hwc_load #(
    .Width (Width),
    .Depth (Depth),
    .Target(Target)
  ) u_load (
    .clk_i,
    .rst_ni   (load_rst_ni),
    .load_start_i,
    .load_target_i,
    .load_valid_i,
    .load_data_i,
    .wr_en_o  (write),
    .wr_addr_o(write_addr),
    .wr_data_o(write_data)
  );

  hwc_ram #(
    .Width(Width),
    .Depth(Depth),
    .File (File)
  ) u_ram (
    .clk_i,
    .write_i     (write),
    .write_addr_i(write_addr),
    .write_data_i(write_data),
    .read_i      (en_i),
    .read_addr_i (addr_i),
    .read_data_o (data_o)
  );
endmodule
