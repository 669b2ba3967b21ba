// Multiply-accumulate array: Pe sums of Simd products a beat, over the beats of a vector.
//
// Function: acc[pe] = bias[group][pe] + sum over beats and i of x[pe][i] * w[pe][i]. `first_i` and
//           `last_i` mark a vector's beats. The array moves when `en_o` is high; a waiting result
//           stops it.
// Memories: BiasFile words [pe] of AccWidth bits, a word a group; pe 0 lowest. With BiasWrites it
//           can be written.
// Latency:  [operands +] multiplier + tree + 1, `mac_latency` in
//           hwcomp/targets/dataflow/modules/compute.py. Interval: 1 clock a beat.
// Bench:    rtl/tb/test_mvu.py, rtl/tb/test_dwu.py.
module hwc_mac #(
  parameter int Simd        = 4,   // products of a sum and a beat
  parameter int Pe          = 2,   // sums
  parameter int InWidth     = 8,   // bits of an activation
  parameter int InSigned    = 1,
  parameter int WeightWidth = 8,   // bits of a weight, two's complement
  parameter int AccWidth    = 24,  // bits of a sum, two's complement: holds the result
  parameter int Groups      = 1,   // words of the bias
  parameter int HasBias     = 1,   // 0: sums start at zero
  parameter int BiasWrites  = 0,   // 1: the bias has a write port
  parameter int OwnOperands = 0,   // 1: each multiplier has registers of its own before it
  parameter int Pack        = 1,   // sums whose products a block makes, with one x; divides Pe
  // verilog_lint: waive-start explicit-parameter-storage-type (Icarus 11 has no string parameters)
  parameter     MultStyle   = "dsp",  // "dsp", "lut", "packed" with Pack > 1
  parameter     BiasFile    = "",
  // verilog_lint: waive-stop explicit-parameter-storage-type
  localparam int GroupWidth = Groups > 1 ? $clog2(Groups) : 1
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  output logic                           en_o,
  input  logic                           valid_i,
  input  logic                           first_i,
  input  logic                           last_i,
  input  logic [GroupWidth-1:0]          group_i,
  input  logic [Pe*Simd*InWidth-1:0]     x_i,
  input  logic [Pe*Simd*WeightWidth-1:0] w_i,
  input  logic                           bias_write_i,
  input  logic [GroupWidth-1:0]          bias_addr_i,
  input  logic [Pe*AccWidth-1:0]         bias_data_i,
  output logic                           out_valid_o,
  input  logic                           out_ready_i,
  output logic [Pe*AccWidth-1:0]         out_data_o
);
  localparam int AFull     = InWidth + (InSigned != 0 ? 0 : 1);
  localparam int Recoded   = AFull < WeightWidth ? AFull : WeightWidth;
  // Texts of different lengths are compared.
  // verilator lint_off WIDTHEXPAND
  localparam int IsPacked  = MultStyle == "packed" ? 1 : 0;
  localparam int MulStages = MultStyle == "dsp" ? 1 : IsPacked != 0 ? 3 : (Recoded + 3) / 4;
  // verilator lint_on WIDTHEXPAND
  localparam int SumStages = OwnOperands + MulStages + $clog2(Simd);
  localparam int ProdWidth = InWidth + WeightWidth;
  // A sum of Simd products; the accumulator may be narrower, it is exact in the end.
  localparam int GrownWidth = ProdWidth + $clog2(Simd);
  localparam int SumWidth   = GrownWidth < AccWidth ? GrownWidth : AccWidth;
  // Flags of the result: each sum has its own, and so its own enable near its registers. The lowest
  // is that of all else.
  localparam int Flags = Pe > 1 ? Pe + 1 : 1;

  logic en, valid_s, first_s, last_s;
  logic [Flags-1:0] ens;
  logic [GroupWidth-1:0] group_b;
  logic [Pe*AccWidth-1:0] bias;
  logic [SumStages-1:0] valid_q;

  assign en      = ens[0];
  assign en_o    = en;
  assign valid_s = valid_q[SumStages-1];

  for (genvar f = 0; f < Flags; f++) begin : gen_flag
    logic out_valid_q;
    // All are equal: `keep` keeps Yosys from merging them.
    (* keep *) always_ff @(posedge clk_i) begin
      if (!rst_ni) out_valid_q <= 1'b0;
      else if (ens[f]) out_valid_q <= valid_s && last_s;
    end
    assign ens[f] = !out_valid_q || out_ready_i;
    if (f == 0) begin : gen_out
      assign out_valid_o = out_valid_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= '0;
    else if (en) valid_q <= SumStages'({valid_q, valid_i});
  end

  hwc_delay #(
    .Width (2),
    .Clocks(SumStages)
  ) u_flags (
    .clk_i,
    .en_i(en),
    .d_i ({first_i, last_i}),
    .q_o ({first_s, last_s})
  );

  // The bias arrives beside the sum: its memory's register is the last of the stages.
  hwc_delay #(
    .Width (GroupWidth),
    .Clocks(SumStages - 1)
  ) u_group (
    .clk_i,
    .en_i(en),
    .d_i (group_i),
    .q_o (group_b)
  );

  if (HasBias == 0) begin : gen_no_bias
    // verilator lint_off UNUSEDSIGNAL
    logic unused_bias;
    // verilator lint_on UNUSEDSIGNAL
    assign unused_bias = ^{bias_write_i, bias_addr_i, bias_data_i, group_b};
    assign bias = '0;
  end else if (BiasWrites != 0) begin : gen_bias_ram
    hwc_ram #(
      .Width(Pe * AccWidth),
      .Depth(Groups),
      .File (BiasFile)
    ) u_bias (
      .clk_i,
      .write_i     (bias_write_i),
      .write_addr_i(bias_addr_i),
      .write_data_i(bias_data_i),
      .read_i      (en),
      .read_addr_i (group_b),
      .read_data_o (bias)
    );
  end else begin : gen_bias_rom
    // verilator lint_off UNUSEDSIGNAL
    logic unused_bias;
    // verilator lint_on UNUSEDSIGNAL
    assign unused_bias = ^{bias_write_i, bias_addr_i, bias_data_i};
    hwc_rom #(
      .Width(Pe * AccWidth),
      .Depth(Groups),
      .File (BiasFile)
    ) u_bias (
      .clk_i,
      .en_i  (en),
      .addr_i(group_b),
      .data_o(bias)
    );
  end

  // verilator lint_off UNUSEDSIGNAL
  logic [Pe*Simd*ProdWidth-1:0] packed_products;
  // verilator lint_on UNUSEDSIGNAL
  if (IsPacked != 0) begin : gen_packs
    // verilator lint_off UNUSEDSIGNAL
    logic unused_x;  // sums of a block share x
    // verilator lint_on UNUSEDSIGNAL
    assign unused_x = ^x_i;
    for (genvar g = 0; g < Pe / Pack; g++) begin : gen_group
      for (genvar i = 0; i < Simd; i++) begin : gen_simd
        logic [Pack*WeightWidth-1:0] w;
        logic [Pack*ProdWidth-1:0] own;
        for (genvar k = 0; k < Pack; k++) begin : gen_field
          localparam int At = (g * Pack + k) * Simd + i;
          assign w[k*WeightWidth+:WeightWidth] = w_i[At*WeightWidth+:WeightWidth];
          assign packed_products[At*ProdWidth+:ProdWidth] = own[k*ProdWidth+:ProdWidth];
        end
        hwc_packed_mul #(
          .AWidth (InWidth),
          .ASigned(InSigned),
          .BWidth (WeightWidth),
          .Pack   (Pack)
        ) u_mul (
          .clk_i,
          .en_i(ens[Flags>1?g*Pack+1 : 0]),
          .a_i (x_i[(g*Pack*Simd+i)*InWidth+:InWidth]),
          .b_i (w),
          .p_o (own)
        );
      end
    end
  end else begin : gen_no_packs
    assign packed_products = '0;
  end

  for (genvar p = 0; p < Pe; p++) begin : gen_pe
    logic en_p;
    logic [Simd*ProdWidth-1:0] products;
    logic [SumWidth-1:0] sum;
    logic signed [SumWidth-1:0] sum_s;
    logic [AccWidth-1:0] acc_q;

    if (IsPacked != 0) begin : gen_packed
      assign products = packed_products[p*Simd*ProdWidth+:Simd*ProdWidth];
    end else begin : gen_single
      for (genvar i = 0; i < Simd; i++) begin : gen_simd
        logic [InWidth-1:0] x;
        logic [WeightWidth-1:0] w;
        if (OwnOperands != 0) begin : gen_own
          // Sums have x in common. Multiplier blocks lie far apart: `keep` gives each its copy, which
          // Yosys would merge; AMD's tools put it into the block.
          logic [InWidth-1:0] x_q;
          logic [WeightWidth-1:0] w_q;
          (* keep *) always_ff @(posedge clk_i) if (en_p) x_q <= x_i[(p*Simd+i)*InWidth+:InWidth];
          always_ff @(posedge clk_i) if (en_p) w_q <= w_i[(p*Simd+i)*WeightWidth+:WeightWidth];
          assign x = x_q;
          assign w = w_q;
        end else begin : gen_given
          assign x = x_i[(p*Simd+i)*InWidth+:InWidth];
          assign w = w_i[(p*Simd+i)*WeightWidth+:WeightWidth];
        end
        hwc_mul #(
          .AWidth (InWidth),
          .ASigned(InSigned),
          .BWidth (WeightWidth),
          .Style  (MultStyle)
        ) u_mul (
          .clk_i,
          .en_i(en_p),
          .a_i (x),
          .b_i (w),
          .p_o (products[i*ProdWidth+:ProdWidth])
        );
      end
    end

    hwc_tree #(
      .Inputs  (Simd),
      .InWidth (ProdWidth),
      .InSigned(1),
      .IsMax   (0),
      .OutWidth(SumWidth)
    ) u_tree (
      .clk_i,
      .en_i  (en_p),
      .data_i(products),
      .sum_o (sum)
    );

    assign en_p  = ens[Flags>1?p+1 : 0];
    assign sum_s = sum;
    always_ff @(posedge clk_i) begin
      if (en_p && valid_s) begin
        acc_q <= (first_s ? bias[p*AccWidth+:AccWidth] : acc_q) + AccWidth'(sum_s);
      end
    end
    assign out_data_o[p*AccWidth+:AccWidth] = acc_q;
  end
endmodule
