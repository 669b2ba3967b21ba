// Natural logarithm of a sum, in Q5.26, as TFLite computes it; and one product more of it.
//
// Function: `logarithm` of hwcomp/ir/ops/log_softmax.py of a number x * 2^-zeros in Q12.19: log(2)
//           times the exponent, and a rational function of the mantissa around 2^(-1/4), whose
//           division is three Newton steps. reverse_o = (log - 2^31) * Reverse / 2^31, rounded.
// Input:    x_i: the number with its leading one at bit 30; exponent_i: 11 - zeros; nudge_i: 2^30 *
//           2^zeros. They hold while run_i is high. Outputs hold until the next run.
// Latency:  6 clocks a product, 18 products, with Reverse 19; then last_o is high for a clock.
// Bench:    rtl/tb/test_log_softmax.py.
module hwc_log_softmax_log #(
  parameter int Reverse = 0  // Q0.31; 0: reverse_o is not wanted
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               en_i,
  input  logic               run_i,
  input  logic [30:0]        x_i,
  input  logic signed [5:0]  exponent_i,
  input  logic [60:0]        nudge_i,
  output logic               last_o,
  output logic signed [31:0] log_o,
  output logic signed [33:0] reverse_o
);
  localparam int Wide       = 34;  // Q0.31 and Q2.29 with a sign and room
  localparam int MulStages  = 3;   // hwc_product of 34 x 34 bits
  localparam int StepClocks = MulStages + 3;  // operands, product, rounding, use
  localparam int LastStep   = Reverse != 0 ? 18 : 17;

  // Q0.31; Source: tensorflow/tflite-micro internal/common.h.
  localparam logic signed [Wide-1:0] SqrtHalf     = 34'sd1518500250;
  localparam logic signed [Wide-1:0] SqrtSqrtHalf = 34'sd1805811301;
  localparam logic signed [Wide-1:0] Log2         = 34'sd1488522236;
  localparam logic signed [Wide-1:0] AlphaN       = 34'sd117049297;
  localparam logic signed [Wide-1:0] AlphaD       = 34'sd127690142;
  localparam logic signed [Wide-1:0] AlphaI       = 34'sd1057819769;
  localparam logic signed [Wide-1:0] AlphaF       = 34'sd638450708;
  // Q2.29; Source: gemmlowp fixedpoint.h, one_over_one_plus_x_for_x_in_0_1.
  localparam logic signed [Wide-1:0] FortyEightOver17     = 34'sd1515870810;
  localparam logic signed [Wide-1:0] MinusThirtyTwoOver17 = -34'sd1010580540;
  localparam logic signed [Wide-1:0] One                  = 34'sd536870912;
  localparam logic signed [Wide-1:0] Largest              = 34'sd2147483647;
  localparam logic signed [Wide-1:0] Smallest             = -34'sd2147483648;
  localparam logic signed [Wide-1:0] Half                 = 34'sd1073741824;

  logic [2:0] clock_q;
  logic [4:0] step_q;
  logic step_ends, is_upper_q;
  logic signed [Wide-1:0] a, b, a_q, b_q, rounded_q, result;
  logic signed [Wide-1:0] r_q, square_q, t_q, numerator_q, denominator_q, newton_q, log_q;
  logic signed [Wide-1:0] p, q, half, power, numerator, scale, correction, doubled;
  logic signed [Wide+1:0] quadruple;
  // verilator lint_off UNUSEDSIGNAL
  logic signed [2*Wide-1:0] product, nudged;
  // verilator lint_on UNUSEDSIGNAL

  assign step_ends = clock_q == 3'(StepClocks - 1);
  assign last_o    = step_ends && (step_q == 5'(LastStep));
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      clock_q <= '0;
      step_q  <= '0;
    end else if (en_i && run_i) begin
      clock_q <= step_ends ? 3'd0 : clock_q + 3'd1;
      if (step_ends) step_q <= last_o ? 5'd0 : step_q + 5'd1;
    end
  end

  // What the mantissa r is the argument of: p, q in Q0.31.
  assign p     = (r_q + SqrtSqrtHalf + 34'sd1) >>> 1;
  assign q     = (r_q - SqrtSqrtHalf) <<< 1;
  assign half  = (denominator_q + 34'sd2147483648) >>> 1;
  assign scale = (newton_q <<< 1) > Largest ? Largest : (newton_q <<< 1);
  assign numerator = (numerator_q + (numerator_q < 0 ? 34'sd31 : 34'sd32)) >>> 6;
  // The exponent in Q6.25, a quarter more or less.
  assign power = is_upper_q ? ((Wide'(exponent_i) + 34'sd1) <<< 25) - 34'sd8388608
      : (Wide'(exponent_i) <<< 25) + 34'sd8388608;

  always_comb begin
    unique case (step_q)
      5'd0, 5'd1: begin
        a = $signed({3'b0, x_i});
        b = SqrtHalf;
      end
      5'd2: begin
        a = q;
        b = q;
      end
      5'd3: begin
        a = q;
        b = square_q;
      end
      5'd4: begin
        a = t_q;
        b = AlphaN;
      end
      5'd5: begin
        a = q;
        b = r_q;
      end
      5'd6: begin
        a = square_q;
        b = AlphaD;
      end
      5'd7: begin
        a = p;
        b = t_q;
      end
      5'd8: begin
        a = q;
        b = AlphaF;
      end
      5'd9: begin
        a = half;
        b = MinusThirtyTwoOver17;
      end
      5'd10, 5'd12, 5'd14: begin
        a = half;
        b = newton_q;
      end
      5'd11, 5'd13, 5'd15: begin
        a = newton_q;
        b = t_q;
      end
      5'd16: begin
        a = power;
        b = Log2;
      end
      5'd17: begin
        a = numerator;
        b = scale;
      end
      default: begin
        a = log_q - 34'sd2147483648;
        b = Wide'(Reverse);
      end
    endcase
  end

  hwc_product #(
    .AWidth  (Wide),
    .BWidth  (Wide),
    .AChunk  (18),
    .BChunk  (18),
    .OutWidth(2 * Wide)
  ) u_product (
    .clk_i,
    .en_i,
    .a_i (a_q),
    .b_i (b_q),
    .p_o (product)
  );

  // SaturatingRoundingDoublingHighMul; for both signs the same as its halves away and towards zero.
  // The first product is that of the number before its leading one was moved up.
  assign nudged    = product + (2 * Wide)'(step_q == 5'd0 ? {7'b0, nudge_i} : 68'(Half));
  assign quadruple = (Wide + 2)'(rounded_q) <<< 2;
  always_comb begin
    correction = Wide'(quadruple);
    if (quadruple > (Wide + 2)'(Largest)) correction = Largest;
    else if (quadruple < (Wide + 2)'(Smallest)) correction = Smallest;
  end
  // Doubled and saturated to 32 bits.
  assign result = step_q == 5'd17 ? log_q + rounded_q : rounded_q;
  always_comb begin
    doubled = result <<< 1;
    if (result >= Half) doubled = Largest;
    else if (result < -Half) doubled = Smallest;
  end

  always_ff @(posedge clk_i) begin
    if (en_i) begin
      rounded_q <= Wide'(nudged >>> 31);
      if (clock_q == '0) begin
        a_q <= a;
        b_q <= b;
      end
      if (run_i && step_ends) begin
        unique case (step_q)
          5'd0: is_upper_q <= rounded_q >= Half;
          5'd1: r_q <= is_upper_q ? $signed({3'b0, x_i}) : doubled;
          5'd2: square_q <= rounded_q;
          5'd3: t_q <= rounded_q;
          5'd4: numerator_q <= rounded_q;
          5'd5: numerator_q <= numerator_q + rounded_q;
          5'd6: t_q <= AlphaI + q + rounded_q;
          5'd7: denominator_q <= rounded_q;
          5'd8: denominator_q <= denominator_q + rounded_q;
          5'd9: newton_q <= FortyEightOver17 + rounded_q;
          5'd10, 5'd12, 5'd14: t_q <= One - rounded_q;
          5'd11, 5'd13, 5'd15: newton_q <= newton_q + correction;
          5'd16: log_q <= rounded_q;
          5'd17: log_q <= doubled;
          default: t_q <= rounded_q;
        endcase
      end
    end
  end
  assign log_o     = log_q[31:0];
  assign reverse_o = t_q;
endmodule
