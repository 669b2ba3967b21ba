// Properties of hwc_window_count, inside the module: the place stays in the image, and a window ends exactly where the
// definition says (row and column are FirstRow + i * StrideHeight and FirstCol + j * StrideWidth).
logic formal_started_q = 1'b0;
logic formal_row_fits, formal_col_fits;

assign formal_row_fits = int'(row_q) >= FirstRow && (int'(row_q) - FirstRow) % StrideHeight == 0;
assign formal_col_fits = int'(col_q) >= FirstCol && (int'(col_q) - FirstCol) % StrideWidth == 0;

always_ff @(posedge clk_i) begin
  formal_started_q <= 1'b1;
  if (!formal_started_q) begin
    assume (!rst_ni);
  end else begin
    assert (int'(row_q) < InHeight && int'(col_q) < InWidth && int'(group_q) < Groups);
    assert (ends_window_o == (formal_row_fits && formal_col_fits));
    // A step goes to the next beat of the image, and only a step does.
    if ($past(rst_ni) && $past(step_i)) begin
      assert ((int'(row_q) * InWidth + int'(col_q)) * Groups + int'(group_q) ==
              (((int'($past(row_q)) * InWidth + int'($past(col_q))) * Groups + int'($past(group_q)) + 1) %
               (InHeight * InWidth * Groups)));
    end
    if ($past(rst_ni) && !$past(step_i)) assert ($stable(row_q) && $stable(col_q) && $stable(group_q));
    // For the induction: the wait counters follow the place.
    if (int'(row_q) <= FirstRow) assert (int'(row_wait_q) == FirstRow - int'(row_q));
    else assert (int'(row_wait_q) < StrideHeight && (int'(row_q) - FirstRow + int'(row_wait_q)) % StrideHeight == 0);
    if (int'(col_q) <= FirstCol) assert (int'(col_wait_q) == FirstCol - int'(col_q));
    else assert (int'(col_wait_q) < StrideWidth && (int'(col_q) - FirstCol + int'(col_wait_q)) % StrideWidth == 0);
    cover (ends_window_o && row_q != '0 && col_q != '0);
  end
end
