// Properties of hwc_stream_reg, inside the module. One beat, chosen freely, is watched on its way through.
logic formal_started_q = 1'b0;
logic formal_live_q = 1'b0;
logic formal_ahead_q;
logic [Width-1:0] formal_data_q;
(* anyseq *) logic formal_chosen;

always_ff @(posedge clk_i) begin
  formal_started_q <= 1'b1;
  if (!rst_ni) begin
    formal_live_q <= 1'b0;
  end else if (!formal_live_q) begin
    if (formal_chosen && in_valid_i && in_ready_o) begin
      formal_live_q  <= 1'b1;
      formal_data_q  <= in_data_i;
      formal_ahead_q <= out_valid_o && !out_ready_i;
    end
  end else if (out_valid_o && out_ready_i) begin
    formal_ahead_q <= 1'b0;
    if (!formal_ahead_q) formal_live_q <= 1'b0;
  end
end

always_ff @(posedge clk_i) begin
  if (!formal_started_q) begin
    assume (!rst_ni);
  end else begin
    // The source keeps the protocol.
    if ($past(rst_ni) && $past(in_valid_i) && !$past(in_ready_o)) begin
      assume (in_valid_i && $stable(in_data_i));
    end
    // So does this module.
    if (rst_ni && $past(rst_ni) && $past(out_valid_o) && !$past(out_ready_i)) begin
      assert (out_valid_o && $stable(out_data_o));
    end
    if (!$past(rst_ni)) assert (!out_valid_o && in_ready_o);
    // The beat comes out unchanged, after those that were before it.
    if (formal_live_q && !formal_ahead_q) assert (out_valid_o && out_data_o == formal_data_q);
    // For the induction: there are two beats only where there is one, and the second is in the other place.
    if (full_q) assert (valid_q);
    if (formal_live_q && formal_ahead_q) assert (full_q && (is_high_q ? low_q : high_q) == formal_data_q);
    cover (formal_live_q && formal_ahead_q);
  end
end
