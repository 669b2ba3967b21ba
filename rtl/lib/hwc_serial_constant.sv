// The digits of a constant.
//
// Function: digit_o is digit place_i of Value, a number of Period * Digit bits, the lowest first.
// Latency:  0. Bench: rtl/tb/test_serial.py.
module hwc_serial_constant #(
  parameter int Digit  = 2,  // bits of a digit
  parameter int Period = 4,  // digits, at least 2
  parameter logic [Period*Digit-1:0] Value = '0,
  localparam int PlaceWidth = $clog2(Period)
) (
  input  logic [PlaceWidth-1:0] place_i,
  output logic [Digit-1:0]      digit_o
);
  for (genvar b = 0; b < Digit; b++) begin : gen_bit
    logic [(1<<PlaceWidth)-1:0] bits;
    for (genvar d = 0; d < 1 << PlaceWidth; d++) begin : gen_place
      if (d < Period) begin : gen_own
        assign bits[d] = Value[d*Digit+b];
      end else begin : gen_above
        assign bits[d] = Value[(Period-1)*Digit+b];
      end
    end
    assign digit_o[b] = bits[place_i];
  end
endmodule
