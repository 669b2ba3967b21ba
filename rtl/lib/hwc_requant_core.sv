// Requant without its memories: hwc_requant is this with ROMs, hwc_requant_load with RAMs.
//
// Function, input, words of the memories, latency, interval: see hwc_requant.
// Bench:    rtl/tb/test_requant.py.
module hwc_requant_core #(
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
  // verilog_lint: waive-stop explicit-parameter-storage-type
  localparam int InBits = Lanes * (InWidth + (Inputs - 1) * In1Width),
  localparam int Groups     = Channels > Lanes ? Channels / Lanes : 1,
  localparam int GroupWidth = Groups > 1 ? $clog2(Groups) : 1,
  localparam int Sets       = Channels == 1 ? 1 : Lanes  // lanes with constants of their own
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic [Inputs-1:0]         in_valid_i,
  output logic [Inputs-1:0]         in_ready_o,
  input  logic [InBits-1:0]         in_data_i,
  output logic                      out_valid_o,
  input  logic                      out_ready_i,
  output logic [Lanes*OutWidth-1:0] out_data_o,
  // The memories of constants: word group_o, a clock in which en_o is high later.
  output logic                      en_o,
  output logic [GroupWidth-1:0]     group_o,
  input  logic [Inputs*Sets*MultWidth-1:0] mult_i,
  input  logic [Sets*OffsetWidth-1:0]      offset_i,
  input  logic [Sets*AmountWidth-1:0]      amount_i
);
  // Operands as two's complement.
  localparam int X0Full = InWidth + (InSigned != 0 ? 0 : 1);
  localparam int X1Full = In1Width + (In1Signed != 0 ? 0 : 1);
  localparam int XFull  = Inputs > 1 && X1Full > X0Full ? X1Full : X0Full;
  localparam int MFull  = MultWidth + (MultSigned != 0 ? 0 : 1);
  localparam int PartsX     = XFull <= XChunk ? 1 : (XFull - 1 + XChunk - 2) / (XChunk - 1);
  localparam int PartsM     =
      MFull <= MultChunk ? 1 : (MFull - 1 + MultChunk - 2) / (MultChunk - 1);
  localparam int Recoded    = XFull < MFull ? XFull : MFull;
  // Texts of different lengths are compared.
  // verilator lint_off WIDTHEXPAND
  localparam int MulStages  =
      MultStyle == "lut" ? (Recoded + 3) / 4 : 1 + $clog2(PartsX * PartsM);
  // verilator lint_on WIDTHEXPAND
  localparam int LaneStages = MulStages + $clog2(Inputs) + (HasNegative != 0 ? 1 : 0) + 3;

  logic en, take, in_valid;
  logic [InBits-1:0] in_data;
  logic [InBits-1:0] data_q;
  logic [GroupWidth-1:0] group_q;

  if (Inputs > 1) begin : gen_join
    hwc_join #(
      .Inputs    (Inputs),
      .FirstWidth(Lanes * InWidth),
      .OtherWidth(Lanes * In1Width)
    ) u_join (
      .clk_i,
      .rst_ni,
      .in_valid_i,
      .in_ready_o,
      .in_data_i,
      .out_valid_o(in_valid),
      .out_ready_i(en),
      .out_data_o (in_data)
    );
  end else begin : gen_single
    assign in_valid   = in_valid_i[0];
    assign in_ready_o = en;
    assign in_data    = in_data_i;
  end
  assign take    = en && in_valid;
  assign en_o    = en;
  assign group_o = group_q;

  hwc_valid #(
    .Stages(1 + LaneStages)
  ) u_valid (
    .clk_i,
    .rst_ni,
    .valid_i(in_valid),
    .ready_i(out_ready_i),
    .en_o   (en),
    .valid_o(out_valid_o)
  );

  always_ff @(posedge clk_i) if (en) data_q <= in_data;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) group_q <= '0;
    else if (take) group_q <= group_q == GroupWidth'(Groups - 1) ? '0 : group_q + GroupWidth'(1);
  end

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    localparam int Set = Channels == 1 ? 0 : l;
    logic [Inputs*XFull-1:0] x;
    logic [Inputs*MFull-1:0] m;
    for (genvar i = 0; i < Inputs; i++) begin : gen_operand
      localparam int Width  = i == 0 ? InWidth : In1Width;
      localparam int Signed = i == 0 ? InSigned : In1Signed;
      localparam int Base   = i == 0 ? 0 : Lanes * (InWidth + (i - 1) * In1Width);
      logic [Width-1:0] element;
      logic [MultWidth-1:0] factor;
      assign element = data_q[Base+l*Width+:Width];
      assign factor  = mult_i[(i*Sets+Set)*MultWidth+:MultWidth];
      if (Signed != 0) begin : gen_signed
        assign x[i*XFull+:XFull] = XFull'($signed(element));
      end else begin : gen_unsigned
        assign x[i*XFull+:XFull] = XFull'(element);
      end
      if (MultSigned != 0) begin : gen_signed_mult
        assign m[i*MFull+:MFull] = factor;
      end else begin : gen_unsigned_mult
        assign m[i*MFull+:MFull] = {1'b0, factor};
      end
    end

    hwc_requant_lane #(
      .Inputs      (Inputs),
      .XWidth      (XFull),
      .MultWidth   (MFull),
      .OffsetWidth (OffsetWidth),
      .AmountWidth (AmountWidth),
      .AccWidth    (AccWidth),
      .Shift       (Shift),
      .Tie         (Tie),
      .HasNegative (HasNegative),
      .NegativeBias(NegativeBias),
      .Zero        (Zero),
      .Lo          (Lo),
      .Hi          (Hi),
      .OutWidth    (OutWidth),
      .XChunk      (XChunk),
      .MultChunk   (MultChunk),
      .MultStyle   (MultStyle)
    ) u_lane (
      .clk_i,
      .en_i    (en),
      .x_i     (x),
      .mult_i  (m),
      .offset_i(offset_i[Set*OffsetWidth+:OffsetWidth]),
      .amount_i(amount_i[Set*AmountWidth+:AmountWidth]),
      .y_o     (out_data_o[l*OutWidth+:OutWidth])
    );
  end
endmodule
