// Tapped delay line: the newest element and those Delay, 2 * Delay ... Taps * Delay steps before
// it, the oldest lowest.
//
// `step_i` takes `data_i`; `taps_o` shows it from the next clock on, from registers and a RAM's
// output register.
// Storage: Taps * Width bits, Delay deep: a RAM written a step after it is read, never at the
// address that this step reads; registers where Delay is 1. What was never written is undefined,
// and the first step after a reset writes it once more; hwc_window uses neither. Not a stream: a
// part of hwc_window.
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

    logic [Taps*Width-1:0] old;
    logic [Width-1:0] data_q;
    logic [AddrWidth-1:0] addr_q, written_q;

    assign taps_o = {data_q, old};

    always_ff @(posedge clk_i) begin
      if (step_i) data_q <= data_i;
    end

    // The oldest falls out, the newest comes in.
    hwc_ram #(
      .Width(Taps * Width),
      .Depth(Delay)
    ) u_ram (
      .clk_i,
      .write_i     (step_i),
      .write_addr_i(written_q),
      .write_data_i(taps_o[(Taps+1)*Width-1:Width]),
      .read_i      (step_i),
      .read_addr_i (addr_q),
      .read_data_o (old)
    );

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        addr_q    <= '0;
        written_q <= AddrWidth'(Delay - 1);
      end else if (step_i) begin
        addr_q    <= addr_q == AddrWidth'(Delay - 1) ? '0 : addr_q + 1'b1;
        written_q <= addr_q;
      end
    end
  end
endmodule
