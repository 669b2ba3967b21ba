// Permutation: a frame of InBeats is stored, then OutBeats of its beats are read in the order of
// an address ROM.
//
// For transpose, gather, slice, resize, depth to space. A frame here is the least part of the
// network's frame that is moved in itself, such as a row. Two are stored, so that one is written
// while the other is read. Latency: 2 clocks from the last input beat of the frame.
// Interval: max(InBeats, OutBeats). The ROM is `AddressFile` for $readmemh: OutBeats words, each
// below InBeats; without a file it is 0, 1, 2 ... Outputs come from the RAM's output register.
// Model: hwcomp/targets/dataflow/modules/stream.py. Bench: rtl/tb/test_stream_frame.py.
module hwc_permute #(
  parameter int Width    = 8,  // bits of an element
  parameter int Lanes    = 1,  // elements of a beat
  parameter int InBeats  = 4,
  parameter int OutBeats = 4,
  // verilog_lint: waive explicit-parameter-storage-type (Icarus has no string parameters)
  parameter     AddressFile = ""
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   in_valid_i,
  output logic                   in_ready_o,
  input  logic [Lanes*Width-1:0] in_data_i,
  output logic                   out_valid_o,
  input  logic                   out_ready_i,
  output logic [Lanes*Width-1:0] out_data_o
);
  localparam int AddrWidth = InBeats > 1 ? $clog2(InBeats) : 1;
  localparam int IndexWidth = OutBeats > 1 ? $clog2(OutBeats) : 1;
  // The second frame begins at a power of two, so that its address needs no adder.
  localparam int Words = (1 << AddrWidth) + InBeats;

  // Writer: fills the frame that is not full.
  logic [1:0] full_q;
  logic [AddrWidth-1:0] write_q;
  logic write_frame_q, takes, write_ends;

  assign in_ready_o = !full_q[write_frame_q];
  assign takes      = in_valid_i && in_ready_o;
  assign write_ends = takes && write_q == AddrWidth'(InBeats - 1);

  // Reader: the next address stands ready before the frame is full.
  logic [IndexWidth-1:0] index_q;
  logic [AddrWidth-1:0] addr;
  logic has_addr_q, is_last_q, read_frame_q, valid_q, reads, read_ends, looks_up;

  assign reads       = has_addr_q && full_q[read_frame_q] && (!valid_q || out_ready_i);
  assign read_ends   = reads && is_last_q;
  assign looks_up    = reads || !has_addr_q;
  assign out_valid_o = valid_q;

  hwc_ram #(
    .Width(Lanes * Width),
    .Depth(Words)
  ) u_ram (
    .clk_i,
    .write_i     (takes),
    .write_addr_i({write_frame_q, write_q}),
    .write_data_i(in_data_i),
    .read_i      (reads),
    .read_addr_i ({read_frame_q, addr}),
    .read_data_o (out_data_o)
  );

  // Texts of different lengths are compared.
  // verilator lint_off WIDTHEXPAND
  if (AddressFile == "") begin : gen_in_order
    // verilator lint_on WIDTHEXPAND
    logic [AddrWidth-1:0] addr_q, next_q;

    assign addr = addr_q;
    always_ff @(posedge clk_i) begin
      if (!rst_ni) next_q <= '0;
      else if (looks_up) begin
        next_q <= next_q == AddrWidth'(InBeats - 1) || index_q == IndexWidth'(OutBeats - 1) ? '0
            : next_q + 1'b1;
      end
      if (looks_up) addr_q <= next_q;
    end
  end else begin : gen_rom
    hwc_rom #(
      .Width(AddrWidth),
      .Depth(OutBeats),
      .File (AddressFile)
    ) u_rom (
      .clk_i,
      .en_i  (looks_up),
      .addr_i(index_q),
      .data_o(addr)
    );
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      write_q       <= '0;
      write_frame_q <= 1'b0;
      full_q        <= 2'b00;
      index_q       <= '0;
      is_last_q     <= 1'b0;
      has_addr_q    <= 1'b0;
      read_frame_q  <= 1'b0;
      valid_q       <= 1'b0;
    end else begin
      if (takes) write_q <= write_ends ? '0 : write_q + 1'b1;
      if (write_ends) write_frame_q <= !write_frame_q;
      if (looks_up) begin
        index_q    <= index_q == IndexWidth'(OutBeats - 1) ? '0 : index_q + 1'b1;
        is_last_q  <= index_q == IndexWidth'(OutBeats - 1);
        has_addr_q <= 1'b1;
      end
      if (read_ends) read_frame_q <= !read_frame_q;
      valid_q <= reads || (valid_q && !out_ready_i);
      // Never both for one frame: it is written while it is not full and read while it is.
      full_q <= (full_q | ({1'b0, write_ends} << write_frame_q)) &
          ~({1'b0, read_ends} << read_frame_q);
    end
  end
endmodule
