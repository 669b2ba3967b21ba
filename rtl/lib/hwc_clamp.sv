// Shift and clamp: a rescale by a power of two whose rounding is in the bias before it.
//
// Function: out[lane] = clamp(floor(x / 2^Shift) + Zero, Lo, Hi).
// Latency:  1, `clamp` in hwcomp/targets/dataflow/modules/elementwise.py. Interval: 1 clock a beat.
//           in_ready_o follows out_ready_i by wire. Bench: rtl/tb/test_lut.py.
// Requires: Shift < InWidth + 1 - InSigned; Lo <= Hi, both of OutWidth bits.
module hwc_clamp #(
  parameter int InWidth  = 16,  // bits of x
  parameter int InSigned = 1,
  parameter int Lanes    = 1,   // elements of a beat
  parameter int Shift    = 4,
  parameter int Zero     = 0,
  parameter int Lo       = 0,
  parameter int Hi       = 63,
  parameter int OutWidth = 6    // bits of a result
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      in_valid_i,
  output logic                      in_ready_o,
  input  logic [Lanes*InWidth-1:0]  in_data_i,
  output logic                      out_valid_o,
  input  logic                      out_ready_i,
  output logic [Lanes*OutWidth-1:0] out_data_o
);
  // Bounds of the quotient, and bits that hold them.
  localparam logic signed [63:0] Least = 64'(Lo) - 64'(Zero);
  localparam logic signed [63:0] Most  = 64'(Hi) - 64'(Zero);
  localparam logic signed [63:0] Reach = Most + 64'sd1 > -Least ? Most + 64'sd1 : -Least;
  localparam int NearWidth = $clog2(Reach + 64'sd1) + 1;
  localparam int XWidth = InWidth + 1 - InSigned;
  localparam int OwnWidth = XWidth - Shift;
  localparam int QWidth = (OwnWidth > NearWidth ? OwnWidth : NearWidth) + 1;

  logic en;
  assign in_ready_o = en;

  hwc_valid #(
    .Stages(1)
  ) u_valid (
    .clk_i,
    .rst_ni,
    .valid_i(in_valid_i),
    .ready_i(out_ready_i),
    .en_o   (en),
    .valid_o(out_valid_o)
  );

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    // verilator lint_off UNUSEDSIGNAL
    logic signed [XWidth-1:0] x;  // without the bits below Shift
    logic signed [NearWidth-1:0] clamped;  // its high bits are the sign's
    // verilator lint_on UNUSEDSIGNAL
    logic signed [QWidth-1:0] q;
    logic signed [NearWidth-1:0] near;
    logic is_far, is_below, is_above;
    logic [OutWidth-1:0] y_q;
    if (InSigned != 0) begin : gen_signed
      assign x = in_data_i[l*InWidth+:InWidth];
    end else begin : gen_unsigned
      assign x = {1'b0, in_data_i[l*InWidth+:InWidth]};
    end
    assign q = QWidth'($signed(x[XWidth-1:Shift]));
    assign near = q[NearWidth-1:0];
    assign is_far = q[QWidth-1:NearWidth-1] != {(QWidth - NearWidth + 1) {q[QWidth-1]}};
    assign is_below = is_far ? q[QWidth-1] : near < NearWidth'(Least);
    assign is_above = is_far ? !q[QWidth-1] : near > NearWidth'(Most);
    assign clamped = (near & {NearWidth{!is_below && !is_above}}) |
                     (NearWidth'(Least) & {NearWidth{is_below}}) |
                     (NearWidth'(Most) & {NearWidth{is_above}});
    // Modulo 2^OutWidth: Lo..Hi fit.
    always_ff @(posedge clk_i) if (en) y_q <= OutWidth'(clamped) + OutWidth'(Zero);
    assign out_data_o[l*OutWidth+:OutWidth] = y_q;
  end
endmodule
