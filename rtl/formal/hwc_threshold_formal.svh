// hwc_threshold is its definition, whatever its constants are: inside the module, whose ROM holds anything. The pipeline
// has no state beside its stages, so it is enough to look at a sink that never stalls.
localparam int FormalStages = 1 + $clog2(Levels);
logic [Lanes*OutWidth-1:0] formal_expected;
logic [FormalStages*Lanes*OutWidth-1:0] formal_delay_q;
int formal_age_q = 0;

always_comb begin
  formal_expected = '0;
  for (int l = 0; l < Lanes; l++) begin
    int x, test, count;
    x = InSigned != 0 ? int'($signed(data_q[l*InWidth+:InWidth])) : int'(data_q[l*InWidth+:InWidth]);
    count = 0;
    for (int i = 0; i < Levels; i++) begin
      logic [TestWidth-1:0] bits;
      bits = thresholds[((Channels == 1 ? 0 : l)*Levels+i)*TestWidth+:TestWidth];
      test = InSigned != 0 ? int'($signed(bits)) : int'(bits);
      if (x >= test) count = count + 1;
    end
    formal_expected[l*OutWidth+:OutWidth] = OutWidth'(Base + count);
  end
end

always_ff @(posedge clk_i) begin
  formal_delay_q <= (FormalStages*Lanes*OutWidth)'({formal_delay_q, formal_expected});
  if (formal_age_q <= FormalStages) formal_age_q <= formal_age_q + 1;
  assume (out_ready_i);
  if (formal_age_q > FormalStages) begin
    assert (out_data_o == formal_delay_q[FormalStages*Lanes*OutWidth-1-:Lanes*OutWidth]);
    cover (out_valid_o && out_data_o == OutWidth'(Base + Levels));
  end
end
