// The place of a beat in the image, and whether a window ends with it. A part of hwc_window.
//
// A window ends in rows FirstRow, FirstRow + StrideHeight ... and columns likewise. One step a
// beat; the image follows itself. The answer is of the beat before `step_i`, from registers and
// one AND.
// Bench: rtl/tb/test_stream_frame.py, by hwc_window. Proof: rtl/formal/.
module hwc_window_count #(
  parameter int Groups       = 1,  // beats of a pixel
  parameter int InHeight     = 5,  // rows
  parameter int InWidth      = 5,  // pixels
  parameter int FirstRow     = 2,
  parameter int FirstCol     = 2,
  parameter int StrideHeight = 1,  // rows
  parameter int StrideWidth  = 1   // pixels
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic step_i,
  output logic ends_window_o
);
  localparam int GroupWidth = Groups > 1 ? $clog2(Groups) : 1;
  localparam int RowWidth = $clog2(InHeight + 1);
  localparam int ColWidth = $clog2(InWidth + 1);
  // Wait counters: rows (columns) until the next one in which windows end.
  localparam int RowWait = FirstRow > StrideHeight ? FirstRow : StrideHeight;
  localparam int ColWait = FirstCol > StrideWidth ? FirstCol : StrideWidth;
  localparam int RowWaitWidth = $clog2(RowWait + 1);
  localparam int ColWaitWidth = $clog2(ColWait + 1);

  logic [GroupWidth-1:0] group_q;
  logic [RowWidth-1:0] row_q;
  logic [ColWidth-1:0] col_q;
  logic [RowWaitWidth-1:0] row_wait_q;
  logic [ColWaitWidth-1:0] col_wait_q;
  logic pixel_ends, row_ends, image_ends;

  assign pixel_ends    = group_q == GroupWidth'(Groups - 1);
  assign row_ends      = pixel_ends && col_q == ColWidth'(InWidth - 1);
  assign image_ends    = row_ends && row_q == RowWidth'(InHeight - 1);
  assign ends_window_o = row_wait_q == '0 && col_wait_q == '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      group_q    <= '0;
      row_q      <= '0;
      col_q      <= '0;
      row_wait_q <= RowWaitWidth'(FirstRow);
      col_wait_q <= ColWaitWidth'(FirstCol);
    end else if (step_i) begin
      group_q <= pixel_ends ? '0 : group_q + 1'b1;
      if (row_ends) begin
        col_q      <= '0;
        col_wait_q <= ColWaitWidth'(FirstCol);
      end else if (pixel_ends) begin
        col_q      <= col_q + 1'b1;
        col_wait_q <= col_wait_q == '0 ? ColWaitWidth'(StrideWidth - 1) : col_wait_q - 1'b1;
      end
      if (image_ends) begin
        row_q      <= '0;
        row_wait_q <= RowWaitWidth'(FirstRow);
      end else if (row_ends) begin
        row_q      <= row_q + 1'b1;
        row_wait_q <= row_wait_q == '0 ? RowWaitWidth'(StrideHeight - 1) : row_wait_q - 1'b1;
      end
    end
  end
`ifdef FORMAL
  `include "hwc_window_count_formal.svh"
`endif
endmodule
