// State: a FIFO of one frame that holds the initial state after reset. StateWrite pushes,
// StateRead pops.
//
// After reset the initial state is pushed from a ROM, one beat a clock; until that is done nothing
// else is taken.
// Latency of a pushed beat into the empty FIFO: that of hwc_fifo. Interval: one beat a clock. The
// ROM is `InitFile` for $readmemh: Beats words; without a file it is zero.
// Model: hwcomp/targets/dataflow/modules/stream.py. Bench: rtl/tb/test_stream_frame.py.
module hwc_state #(
  parameter int Width = 8,  // bits of a beat
  parameter int Beats = 4,  // of a frame
  // verilog_lint: waive explicit-parameter-storage-type (Icarus has no string parameters)
  parameter     InitFile = ""
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             in_valid_i,
  output logic             in_ready_o,
  input  logic [Width-1:0] in_data_i,
  output logic             out_valid_o,
  input  logic             out_ready_i,
  output logic [Width-1:0] out_data_o
);
  localparam int IndexWidth = $clog2(Beats + 1);
  localparam int RomWidth = Beats > 1 ? $clog2(Beats) : 1;

  // The ROM's output register has beat index_q - 1 of the initial state while init_valid_q.
  logic [IndexWidth-1:0] index_q;
  logic [Width-1:0] initial_beat;
  logic is_init_q, init_valid_q, fetch, fifo_valid, fifo_ready;

  assign fetch      = is_init_q && index_q != IndexWidth'(Beats) && (!init_valid_q || fifo_ready);
  assign fifo_valid = is_init_q ? init_valid_q : in_valid_i;
  assign in_ready_o = !is_init_q && fifo_ready;

  // Texts of different lengths are compared.
  // verilator lint_off WIDTHEXPAND
  if (InitFile == "") begin : gen_zero
    // verilator lint_on WIDTHEXPAND
    assign initial_beat = '0;
  end else begin : gen_rom
    hwc_rom #(
      .Width(Width),
      .Depth(Beats),
      .File (InitFile)
    ) u_rom (
      .clk_i,
      .en_i  (fetch),
      .addr_i(index_q[RomWidth-1:0]),
      .data_o(initial_beat)
    );
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      index_q      <= '0;
      is_init_q    <= 1'b1;
      init_valid_q <= 1'b0;
    end else if (is_init_q) begin
      if (fetch) index_q <= index_q + 1'b1;
      init_valid_q <= fetch || (init_valid_q && !fifo_ready);
      is_init_q    <= index_q != IndexWidth'(Beats) || (init_valid_q && !fifo_ready);
    end
  end

  hwc_fifo #(
    .Width(Width),
    .Depth(Beats)
  ) u_fifo (
    .clk_i,
    .rst_ni,
    .in_valid_i (fifo_valid),
    .in_ready_o (fifo_ready),
    .in_data_i  (is_init_q ? initial_beat : in_data_i),
    .out_valid_o,
    .out_ready_i,
    .out_data_o
  );
endmodule
