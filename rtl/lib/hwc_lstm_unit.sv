// Units of an LSTM: from its four gates a unit's cell state, and its hidden state.
//
// Function: of `Lstm._step` in hwcomp/ir/ops/lstm.py. Units arrive in order, at least 4 clocks apart;
//           the cell states before them are in a memory here, which load_i fills in order.
// Output:   hidden_o with hidden_valid_o. The clock after cell_valid_o cell_o is the new cell state.
// Memories: CellFile, see hwc_lstm_curve.
// Latency:  to the cell state a product, CellStages, 1; to the hidden state the curve, a product,
//           HiddenStages more. Interval: 4 clocks.
// Bench:    rtl/tb/test_lstm.py.
module hwc_lstm_unit #(
  parameter int Units           = 8,
  // Rescales, see hwc_lstm_rescale.
  parameter int ForgetMultWidth = 2,
  parameter int ForgetDrop      = 1,
  parameter logic [63:0]  ForgetMult  = 64'd1,
  parameter logic [7:0]   ForgetShift = 8'd14,
  parameter int InputMultWidth  = 2,
  parameter int InputDrop       = 1,
  parameter logic [63:0]  InputMult  = 64'd1,
  parameter logic [7:0]   InputShift = 8'd17,
  parameter int HiddenMultWidth = 32,
  parameter int HiddenDrop      = 31,
  parameter logic [63:0]  HiddenMult  = 64'd1080000001,
  parameter logic [7:0]   HiddenShift = 8'd21,
  parameter int HiddenZero      = 0,
  parameter int CellMin         = -32768,
  parameter int CellMax         = 32767,
  parameter int CellStages      = 6,
  parameter int HiddenStages    = 8,
  parameter int CellDirect      = 0,
  parameter int CellTableWidth  = 33,
  parameter int TanhMult        = 3,
  parameter int TanhShift       = 0,
  // verilog_lint: waive-start explicit-parameter-storage-type (Icarus 11 has no string parameters)
  parameter     MultStyle = "dsp",  // "dsp", "lut"
  parameter     CellFile  = ""
  // verilog_lint: waive-stop explicit-parameter-storage-type
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        en_i,
  input  logic        load_i,
  input  logic [15:0] load_data_i,
  output logic        load_ends_o,  // it is the last unit's
  input  logic        start_i,
  input  logic [67:0] gates_i,      // input, forget, cell, output; the first lowest
  output logic        cell_valid_o,
  output logic [15:0] cell_o,
  output logic        hidden_valid_o,
  output logic [7:0]  hidden_o
);
  localparam int UnitWidth     = Units > 1 ? $clog2(Units) : 1;
  // Texts of different lengths are compared.
  // verilator lint_off WIDTHEXPAND
  localparam int IsDsp         = MultStyle == "dsp" ? 1 : 0;
  // verilator lint_on WIDTHEXPAND
  localparam int ProductStages = IsDsp != 0 ? 1 : 5;  // of 17 by 17 bits
  localparam int CurveStages   = CellDirect != 0 ? 2 : IsDsp != 0 ? 6 : 8;
  localparam int CellDepth     = ProductStages + CellStages + 1;  // the gates to the cell state
  localparam int TanhDepth     = CellDepth + CurveStages;
  localparam int FlowDepth     = TanhDepth + ProductStages + HiddenStages;  // to the hidden state
  localparam logic [UnitWidth-1:0] Last = UnitWidth'(Units - 1);

  logic [FlowDepth-1:0] flow_q;
  logic cell_write;
  logic [15:0] cell_q;
  logic [UnitWidth-1:0] start_unit_q, cell_unit_q, tanh_unit_q;
  logic [15:0] cell_before, cell_data;
  logic [33:0] forget_product, input_product, hidden_product;
  logic [15:0] kept, added;
  logic signed [16:0] cell_sum;
  logic [16:0] squashed, out_gate;
  logic [9:0] scaled;
  logic signed [10:0] moved;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      flow_q       <= '0;
      start_unit_q <= '0;
      cell_unit_q  <= '0;
      tanh_unit_q  <= '0;
    end else begin
      if (en_i) begin
        flow_q <= {flow_q[FlowDepth-2:0], start_i};
        if (start_i) start_unit_q <= start_unit_q == Last ? '0 : start_unit_q + UnitWidth'(1);
        if (flow_q[TanhDepth-1]) begin
          tanh_unit_q <= tanh_unit_q == Last ? '0 : tanh_unit_q + UnitWidth'(1);
        end
      end
      if (cell_write) cell_unit_q <= cell_unit_q == Last ? '0 : cell_unit_q + UnitWidth'(1);
    end
  end

  assign cell_write  = load_i || (en_i && flow_q[CellDepth-1]);
  assign load_ends_o = load_i && (cell_unit_q == Last);
  assign cell_data   = load_i ? load_data_i : cell_q;
  hwc_ram #(
    .Width(16),
    .Depth(Units)
  ) u_cell (
    .clk_i,
    .write_i     (cell_write),
    .write_addr_i(cell_unit_q),
    .write_data_i(cell_data),
    .read_i      (en_i),
    .read_addr_i (start_unit_q),
    .read_data_o (cell_before)
  );
  hwc_mul #(
    .AWidth (17),
    .ASigned(1),
    .BWidth (17),
    .Style  (MultStyle)
  ) u_forget (
    .clk_i,
    .en_i,
    .a_i (gates_i[33:17]),
    .b_i ({cell_before[15], cell_before}),
    .p_o (forget_product)
  );
  hwc_mul #(
    .AWidth (17),
    .ASigned(1),
    .BWidth (17),
    .Style  (MultStyle)
  ) u_input (
    .clk_i,
    .en_i,
    .a_i (gates_i[16:0]),
    .b_i (gates_i[50:34]),
    .p_o (input_product)
  );
  hwc_lstm_rescale #(
    .InWidth  (34),
    .MultWidth(ForgetMultWidth),
    .Scales   (1),
    .Mults    (ForgetMult),
    .Shifts   (ForgetShift),
    .Drop     (ForgetDrop),
    .OutWidth (16),
    .Stages   (CellStages),
    .MultStyle(MultStyle)
  ) u_rescale_forget (
    .clk_i,
    .en_i,
    .x_i    (forget_product),
    .which_i(1'b0),
    .y_o    (kept)
  );
  hwc_lstm_rescale #(
    .InWidth  (34),
    .MultWidth(InputMultWidth),
    .Scales   (1),
    .Mults    (InputMult),
    .Shifts   (InputShift),
    .Drop     (InputDrop),
    .OutWidth (16),
    .Stages   (CellStages),
    .MultStyle(MultStyle)
  ) u_rescale_input (
    .clk_i,
    .en_i,
    .x_i    (input_product),
    .which_i(1'b0),
    .y_o    (added)
  );
  assign cell_sum = 17'($signed(kept)) + 17'($signed(added));
  always_ff @(posedge clk_i) begin
    if (en_i) begin
      if (cell_sum > 17'(CellMax)) cell_q <= 16'(CellMax);
      else if (cell_sum < 17'(CellMin)) cell_q <= 16'(CellMin);
      else cell_q <= cell_sum[15:0];
    end
  end

  hwc_lstm_curve #(
    .Direct    (CellDirect),
    .Tables    (1),
    .Mult      (TanhMult),
    .Shift     (TanhShift),
    .TableWidth(CellTableWidth),
    .MultStyle (MultStyle),
    .TableFile (CellFile)
  ) u_cell_curve (
    .clk_i,
    .en_i,
    .is_tanh_i(1'b1),
    .x_i      (cell_q),
    .y_o      (squashed)
  );
  // Output gates wait for the cell state.
  hwc_ram #(
    .Width(17),
    .Depth(Units)
  ) u_output_gates (
    .clk_i,
    .write_i     (en_i && start_i),
    .write_addr_i(start_unit_q),
    .write_data_i(gates_i[67:51]),
    .read_i      (en_i),
    .read_addr_i (tanh_unit_q),
    .read_data_o (out_gate)
  );
  hwc_mul #(
    .AWidth (17),
    .ASigned(1),
    .BWidth (17),
    .Style  (MultStyle)
  ) u_output (
    .clk_i,
    .en_i,
    .a_i (squashed),
    .b_i (out_gate),
    .p_o (hidden_product)
  );
  hwc_lstm_rescale #(
    .InWidth  (34),
    .MultWidth(HiddenMultWidth),
    .Scales   (1),
    .Mults    (HiddenMult),
    .Shifts   (HiddenShift),
    .Drop     (HiddenDrop),
    .OutWidth (10),
    .Stages   (HiddenStages),
    .MultStyle(MultStyle)
  ) u_rescale_hidden (
    .clk_i,
    .en_i,
    .x_i    (hidden_product),
    .which_i(1'b0),
    .y_o    (scaled)
  );
  assign moved = 11'($signed(scaled)) + 11'(HiddenZero);
  assign hidden_o = moved > 11'sd127 ? 8'h7F : moved < -11'sd128 ? 8'h80 : moved[7:0];
  assign hidden_valid_o = flow_q[FlowDepth-1];
  assign cell_valid_o = flow_q[CellDepth-2];
  assign cell_o       = cell_q;
endmodule
