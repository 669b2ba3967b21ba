// Exact function of two streams, element by element.
//
// Function: Op "add": a + b; "sub": a - b; "mul": (a - AZero) * (b - BZero); "min", "max". `in` is
//           a, `in1` is b; broadcasting is done before.
// Latency:  3, `binary` in hwcomp/targets/dataflow/modules/elementwise.py. Interval: 1 clock a beat. The
//           inputs' readys follow out_ready_i by wire. Bench: rtl/tb/test_binary.py.
module hwc_binary #(
  parameter int AWidth   = 8,   // bits of an element of a
  parameter int ASigned  = 1,
  parameter int BWidth   = 8,   // bits of an element of b
  parameter int BSigned  = 1,
  parameter int OutWidth = 9,   // bits of a result: holds every one
  parameter int Lanes    = 1,   // elements of a beat
  parameter int AZero    = 0,   // with "mul"
  parameter int BZero    = 0,
  // verilog_lint: waive-start explicit-parameter-storage-type (Icarus 11 has no string parameters)
  parameter     Op       = "add"
  // verilog_lint: waive-stop explicit-parameter-storage-type
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      in_valid_i,
  output logic                      in_ready_o,
  input  logic [Lanes*AWidth-1:0]   in_data_i,
  input  logic                      in1_valid_i,
  output logic                      in1_ready_o,
  input  logic [Lanes*BWidth-1:0]   in1_data_i,
  output logic                      out_valid_o,
  input  logic                      out_ready_i,
  output logic [Lanes*OutWidth-1:0] out_data_o
);
  // One bit for an unsigned operand's sign, one for the zero point's subtraction.
  localparam int AWide = AWidth + 2;
  localparam int BWide = BWidth + 2;
  localparam int Wide  = AWide > BWide ? AWide : BWide;

  logic en;
  logic valid;
  logic [Lanes*AWidth-1:0] a_data;
  logic [Lanes*BWidth-1:0] b_data;

  hwc_join #(
    .Inputs    (2),
    .FirstWidth(Lanes * AWidth),
    .OtherWidth(Lanes * BWidth)
  ) u_join (
    .clk_i,
    .rst_ni,
    .in_valid_i ({in1_valid_i, in_valid_i}),
    .in_ready_o ({in1_ready_o, in_ready_o}),
    .in_data_i  ({in1_data_i, in_data_i}),
    .out_valid_o(valid),
    .out_ready_i(en),
    .out_data_o ({b_data, a_data})
  );

  hwc_valid #(
    .Stages(2)
  ) u_valid (
    .clk_i,
    .rst_ni,
    .valid_i(valid),
    .ready_i(out_ready_i),
    .en_o   (en),
    .valid_o(out_valid_o)
  );

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic signed [AWide-1:0] a;
    logic signed [BWide-1:0] b;
    // verilator lint_off UNUSEDSIGNAL
    logic signed [AWide-1:0] a_q;  // without a zero point its high bits are the sign
    logic signed [BWide-1:0] b_q;
    // verilator lint_on UNUSEDSIGNAL
    logic signed [OutWidth-1:0] y_q;
    if (ASigned != 0) begin : gen_a_signed
      assign a = AWide'($signed(a_data[l*AWidth+:AWidth]));
    end else begin : gen_a_unsigned
      assign a = AWide'(a_data[l*AWidth+:AWidth]);
    end
    if (BSigned != 0) begin : gen_b_signed
      assign b = BWide'($signed(b_data[l*BWidth+:BWidth]));
    end else begin : gen_b_unsigned
      assign b = BWide'(b_data[l*BWidth+:BWidth]);
    end
    // Texts of different lengths are compared.
    // verilator lint_off WIDTHEXPAND
    if (Op == "mul") begin : gen_mul
      localparam int PWidth = AWide + BWide;
      // verilator lint_off UNUSEDSIGNAL
      logic signed [PWidth-1:0] p;  // OutWidth holds it
      // verilator lint_on UNUSEDSIGNAL
      assign p = PWidth'(a_q) * PWidth'(b_q);
      always_ff @(posedge clk_i) begin
        if (en) begin
          a_q <= a - AWide'(AZero);
          b_q <= b - BWide'(BZero);
          y_q <= OutWidth'(p);
        end
      end
    end else begin : gen_sum
      logic signed [OutWidth-1:0] y;
      if (Op == "add") begin : gen_add
        assign y = OutWidth'(a_q) + OutWidth'(b_q);
      end else if (Op == "sub") begin : gen_sub
        assign y = OutWidth'(a_q) - OutWidth'(b_q);
      end else if (Op == "min") begin : gen_min
        assign y = Wide'(a_q) < Wide'(b_q) ? OutWidth'(a_q) : OutWidth'(b_q);
      end else begin : gen_max
        assign y = Wide'(a_q) > Wide'(b_q) ? OutWidth'(a_q) : OutWidth'(b_q);
      end
      always_ff @(posedge clk_i) begin
        if (en) begin
          a_q <= a;
          b_q <= b;
          y_q <= y;
        end
      end
    end
    // verilator lint_on WIDTHEXPAND
    assign out_data_o[l*OutWidth+:OutWidth] = y_q;
  end
endmodule
