// Several streams become one: a beat of each is taken, then all are given together.
//
// Function: out_data_o holds a beat of every stream, stream 0 lowest. Each has one register of its
//           own, so no ready follows a valid by wire. Stream 0's beat has FirstWidth bits, all
//           others have OtherWidth.
// Latency:  1. Interval: 1 clock a beat. in_ready_o follows out_ready_i by wire.
// Bench:    rtl/tb/test_requant.py, rtl/tb/test_binary.py.
module hwc_join #(
  parameter int Inputs     = 2,  // streams
  parameter int FirstWidth = 8,  // bits of a beat of stream 0
  parameter int OtherWidth = 8,  // bits of a beat of each other stream
  localparam int OutWidth = FirstWidth + (Inputs - 1) * OtherWidth
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic [Inputs-1:0]   in_valid_i,
  output logic [Inputs-1:0]   in_ready_o,
  input  logic [OutWidth-1:0] in_data_i,
  output logic                out_valid_o,
  input  logic                out_ready_i,
  output logic [OutWidth-1:0] out_data_o
);
  logic [Inputs-1:0] full_q;
  logic [OutWidth-1:0] data_q;
  logic take;

  assign out_valid_o = &full_q;
  assign out_data_o  = data_q;
  assign take        = out_valid_o && out_ready_i;
  assign in_ready_o  = ~full_q | {Inputs{take}};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) full_q <= '0;
    else full_q <= (full_q & ~in_ready_o) | (in_valid_i & in_ready_o);
  end

  for (genvar i = 0; i < Inputs; i++) begin : gen_input
    localparam int Width = i == 0 ? FirstWidth : OtherWidth;
    localparam int Base  = i == 0 ? 0 : FirstWidth + (i - 1) * OtherWidth;
    always_ff @(posedge clk_i) begin
      if (in_ready_o[i]) data_q[Base+:Width] <= in_data_i[Base+:Width];
    end
  end
`ifdef FORMAL
  `include "hwc_join_formal.svh"
`endif
endmodule
