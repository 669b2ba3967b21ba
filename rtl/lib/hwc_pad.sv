// Padding: adds rows and columns of PadValue around each channel of the image.
//
// Latency: 1 clock. Interval: the beats of the padded image, one a clock. The padding before the
// first input beat of a frame is given without waiting for it. in_ready_o follows out_ready_i by
// wire.
// Model: hwcomp/targets/dataflow/modules/stream.py. Bench: rtl/tb/test_stream_frame.py.
module hwc_pad #(
  parameter int Width     = 8,  // bits of an element
  parameter int Lanes     = 1,  // elements of a beat
  parameter int Channels  = 1,  // a multiple of Lanes
  parameter int InHeight  = 4,  // rows
  parameter int InWidth   = 4,  // pixels
  parameter int PadTop    = 1,  // rows
  parameter int PadLeft   = 1,  // pixels
  parameter int PadBottom = 1,  // rows
  parameter int PadRight  = 1,  // pixels
  parameter int PadValue  = 0   // the element, at most 32 bits
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   in_valid_i,
  output logic                   in_ready_o,
  input  logic [Lanes*Width-1:0] in_data_i,
  output logic                   out_valid_o,
  input  logic                   out_ready_i,
  output logic [Lanes*Width-1:0] out_data_o
);
  localparam int Groups = Channels / Lanes;
  localparam int Rows = PadTop + InHeight + PadBottom;
  // In beats: a row is padding, image, padding.
  localparam int RowBeats = (PadLeft + InWidth + PadRight) * Groups;
  localparam int First = PadLeft * Groups;
  localparam int Beyond = (PadLeft + InWidth) * Groups;
  localparam int RowWidth = $clog2(Rows + 1);
  localparam int ColWidth = $clog2(RowBeats + 1);

`ifndef __ICARUS__  // it knows no elaboration tasks
  if (Channels % Lanes != 0) begin : gen_check
    $error("hwc_pad: Lanes must divide Channels");
  end
`endif

  // The place of the next output beat, and whether it is of the image.
  logic [RowWidth-1:0] row_q, row_next;
  logic [ColWidth-1:0] col_q, col_next;
  logic row_ends, image_ends, in_rows_q, in_cols_q, in_rows_next, in_cols_next;
  logic is_image_q, valid_q, is_free, steps;
  logic [Lanes*Width-1:0] data_q;

  assign row_ends     = col_q == ColWidth'(RowBeats - 1);
  assign col_next     = row_ends ? '0 : col_q + 1'b1;
  assign row_next     = !row_ends ? row_q : image_ends ? '0 : row_q + 1'b1;
  assign image_ends   = row_q == RowWidth'(Rows - 1);
  always_comb begin
    in_rows_next = in_rows_q;
    if (row_ends) begin
      if (image_ends) in_rows_next = PadTop == 0;
      else if (PadTop != 0 && row_q == RowWidth'(PadTop - 1)) in_rows_next = 1'b1;
      else if (row_q == RowWidth'(PadTop + InHeight - 1)) in_rows_next = 1'b0;
    end
    in_cols_next = in_cols_q;
    if (row_ends) in_cols_next = PadLeft == 0;
    else if (PadLeft != 0 && col_q == ColWidth'(First - 1)) in_cols_next = 1'b1;
    else if (col_q == ColWidth'(Beyond - 1)) in_cols_next = 1'b0;
  end

  assign is_free      = !valid_q || out_ready_i;
  assign in_ready_o   = is_free && is_image_q;
  assign steps        = is_free && (in_valid_i || !is_image_q);
  assign out_valid_o  = valid_q;
  assign out_data_o   = data_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      row_q      <= '0;
      col_q      <= '0;
      in_rows_q  <= PadTop == 0;
      in_cols_q  <= PadLeft == 0;
      is_image_q <= PadTop == 0 && PadLeft == 0;
      valid_q    <= 1'b0;
    end else begin
      if (is_free) valid_q <= steps;
      if (steps) begin
        row_q      <= row_next;
        col_q      <= col_next;
        in_rows_q  <= in_rows_next;
        in_cols_q  <= in_cols_next;
        is_image_q <= in_rows_next && in_cols_next;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (steps) data_q <= is_image_q ? in_data_i : {Lanes{Width'(PadValue)}};
  end
endmodule
