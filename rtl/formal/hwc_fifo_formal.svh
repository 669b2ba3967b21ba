// Properties of hwc_fifo with a RAM, inside its generate block. One beat, chosen freely, is watched on its way through.
logic formal_started_q = 1'b0;
logic formal_live_q = 1'b0;
logic [AddrWidth-1:0] formal_addr_q;
logic [LevelWidth:0] formal_ahead_q, formal_inside, formal_distance;
logic [Width-1:0] formal_data_q;
(* anyseq *) logic formal_chosen;

// Beats inside, and the watched beat's place behind the next one that is read.
assign formal_inside   = (LevelWidth + 1)'(level_q) + (LevelWidth + 1)'(valid_q);
assign formal_distance = formal_addr_q >= read_q ? (LevelWidth + 1)'(formal_addr_q - read_q) :
    (LevelWidth + 1)'(Depth) + (LevelWidth + 1)'(formal_addr_q) - (LevelWidth + 1)'(read_q);

always_ff @(posedge clk_i) begin
  formal_started_q <= 1'b1;
  if (!rst_ni) begin
    formal_live_q <= 1'b0;
  end else if (!formal_live_q) begin
    if (formal_chosen && push) begin
      formal_live_q  <= 1'b1;
      formal_data_q  <= in_data_i;
      formal_addr_q  <= write_q;
      formal_ahead_q <= formal_inside - (LevelWidth + 1)'(out_valid_o && out_ready_i);
    end
  end else if (out_valid_o && out_ready_i) begin
    if (formal_ahead_q == '0) formal_live_q <= 1'b0;
    else formal_ahead_q <= formal_ahead_q - 1'b1;
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
    // Never more than fits; a FIFO that is not full takes.
    assert (level_q <= LevelWidth'(Depth));
    assert (in_ready_o == (level_q < LevelWidth'(Depth)));
    assert (any_q == (level_q != '0));
    // The beat comes out unchanged, after exactly those that were before it.
    if (formal_live_q) begin
      assert (formal_ahead_q < formal_inside);
      if (formal_ahead_q == '0 && out_valid_o) assert (out_data_o == formal_data_q);
    end
    // For the induction: the pointers are in the RAM, level_q apart, and the beat is where its number says.
    assert (write_q < Depth && read_q < Depth);
    assert (level_q == LevelWidth'(Depth) ? write_q == read_q :
            int'(write_q) == (int'(read_q) + int'(level_q)) % Depth);
    if (formal_live_q && (formal_ahead_q != '0 || !valid_q)) begin
      assert (formal_addr_q < Depth);
      assert (formal_ahead_q == formal_distance + (LevelWidth + 1)'(valid_q));
      assert (mem[formal_addr_q] == formal_data_q);
    end
    cover (formal_live_q && level_q == LevelWidth'(Depth) && formal_ahead_q == '0);
  end
end
