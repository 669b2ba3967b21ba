// Control of a digit-serial unit: when a beat is taken, and where its digits are.
//
// Function: a beat's words go by in Period digits, one a clock, through Levels registers behind
//           that of their inputs. The next beat's follow at once where it is there in time.
// Latency:  Period + Levels + 1, from a beat taken to out_valid_o. Interval: Period clocks a beat.
//           in_ready_o follows out_ready_i by wire: all of it stands still while a result waits.
// Model: hwcomp/adders/serial.py. Bench: rtl/tb/test_serial.py.
module hwc_serial_control #(
  parameter int Period = 4,  // digits of a word, at least 2
  parameter int Levels = 3,  // registers of sums between inputs and outputs
  localparam int PlaceWidth = $clog2(Period)
) (
  input  logic                             clk_i,
  input  logic                             rst_ni,
  input  logic                             in_valid_i,
  output logic                             in_ready_o,
  output logic                             out_valid_o,
  input  logic                             out_ready_i,
  output logic                             en_o,
  output logic                             take_o,   // a beat is taken
  output logic [Levels:0]                  clear_o,  // a level's next digit is the first of a word
  output logic [(Levels+1)*PlaceWidth-1:0] place_o   // which digit a level has; inputs' lowest
);
  logic busy_q, is_last;
  logic [PlaceWidth-1:0] phase_q;
  logic [Levels:0] last_q, ends_q;  // has the last digit of a word; the last one or none

  assign en_o        = !out_valid_o || out_ready_i;
  assign in_ready_o  = en_o && (!busy_q || is_last);
  assign take_o      = in_valid_i && in_ready_o;
  assign is_last     = phase_q == PlaceWidth'(Period - 1);
  assign out_valid_o = last_q[Levels];
  assign clear_o     = ends_q & {(Levels + 1) {en_o}};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      busy_q  <= 1'b0;
      phase_q <= '0;
      last_q  <= '0;
      ends_q  <= '1;
    end else if (en_o) begin
      busy_q  <= in_valid_i || (busy_q && !is_last);
      phase_q <= busy_q && !is_last ? phase_q + 1'b1 : '0;
      last_q  <= (Levels + 1)'({last_q, busy_q && is_last});
      ends_q  <= (Levels + 1)'({ends_q, !busy_q || is_last});
    end
  end

  always_ff @(posedge clk_i) begin
    if (en_o) place_o <= ((Levels + 1) * PlaceWidth)'({place_o, phase_q});
  end
endmodule
