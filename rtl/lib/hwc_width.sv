// Width converter: beats of InLanes elements to beats of OutLanes. One number divides the other.
//
// Latency: 1 clock (from the last beat of those that make one). Interval: the larger number of
// beats. in_ready_o follows out_ready_i by wire, but where the lanes are equal (a register slice).
// Model: hwcomp/targets/dataflow/modules/stream.py. Bench: rtl/tb/test_stream_basic.py.
module hwc_width #(
  parameter int Width    = 8,  // bits of an element
  parameter int InLanes  = 1,  // elements of an input beat
  parameter int OutLanes = 4   // elements of an output beat
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      in_valid_i,
  output logic                      in_ready_o,
  input  logic [InLanes*Width-1:0]  in_data_i,
  output logic                      out_valid_o,
  input  logic                      out_ready_i,
  output logic [OutLanes*Width-1:0] out_data_o
);
  localparam int InWidth = InLanes * Width;
  localparam int OutWidth = OutLanes * Width;

`ifndef __ICARUS__  // it knows no elaboration tasks
  if (InLanes % OutLanes != 0 && OutLanes % InLanes != 0) begin : gen_check
    $error("hwc_width: one of InLanes and OutLanes must divide the other");
  end
`endif

`ifdef FORMAL
  `include "hwc_width_formal.svh"
`endif

  if (InLanes == OutLanes) begin : gen_equal
    hwc_stream_reg #(
      .Width(InWidth)
    ) u_stream_reg (
      .clk_i,
      .rst_ni,
      .in_valid_i,
      .in_ready_o,
      .in_data_i,
      .out_valid_o,
      .out_ready_i,
      .out_data_o
    );
  end else if (InLanes > OutLanes) begin : gen_narrow
    localparam int Ratio = InLanes / OutLanes;
    localparam int PlaceWidth = $clog2(Ratio);

    // A beat's first piece goes out at once; the others wait in their places, and are chosen.
    logic [OutWidth-1:0] data_q, next;
    logic [InWidth-OutWidth-1:0] rest_q;
    logic [InWidth-1:0] pieces;
    logic [PlaceWidth-1:0] place_q;  // the next piece's; 0 where none waits
    logic valid_q, is_none, moves, takes;

    assign out_valid_o = valid_q;
    assign out_data_o  = data_q;
    assign is_none     = place_q == '0;
    assign moves       = !valid_q || out_ready_i;
    assign in_ready_o  = moves && is_none;
    assign takes       = in_valid_i && in_ready_o;
    assign pieces      = {rest_q, in_data_i[OutWidth-1:0]};

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        valid_q <= 1'b0;
        place_q <= '0;
      end else if (moves) begin
        valid_q <= in_valid_i || !is_none;
        if (in_valid_i || !is_none) begin
          place_q <= place_q == PlaceWidth'(Ratio - 1) ? '0 : place_q + 1'b1;
        end
      end
    end

    for (genvar b = 0; b < OutWidth; b++) begin : gen_bit
      logic [(1<<PlaceWidth)-1:0] bits;  // of each place; the last one's again above
      for (genvar p = 0; p < 1 << PlaceWidth; p++) begin : gen_place
        assign bits[p] = pieces[(p<Ratio?p:Ratio-1)*OutWidth+b];
      end
      assign next[b] = bits[place_q];
    end

    always_ff @(posedge clk_i) begin
      if (moves) data_q <= next;
      if (takes) rest_q <= in_data_i[InWidth-1:OutWidth];
    end
`ifdef FORMAL
    logic [InWidth-1:0] formal_rest;
    assign formal_rest      = is_none ? '0 : InWidth'(rest_q >> ((place_q - 1'b1) * OutWidth));
    assign formal_held      = valid_q ? OutLanes * (is_none ? 1 : Ratio - int'(place_q) + 1) : 0;
    assign formal_is_placed = int'(place_q) < Ratio && (valid_q || is_none);
    assign formal_data      = (FormalLanes * Width)'({formal_rest, data_q});
`endif
  end else begin : gen_widen
    localparam int Ratio = OutLanes / InLanes;
    localparam int CountWidth = $clog2(Ratio);

    logic [OutWidth-1:0] data_q;
    logic [CountWidth-1:0] count_q;
    logic valid_q, takes, is_last;

    assign out_valid_o = valid_q;
    assign out_data_o  = data_q;
    assign in_ready_o  = !valid_q || out_ready_i;
    assign takes       = in_valid_i && in_ready_o;
    assign is_last     = count_q == CountWidth'(Ratio - 1);

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        count_q <= '0;
        valid_q <= 1'b0;
      end else begin
        if (takes) count_q <= is_last ? '0 : count_q + 1'b1;
        if (in_ready_o) valid_q <= takes && is_last;
      end
    end

    always_ff @(posedge clk_i) begin
      if (takes) data_q <= {in_data_i, data_q[OutWidth-1:InWidth]};
    end
`ifdef FORMAL
    assign formal_held      = valid_q ? OutLanes : int'(count_q) * InLanes;
    assign formal_is_placed = int'(count_q) < Ratio && (!valid_q || count_q == '0);
    assign formal_data      = (FormalLanes * Width)'(data_q >> (OutWidth - formal_held * Width));
`endif
  end
endmodule
