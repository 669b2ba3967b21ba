// Requant: rescales the sum of `Inputs` streams by dyadic constants of each channel.
//
// Function: y = clamp(((sum_i x_i * mult_i + offset [- amount]) >> Shift [- tie]) + Zero, Lo, Hi),
//           exactly `apply_requant` of hwcomp/ir/dyadic.py. Channels are counted: constants of beat
//           b are word b mod (Channels / Lanes).
// Input:    packed streams, each with its handshake; stream i's beat is Lanes elements. Stream 0
//           has elements of InWidth bits, all others of In1Width bits. hwc_join brings them
//           together.
// Memories: MultFile words [input][lane] of MultWidth bits, OffsetFile and AmountFile words [lane];
//           first lowest. With Channels == 1 there is one word with one lane's constants for all
//           lanes.
// Latency:  1 + that of hwc_requant_lane, and 1 to join several streams, `requant` in
//           hwcomp/targets/dataflow/modules/compute.py. Interval: 1 clock a beat.
// Bench:    rtl/tb/test_requant.py. Proof of the datapath: rtl/formal/requant.sv.
module hwc_requant #(
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
  output logic [Lanes*OutWidth-1:0] out_data_o
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

  hwc_rom #(
    .Width(Inputs * Sets * MultWidth),
    .Depth(Groups),
    .File (MultFile)
  ) u_mult (
    .clk_i,
    .en_i  (en),
    .addr_i(group),
    .data_o(mult)
  );

  hwc_rom #(
    .Width(Sets * OffsetWidth),
    .Depth(Groups),
    .File (OffsetFile)
  ) u_offset (
    .clk_i,
    .en_i  (en),
    .addr_i(group),
    .data_o(offset)
  );

  if (HasNegative != 0) begin : gen_amount
    hwc_rom #(
      .Width(Sets * AmountWidth),
      .Depth(Groups),
      .File (AmountFile)
    ) u_amount (
      .clk_i,
      .en_i  (en),
      .addr_i(group),
      .data_o(amount)
    );
  end else begin : gen_no_amount
    assign amount = '0;
  end
endmodule
