// Width converter: beats of InLanes elements to beats of OutLanes. One number divides the other.
//
// Latency: 1 clock (from the last beat of those that make one). Interval: the larger number of
// beats. in_ready_o follows out_ready_i by wire, but where the lanes are equal (a register slice).
// Model: hwcomp/targets/fpga/modules/stream.py. Bench: rtl/tb/test_stream_basic.py.
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
    localparam int LeftWidth = $clog2(Ratio + 1);

    // The pieces not yet given, the next one lowest.
    logic [InWidth-1:0] data_q;
    logic [LeftWidth-1:0] left_q;
    logic takes, gives;

    assign out_valid_o = left_q != '0;
    assign out_data_o  = data_q[OutWidth-1:0];
    assign gives       = out_valid_o && out_ready_i;
    assign takes       = in_valid_i && in_ready_o;
    assign in_ready_o  = left_q == '0 || (left_q == LeftWidth'(1) && out_ready_i);

    always_ff @(posedge clk_i) begin
      if (!rst_ni) left_q <= '0;
      // Nothing is left where a beat is taken. No branch with zeroes: synthesis makes it a reset.
      else left_q <= (left_q - LeftWidth'(gives)) | (LeftWidth'(Ratio) & {LeftWidth{takes}});
    end

    always_ff @(posedge clk_i) begin
      if (in_ready_o) data_q <= in_data_i;
      else if (gives) data_q <= data_q >> OutWidth;
    end
`ifdef FORMAL
    assign formal_held      = int'(left_q) * OutLanes;
    assign formal_is_placed = int'(left_q) <= Ratio;
    assign formal_data      = (FormalLanes * Width)'(data_q);
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
