// Product of an activation and a weight, in a DSP block or in LUTs.
//
// Function: p_o = a_i * b_i, exact. Style "dsp": one `*` and a register. Style "lut": radix-4 Booth
//           digits of the narrower operand, each a row of LUTs that chooses 0, 1 or 2 times the
//           other operand, inverts it and adds; no `*`, so no synthesis maps it to a DSP. Two rows
//           a clock.
// Latency:  `mul_latency` in hwcomp/targets/dataflow/modules/compute.py. Interval: 1 clock.
// Bench:    rtl/tb/test_mvu.py.
module hwc_mul #(
  parameter int AWidth  = 8,  // bits of the activation
  parameter int ASigned = 1,
  parameter int BWidth  = 8,  // bits of the weight, two's complement
  // verilog_lint: waive-start explicit-parameter-storage-type (Icarus 11 has no string parameters)
  parameter     Style   = "dsp",  // "dsp", "lut"
  // verilog_lint: waive-stop explicit-parameter-storage-type
  localparam int PWidth = AWidth + BWidth
) (
  input  logic              clk_i,
  input  logic              en_i,
  input  logic [AWidth-1:0] a_i,
  input  logic [BWidth-1:0] b_i,
  output logic [PWidth-1:0] p_o
);
  localparam int AFull = AWidth + (ASigned != 0 ? 0 : 1);  // as two's complement

  logic signed [AFull-1:0] a;
  if (ASigned != 0) begin : gen_signed
    assign a = a_i;
  end else begin : gen_unsigned
    assign a = {1'b0, a_i};
  end

  // Texts of different lengths are compared.
  // verilator lint_off WIDTHEXPAND
  if (Style == "dsp") begin : gen_dsp
    // verilator lint_on WIDTHEXPAND
    logic signed [AFull+BWidth-1:0] p_q;
    logic signed [BWidth-1:0] b;
    assign b = b_i;
    always_ff @(posedge clk_i) if (en_i) p_q <= (AFull + BWidth)'(a) * (AFull + BWidth)'(b);
    assign p_o = p_q[PWidth-1:0];
    if (ASigned == 0) begin : gen_top
      // verilator lint_off UNUSEDSIGNAL
      logic unused_top;  // the sign again
      // verilator lint_on UNUSEDSIGNAL
      assign unused_top = p_q[AFull+BWidth-1];
    end
  end else begin : gen_lut
    localparam int CWidth = AFull < BWidth ? AFull : BWidth;  // the operand that is recoded
    localparam int FWidth = AFull < BWidth ? BWidth : AFull;  // the operand that is added
    localparam int Rows   = (CWidth + 1) / 2;
    localparam int Stages = (Rows + 1) / 2;
    localparam int DWidth = 2 * Rows + 1;  // the recoded operand: sign extended, a zero below
    localparam int SWidth = FWidth + 2;    // a row's sum
    localparam int Kept   = 2 * Rows;      // bits that rows have finished

    // Stage s holds the factor, the digits not used yet, the running sum, and the finished low bits.
    // Behind the last stage the factor and the digits are not read, in the first row the sum.
    // verilator lint_off UNUSEDSIGNAL
    logic [(Stages+1)*FWidth-1:0] factor;
    logic [(Stages+1)*DWidth-1:0] digits;
    logic [(Stages+1)*SWidth-1:0] sums;
    logic [(Stages+1)*Kept-1:0] lows;
    // verilator lint_on UNUSEDSIGNAL

    if (AFull < BWidth) begin : gen_recode_a
      assign factor[FWidth-1:0] = b_i;
      assign digits[DWidth-1:0] = {(DWidth - 1)'(a), 1'b0};
    end else begin : gen_recode_b
      logic signed [BWidth-1:0] b;
      assign b = b_i;
      assign factor[FWidth-1:0] = a;
      assign digits[DWidth-1:0] = {(DWidth - 1)'(b), 1'b0};
    end
    assign sums[SWidth-1:0] = '0;
    assign lows[Kept-1:0]   = '0;

    for (genvar s = 0; s < Stages; s++) begin : gen_stage
      localparam int RowsHere = 2 * s + 1 < Rows ? 2 : 1;
      logic [FWidth-1:0] factor_q;
      logic [DWidth-1:0] digits_q;
      logic [SWidth-1:0] sum_q;
      logic [Kept-1:0] low_q;
      // verilator lint_off UNUSEDSIGNAL
      logic [3*SWidth-1:0] chain;  // the sum above each row; its low bits are finished
      // verilator lint_on UNUSEDSIGNAL
      logic [Kept-1:0] low;
      assign chain[SWidth-1:0] = sums[s*SWidth+:SWidth];
      for (genvar r = 0; r < RowsHere; r++) begin : gen_row
        localparam int Row = 2 * s + r;
        logic signed [FWidth-1:0] f;
        logic [2:0] digit;
        logic is_one, is_two, is_negative;
        // verilator lint_off UNUSEDSIGNAL
        logic signed [FWidth-1:0] above;  // the running sum without its finished bits
        // verilator lint_on UNUSEDSIGNAL
        logic [SWidth-1:0] chosen;
        // verilator lint_off UNUSEDSIGNAL
        logic [SWidth:0] sum;  // the lowest place only makes a carry
        // verilator lint_on UNUSEDSIGNAL
        assign f = factor[s*FWidth+:FWidth];
        assign digit = digits[s*DWidth+2*Row+:3];
        assign is_one = digit[0] ^ digit[1];
        assign is_two = (digit == 3'b011) || (digit == 3'b100);
        assign is_negative = digit[2];
        assign above = chain[r*SWidth+2+:FWidth];
        assign chosen = ((SWidth'(f) & {SWidth{is_one}}) | ((SWidth'(f) <<< 1) & {SWidth{is_two}}))
            ^ {SWidth{is_negative}};
        // The lowest place brings the one that completes the negation into the carry chain.
        if (Row == 0) begin : gen_first
          assign sum = {chosen, 1'b1} + (SWidth + 1)'(is_negative);
        end else begin : gen_next
          assign sum = {SWidth'(above), 1'b1} + {chosen, is_negative};
        end
        assign chain[(r+1)*SWidth+:SWidth] = sum[SWidth:1];
      end
      for (genvar i = 0; i < Rows; i++) begin : gen_low
        if (i == 2 * s || (i == 2 * s + 1 && RowsHere == 2)) begin : gen_finished
          assign low[2*i+:2] = chain[(i-2*s+1)*SWidth+:2];
        end else begin : gen_kept
          assign low[2*i+:2] = lows[s*Kept+2*i+:2];
        end
      end
      if (RowsHere == 1) begin : gen_half
        assign chain[2*SWidth+:SWidth] = '0;
      end
      always_ff @(posedge clk_i) begin
        if (en_i) begin
          factor_q <= factor[s*FWidth+:FWidth];
          digits_q <= digits[s*DWidth+:DWidth];
          sum_q    <= chain[RowsHere*SWidth+:SWidth];
          low_q    <= low;
        end
      end
      assign factor[(s+1)*FWidth+:FWidth] = factor_q;
      assign digits[(s+1)*DWidth+:DWidth] = digits_q;
      assign sums[(s+1)*SWidth+:SWidth]   = sum_q;
      assign lows[(s+1)*Kept+:Kept]       = low_q;
    end

    // The low bits of the last row's sum are among the finished ones.
    // verilator lint_off UNUSEDSIGNAL
    logic [SWidth+Kept-3:0] product;  // its high bits are the sign's
    // verilator lint_on UNUSEDSIGNAL
    assign product = {sums[Stages*SWidth+2+:SWidth-2], lows[Stages*Kept+:Kept]};
    assign p_o = PWidth'($signed(product));
  end
endmodule
