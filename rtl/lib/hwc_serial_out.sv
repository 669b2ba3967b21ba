// Digits to words: what a digit-serial unit gives.
//
// Function: the digits of the last Period clocks with en_i, of the last one itself, as words.
// Latency:  0, from the last digits to their words. Bench: rtl/tb/test_serial.py.
// Requires: Width <= Period * Digit; the bits above Width are lost.
module hwc_serial_out #(
  parameter int Words  = 4,  // side by side
  parameter int Width  = 8,  // bits of a word
  parameter int Digit  = 2,  // bits of a digit
  parameter int Period = 4   // digits of a word, at least 2
) (
  input  logic                   clk_i,
  input  logic                   en_i,
  input  logic [Words*Digit-1:0] digits_i,
  output logic [Words*Width-1:0] data_o
);
  localparam int Whole = Period * Digit;

  for (genvar w = 0; w < Words; w++) begin : gen_word
    logic [Whole-Digit-1:0] past_q;
    // verilator lint_off UNUSEDSIGNAL
    logic [Whole-1:0] word;
    // verilator lint_on UNUSEDSIGNAL
    assign word = {digits_i[w*Digit+:Digit], past_q};
    always_ff @(posedge clk_i) if (en_i) past_q <= word[Whole-1:Digit];
    assign data_o[w*Width+:Width] = word[Width-1:0];
  end
endmodule
