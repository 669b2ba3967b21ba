// A layer's weights: a ROM, or a RAM that can be written, with one register more behind its output.
//
// Function: data_o = word addr_i, two clocks in which `en_i` is high later.
// Latency:  2. Interval: 1 clock. Bench: rtl/tb/test_mvu.py.
module hwc_weights #(
  parameter int Width = 8,  // bits of a word
  parameter int Depth = 4,  // words
  // verilog_lint: waive-start explicit-parameter-storage-type (Icarus 11 has no string parameters)
  parameter     Style = "block",  // "block", "distributed": a ROM; "ram": can be written
  parameter     File  = "",       // for $readmemh, Depth words
  // verilog_lint: waive-stop explicit-parameter-storage-type
  localparam int AddrWidth = Depth > 1 ? $clog2(Depth) : 1
) (
  input  logic                 clk_i,
  input  logic                 en_i,
  input  logic [AddrWidth-1:0] addr_i,
  output logic [Width-1:0]     data_o,
  input  logic                 write_i,
  input  logic [AddrWidth-1:0] write_addr_i,
  input  logic [Width-1:0]     write_data_i
);
  logic [Width-1:0] data, data_q;

  // Texts of different lengths are compared.
  // verilator lint_off WIDTHEXPAND
  if (Style == "ram") begin : gen_ram
    // verilator lint_on WIDTHEXPAND
    hwc_ram #(
      .Width(Width),
      .Depth(Depth),
      .File (File)
    ) u_ram (
      .clk_i,
      .write_i,
      .write_addr_i,
      .write_data_i,
      .read_i     (en_i),
      .read_addr_i(addr_i),
      .read_data_o(data)
    );
  end else begin : gen_rom
    // verilator lint_off UNUSEDSIGNAL
    logic unused_write;
    // verilator lint_on UNUSEDSIGNAL
    assign unused_write = ^{write_i, write_addr_i, write_data_i};
    hwc_rom #(
      .Width(Width),
      .Depth(Depth),
      .Style(Style),
      .File (File)
    ) u_rom (
      .clk_i,
      .en_i,
      .addr_i,
      .data_o(data)
    );
  end

  always_ff @(posedge clk_i) if (en_i) data_q <= data;
  assign data_o = data_q;
endmodule
