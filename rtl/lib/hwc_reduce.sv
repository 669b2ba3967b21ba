// Sum or maximum over all pixels of a frame, for each channel.
//
// Function: out[c] = sum or max over p of in[p][c]. Input: Pixels * Channels / Lanes beats. Output:
//           Channels / Lanes beats, given while the last pixel arrives.
// Latency:  2. Interval: the input's beats, one a clock. in_ready_o follows out_ready_i by wire.
// Storage:  Channels results, in a RAM where Channels > Lanes.
// Model:    `reduce` in hwcomp/targets/dataflow/modules/elementwise.py. Bench: rtl/tb/test_pool.py.
module hwc_reduce #(
  parameter int Width    = 8,   // bits of an input element
  parameter int Signed   = 1,
  parameter int Lanes    = 1,   // channels of a beat
  parameter int Channels = 4,   // a multiple of Lanes
  parameter int Pixels   = 16,  // of a frame
  parameter int IsMax    = 0,   // 1: maximum, 0: sum
  parameter int OutWidth = 12   // bits of a result: holds every partial result
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      in_valid_i,
  output logic                      in_ready_o,
  input  logic [Lanes*Width-1:0]    in_data_i,
  output logic                      out_valid_o,
  input  logic                      out_ready_i,
  output logic [Lanes*OutWidth-1:0] out_data_o
);
  // Maxima are compared in full, though the greatest may fit a narrower type.
  localparam int KeptWidth  = IsMax != 0 && Width > OutWidth ? Width : OutWidth;
  localparam int Groups     = Channels / Lanes;
  localparam int GroupWidth = Groups > 1 ? $clog2(Groups) : 1;
  localparam int PixelWidth = Pixels > 1 ? $clog2(Pixels) : 1;

  logic en, take, is_end, valid_q, out_valid_q, first_q, last_q;
  logic [GroupWidth-1:0] group_q;
  logic [PixelWidth-1:0] pixel_q;
  logic [Lanes*Width-1:0] data_q;
  logic [Lanes*KeptWidth-1:0] held, merged, merged_q;

  assign en          = !out_valid_q || out_ready_i;
  assign in_ready_o  = en;
  assign take        = en && in_valid_i;
  assign is_end      = group_q == GroupWidth'(Groups - 1);
  assign out_valid_o = out_valid_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q     <= 1'b0;
      out_valid_q <= 1'b0;
      group_q     <= '0;
      pixel_q     <= '0;
    end else if (en) begin
      valid_q     <= in_valid_i;
      out_valid_q <= valid_q && last_q;
      if (take) begin
        group_q <= is_end ? '0 : group_q + GroupWidth'(1);
        if (is_end) begin
          pixel_q <= pixel_q == PixelWidth'(Pixels - 1) ? '0 : pixel_q + PixelWidth'(1);
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (en) begin
      data_q  <= in_data_i;
      first_q <= pixel_q == '0;
      last_q  <= pixel_q == PixelWidth'(Pixels - 1);
      if (valid_q) merged_q <= merged;
    end
  end

  // A group comes again two clocks later at the earliest: its result is in the RAM by then.
  if (Groups > 1) begin : gen_ram
    logic [GroupWidth-1:0] place_q;
    always_ff @(posedge clk_i) if (en) place_q <= group_q;
    hwc_ram #(
      .Width(Lanes * KeptWidth),
      .Depth(Groups)
    ) u_ram (
      .clk_i,
      .write_i     (en && valid_q),
      .write_addr_i(place_q),
      .write_data_i(merged),
      .read_i      (en),
      .read_addr_i (group_q),
      .read_data_o (held)
    );
  end else begin : gen_register
    assign held = merged_q;
  end

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic signed [KeptWidth-1:0] x, y;
    assign y = held[l*KeptWidth+:KeptWidth];
    if (Signed != 0) begin : gen_signed
      assign x = KeptWidth'($signed(data_q[l*Width+:Width]));
    end else begin : gen_unsigned
      assign x = KeptWidth'(data_q[l*Width+:Width]);
    end
    logic signed [KeptWidth-1:0] both;
    if (IsMax == 0) begin : gen_sum
      assign both = x + y;
    end else if (Signed != 0) begin : gen_max
      assign both = x > y ? x : y;
    end else begin : gen_umax
      assign both = $unsigned(x) > $unsigned(y) ? x : y;
    end
    assign merged[l*KeptWidth+:KeptWidth] = first_q ? x : both;
    assign out_data_o[l*OutWidth+:OutWidth] = merged_q[l*KeptWidth+:OutWidth];
  end
endmodule
