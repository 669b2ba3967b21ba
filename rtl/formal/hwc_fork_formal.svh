// Properties of hwc_fork, inside the module: each output gets each beat once, whoever is late.
logic formal_started_q = 1'b0;
logic [Outputs-1:0] formal_got_q, formal_gets;  // the outputs that have, or get, the beat that stands at the input

assign formal_gets = out_valid_o & out_ready_i;

always_ff @(posedge clk_i) begin
  formal_started_q <= 1'b1;
  if (!rst_ni) formal_got_q <= '0;
  else if (in_valid_i && in_ready_o) formal_got_q <= '0;
  else formal_got_q <= formal_got_q | formal_gets;
end

always_ff @(posedge clk_i) begin
  if (!formal_started_q) begin
    assume (!rst_ni);
  end else begin
    // The source keeps the protocol.
    if ($past(rst_ni) && $past(in_valid_i) && !$past(in_ready_o)) begin
      assume (in_valid_i && $stable(in_data_i));
    end
    for (int i = 0; i < Outputs; i++) begin
      // So does this module, to each output.
      if (rst_ni && $past(rst_ni) && $past(out_valid_o[i]) && !$past(out_ready_i[i])) begin
        assert (out_valid_o[i] && $stable(out_data_o[i*Width+:Width]));
      end
      if (out_valid_o[i]) assert (in_valid_i && out_data_o[i*Width+:Width] == in_data_i);
    end
    // Nobody gets a beat twice, and it goes when all have it, not before and not later.
    assert ((formal_got_q & out_valid_o) == '0);
    assert (!in_valid_i || in_ready_o == &(formal_got_q | formal_gets));
    // Who has not got it can have it, whatever the others do.
    assert (!in_valid_i || (formal_got_q | out_valid_o) == '1);
    if (in_valid_i) assert (formal_got_q == taken_q);
    else assert (taken_q == '0 && formal_got_q == '0);
    cover (formal_got_q == '1 >> 1 && in_valid_i && in_ready_o);
  end
end
