// Requant whose constants are RAMs that hwc_axil loads.
//
// Function, input, memories, latency, interval: see hwc_requant. Words are loaded as the files have
// them (hwc_load), while nothing is under way; the files are the contents at power-up. `load_rst_ni`
// is the reset of hwc_axil, not the core's.
// Bench:    tests/targets/test_fpga_loading.py.
module hwc_requant_load #(
  parameter int Inputs      = 1,   // streams
  parameter int InWidth     = 24,  // bits of an element of stream 0
  parameter int InSigned    = 1,
  parameter int In1Width    = 1,   // bits of an element of the other streams
  parameter int In1Signed   = 1,
  parameter int MultWidth   = 20,  // bits of a multiplier
  parameter int MultSigned  = 0,
  parameter int OffsetWidth = 44,  // bits, two's complement
  parameter int AmountWidth = 1,   // bits, not negative
  parameter int AccWidth    = 46,  // bits, two's complement: as hwc_requant_lane asks
  parameter int Lanes       = 1,   // elements of a beat
  parameter int Channels    = 1,   // 1: constants are the same for all; else a multiple of Lanes
  parameter int Shift       = 20,  // 0..62
  parameter int HasNegative = 0,   // 1: amount is subtracted where the sum + bias is below zero
  parameter logic signed [63:0] NegativeBias = 64'sd0,
  parameter int Zero        = 0,   // zero point of the output
  parameter int Lo          = -128,
  parameter int Hi          = 127,
  parameter int OutWidth    = 8,   // bits
  parameter int XChunk      = 18,  // bits of a multiplier's operands (DSP48: 27, 18; ECP5: 18, 18)
  parameter int MultChunk   = 18,
  parameter int MultTarget   = 0,  // RAM numbers for hwc_load
  parameter int OffsetTarget = 1,
  parameter int AmountTarget = 2,
  // verilog_lint: waive-start explicit-parameter-storage-type (Icarus 11 has no string parameters)
  parameter     Tie         = "floor",  // "floor", "even", "away"
  parameter     MultStyle   = "dsp",    // "dsp", "lut"
  parameter     MultFile    = "",
  parameter     OffsetFile  = "",
  parameter     AmountFile  = "",       // read with HasNegative alone
  // verilog_lint: waive-stop explicit-parameter-storage-type
  localparam int InBits = Lanes * (InWidth + (Inputs - 1) * In1Width)
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic [Inputs-1:0]         in_valid_i,
  output logic [Inputs-1:0]         in_ready_o,
  input  logic [InBits-1:0]         in_data_i,
  output logic                      out_valid_o,
  input  logic                      out_ready_i,
  output logic [Lanes*OutWidth-1:0] out_data_o,
  input  logic                      load_rst_ni,
  input  logic                      load_start_i,
  input  logic [7:0]                load_target_i,
  input  logic                      load_valid_i,
  input  logic [31:0]               load_data_i
);
  localparam int Groups     = Channels > Lanes ? Channels / Lanes : 1;
  localparam int GroupWidth = Groups > 1 ? $clog2(Groups) : 1;
  localparam int Sets       = Channels == 1 ? 1 : Lanes;  // lanes with constants of their own

  logic en;
  logic [GroupWidth-1:0] group;
  logic [Inputs*Sets*MultWidth-1:0] mult;
  logic [Sets*OffsetWidth-1:0] offset;
  logic [Sets*AmountWidth-1:0] amount;

  hwc_requant_core #(
    .Inputs      (Inputs),
    .InWidth     (InWidth),
    .InSigned    (InSigned),
    .In1Width    (In1Width),
    .In1Signed   (In1Signed),
    .MultWidth   (MultWidth),
    .MultSigned  (MultSigned),
    .OffsetWidth (OffsetWidth),
    .AmountWidth (AmountWidth),
    .AccWidth    (AccWidth),
    .Lanes       (Lanes),
    .Channels    (Channels),
    .Shift       (Shift),
    .HasNegative (HasNegative),
    .NegativeBias(NegativeBias),
    .Zero        (Zero),
    .Lo          (Lo),
    .Hi          (Hi),
    .OutWidth    (OutWidth),
    .XChunk      (XChunk),
    .MultChunk   (MultChunk),
    .Tie         (Tie),
    .MultStyle   (MultStyle)
  ) u_core (
    .clk_i,
    .rst_ni,
    .in_valid_i,
    .in_ready_o,
    .in_data_i,
    .out_valid_o,
    .out_ready_i,
    .out_data_o,
    .en_o    (en),
    .group_o (group),
    .mult_i  (mult),
    .offset_i(offset),
    .amount_i(amount)
  );

  hwc_loaded #(
    .Width(Inputs * Sets * MultWidth),
    .Depth(Groups),
    .Target(MultTarget),
    .File (MultFile)
  ) u_mult (
    .clk_i,
    .en_i  (en),
    .addr_i(group),
    .data_o(mult),
    .load_rst_ni,
    .load_start_i,
    .load_target_i,
    .load_valid_i,
    .load_data_i
  );

  hwc_loaded #(
    .Width(Sets * OffsetWidth),
    .Depth(Groups),
    .Target(OffsetTarget),
    .File (OffsetFile)
  ) u_offset (
    .clk_i,
    .en_i  (en),
    .addr_i(group),
    .data_o(offset),
    .load_rst_ni,
    .load_start_i,
    .load_target_i,
    .load_valid_i,
    .load_data_i
  );

  if (HasNegative != 0) begin : gen_amount
    hwc_loaded #(
      .Width(Sets * AmountWidth),
      .Depth(Groups),
      .Target(AmountTarget),
      .File (AmountFile)
    ) u_amount (
      .clk_i,
      .en_i  (en),
      .addr_i(group),
      .data_o(amount),
      .load_rst_ni,
      .load_start_i,
      .load_target_i,
      .load_valid_i,
      .load_data_i
    );
  end else begin : gen_no_amount
    assign amount = '0;
  end
endmodule
