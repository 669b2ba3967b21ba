// Product of two activation matrices: a [Rows, Inner] times b [Inner, Columns].
//
// Function: out[r][c] = sum_k (a[r][k] - AZero) * (b[k][c] - BZero). A frame is one product.
// Input:    `in` is a, one element a beat, row by row; `in1` is b, Pe consecutive elements of a
//           row a beat. Output: Pe consecutive results of a row a beat.
// Latency:  Inner - 1 + 2 (memory) + multiplier + 2 from b's last beat; `matmul` in
//           hwcomp/targets/dataflow/modules/compute.py. Interval: Rows * Inner * Columns / Pe clocks.
// Storage:  two matrices b and two rows of a, so that the next ones arrive meanwhile.
// Bench:    rtl/tb/test_matmul.py.
module hwc_matmul #(
  parameter int AWidth    = 8,   // bits of an element of a
  parameter int ASigned   = 1,
  parameter int AZero     = 0,
  parameter int BWidth    = 8,   // bits of an element of b
  parameter int BSigned   = 1,
  parameter int BZero     = 0,
  parameter int AccWidth  = 24,  // bits of a result, two's complement
  parameter int Rows      = 4,
  parameter int Inner     = 4,
  parameter int Columns   = 4,   // a multiple of Pe
  parameter int Pe        = 2,   // results of a beat
  // verilog_lint: waive-start explicit-parameter-storage-type (Icarus 11 has no string parameters)
  parameter     MultStyle = "dsp"  // "dsp", "lut"
  // verilog_lint: waive-stop explicit-parameter-storage-type
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   in_valid_i,
  output logic                   in_ready_o,
  input  logic [AWidth-1:0]      in_data_i,
  input  logic                   in1_valid_i,
  output logic                   in1_ready_o,
  input  logic [Pe*BWidth-1:0]   in1_data_i,
  output logic                   out_valid_o,
  input  logic                   out_ready_i,
  output logic [Pe*AccWidth-1:0] out_data_o
);
  localparam int Groups     = Columns / Pe;
  localparam int Words      = Inner * Groups;  // of one b
  localparam int AddrWidth  = $clog2(2 * Words);
  localparam int BeatWidth  = Inner > 1 ? $clog2(Inner) : 1;
  localparam int GroupWidth = Groups > 1 ? $clog2(Groups) : 1;
  localparam int RowWidth   = Rows > 1 ? $clog2(Rows) : 1;
  // An element less its zero point.
  localparam int AFull = AWidth + (ASigned != 0 ? 0 : 1) + (AZero != 0 ? 1 : 0);
  localparam int BFull = BWidth + (BSigned != 0 ? 0 : 1) + (BZero != 0 ? 1 : 0);

  logic en, has_row, valid, give, is_first, is_last, is_end, row_ends, frame_ends;
  logic write, write_ends;
  logic [BeatWidth-1:0] beat_q;
  logic [GroupWidth-1:0] group_q;
  logic [RowWidth-1:0] row_q;
  logic [AddrWidth-1:0] write_q, read_q, base_q;
  logic [1:0] full_q;  // matrices b that are complete
  logic [1:0] valid_q, first_q, last_q;
  logic [AWidth-1:0] a;
  logic [Pe*BWidth-1:0] b, b_q;
  logic [Pe*AFull-1:0] a_operands;
  logic [Pe*BFull-1:0] b_operands;
  logic [AFull-1:0] a_operand;

  // b arrives.
  assign in1_ready_o = full_q != 2'd2;
  assign write       = in1_valid_i && in1_ready_o;
  assign write_ends  = write
      && ((write_q == AddrWidth'(Words - 1)) || (write_q == AddrWidth'(2 * Words - 1)));

  // What is multiplied: row, group of columns, element of the row.
  assign is_end     = beat_q == BeatWidth'(Inner - 1);
  assign is_first   = group_q == '0;
  assign is_last    = group_q == GroupWidth'(Groups - 1);
  assign give       = en && valid;
  assign row_ends   = give && is_end && is_last;
  assign frame_ends = row_ends && (row_q == RowWidth'(Rows - 1));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      beat_q  <= '0;
      group_q <= '0;
      row_q   <= '0;
      write_q <= '0;
      read_q  <= '0;
      base_q  <= '0;
      full_q  <= '0;
      valid_q <= '0;
    end else begin
      if (write) begin
        write_q <= write_q == AddrWidth'(2 * Words - 1) ? '0 : write_q + AddrWidth'(1);
      end
      full_q <= full_q + 2'(write_ends) - 2'(frame_ends);
      if (give) begin
        beat_q <= is_end ? '0 : beat_q + BeatWidth'(1);
        if (is_end) group_q <= is_last ? '0 : group_q + GroupWidth'(1);
        // Down a column of b, then to the top of the next one.
        if (!is_end) read_q <= read_q + AddrWidth'(Groups);
        else if (!is_last) read_q <= base_q + AddrWidth'(group_q) + AddrWidth'(1);
        else if (!frame_ends) read_q <= base_q;
        else read_q <= base_q == '0 ? AddrWidth'(Words) : '0;
      end
      if (row_ends) row_q <= frame_ends ? '0 : row_q + RowWidth'(1);
      if (frame_ends) base_q <= base_q == '0 ? AddrWidth'(Words) : '0;
      if (en) valid_q <= {valid_q[0], valid};
    end
  end

  always_ff @(posedge clk_i) begin
    if (en) begin
      first_q <= {first_q[0], beat_q == '0};
      last_q  <= {last_q[0], is_end};
    end
  end

  // Rows of a, given once for each group of columns.
  logic row_en;
  assign valid  = has_row && (full_q != '0);
  assign row_en = en && (full_q != '0);
  if (Groups > 1) begin : gen_replay
    logic [AWidth-1:0] a_held;
    hwc_replay #(
      .Width(AWidth),
      .Beats(Inner)
    ) u_replay (
      .clk_i,
      .rst_ni,
      .in_valid_i,
      .in_ready_o,
      .in_data_i,
      .en_i      (row_en),
      .shift_i   (en),
      .is_first_i(is_first),
      .is_last_i (is_last),
      .is_end_i  (is_end),
      .valid_o   (has_row),
      .data_o    (a_held)
    );
    assign a = a_held;
  end else begin : gen_direct
    // verilator lint_off UNUSEDSIGNAL
    logic unused_first;
    // verilator lint_on UNUSEDSIGNAL
    assign unused_first = is_first;
    assign has_row    = in_valid_i;
    assign in_ready_o = row_en;
    hwc_delay #(
      .Width (AWidth),
      .Clocks(2)
    ) u_a (
      .clk_i,
      .en_i(en),
      .d_i (in_data_i),
      .q_o (a)
    );
  end

  hwc_ram #(
    .Width(Pe * BWidth),
    .Depth(2 * Words)
  ) u_b (
    .clk_i,
    .write_i     (write),
    .write_addr_i(write_q),
    .write_data_i(in1_data_i),
    .read_i      (en),
    .read_addr_i (read_q),
    .read_data_o (b)
  );
  always_ff @(posedge clk_i) if (en) b_q <= b;

  if (ASigned != 0) begin : gen_a_signed
    assign a_operand = AFull'($signed(a)) - AFull'(AZero);
  end else begin : gen_a_unsigned
    assign a_operand = AFull'(a) - AFull'(AZero);
  end
  assign a_operands = {Pe{a_operand}};
  for (genvar p = 0; p < Pe; p++) begin : gen_operand
    if (BSigned != 0) begin : gen_signed
      assign b_operands[p*BFull+:BFull] = BFull'($signed(b_q[p*BWidth+:BWidth])) - BFull'(BZero);
    end else begin : gen_unsigned
      assign b_operands[p*BFull+:BFull] = BFull'(b_q[p*BWidth+:BWidth]) - BFull'(BZero);
    end
  end

  hwc_mac #(
    .Simd       (1),
    .Pe         (Pe),
    .InWidth    (AFull),
    .InSigned   (1),
    .WeightWidth(BFull),
    .AccWidth   (AccWidth),
    .Groups     (1),
    .HasBias    (0),
    .BiasWrites (0),
    .MultStyle  (MultStyle)
  ) u_mac (
    .clk_i,
    .rst_ni,
    .en_o        (en),
    .valid_i     (valid_q[1]),
    .first_i     (first_q[1]),
    .last_i      (last_q[1]),
    .group_i     (1'b0),
    .x_i         (a_operands),
    .w_i         (b_operands),
    .bias_write_i(1'b0),
    .bias_addr_i (1'b0),
    .bias_data_i ({Pe * AccWidth{1'b0}}),
    .out_valid_o,
    .out_ready_i,
    .out_data_o
  );
endmodule
