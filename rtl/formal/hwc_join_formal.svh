// Properties of hwc_join, inside the module. Of an input, chosen freely, the beat it holds is watched.
logic formal_started_q = 1'b0;
logic formal_holds_q, formal_takes, formal_gives;
logic [OutWidth-1:0] formal_data_q;
(* anyconst *) logic [$clog2(Inputs)-1:0] formal_input;

assign formal_takes = in_valid_i[formal_input] && in_ready_o[formal_input];
assign formal_gives = out_valid_o && out_ready_i;

always_ff @(posedge clk_i) begin
  formal_started_q <= 1'b1;
  if (!rst_ni) formal_holds_q <= 1'b0;
  else formal_holds_q <= formal_takes || (formal_holds_q && !formal_gives);
  if (formal_takes) formal_data_q <= in_data_i;
end

always_ff @(posedge clk_i) begin
  if (!formal_started_q) begin
    assume (!rst_ni);
  end else begin
    assume (int'(formal_input) < Inputs);
    // So does this module keep the protocol.
    if (rst_ni && $past(rst_ni) && $past(out_valid_o) && !$past(out_ready_i)) begin
      assert (out_valid_o && $stable(out_data_o));
    end
    if (!$past(rst_ni)) assert (!out_valid_o && in_ready_o == '1);
    // A beat is given with one of every input, and never lost: what is held is taken before another comes.
    if (out_valid_o) assert (formal_holds_q);
    if (formal_takes) assert (!formal_holds_q || formal_gives);
    if (!formal_holds_q) assert (in_ready_o[formal_input]);
    for (int i = 0; i < Inputs; i++) begin
      if (formal_holds_q && int'(formal_input) == i) begin
        if (i == 0) assert (out_data_o[FirstWidth-1:0] == formal_data_q[FirstWidth-1:0]);
        else begin
          assert (out_data_o[FirstWidth+(i-1)*OtherWidth+:OtherWidth] ==
                  formal_data_q[FirstWidth+(i-1)*OtherWidth+:OtherWidth]);
        end
      end
    end
    assert (full_q[formal_input] == formal_holds_q);
    cover (formal_takes && formal_gives);
  end
end
