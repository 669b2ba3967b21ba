// The gates of an LSTM: both sums rescaled and added, then the curve, one gate a clock.
//
// Function: of `Lstm._step` in hwcomp/ir/ops/lstm.py. Gates arrive as input, forget, cell, output of
//           a unit, unit after unit; start_o is high for the clock in which gates_o has all four.
// Memories: GateFile, see hwc_lstm_curve.
// Latency:  GateStages + 2 and the curve's, to gates_o. Interval: 1 clock a gate.
// Bench:    rtl/tb/test_lstm.py.
module hwc_lstm_gates #(
  parameter int InWidth         = 22,  // bits of a sum of x, two's complement
  parameter int AccWidth        = 20,  // bits of a sum of h, two's complement
  // Rescales: multipliers of 64 bits and shifts of 8 each, see hwc_lstm_rescale.
  parameter int XMultWidth      = 32,
  parameter int XDrop           = 31,
  parameter logic [255:0] XMults  = {4{64'd1073741825}},
  parameter logic [31:0]  XShifts = {4{8'd5}},
  parameter int HMultWidth      = 32,
  parameter int HDrop           = 31,
  parameter logic [255:0] HMults  = {4{64'd1073741825}},
  parameter logic [31:0]  HShifts = {4{8'd3}},
  parameter int Saturate        = 1,  // the sum of h to 16 bits before it is added
  parameter int GateStages      = 7,
  parameter int GateDirect      = 0,
  parameter int GateTableWidth  = 33,
  // verilog_lint: waive-start explicit-parameter-storage-type (Icarus 11 has no string parameters)
  parameter     MultStyle = "dsp",  // "dsp", "lut"
  parameter     GateFile  = ""
  // verilog_lint: waive-stop explicit-parameter-storage-type
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                en_i,
  input  logic                valid_i,
  input  logic [InWidth-1:0]  x_i,
  input  logic [AccWidth-1:0] h_i,
  output logic                start_o,
  output logic [67:0]         gates_o  // the oldest lowest
);
  localparam int FarWidth    = Saturate != 0 ? 16 : 17;  // more does not change what is clipped
  // Texts of different lengths are compared.
  // verilator lint_off WIDTHEXPAND
  localparam int IsDsp       = MultStyle == "dsp" ? 1 : 0;
  // verilator lint_on WIDTHEXPAND
  localparam int CurveStages = GateDirect != 0 ? 2 : IsDsp != 0 ? 6 : 8;
  localparam int GateDepth   = GateStages + 1 + CurveStages;  // a sum to its gate

  logic [1:0] gate_q, arrived_q;
  logic is_tanh;
  logic [GateDepth-1:0] gate_valid_q;
  logic [15:0] near;
  logic [FarWidth-1:0] far;
  logic signed [17:0] both;
  logic [15:0] sum_q;
  logic [16:0] gate;

  assign both       = 18'($signed(near)) + 18'($signed(far));
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      gate_q       <= '0;
      arrived_q    <= '0;
      gate_valid_q <= '0;
      start_o      <= 1'b0;
    end else if (en_i) begin
      gate_q       <= gate_q + 2'(valid_i);
      gate_valid_q <= {gate_valid_q[GateDepth-2:0], valid_i};
      arrived_q    <= arrived_q + 2'(gate_valid_q[GateDepth-1]);
      start_o      <= gate_valid_q[GateDepth-1] && (arrived_q == 2'd3);
    end
  end
  always_ff @(posedge clk_i) begin
    if (en_i) begin
      if (both > 18'sd32767) sum_q <= 16'h7FFF;
      else if (both < -18'sd32768) sum_q <= 16'h8000;
      else sum_q <= both[15:0];
      if (gate_valid_q[GateDepth-1]) gates_o <= {gate, gates_o[67:17]};
    end
  end

  hwc_lstm_rescale #(
    .InWidth  (InWidth),
    .MultWidth(XMultWidth),
    .Scales   (4),
    .Mults    (XMults),
    .Shifts   (XShifts),
    .Drop     (XDrop),
    .OutWidth (16),
    .Stages   (GateStages),
    .MultStyle(MultStyle)
  ) u_rescale_x (
    .clk_i,
    .en_i,
    .x_i,
    .which_i(gate_q),
    .y_o    (near)
  );
  hwc_lstm_rescale #(
    .InWidth  (AccWidth),
    .MultWidth(HMultWidth),
    .Scales   (4),
    .Mults    (HMults),
    .Shifts   (HShifts),
    .Drop     (HDrop),
    .OutWidth (FarWidth),
    .Stages   (GateStages),
    .MultStyle(MultStyle)
  ) u_rescale_h (
    .clk_i,
    .en_i,
    .x_i    (h_i),
    .which_i(gate_q),
    .y_o    (far)
  );
  hwc_delay #(
    .Width (1),
    .Clocks(GateStages + 1)
  ) u_is_tanh (
    .clk_i,
    .en_i,
    .d_i (gate_q == 2'd2),
    .q_o (is_tanh)
  );
  hwc_lstm_curve #(
    .Direct    (GateDirect),
    .Tables    (2),
    .Mult      (3),
    .Shift     (0),
    .TableWidth(GateTableWidth),
    .MultStyle (MultStyle),
    .TableFile (GateFile)
  ) u_gate_curve (
    .clk_i,
    .en_i,
    .is_tanh_i(is_tanh),
    .x_i      (sum_q),
    .y_o      (gate)
  );
endmodule
