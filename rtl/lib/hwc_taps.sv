// Tapped delay line: the newest element and those Delay, 2 * Delay ... Taps * Delay steps before
// it, the oldest lowest.
//
// `step_i` takes `data_i`; `taps_o` shows it from the next clock on, from registers and a RAM's
// output register.
// Storage: Taps * Width bits, Delay deep: a RAM written a step after it is read, never at the
// address that this step reads (which `no_rw_check` tells Yosys); registers where Delay is 1. What
// was never written is undefined, and the first step after a reset spoils one word; hwc_window
// uses neither. Not a stream: a part of hwc_window.
// Bench: rtl/tb/test_stream_frame.py, by hwc_window.
module hwc_taps #(
  parameter int Width = 8,  // bits of an element
  parameter int Delay = 4,  // steps between two taps
  parameter int Taps  = 2   // old elements, at least 1
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      step_i,
  input  logic [Width-1:0]          data_i,
  output logic [(Taps+1)*Width-1:0] taps_o
);
  if (Delay == 1) begin : gen_registers
    logic [(Taps+1)*Width-1:0] taps_q;

    assign taps_o = taps_q;

    always_ff @(posedge clk_i) begin
      if (step_i) taps_q <= {data_i, taps_q[(Taps+1)*Width-1:Width]};
    end

    logic unused_rst;
    assign unused_rst = rst_ni;
  end else begin : gen_ram
    localparam int AddrWidth = $clog2(Delay);

    (* no_rw_check *) logic [Taps*Width-1:0] mem[Delay];
    logic [Taps*Width-1:0] old_q;
    logic [Width-1:0] data_q;
    logic [AddrWidth-1:0] addr_q, written_q;

    assign taps_o = {data_q, old_q};

    always_ff @(posedge clk_i) begin
      if (step_i) begin
        old_q     <= mem[addr_q];
        data_q    <= data_i;
        written_q <= addr_q;
        // The oldest falls out, the newest comes in.
        mem[written_q] <= taps_o[(Taps+1)*Width-1:Width];
      end
    end

    always_ff @(posedge clk_i) begin
      if (!rst_ni) addr_q <= '0;
      else if (step_i) addr_q <= addr_q == AddrWidth'(Delay - 1) ? '0 : addr_q + 1'b1;
    end
  end
endmodule
