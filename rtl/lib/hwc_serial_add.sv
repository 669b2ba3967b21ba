// A sum of two to four numbers that go by in digits, the lowest first.
//
// Function: sum = sum over i of +-a[i], modulo 2 to the bits of a word. What one digit carries to
//           the next is kept; a negative operand is inverted, and its one is carried into the first.
// Latency:  1. Interval: 1 digit a clock.
// Requires: the first operand is not negative.
// Bench: rtl/tb/test_serial.py. Proof: rtl/formal/test_serial_proof.py.
module hwc_serial_add #(
  parameter int Digit    = 2,  // bits of a digit
  parameter int Operands = 2,  // 2 to 4
  parameter int Negative = 0   // a bit for each operand, the first lowest
) (
  input  logic                      clk_i,
  input  logic                      en_i,
  input  logic                      clear_i,  // the next digit is the first of a word
  input  logic [Operands*Digit-1:0] a_i,
  output logic [Digit-1:0]          sum_o
);
  localparam logic [1:0] Ones = 2'((Negative & 1) + (Negative >> 1 & 1) +
                                   (Negative >> 2 & 1) + (Negative >> 3 & 1));

  logic [Operands*Digit-1:0] a;
  logic [Digit-1:0] sum, sum_q;

  for (genvar i = 0; i < Operands; i++) begin : gen_operand
    assign a[i*Digit+:Digit] = a_i[i*Digit+:Digit] ^ {Digit{1'(Negative >> i)}};
  end

  if (Operands == 2) begin : gen_two
    logic carry, carry_q;
    if (Digit > 1 && Negative != 0) begin : gen_difference
      // a + ~b + carry is {a, carry} - {b, 1} without its last bit: so written, synthesis makes no
      // inverters.
      logic unused;
      assign {carry, sum, unused} = {1'b1, a[Digit-1:0], carry_q} - {1'b0, a_i[Digit+:Digit], 1'b1};
    end else begin : gen_sum
      assign {carry, sum} = {1'b0, a[Digit-1:0]} + {1'b0, a[Digit+:Digit]} + (Digit + 1)'(carry_q);
    end
    always_ff @(posedge clk_i) begin
      if (clear_i) carry_q <= Ones[0];
      else if (en_i) carry_q <= carry;
    end
  end else begin : gen_more
    // Two full adders a bit, and one for what they carry: six inputs to each of three results.
    logic [1:0] carry_q;
    logic [2*Digit+1:0] carry;  // two bits before each bit, and behind the last
    assign carry[1:0] = carry_q;
    for (genvar b = 0; b < Digit; b++) begin : gen_bit
      logic a3, first, first_carry, second_carry;
      logic [1:0] held;
      assign held = carry[2*b+:2];
      if (Operands == 4) begin : gen_fourth
        assign a3 = a[3*Digit+b];
      end else begin : gen_none
        assign a3 = 1'b0;
      end
      assign first = a[b] ^ a[Digit+b] ^ a[2*Digit+b];
      assign first_carry = (a[b] & a[Digit+b]) | (a[2*Digit+b] & (a[b] ^ a[Digit+b]));
      assign sum[b] = first ^ a3 ^ held[0];
      assign second_carry = (first & a3) | (held[0] & (first ^ a3));
      assign carry[2*b+2] = first_carry ^ second_carry ^ held[1];
      assign carry[2*b+3] = (first_carry & second_carry) |
                            (held[1] & (first_carry ^ second_carry));
    end
    always_ff @(posedge clk_i) begin
      if (clear_i) carry_q <= Ones;
      else if (en_i) carry_q <= carry[2*Digit+:2];
    end
  end

  always_ff @(posedge clk_i) if (en_i) sum_q <= sum;
  assign sum_o = sum_q;
endmodule
