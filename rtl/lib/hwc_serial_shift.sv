// The bits of a number that went by, below its digit: what a shift of it needs.
//
// Function: bits_o[Shift-k+:Digit] is the digit of (number << k), for k = 0..Shift.
// Latency:  0. Bench: rtl/tb/test_serial.py.
module hwc_serial_shift #(
  parameter int Digit = 2,  // bits of a digit
  parameter int Shift = 3   // the greatest, at least 1
) (
  input  logic                   clk_i,
  input  logic                   en_i,
  input  logic                   clear_i,  // the next digit is the first of a word
  input  logic [Digit-1:0]       digit_i,
  output logic [Shift+Digit-1:0] bits_o
);
  logic [Shift-1:0] past_q;

  always_ff @(posedge clk_i) begin
    if (clear_i) past_q <= '0;
    else if (en_i) past_q <= bits_o[Digit+:Shift];
  end
  assign bits_o = {digit_i, past_q};
endmodule
