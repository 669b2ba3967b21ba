// Weight loading: 32-bit words from hwc_axil become the words of one RAM, in the order of
// addresses from 0.
//
// `load_start_i` with this Target rewinds; each `load_valid_i` brings 32 bits of the word, the
// lowest first; bits above Width in the last of them are ignored. Latency: 1 clock from a word's
// last 32 bits to `wr_en_o`.
// Bench: rtl/tb/test_axil.py.
module hwc_load #(
  parameter int Width  = 40,  // bits of a RAM word
  parameter int Depth  = 4,   // words
  parameter int Target = 0,   // the number of this RAM, 0 to 255
  localparam int AddrWidth = Depth > 1 ? $clog2(Depth) : 1
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 load_start_i,
  input  logic [7:0]           load_target_i,
  input  logic                 load_valid_i,
  input  logic [31:0]          load_data_i,
  output logic                 wr_en_o,
  output logic [AddrWidth-1:0] wr_addr_o,
  output logic [Width-1:0]     wr_data_o
);
  localparam int Chunks = (Width + 31) / 32;
  localparam int ChunkWidth = Chunks > 1 ? $clog2(Chunks) : 1;

  logic [AddrWidth-1:0] addr_q;
  logic [ChunkWidth-1:0] chunk_q;
  logic [Chunks*32-1:0] data_q, data_d;
  logic write_q, is_mine, is_last;

  assign is_mine   = load_target_i == 8'(Target);
  assign is_last   = chunk_q == ChunkWidth'(Chunks - 1);
  assign wr_en_o   = write_q;
  assign wr_addr_o = addr_q;
  assign wr_data_o = data_q[Width-1:0];

  if (Chunks > 1) begin : gen_shift
    assign data_d = {load_data_i, data_q[Chunks*32-1:32]};
  end else begin : gen_word
    assign data_d = load_data_i;
  end

  if (Width % 32 != 0) begin : gen_rest
    logic unused_rest;
    assign unused_rest = ^data_q[Chunks*32-1:Width];
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || (load_start_i && is_mine)) begin
      addr_q  <= '0;
      chunk_q <= '0;
      write_q <= 1'b0;
    end else begin
      write_q <= load_valid_i && is_mine && is_last;
      if (load_valid_i && is_mine) chunk_q <= is_last ? '0 : chunk_q + 1'b1;
      // The address moves on after the word was written.
      if (write_q) addr_q <= addr_q == AddrWidth'(Depth - 1) ? '0 : addr_q + 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (load_valid_i && is_mine) data_q <= data_d;
  end
endmodule
