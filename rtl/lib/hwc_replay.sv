// Vector buffer of hwc_mvu: gives every vector of `Beats` beats several times, while the next one
// arrives.
//
// Function: a ring of two vectors. A beat can be given the clock after it was taken; its place is
//           free again when it was given for the last time. `en_i` asks for the next beat, which
//           is given where `valid_o` is high.
// Latency:  1 clock to `valid_o`; data_o follows two clocks in which `shift_i` is high later.
//           Interval: Beats a time.
// Bench:    rtl/tb/test_mvu.py.
module hwc_replay #(
  parameter int Width  = 8,  // bits of a beat
  parameter int Beats  = 4   // of a vector
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             in_valid_i,
  output logic             in_ready_o,
  input  logic [Width-1:0] in_data_i,
  input  logic             en_i,        // a beat is asked for
  input  logic             shift_i,     // the registers behind the memory move
  input  logic             is_first_i,  // the beat is given for the first time
  input  logic             is_last_i,   // ... for the last time
  input  logic             is_end_i,    // it is the last beat of the vector
  output logic             valid_o,
  output logic [Width-1:0] data_o
);
  localparam int Places    = 2 * Beats;
  localparam int AddrWidth = $clog2(Places);
  localparam int FillWidth = $clog2(Places + 1);

  logic [AddrWidth-1:0] write_q, read_q;
  logic [FillWidth-1:0] used_q, fresh_q;  // places in use; beats not given yet
  logic half_q;                           // the vector that is given is in the upper half
  logic full_q, any_q;                    // no place is free; a beat was not given yet
  logic write, give, free, give_first;
  logic [Width-1:0] data, data_q;

  assign in_ready_o = !full_q;
  assign valid_o    = !is_first_i || any_q;
  assign write      = in_valid_i && in_ready_o;
  assign give       = en_i && valid_o;
  assign free       = give && is_last_i;
  assign give_first = give && is_first_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      write_q <= '0;
      read_q  <= '0;
      used_q  <= '0;
      fresh_q <= '0;
      half_q  <= 1'b0;
      full_q  <= 1'b0;
      any_q   <= 1'b0;
    end else begin
      if (write) write_q <= write_q == AddrWidth'(Places - 1) ? '0 : write_q + AddrWidth'(1);
      if (give) begin
        if (!is_end_i) read_q <= read_q + AddrWidth'(1);
        else read_q <= (half_q ^ is_last_i) ? AddrWidth'(Beats) : '0;
        half_q <= half_q ^ (is_end_i && is_last_i);
      end
      if (write && !free) begin
        used_q <= used_q + FillWidth'(1);
        full_q <= used_q == FillWidth'(Places - 1);
      end else if (free && !write) begin
        used_q <= used_q - FillWidth'(1);
        full_q <= 1'b0;
      end
      if (write && !give_first) begin
        fresh_q <= fresh_q + FillWidth'(1);
        any_q   <= 1'b1;
      end else if (give_first && !write) begin
        fresh_q <= fresh_q - FillWidth'(1);
        any_q   <= fresh_q != FillWidth'(1);
      end
    end
  end

  hwc_ram #(
    .Width(Width),
    .Depth(Places)
  ) u_ram (
    .clk_i,
    .write_i     (write),
    .write_addr_i(write_q),
    .write_data_i(in_data_i),
    .read_i      (shift_i),
    .read_addr_i (read_q),
    .read_data_o (data)
  );

  always_ff @(posedge clk_i) if (shift_i) data_q <= data;
  assign data_o = data_q;
endmodule
