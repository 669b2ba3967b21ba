// Sliding window: a beat holds all KernelHeight * KernelWidth taps of a group of Lanes channels.
//
// The image is padded already. Output beats come in the order of pixels, then groups; in a beat
// [tap][lane], with tap = ky * KernelWidth + kx. Rows and columns that no window reaches are taken
// and dropped.
// Latency: 2 clocks from the window's last input beat (1 where the kernel has one row or one
// column).
// Interval: the input beats, one a clock. in_ready_o follows out_ready_i by wire.
// Storage: KernelHeight - 1 delay lines of DilationHeight rows, then KernelWidth - 1 of
// DilationWidth pixels.
// Model: hwcomp/targets/dataflow/modules/stream.py. Bench: rtl/tb/test_stream_frame.py.
module hwc_window #(
  parameter int Width          = 8,  // bits of an element
  parameter int Lanes          = 1,  // elements of an input beat
  parameter int Channels       = 1,  // a multiple of Lanes
  parameter int InHeight       = 5,  // rows, padding included
  parameter int InWidth        = 5,  // pixels, padding included
  parameter int KernelHeight   = 3,  // taps
  parameter int KernelWidth    = 3,  // taps
  parameter int StrideHeight   = 1,  // rows
  parameter int StrideWidth    = 1,  // pixels
  parameter int DilationHeight = 1,  // rows
  parameter int DilationWidth  = 1   // pixels
) (
  input  logic                                            clk_i,
  input  logic                                            rst_ni,
  input  logic                                            in_valid_i,
  output logic                                            in_ready_o,
  input  logic [Lanes*Width-1:0]                          in_data_i,
  output logic                                            out_valid_o,
  input  logic                                            out_ready_i,
  output logic [KernelHeight*KernelWidth*Lanes*Width-1:0] out_data_o
);
  localparam int Beat = Lanes * Width;
  localparam int Column = KernelHeight * Beat;
  localparam int Groups = Channels / Lanes;
  // The first row and column in which a window ends.
  localparam int FirstRow = (KernelHeight - 1) * DilationHeight;
  localparam int FirstCol = (KernelWidth - 1) * DilationWidth;
  // Stages behind the input: each delay line is one.
  localparam int HasRows = KernelHeight > 1 ? 1 : 0;
  localparam int HasCols = KernelWidth > 1 ? 1 : 0;

`ifndef __ICARUS__  // it knows no elaboration tasks
  if (Channels % Lanes != 0 || FirstRow >= InHeight || FirstCol >= InWidth) begin : gen_check
    $error("hwc_window: Lanes must divide Channels, and the kernel must fit the image");
  end
`endif

  // Stage 0: the beat that is offered, and whether a window ends with it.
  logic is_free, takes, ends_window;

  assign is_free    = !out_valid_o || out_ready_i;
  assign in_ready_o = is_free;
  assign takes      = in_valid_i && is_free;

  hwc_window_count #(
    .Groups(Groups),
    .InHeight(InHeight),
    .InWidth(InWidth),
    .FirstRow(FirstRow),
    .FirstCol(FirstCol),
    .StrideHeight(StrideHeight),
    .StrideWidth(StrideWidth)
  ) u_count (
    .clk_i,
    .rst_ni,
    .step_i(takes),
    .ends_window_o(ends_window)
  );

  // The taps of the beat's column, top row lowest.
  logic [Column-1:0] column;
  logic column_valid, column_ends, column_takes;

  if (HasRows == 1) begin : gen_rows
    logic valid_q, ends_q;

    hwc_taps #(
      .Width(Beat),
      .Delay(DilationHeight * InWidth * Groups),
      .Taps(KernelHeight - 1)
    ) u_rows (
      .clk_i,
      .rst_ni,
      .step_i(takes),
      .data_i(in_data_i),
      .taps_o(column)
    );
    always_ff @(posedge clk_i) begin
      if (!rst_ni) valid_q <= 1'b0;
      else if (is_free) valid_q <= in_valid_i;
      if (takes) ends_q <= ends_window;
    end
    assign column_valid = valid_q;
    assign column_ends  = ends_q;
  end else begin : gen_one_row
    assign column       = in_data_i;
    assign column_valid = in_valid_i;
    assign column_ends  = ends_window;
  end

  assign column_takes = column_valid && is_free;

  if (HasCols == 1) begin : gen_cols
    logic [KernelWidth*Column-1:0] taps;
    logic valid_q;

    hwc_taps #(
      .Width(Column),
      .Delay(DilationWidth * Groups),
      .Taps(KernelWidth - 1)
    ) u_cols (
      .clk_i,
      .rst_ni,
      .step_i(column_takes),
      .data_i(column),
      .taps_o(taps)
    );
    always_ff @(posedge clk_i) begin
      if (!rst_ni) valid_q <= 1'b0;
      else if (is_free) valid_q <= column_valid && column_ends;
    end
    assign out_valid_o = valid_q;
    for (genvar ky = 0; ky < KernelHeight; ky++) begin : gen_ky
      for (genvar kx = 0; kx < KernelWidth; kx++) begin : gen_kx
        assign out_data_o[(ky*KernelWidth+kx)*Beat+:Beat] = taps[kx*Column+ky*Beat+:Beat];
      end
    end
  end else if (HasRows == 1) begin : gen_one_col
    assign out_valid_o = column_valid && column_ends;
    assign out_data_o  = column;

    logic unused_takes;
    assign unused_takes = column_takes;
  end else begin : gen_one_tap
    // Stride alone.
    logic [Beat-1:0] data_q;
    logic valid_q;

    always_ff @(posedge clk_i) begin
      if (!rst_ni) valid_q <= 1'b0;
      else if (is_free) valid_q <= column_takes && column_ends;
      if (column_takes) data_q <= column;
    end
    assign out_valid_o = valid_q;
    assign out_data_o  = data_q;
  end
endmodule
