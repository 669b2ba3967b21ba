// Words to digits: what a digit-serial unit takes.
//
// Function: in each clock with en_i the next Digit bits of each word, the lowest first, then copies
//           of its sign (zeros, where it has none) until the next words are taken.
// Latency:  2, from words taken to their first digits. Bench: rtl/tb/test_serial.py.
module hwc_serial_in #(
  parameter int Words  = 4,  // side by side
  parameter int Width  = 8,  // bits of a word
  parameter int Signed = 1,
  parameter int Digit  = 2   // bits of a digit
) (
  input  logic                   clk_i,
  input  logic                   en_i,
  input  logic                   take_i,  // only where en_i is high
  input  logic [Words*Width-1:0] data_i,
  output logic [Words*Digit-1:0] digits_o
);
  localparam int Digits = (Width + Digit - 1) / Digit;  // that have bits of the word
  localparam int PlaceWidth = $clog2(Digits + 1);

  logic [Words*Width-1:0] data_q;
  logic [PlaceWidth-1:0] place_q;

  always_ff @(posedge clk_i) begin
    if (take_i) begin
      data_q  <= data_i;
      place_q <= '0;
    end else if (en_i && place_q != PlaceWidth'(Digits)) begin
      place_q <= place_q + 1'b1;
    end
  end

  for (genvar w = 0; w < Words; w++) begin : gen_word
    logic sign;
    assign sign = Signed != 0 && data_q[w*Width+Width-1];
    for (genvar b = 0; b < Digit; b++) begin : gen_bit
      logic [(1<<PlaceWidth)-1:0] bits;  // by the place of their digit
      logic bit_q;
      for (genvar d = 0; d < 1 << PlaceWidth; d++) begin : gen_place
        if (d * Digit + b < Width) begin : gen_own
          assign bits[d] = data_q[w*Width+d*Digit+b];
        end else begin : gen_sign
          assign bits[d] = sign;
        end
      end
      always_ff @(posedge clk_i) if (en_i) bit_q <= bits[place_q];
      assign digits_o[w*Digit+b] = bit_q;
    end
  end
endmodule
