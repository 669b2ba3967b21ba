// The recurrent part of an LSTM: sequences of Steps time steps, the hidden state fed back.
//
// Function: `Lstm.evaluate` of hwcomp/ir/ops/lstm.py, given the sums of x, which a hwc_mvu makes.
// Input:    `in`: for each step and unit the sums of x for its gates input, forget, cell, output.
//           `in1`, `in2`: for each sequence the hidden and the cell state of Units units before it.
//           One element a beat.
// Output:   `out`: for each step the hidden state; `out1`: the cell state after the last step.
// Memories: WeightFile word [unit][gate][beat of Units / Simd], in it Simd weights, first lowest;
//           BiasFile word [unit][gate], AccWidth bits; GateFile, CellFile: see hwc_lstm_curve.
// Latency:  from the last gate's sum of a unit: GateStages + CellStages + HiddenStages, both
//           curves, both products, 6. Interval of a step: its multiplications (4 * Units * Units /
//           Simd clocks) and all latencies, since the next step waits for the last unit; of a
//           sequence: Units clocks for the states, and its steps. `lstm` in
//           hwcomp/targets/dataflow/modules/lstm.py.
// Bench:    rtl/tb/test_lstm.py. in_ready_o follows out_ready_i and out1_ready_i by wire.
module hwc_lstm #(
  parameter int InWidth     = 22,  // bits of a sum of x, two's complement
  parameter int AccWidth    = 20,  // bits of a sum of h, two's complement
  parameter int WeightWidth = 8,   // bits of a weight of h, two's complement
  parameter int Units       = 8,
  parameter int Simd        = 4,   // weights of h at a time, divides Units
  parameter int Steps       = 2,
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
  parameter int CellWidth       = 16,  // bits of a cell state before, two's complement
  parameter int CellMin         = -32768,  // of the cell state
  parameter int CellMax         = 32767,
  // Clocks of the rescales.
  parameter int GateStages      = 7,
  parameter int CellStages      = 6,
  parameter int HiddenStages    = 8,
  // Curves of the gates and of the cell state.
  parameter int GateDirect      = 0,
  parameter int GateTableWidth  = 33,
  parameter int CellDirect      = 0,
  parameter int CellTableWidth  = 33,
  parameter int TanhMult        = 3,
  parameter int TanhShift       = 0,
  // verilog_lint: waive-start explicit-parameter-storage-type (Icarus 11 has no string parameters)
  parameter     WeightStyle = "block",  // "block", "distributed"
  parameter     MultStyle   = "dsp",    // "dsp", "lut"
  parameter     WeightFile  = "",
  parameter     BiasFile    = "",
  parameter     GateFile    = "",
  parameter     CellFile    = ""
  // verilog_lint: waive-stop explicit-parameter-storage-type
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               in_valid_i,
  output logic               in_ready_o,
  input  logic [InWidth-1:0] in_data_i,
  input  logic               in1_valid_i,
  output logic               in1_ready_o,
  input  logic [7:0]         in1_data_i,
  input  logic               in2_valid_i,
  output logic               in2_ready_o,
  input  logic [CellWidth-1:0] in2_data_i,
  output logic               out_valid_o,
  input  logic               out_ready_i,
  output logic [7:0]         out_data_o,
  output logic               out1_valid_o,
  input  logic               out1_ready_i,
  output logic [15:0]        out1_data_o
);
  localparam int Beats      = Units / Simd;
  localparam int Rows       = 4 * Units;
  localparam int Words      = Rows * Beats;
  localparam int BeatWidth  = Beats > 1 ? $clog2(Beats) : 1;
  localparam int RowWidth   = $clog2(Rows);
  localparam int WordWidth  = $clog2(Words);
  localparam int HalfWidth  = $clog2(2 * Beats);
  localparam int PartWidth  = Simd > 1 ? $clog2(Simd) : 1;
  localparam int StepWidth  = Steps > 1 ? $clog2(Steps) : 1;

  typedef enum logic [1:0] {
    StLoad,  // the states before the first step arrive
    StRun,   // products of the hidden state
    StWait   // its next value is not complete
  } state_e;

  state_e state_q;
  logic en, mac_en, mac_valid, take;
  logic [AccWidth-1:0] acc;

  // Sequence: rows of weights, beats of a row, steps.
  logic give, is_end, is_last_row, is_last_step, hidden_ends, load_hidden, load_cell, cell_ends;
  logic hidden_done_q, cell_done_q;
  logic [BeatWidth-1:0] beat_q;
  logic [RowWidth-1:0] row_q, row_s;
  logic [WordWidth-1:0] word_q;
  logic [StepWidth-1:0] step_q;
  logic [1:0] valid_q, first_q, last_q;

  assign give         = (state_q == StRun) && mac_en;
  assign is_end       = beat_q == BeatWidth'(Beats - 1);
  assign is_last_row  = row_q == RowWidth'(Rows - 1);
  assign is_last_step = step_q == StepWidth'(Steps - 1);
  assign in1_ready_o  = (state_q == StLoad) && !hidden_done_q;
  assign in2_ready_o  = (state_q == StLoad) && !cell_done_q;
  assign load_hidden  = in1_valid_i && in1_ready_o;
  assign load_cell    = in2_valid_i && in2_ready_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q       <= StLoad;
      hidden_done_q <= 1'b0;
      cell_done_q   <= 1'b0;
      beat_q        <= '0;
      row_q         <= '0;
      word_q        <= '0;
      step_q        <= '0;
      valid_q       <= '0;
    end else begin
      if (give) begin
        beat_q <= is_end ? '0 : beat_q + BeatWidth'(1);
        word_q <= is_end && is_last_row ? '0 : word_q + WordWidth'(1);
        if (is_end) row_q <= is_last_row ? '0 : row_q + RowWidth'(1);
      end
      if (mac_en) valid_q <= {valid_q[0], give};
      unique case (state_q)
        StLoad: begin
          if ((hidden_done_q || hidden_ends) && (cell_done_q || cell_ends)) begin
            state_q       <= StRun;
            hidden_done_q <= 1'b0;
            cell_done_q   <= 1'b0;
          end else begin
            hidden_done_q <= hidden_done_q || hidden_ends;
            cell_done_q   <= cell_done_q || cell_ends;
          end
        end
        StRun: if (give && is_end && is_last_row) state_q <= StWait;
        default: begin
          if (hidden_ends) begin
            state_q <= is_last_step ? StLoad : StRun;
            step_q  <= is_last_step ? '0 : step_q + StepWidth'(1);
          end
        end
      endcase
    end
  end
  always_ff @(posedge clk_i) begin
    if (mac_en) begin
      first_q <= {first_q[0], beat_q == '0};
      last_q  <= {last_q[0], is_end};
    end
  end

  // The hidden state, Simd elements a word: one vector is read while the next one is written.
  logic hidden_valid, hidden_write, part_ends, word_ends, half_q;
  logic [7:0] hidden, element;
  logic [PartWidth-1:0] part_q;
  logic [BeatWidth-1:0] place_q;
  logic [HalfWidth-1:0] hidden_addr, write_addr;
  logic [Simd*8-1:0] packed_word, vector, vector_q;

  assign element      = state_q == StLoad ? in1_data_i : hidden;
  assign hidden_write = load_hidden || (en && hidden_valid);
  assign part_ends    = part_q == PartWidth'(Simd - 1);
  assign word_ends    = hidden_write && part_ends;
  assign hidden_ends  = word_ends && (place_q == BeatWidth'(Beats - 1));
  // half_q: the half that is written.
  assign write_addr   = HalfWidth'(place_q) + (half_q ? HalfWidth'(Beats) : '0);
  assign hidden_addr  = HalfWidth'(beat_q) + (half_q ? '0 : HalfWidth'(Beats));
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      part_q  <= '0;
      place_q <= '0;
      half_q  <= 1'b0;
    end else if (hidden_write) begin
      part_q <= part_ends ? '0 : part_q + PartWidth'(1);
      if (part_ends) place_q <= hidden_ends ? '0 : place_q + BeatWidth'(1);
      half_q <= half_q ^ hidden_ends;
    end
  end
  if (Simd > 1) begin : gen_pack
    logic [Simd*8-9:0] parts_q;  // the word's elements so far, the newest highest
    assign packed_word = {element, parts_q};
    always_ff @(posedge clk_i) begin
      if (hidden_write) parts_q <= (Simd * 8 - 8)'({element, parts_q} >> 8);
    end
  end else begin : gen_direct
    assign packed_word = element;
  end
  hwc_ram #(
    .Width(Simd * 8),
    .Depth(2 * Beats)
  ) u_hidden (
    .clk_i,
    .write_i     (word_ends),
    .write_addr_i(write_addr),
    .write_data_i(packed_word),
    .read_i      (mac_en),
    .read_addr_i (hidden_addr),
    .read_data_o (vector)
  );
  always_ff @(posedge clk_i) if (mac_en) vector_q <= vector;

  // Products of the hidden state.
  logic [Simd*WeightWidth-1:0] weights;
  hwc_weights #(
    .Width(Simd * WeightWidth),
    .Depth(Words),
    .Style(WeightStyle),
    .File (WeightFile)
  ) u_weights (
    .clk_i,
    .en_i        (mac_en),
    .addr_i      (word_q),
    .data_o      (weights),
    .write_i     (1'b0),
    .write_addr_i({WordWidth{1'b0}}),
    .write_data_i({Simd * WeightWidth{1'b0}})
  );
  hwc_delay #(
    .Width (RowWidth),
    .Clocks(2)
  ) u_row (
    .clk_i,
    .en_i(mac_en),
    .d_i (row_q),
    .q_o (row_s)
  );
  hwc_mac #(
    .Simd       (Simd),
    .Pe         (1),
    .InWidth    (8),
    .InSigned   (1),
    .WeightWidth(WeightWidth),
    .AccWidth   (AccWidth),
    .Groups     (Rows),
    .MultStyle  (MultStyle),
    .BiasFile   (BiasFile)
  ) u_mac (
    .clk_i,
    .rst_ni,
    .en_o        (mac_en),
    .valid_i     (valid_q[1]),
    .first_i     (first_q[1]),
    .last_i      (last_q[1]),
    .group_i     (row_s),
    .x_i         (vector_q),
    .w_i         (weights),
    .bias_write_i(1'b0),
    .bias_addr_i ({RowWidth{1'b0}}),
    .bias_data_i ({AccWidth{1'b0}}),
    .out_valid_o (mac_valid),
    .out_ready_i (take),
    .out_data_o  (acc)
  );

  // Gates, then units: hwc_lstm_gates says when a unit has all four.
  logic start, cell_valid;
  logic [67:0] gates;
  logic [15:0] cell_state;
  assign in_ready_o = en && mac_valid;
  assign take       = en && in_valid_i;
  hwc_lstm_gates #(
    .InWidth       (InWidth),
    .AccWidth      (AccWidth),
    .XMultWidth    (XMultWidth),
    .XDrop         (XDrop),
    .XMults        (XMults),
    .XShifts       (XShifts),
    .HMultWidth    (HMultWidth),
    .HDrop         (HDrop),
    .HMults        (HMults),
    .HShifts       (HShifts),
    .Saturate      (Saturate),
    .GateStages    (GateStages),
    .GateDirect    (GateDirect),
    .GateTableWidth(GateTableWidth),
    .MultStyle     (MultStyle),
    .GateFile      (GateFile)
  ) u_gates (
    .clk_i,
    .rst_ni,
    .en_i   (en),
    .valid_i(in_valid_i && mac_valid),
    .x_i    (in_data_i),
    .h_i    (acc),
    .start_o(start),
    .gates_o(gates)
  );
  // A net of its own: Yosys asserts on a signed cast of equal width at a port.
  logic [15:0] initial_cell;
  assign initial_cell = 16'($signed(in2_data_i));

  hwc_lstm_unit #(
    .Units          (Units),
    .ForgetMultWidth(ForgetMultWidth),
    .ForgetDrop     (ForgetDrop),
    .ForgetMult     (ForgetMult),
    .ForgetShift    (ForgetShift),
    .InputMultWidth (InputMultWidth),
    .InputDrop      (InputDrop),
    .InputMult      (InputMult),
    .InputShift     (InputShift),
    .HiddenMultWidth(HiddenMultWidth),
    .HiddenDrop     (HiddenDrop),
    .HiddenMult     (HiddenMult),
    .HiddenShift    (HiddenShift),
    .HiddenZero     (HiddenZero),
    .CellMin        (CellMin),
    .CellMax        (CellMax),
    .CellStages     (CellStages),
    .HiddenStages   (HiddenStages),
    .CellDirect     (CellDirect),
    .CellTableWidth (CellTableWidth),
    .TanhMult       (TanhMult),
    .TanhShift      (TanhShift),
    .MultStyle      (MultStyle),
    .CellFile       (CellFile)
  ) u_unit (
    .clk_i,
    .rst_ni,
    .en_i          (en),
    .load_i        (load_cell),
    .load_data_i   (initial_cell),
    .load_ends_o   (cell_ends),
    .start_i       (start),
    .gates_i       (gates),
    .cell_valid_o  (cell_valid),
    .cell_o        (cell_state),
    .hidden_valid_o(hidden_valid),
    .hidden_o      (hidden)
  );

  // Results. All stands still while one of them waits.
  logic out_valid_q, out1_valid_q;
  logic [7:0] out_q;
  assign en = (!out_valid_q || out_ready_i) && (!out1_valid_q || out1_ready_i);
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      out_valid_q  <= 1'b0;
      out1_valid_q <= 1'b0;
    end else begin
      out_valid_q  <= en ? hidden_valid : out_valid_q && !out_ready_i;
      out1_valid_q <= en ? cell_valid && is_last_step : out1_valid_q && !out1_ready_i;
    end
  end
  always_ff @(posedge clk_i) if (en) out_q <= hidden;
  assign out_valid_o  = out_valid_q;
  assign out_data_o   = out_q;
  assign out1_valid_o = out1_valid_q;
  assign out1_data_o  = cell_state;
endmodule
