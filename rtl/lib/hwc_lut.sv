// Function of one small integer, as a table.
//
// Function: out[lane] = table[x - InputMin], or table[channel][x - InputMin] with Channels > 1.
// Memories: TableFile words of OutWidth bits, [channel][entry]. Every lane has its own copy of the
//           whole file: tables by channel want Lanes = 1.
// Latency:  2, `lut` in hwcomp/targets/dataflow/modules/elementwise.py. Interval: 1 clock a beat.
//           in_ready_o follows out_ready_i by wire. Bench: rtl/tb/test_lut.py.
// Requires: every x is in InputMin .. InputMin + Entries - 1.
module hwc_lut #(
  parameter int InWidth  = 8,     // bits of x
  parameter int InSigned = 1,
  parameter int InputMin = -128,  // x of the first entry
  parameter int Entries  = 256,   // of one table
  parameter int Channels = 1,     // tables; more than 1: a multiple of Lanes
  parameter int Lanes    = 1,     // elements of a beat
  parameter int OutWidth = 8,     // bits of an entry
  // verilog_lint: waive-start explicit-parameter-storage-type (Icarus 11 has no string parameters)
  parameter     Style     = "auto",  // "auto", "block", "distributed"
  parameter     TableFile = ""
  // verilog_lint: waive-stop explicit-parameter-storage-type
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      in_valid_i,
  output logic                      in_ready_o,
  input  logic [Lanes*InWidth-1:0]  in_data_i,
  output logic                      out_valid_o,
  input  logic                      out_ready_i,
  output logic [Lanes*OutWidth-1:0] out_data_o
);
  localparam int Words     = Channels * Entries;
  localparam int AddrWidth = Words > 1 ? $clog2(Words) : 1;
  localparam int SumWidth  = AddrWidth > InWidth + 1 ? AddrWidth : InWidth + 1;

  logic en;
  logic [AddrWidth-1:0] base_q;  // of the table of lane 0's channel

  assign in_ready_o = en;

  hwc_valid #(
    .Stages(2)
  ) u_valid (
    .clk_i,
    .rst_ni,
    .valid_i(in_valid_i),
    .ready_i(out_ready_i),
    .en_o   (en),
    .valid_o(out_valid_o)
  );

  if (Channels > Lanes) begin : gen_channels
    always_ff @(posedge clk_i) begin
      if (!rst_ni) base_q <= '0;
      else if (en && in_valid_i) begin
        base_q <= base_q == AddrWidth'(Words - Lanes * Entries) ? '0
            : base_q + AddrWidth'(Lanes * Entries);
      end
    end
  end else begin : gen_one
    assign base_q = '0;
  end

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    localparam int Table = Channels > 1 ? l * Entries : 0;
    logic [SumWidth-1:0] x;
    // verilator lint_off UNUSEDSIGNAL
    logic [SumWidth-1:0] address;  // x is within the table, so the high bits are zero
    // verilator lint_on UNUSEDSIGNAL
    logic [AddrWidth-1:0] address_q;
    if (InSigned != 0) begin : gen_signed
      assign x = SumWidth'($signed(in_data_i[l*InWidth+:InWidth]));
    end else begin : gen_unsigned
      assign x = SumWidth'(in_data_i[l*InWidth+:InWidth]);
    end
    assign address = x + SumWidth'(base_q) + SumWidth'(Table - InputMin);
    always_ff @(posedge clk_i) if (en) address_q <= address[AddrWidth-1:0];
    hwc_rom #(
      .Width(OutWidth),
      .Depth(Words),
      .Style(Style),
      .File (TableFile)
    ) u_table (
      .clk_i,
      .en_i  (en),
      .addr_i(address_q),
      .data_o(out_data_o[l*OutWidth+:OutWidth])
    );
  end
endmodule
