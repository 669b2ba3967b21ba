// A memory of constants with a registered output.
//
// Function: data_o = word addr_i of File, a clock in which `en_i` is high later.
// Latency:  1. Interval: 1 clock. Bench: rtl/tb/test_requant.py, rtl/tb/test_mvu.py.
module hwc_rom #(
  parameter int Width = 8,  // bits of a word
  parameter int Depth = 4,  // words
  // verilog_lint: waive-start explicit-parameter-storage-type (Icarus 11 has no string parameters)
  parameter     Style = "auto",  // "auto", "block", "distributed"
  parameter     File  = "",      // for $readmemh, Depth words
  // verilog_lint: waive-stop explicit-parameter-storage-type
  localparam int AddrWidth = Depth > 1 ? $clog2(Depth) : 1
) (
  input  logic                 clk_i,
  input  logic                 en_i,
  input  logic [AddrWidth-1:0] addr_i,
  output logic [Width-1:0]     data_o
);
  logic [Width-1:0] data_q;

  // Texts of different lengths are compared.
  // verilator lint_off WIDTHEXPAND
  if (Style == "block") begin : gen_block
    (* rom_style = "block", ram_style = "block" *)
    logic [Width-1:0] words[Depth];
    initial if (File != "") $readmemh(File, words);
    always_ff @(posedge clk_i) if (en_i) data_q <= words[addr_i];
  end else if (Style == "distributed") begin : gen_distributed
    // Yosys takes ram_style, and has no LUT RAM with contents for every family; Vivado takes rom_style.
    (* ram_style = "logic", rom_style = "distributed" *)
    logic [Width-1:0] words[Depth];
    initial if (File != "") $readmemh(File, words);
    always_ff @(posedge clk_i) if (en_i) data_q <= words[addr_i];
  end else begin : gen_auto
    logic [Width-1:0] words[Depth];
    initial if (File != "") $readmemh(File, words);
    always_ff @(posedge clk_i) if (en_i) data_q <= words[addr_i];
  end
  // verilator lint_on WIDTHEXPAND

  assign data_o = data_q;
endmodule
