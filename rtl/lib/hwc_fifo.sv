// FIFO: Depth beats in a RAM and one more in its output register. Depth 1 and 2 are a register
// slice, which holds two.
//
// Latency: 2 clocks (1 where Depth is at most 2). Interval: one beat a clock. The RAM is written
// and read by one clock, never at the same address at once: any RAM fits.
// Model: hwcomp/targets/dataflow/modules/stream.py. Bench: rtl/tb/test_stream_basic.py. Proof:
// rtl/formal/.
module hwc_fifo #(
  parameter int Width = 8,  // bits of a beat
  parameter int Depth = 4   // beats that fit at least
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
`ifndef __ICARUS__  // it knows no elaboration tasks
  if (Depth < 1) begin : gen_check
    $error("hwc_fifo: Depth must be at least 1");
  end
`endif

  if (Depth <= 2) begin : gen_registers
    hwc_stream_reg #(
      .Width(Width)
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
  end else begin : gen_ram
    localparam int AddrWidth = $clog2(Depth);
    localparam int LevelWidth = $clog2(Depth + 1);

    logic [AddrWidth-1:0] write_q, read_q;
    logic [LevelWidth-1:0] level_q;
    logic valid_q, push, fetch;
    logic full_q, any_q;  // level_q is Depth; is not 0

    assign in_ready_o  = !full_q;
    assign out_valid_o = valid_q;
    assign push        = in_valid_i && in_ready_o;
    assign fetch       = any_q && (!valid_q || out_ready_i);

`ifdef FORMAL  // the proof looks into the memory
    logic [Width-1:0] mem[Depth];
    logic [Width-1:0] data_q;

    assign out_data_o = data_q;
    always_ff @(posedge clk_i) begin
      if (push) mem[write_q] <= in_data_i;
      if (fetch) data_q <= mem[read_q];
    end
`else
    hwc_ram #(
      .Width(Width),
      .Depth(Depth)
    ) u_ram (
      .clk_i,
      .write_i     (push),
      .write_addr_i(write_q),
      .write_data_i(in_data_i),
      .read_i      (fetch),
      .read_addr_i (read_q),
      .read_data_o (out_data_o)
    );
`endif

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        write_q <= '0;
        read_q  <= '0;
        level_q <= '0;
        valid_q <= 1'b0;
        full_q  <= 1'b0;
        any_q   <= 1'b0;
      end else begin
        if (push) write_q <= write_q == AddrWidth'(Depth - 1) ? '0 : write_q + 1'b1;
        if (fetch) read_q <= read_q == AddrWidth'(Depth - 1) ? '0 : read_q + 1'b1;
        if (push && !fetch) level_q <= level_q + 1'b1;
        if (fetch && !push) level_q <= level_q - 1'b1;
        // `fetch` comes late: no branches with zeroes, which synthesis makes a reset.
        full_q  <= !fetch && (full_q || (push && level_q == LevelWidth'(Depth - 1)));
        any_q   <= push || (any_q && !(fetch && level_q == LevelWidth'(1)));
        valid_q <= fetch || (valid_q && !out_ready_i);
      end
    end
`ifdef FORMAL
    `include "hwc_fifo_formal.svh"
`endif
  end
endmodule
