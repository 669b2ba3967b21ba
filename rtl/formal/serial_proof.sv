// Proof that hwc_serial_add sums words, on every input and with clocks that are not enabled.
//
// Words of Period digits go by; the first operand is shifted by hwc_serial_shift. At a word's last digit the sum's
// digits are those of the definition, modulo 2 to the bits of a word. A word begins with all registers cleared, so two
// words, the first of them right behind a reset, show every reachable state. Run by rtl/formal/test_serial_proof.py.
module serial_proof #(
  parameter int Digit    = 2,
  parameter int Period   = 3,
  parameter int Operands = 2,
  parameter int Negative = 0,
  parameter int Shift    = 1,
  parameter int Mutant   = 0  // 1: what is carried is not cleared, which the proof must refuse
) (
  input logic                             clk_i,
  input logic                             en_i,
  input logic [Operands*Period*Digit-1:0] words_i
);
  localparam int Width = Period * Digit;

  logic [Operands*Width-1:0] words_q;
  logic [Operands*Digit-1:0] digits;
  logic [Shift+Digit-1:0] bits;
  logic [Digit-1:0] digit;
  logic [Width-Digit-1:0] past_q;
  logic [Width-1:0] found, expected, expected_q;
  logic [7:0] phase_q = 8'(Period - 1), words_seen_q = 8'd0;
  logic ends, is_whole_q;

  assign ends = phase_q == 8'(Period - 1);
  always_ff @(posedge clk_i) begin
    if (en_i) begin
      phase_q <= ends ? 8'd0 : phase_q + 8'd1;
      past_q  <= found[Width-1:Digit];
      if (ends) begin
        words_q      <= words_i;
        expected_q   <= expected;
        is_whole_q   <= words_seen_q != 8'd0;
        words_seen_q <= words_seen_q == 8'd3 ? words_seen_q : words_seen_q + 8'd1;
      end
    end
  end

  hwc_serial_shift #(
    .Digit(Digit),
    .Shift(Shift)
  ) u_shift (
    .clk_i,
    .en_i,
    .clear_i(en_i && ends),
    .digit_i(words_q[32'(phase_q)*Digit+:Digit]),
    .bits_o (bits)
  );
  assign digits[Digit-1:0] = bits[Digit-1:0];
  for (genvar i = 1; i < Operands; i++) begin : gen_digit
    assign digits[i*Digit+:Digit] = words_q[i*Width+32'(phase_q)*Digit+:Digit];
  end

  hwc_serial_add #(
    .Digit   (Digit),
    .Operands(Operands),
    .Negative(Negative)
  ) u_add (
    .clk_i,
    .en_i,
    .clear_i(en_i && ends && Mutant == 0),
    .a_i    (digits),
    .sum_o  (digit)
  );
  assign found = {digit, past_q};

  always_comb begin
    expected = words_q[Width-1:0] << Shift;
    for (int i = 1; i < Operands; i++) begin
      if (1'(Negative >> i)) expected = expected - words_q[i*Width+:Width];
      else expected = expected + words_q[i*Width+:Width];
    end
  end

  // The last digit of the sum is there a clock behind that of its operands: at the next word's first.
  always_comb if (is_whole_q && phase_q == 8'd0) assert (found == expected_q);

  logic is_first_q = 1'b1;
  always_ff @(posedge clk_i) is_first_q <= 1'b0;
  always_comb if (is_first_q) assume (en_i && !is_whole_q);
endmodule
