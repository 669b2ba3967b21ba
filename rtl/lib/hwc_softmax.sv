// Integer softmax over Channels elements, one at a time, as TFLite computes it.
//
// Function: `Softmax.evaluate` of hwcomp/ir/ops/softmax.py: the greatest element; the sum of
//           SumFile[max - x]; its reciprocal by three Newton steps in Q2.29; then for each element
//           the rounded product with ExpFile[max - x], shifted by the reciprocal's exponent, plus
//           Zero, clamped to Lo..Hi.
// Input:    one element a beat, Channels beats a vector. Output: the same.
// Memories: ExpFile words of 31 bits (Q0.31), SumFile words of 32 bits; Entries each, indexed by
//           max - x.
// Latency:  Channels + 3 (sum) + SumWidth (normalisation) + 7 products of 6 clocks + 12, from a
//           vector's last input beat to its first output beat, SumWidth = 32 +
//           ceil(log2(Channels)). Interval: 3 * Channels + 3 + SumWidth + 42 clocks a vector.
//           `softmax` in hwcomp/targets/dataflow/modules/compute.py. One multiplier of 34 x 34 bits
//           serves all.
// Bench:    rtl/tb/test_softmax.py. in_ready_o follows out_ready_i by wire.
module hwc_softmax #(
  parameter int InWidth     = 8,   // bits of x
  parameter int InSigned    = 1,
  parameter int Channels    = 10,  // elements of a vector
  parameter int Entries     = 256, // of the tables; max - x is below it
  parameter int IntegerBits = 12,  // of the sum's format
  parameter int OutBits     = 8,   // one is 2^OutBits
  parameter int Zero        = -128,
  parameter int Lo          = -128,
  parameter int Hi          = 127,
  parameter int OutWidth    = 8,   // bits
  // verilog_lint: waive-start explicit-parameter-storage-type (Icarus 11 has no string parameters)
  parameter     ExpFile     = "",
  parameter     SumFile     = ""
  // verilog_lint: waive-stop explicit-parameter-storage-type
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                in_valid_i,
  output logic                in_ready_o,
  input  logic [InWidth-1:0]  in_data_i,
  output logic                out_valid_o,
  input  logic                out_ready_i,
  output logic [OutWidth-1:0] out_data_o
);
  localparam int IndexWidth = Channels > 1 ? $clog2(Channels) : 1;
  localparam int AddrWidth  = Entries > 1 ? $clog2(Entries) : 1;
  localparam int SumWidth   = 32 + $clog2(Channels);  // of the sum of all exponentials
  localparam int Wide       = 34;                     // Q2.29 and Q0.31 with a sign and room
  localparam int MulStages  = 3;                      // hwc_product of 34 x 34 bits
  localparam int StepClocks = MulStages + 3;          // operands, product, rounding, use
  localparam int Drain      = 3;                      // clocks until the last exponential is added
  localparam int CountMax   = SumWidth > Channels ? SumWidth : Channels;
  localparam int CountWidth = $clog2(CountMax + 1);

  // Q2.29; Source: gemmlowp fixedpoint.h, one_over_one_plus_x_for_x_in_0_1.
  localparam logic signed [Wide-1:0] FortyEightOver17       = 34'sd1515870810;
  localparam logic signed [Wide-1:0] MinusThirtyTwoOver17   = -34'sd1010580540;
  localparam logic signed [Wide-1:0] One                    = 34'sd536870912;
  localparam logic signed [Wide-1:0] Largest                = 34'sd2147483647;
  localparam logic signed [Wide-1:0] Smallest               = -34'sd2147483648;

  typedef enum logic [2:0] {
    StLoad,       // elements arrive, the greatest is kept
    StSum,        // their exponentials are added
    StDrain,
    StNormalise,  // the sum's leading one goes to the highest bit
    StNewton,     // seven products
    StGive        // elements go through the multiplier
  } state_e;

  state_e state_q;
  logic en, take, is_last, step_ends, is_given;
  logic [CountWidth-1:0] count_q;
  logic [2:0] clock_q, step_q;
  logic signed [InWidth:0] x, max_q;
  logic [InWidth-1:0] element;
  logic signed [InWidth:0] element_x;
  // verilator lint_off UNUSEDSIGNAL
  logic [InWidth:0] distance;  // below Entries
  // verilator lint_on UNUSEDSIGNAL
  logic [AddrWidth-1:0] address_q;
  logic [30:0] exponential;
  logic [31:0] addend;
  logic [2:0] adds_q;
  logic [SumWidth-1:0] sum_q;
  logic [5:0] zeros_q;
  logic signed [Wide-1:0] a_q, b_q, half, x_q, error, rounded_q, correction, scale;
  logic signed [Wide+1:0] quadruple;
  // verilator lint_off UNUSEDSIGNAL
  logic signed [2*Wide-1:0] product;
  logic signed [2*Wide-1:0] nudged;
  // verilator lint_on UNUSEDSIGNAL

  assign in_ready_o = en && (state_q == StLoad);
  assign take       = in_valid_i && in_ready_o;

  always_comb begin
    unique case (state_q)
      StNormalise: is_last = count_q == CountWidth'(SumWidth - 1);
      StDrain:     is_last = count_q == CountWidth'(Drain - 1);
      default:     is_last = count_q == CountWidth'(Channels - 1);
    endcase
  end
  assign step_ends = clock_q == 3'(StepClocks - 1);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= StLoad;
      count_q <= '0;
      clock_q <= '0;
      step_q  <= '0;
    end else if (en && (state_q == StNewton)) begin
      clock_q <= step_ends ? 3'd0 : clock_q + 3'd1;
      if (step_ends) begin
        step_q <= step_q == 3'd6 ? 3'd0 : step_q + 3'd1;
        if (step_q == 3'd6) state_q <= StGive;
      end
    end else if (en && (take || (state_q != StLoad))) begin
      count_q <= is_last ? '0 : count_q + CountWidth'(1);
      if (is_last) begin
        unique case (state_q)
          StLoad:      state_q <= StSum;
          StSum:       state_q <= StDrain;
          StDrain:     state_q <= StNormalise;
          StNormalise: state_q <= StNewton;
          default:     state_q <= StLoad;
        endcase
      end
    end
  end

  // Elements and the greatest of them.
  if (InSigned != 0) begin : gen_signed
    assign x         = (InWidth + 1)'($signed(in_data_i));
    assign element_x = (InWidth + 1)'($signed(element));
  end else begin : gen_unsigned
    assign x         = {1'b0, in_data_i};
    assign element_x = {1'b0, element};
  end
  always_ff @(posedge clk_i) if (take && ((count_q == '0) || (x > max_q))) max_q <= x;

  hwc_ram #(
    .Width(InWidth),
    .Depth(Channels)
  ) u_elements (
    .clk_i,
    .write_i     (take),
    .write_addr_i(count_q[IndexWidth-1:0]),
    .write_data_i(in_data_i),
    .read_i      (en),
    .read_addr_i (count_q[IndexWidth-1:0]),
    .read_data_o (element)
  );

  // Both tables are read two clocks after an element is asked for.
  assign distance = max_q - element_x;
  always_ff @(posedge clk_i) if (en) address_q <= AddrWidth'(distance);

  hwc_rom #(
    .Width(31),
    .Depth(Entries),
    .File (ExpFile)
  ) u_exp (
    .clk_i,
    .en_i  (en),
    .addr_i(address_q),
    .data_o(exponential)
  );

  hwc_rom #(
    .Width(32),
    .Depth(Entries),
    .File (SumFile)
  ) u_sum (
    .clk_i,
    .en_i  (en),
    .addr_i(address_q),
    .data_o(addend)
  );

  // The sum, then its leading one moved to the highest bit: always SumWidth clocks.
  always_ff @(posedge clk_i) begin
    if (en) begin
      adds_q <= {adds_q[1:0], state_q == StSum};
      if (state_q == StLoad) begin
        sum_q   <= '0;
        zeros_q <= '0;
      end else if (adds_q[2]) begin
        sum_q <= sum_q + SumWidth'(addend);
      end else if ((state_q == StNormalise) && !sum_q[SumWidth-1]) begin
        sum_q   <= sum_q << 1;
        zeros_q <= zeros_q + 6'd1;
      end
    end
  end

  // Half of 1 + fraction, in Q0.31: the highest 32 bits without the last.
  assign half = Wide'(sum_q[SumWidth-1-:31]);

  // One multiplier: Newton's products, then the elements'.
  hwc_product #(
    .AWidth  (Wide),
    .BWidth  (Wide),
    .AChunk  (18),
    .BChunk  (18),
    .OutWidth(2 * Wide)
  ) u_product (
    .clk_i,
    .en_i(en),
    .a_i (a_q),
    .b_i (b_q),
    .p_o (product)
  );

  // SaturatingRoundingDoublingHighMul; for both signs the same as its halves away and towards zero.
  assign nudged    = product + (2 * Wide)'(64'sd1 <<< 30);
  assign error     = One - rounded_q;
  assign quadruple = (Wide + 2)'(rounded_q) <<< 2;
  assign scale     = (x_q <<< 1) > Largest ? Largest : (x_q <<< 1);
  always_comb begin
    correction = Wide'(quadruple);
    if (quadruple > (Wide + 2)'(Largest)) correction = Largest;
    else if (quadruple < (Wide + 2)'(Smallest)) correction = Smallest;
  end

  always_ff @(posedge clk_i) begin
    if (en) begin
      rounded_q <= Wide'(nudged >>> 31);
      if (state_q == StNewton) begin
        // Steps 0: -32/17 * half; 1, 3, 5: half * x; 2, 4, 6: x * error.
        if (clock_q == '0) begin
          a_q <= step_q[0] || (step_q == '0) ? half : x_q;
          b_q <= step_q == '0 ? MinusThirtyTwoOver17 : step_q[0] ? x_q : error;
        end
        if (step_ends && (step_q == '0)) x_q <= FortyEightOver17 + rounded_q;
        else if (step_ends && !step_q[0]) x_q <= x_q + correction;
      end else begin
        a_q <= scale;
        b_q <= Wide'(exponential);
      end
    end
  end
  // Rounding shift of a product that is not negative: ((2 p >> s) + 1) >> 1. The shift of a vector is
  // kept from its Newton steps on, for the last elements are under way when the next vector arrives.
  logic [5:0] shift_q;
  logic [Wide:0] coarse_q, fine_q;
  logic signed [Wide:0] level;
  logic [OutWidth-1:0] out_q;
  always_ff @(posedge clk_i) begin
    if (en) begin
      if (state_q == StNewton) shift_q <= 6'(IntegerBits - 1 + SumWidth - OutBits) - zeros_q;
      coarse_q <= {rounded_q, 1'b0} >> {shift_q[5:3], 3'b000};
      fine_q   <= coarse_q >> shift_q[2:0];
      if (level > (Wide + 1)'(Hi)) out_q <= OutWidth'(Hi);
      else if (level < (Wide + 1)'(Lo)) out_q <= OutWidth'(Lo);
      else out_q <= OutWidth'(level);
    end
  end
  assign level = (Wide + 1)'((fine_q + (Wide + 1)'(1)) >> 1) + (Wide + 1)'(Zero);

  // Element and its tables 3 clocks, operands, product, rounding, two shifts, clamp.
  assign is_given = state_q == StGive;
  hwc_valid #(
    .Stages(3 + 1 + MulStages + 1 + 2 + 1)
  ) u_valid (
    .clk_i,
    .rst_ni,
    .valid_i(is_given),
    .ready_i(out_ready_i),
    .en_o   (en),
    .valid_o(out_valid_o)
  );
  assign out_data_o = out_q;
endmodule
