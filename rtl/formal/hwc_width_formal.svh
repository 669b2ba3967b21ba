// Properties of hwc_width, inside the module. A queue of elements that is filled and emptied in one step each is the
// definition: what goes in comes out, in the order of the lanes, once.
localparam int FormalLanes = InLanes + OutLanes;
logic formal_started_q = 1'b0;
logic [FormalLanes*Width-1:0] formal_queue_q, formal_left, formal_added;
int formal_count_q, formal_kept;
logic formal_takes, formal_gives;

assign formal_takes = in_valid_i && in_ready_o;
assign formal_gives = out_valid_o && out_ready_i;
assign formal_left  = formal_gives ? formal_queue_q >> OutWidth : formal_queue_q;
assign formal_kept  = formal_count_q - (formal_gives ? OutLanes : 0);
assign formal_added = (FormalLanes*Width)'(in_data_i) << (formal_kept * Width);

always_ff @(posedge clk_i) begin
  formal_started_q <= 1'b1;
  if (!rst_ni) begin
    formal_queue_q <= '0;
    formal_count_q <= 0;
  end else begin
    formal_queue_q <= formal_takes ? formal_left | formal_added : formal_left;
    formal_count_q <= formal_kept + (formal_takes ? InLanes : 0);
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
    // A beat is given as soon as its elements are there, and it is those.
    assert (out_valid_o == (formal_count_q >= OutLanes));
    if (out_valid_o) assert (out_data_o == formal_queue_q[OutWidth-1:0]);
    // Whoever takes at once is never kept waiting for longer than the elements last.
    if (formal_count_q < OutLanes) assert (in_ready_o);
    assert (formal_count_q >= 0 && formal_count_q < FormalLanes);
    cover (formal_takes && formal_gives);
  end
end

// For the induction: what the registers have of the queue; the branches of the module say it.
int formal_held;
logic formal_is_placed;
logic [FormalLanes*Width-1:0] formal_data;
if (InLanes != OutLanes) begin : gen_formal
  always_ff @(posedge clk_i) begin
    if (formal_started_q) begin
      assert (formal_is_placed && formal_count_q == formal_held);
      assert (formal_queue_q == (formal_data & ~({FormalLanes * Width{1'b1}} << (formal_count_q * Width))));
    end
  end
end
