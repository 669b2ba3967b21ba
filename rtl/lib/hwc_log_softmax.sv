// Integer log-softmax over Channels elements, one at a time: TFLite's, and the wide one.
//
// Function: the greatest element; the sum of SumFile[max - x]; its logarithm; then for each element
//           DiffFile[max - x] minus the logarithm.
//           IsWide 0: `LogSoftmax.evaluate` of hwcomp/ir/ops/log_softmax.py: rounded by 2^22, plus
//           Hi, clamped to Lo..Hi; Lo for elements beyond Radius or the bound that Reverse makes.
//           IsWide 1: `WideLogSoftmax.evaluate` of hwcomp/ir/ops/wide_log_softmax.py: the
//           logarithm, not below 0, is rounded by 2^LogShift first.
// Input:    one element a beat, Channels beats a vector. Output: the same.
// Memories: SumFile words of 31 bits, not negative, the first at least 1 (IsWide: 2^31 - 1);
//           DiffFile words of 32 bits, two's complement; Entries each, indexed by max - x.
// Latency:  Channels + 3 (sum) + SumWidth (normalisation) + 6 a product (18, or 19 with Reverse) + 4
//           + 7, from a vector's last input beat to its first output beat; SumWidth = 31, IsWide: 31
//           + ceil(log2(Channels)). Interval: all these but the 7, and 2 * Channels, a vector.
//           `log_softmax` in hwcomp/targets/dataflow/modules/log_softmax.py.
// Bench:    rtl/tb/test_log_softmax.py. in_ready_o follows out_ready_i by wire.
module hwc_log_softmax #(
  parameter int InWidth      = 8,   // bits of x
  parameter int InSigned     = 1,
  parameter int Channels     = 10,  // elements of a vector
  parameter int Entries      = 256, // of the tables; max - x is below it
  parameter int IsWide       = 0,
  parameter int Radius       = 127,
  parameter int Reverse      = 1073741824,  // Q0.31; IsWide: 0
  parameter int ReverseShift = 21,  // right
  parameter int LogShift     = 0,
  parameter int Lo           = -128,
  parameter int Hi           = 127,
  parameter int OutWidth     = 8,   // bits
  // verilog_lint: waive-start explicit-parameter-storage-type (Icarus 11 has no string parameters)
  parameter     DiffFile     = "",
  parameter     SumFile      = ""
  // verilog_lint: waive-stop explicit-parameter-storage-type
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                in_valid_i,
  output logic                in_ready_o,
  input  logic [InWidth-1:0]  in_data_i,
  output logic                out_valid_o,
  input  logic                out_ready_i,
  output logic [OutWidth-1:0] out_data_o
);
  localparam int IndexWidth = Channels > 1 ? $clog2(Channels) : 1;
  localparam int AddrWidth  = Entries > 1 ? $clog2(Entries) : 1;
  localparam int SumWidth   = 31 + (IsWide != 0 ? $clog2(Channels) : 0);
  localparam int Drain      = 3;  // clocks until the last exponential is added
  localparam int Finish     = 4;  // clocks from the logarithm to what is subtracted
  localparam int CountMax   = SumWidth > Channels ? SumWidth : Channels;
  localparam int CountWidth = $clog2(CountMax + 1);

  typedef enum logic [2:0] {
    StLoad,       // elements arrive, the greatest is kept
    StSum,        // their exponentials are added
    StDrain,
    StNormalise,  // the sum's leading one goes to the highest bit
    StLog,
    StFinish,
    StGive        // elements go through the subtraction
  } state_e;

  state_e state_q;
  logic en, take, is_last, is_log, is_given, log_ends;
  logic [CountWidth-1:0] count_q;
  logic signed [InWidth:0] x, max_q, element_x;
  logic [InWidth-1:0] element;
  // verilator lint_off UNUSEDSIGNAL
  logic [InWidth:0] distance;  // below Entries
  // verilator lint_on UNUSEDSIGNAL
  logic [AddrWidth-1:0] address_q;
  logic signed [31:0] difference;
  logic [30:0] addend;
  logic [2:0] adds_q;
  logic [SumWidth-1:0] sum_q;
  logic signed [5:0] exponent_q;
  logic signed [31:0] log;
  logic signed [33:0] reverse;
  logic signed [31:0] subtrahend;
  logic is_seen, is_seen_s;

  assign in_ready_o = en && (state_q == StLoad);
  assign take       = in_valid_i && in_ready_o;
  assign is_log     = state_q == StLog;

  always_comb begin
    unique case (state_q)
      StDrain:     is_last = count_q == CountWidth'(Drain - 1);
      StNormalise: is_last = count_q == CountWidth'(SumWidth - 1);
      StLog:       is_last = log_ends;
      StFinish:    is_last = count_q == CountWidth'(Finish - 1);
      default:     is_last = count_q == CountWidth'(Channels - 1);
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= StLoad;
      count_q <= '0;
    end else if (en && (take || (state_q != StLoad))) begin
      count_q <= is_last || is_log ? '0 : count_q + CountWidth'(1);
      if (is_last) begin
        unique case (state_q)
          StLoad:      state_q <= StSum;
          StSum:       state_q <= StDrain;
          StDrain:     state_q <= StNormalise;
          StNormalise: state_q <= StLog;
          StLog:       state_q <= StFinish;
          StFinish:    state_q <= StGive;
          default:     state_q <= StLoad;
        endcase
      end
    end
  end

  // Elements and the greatest of them.
  if (InSigned != 0) begin : gen_signed
    assign x         = (InWidth + 1)'($signed(in_data_i));
    assign element_x = (InWidth + 1)'($signed(element));
  end else begin : gen_unsigned
    assign x         = {1'b0, in_data_i};
    assign element_x = {1'b0, element};
  end
  always_ff @(posedge clk_i) if (take && ((count_q == '0) || (x > max_q))) max_q <= x;

  hwc_ram #(
    .Width(InWidth),
    .Depth(Channels)
  ) u_elements (
    .clk_i,
    .write_i     (take),
    .write_addr_i(count_q[IndexWidth-1:0]),
    .write_data_i(in_data_i),
    .read_i      (en),
    .read_addr_i (count_q[IndexWidth-1:0]),
    .read_data_o (element)
  );

  // Both tables are read two clocks after an element is asked for.
  assign distance = max_q - element_x;
  always_ff @(posedge clk_i) if (en) address_q <= AddrWidth'(distance);

  hwc_rom #(
    .Width(32),
    .Depth(Entries),
    .File (DiffFile)
  ) u_difference (
    .clk_i,
    .en_i  (en),
    .addr_i(address_q),
    .data_o(difference)
  );
  hwc_rom #(
    .Width(31),
    .Depth(Entries),
    .File (SumFile)
  ) u_sum (
    .clk_i,
    .en_i  (en),
    .addr_i(address_q),
    .data_o(addend)
  );

  // The sum, then its leading one moved to the highest bit: always SumWidth clocks.
  logic shift;
  assign shift = (state_q == StNormalise) && !sum_q[SumWidth-1];
  always_ff @(posedge clk_i) begin
    if (en) begin
      adds_q <= {adds_q[1:0], state_q == StSum};
      if (state_q == StLoad) sum_q <= '0;
      else if (adds_q[2]) sum_q <= sum_q + SumWidth'(addend);
      else if (shift) sum_q <= sum_q << 1;
    end
  end

  if (IsWide != 0) begin : gen_wide
    // The exponent beyond the mantissa of 31 bits, times log(2), in Q5.40.
    localparam logic signed [47:0] Log2Q40 = 48'sd762123384786;
    localparam logic signed [33:0] LogHalf = (34'sd1 <<< LogShift) >>> 1;
    localparam int Power                   = SumWidth - 31 - 12;
    localparam logic signed [47:0] Start   = 48'(Power) * Log2Q40;
    logic signed [47:0] power_q;
    // verilator lint_off UNUSEDSIGNAL
    logic signed [47:0] power;
    logic signed [33:0] unused_reverse;
    // verilator lint_on UNUSEDSIGNAL
    logic signed [33:0] moved_q, whole_q;
    logic signed [31:0] scaled_q;
    assign unused_reverse = reverse;
    assign exponent_q     = 6'sd11;
    assign power          = power_q + 48'sd8192;
    always_ff @(posedge clk_i) begin
      if (en) begin
        if (state_q == StLoad) power_q <= Start;
        else if (shift) power_q <= power_q - Log2Q40;
        if (state_q == StFinish) begin
          moved_q  <= 34'(power >>> 14);
          whole_q  <= 34'(log) + moved_q < 0 ? '0 : 34'(log) + moved_q;
          scaled_q <= 32'((whole_q + LogHalf) >>> LogShift);
        end
      end
    end
    assign subtrahend = scaled_q;
    assign is_seen    = 1'b1;
    hwc_log_softmax_log #(
      .Reverse(0)
    ) u_log (
      .clk_i,
      .rst_ni,
      .en_i      (en),
      .run_i     (is_log),
      .x_i       (sum_q[SumWidth-1-:31]),
      .exponent_i(exponent_q),
      .nudge_i   (61'd1073741824),
      .last_o    (log_ends),
      .log_o     (log),
      .reverse_o (reverse)
    );
  end else begin : gen_narrow
    localparam logic signed [33:0] Bound = 34'(Radius) + 34'sd1;
    localparam logic signed [33:0] Half  = (34'sd1 <<< ReverseShift) >>> 1;
    localparam logic signed [33:0] BelowHalf = ReverseShift > 0 ? Half - 34'sd1 : 34'sd0;
    logic [60:0] nudge_q;
    logic signed [33:0] least_q, limit_q;
    logic signed [31:0] subtrahend_q;
    always_ff @(posedge clk_i) begin
      if (en) begin
        if (state_q == StLoad) begin
          nudge_q    <= 61'd1073741824;
          exponent_q <= 6'sd11;
        end else if (shift) begin
          nudge_q    <= nudge_q << 1;
          exponent_q <= exponent_q - 6'sd1;
        end
        if (state_q == StFinish) begin
          // Halves away from zero; an element is seen below the limit.
          least_q      <= (reverse + (reverse < 0 ? BelowHalf : Half)) >>> ReverseShift;
          limit_q      <= -least_q < Bound ? -least_q : Bound;
          subtrahend_q <= log;
        end
      end
    end
    assign subtrahend = subtrahend_q;
    assign is_seen    = $signed({{34 - AddrWidth{1'b0}}, address_q}) < limit_q;
    hwc_log_softmax_log #(
      .Reverse(Reverse)
    ) u_log (
      .clk_i,
      .rst_ni,
      .en_i      (en),
      .run_i     (is_log),
      .x_i       (sum_q),
      .exponent_i(exponent_q),
      .nudge_i   (nudge_q),
      .last_o    (log_ends),
      .log_o     (log),
      .reverse_o (reverse)
    );
  end

  // An element: what is left, rounded, clamped.
  logic signed [32:0] left_q, level_q;
  logic [OutWidth-1:0] out_q;
  hwc_delay #(
    .Width (1),
    .Clocks(3)
  ) u_seen (
    .clk_i,
    .en_i(en),
    .d_i (is_seen),
    .q_o (is_seen_s)
  );
  if (IsWide != 0) begin : gen_exact
    // verilator lint_off UNUSEDSIGNAL
    logic unused_seen;
    // verilator lint_on UNUSEDSIGNAL
    assign unused_seen = is_seen_s ^ (^level_q);
    always_ff @(posedge clk_i) begin
      if (en) begin
        level_q <= left_q;
        out_q   <= OutWidth'(level_q);
      end
    end
  end else begin : gen_rounded
    always_ff @(posedge clk_i) begin
      if (en) begin
        level_q <= ((left_q + (left_q < 0 ? 33'sd2097151 : 33'sd2097152)) >>> 22) + 33'(Hi);
        if (!is_seen_s || (level_q < 33'(Lo))) out_q <= OutWidth'(Lo);
        else if (level_q > 33'(Hi)) out_q <= OutWidth'(Hi);
        else out_q <= OutWidth'(level_q);
      end
    end
  end
  always_ff @(posedge clk_i) if (en) left_q <= 33'(difference) - 33'(subtrahend);

  // Element, address, table; difference, rounding, clamp.
  assign is_given = state_q == StGive;
  hwc_valid #(
    .Stages(6)
  ) u_valid (
    .clk_i,
    .rst_ni,
    .valid_i(is_given),
    .ready_i(out_ready_i),
    .en_o   (en),
    .valid_o(out_valid_o)
  );
  assign out_data_o = out_q;
endmodule
