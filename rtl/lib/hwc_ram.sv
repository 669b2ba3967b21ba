// A memory with a write port and a registered read port.
//
// Function: a word written in one clock can be read from the next on. Both ports at one address in
//           one clock: any word, so users keep them apart or do not care (`no_rw_check`). The
//           output holds while `read_i` is low. It is the one memory that is written in the
//           library: bundles for ASICs have macros in its place (docs/asic.md).
// Latency:  1 clock in which `read_i` is high. Interval: 1 clock.
// Bench:    rtl/tb/test_mvu.py.
module hwc_ram #(
  parameter int Width = 8,  // bits of a word
  parameter int Depth = 4,  // words
  // verilog_lint: waive-start explicit-parameter-storage-type (Icarus 11 has no string parameters)
  parameter     Style = "auto",  // "auto", "block", "distributed"
  parameter     File  = "",      // contents at power-up for $readmemh, or none
  // verilog_lint: waive-stop explicit-parameter-storage-type
  localparam int AddrWidth = Depth > 1 ? $clog2(Depth) : 1
) (
  input  logic                 clk_i,
  input  logic                 write_i,
  input  logic [AddrWidth-1:0] write_addr_i,
  input  logic [Width-1:0]     write_data_i,
  input  logic                 read_i,
  input  logic [AddrWidth-1:0] read_addr_i,
  output logic [Width-1:0]     read_data_o
);
  logic [Width-1:0] data_q;

  // Texts of different lengths are compared.
  // verilator lint_off WIDTHEXPAND
  if (Style == "block") begin : gen_block
    (* ram_style = "block", no_rw_check *)
    logic [Width-1:0] words[Depth];
    initial if (File != "") $readmemh(File, words);
    always_ff @(posedge clk_i) if (write_i) words[write_addr_i] <= write_data_i;
    always_ff @(posedge clk_i) if (read_i) data_q <= words[read_addr_i];
  end else if (Style == "distributed") begin : gen_distributed
    (* ram_style = "distributed", no_rw_check *)
    logic [Width-1:0] words[Depth];
    initial if (File != "") $readmemh(File, words);
    always_ff @(posedge clk_i) if (write_i) words[write_addr_i] <= write_data_i;
    always_ff @(posedge clk_i) if (read_i) data_q <= words[read_addr_i];
  end else begin : gen_auto
    (* no_rw_check *)
    logic [Width-1:0] words[Depth];
    initial if (File != "") $readmemh(File, words);
    always_ff @(posedge clk_i) if (write_i) words[write_addr_i] <= write_data_i;
    always_ff @(posedge clk_i) if (read_i) data_q <= words[read_addr_i];
  end
  // verilator lint_on WIDTHEXPAND

  assign read_data_o = data_q;
endmodule
