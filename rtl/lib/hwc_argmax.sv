// Index of the greatest of Channels elements; of equals the first, or the last.
//
// Input:    one element a beat, Channels beats a vector. Output: one beat a vector.
// Latency:  1. Interval: Channels clocks. in_ready_o follows out_ready_i by wire.
// Model:    `argmax` in hwcomp/targets/dataflow/modules/elementwise.py. Bench: rtl/tb/test_pool.py.
module hwc_argmax #(
  parameter int Width      = 8,   // bits of an element
  parameter int Signed     = 1,
  parameter int Channels   = 10,  // elements of a vector
  parameter int SelectLast = 0,   // 1: of equals the last
  parameter int OutWidth   = 32   // bits of the index
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                in_valid_i,
  output logic                in_ready_o,
  input  logic [Width-1:0]    in_data_i,
  output logic                out_valid_o,
  input  logic                out_ready_i,
  output logic [OutWidth-1:0] out_data_o
);
  localparam int IndexWidth = Channels > 1 ? $clog2(Channels) : 1;

  logic take, is_end, is_greater, out_valid_q;
  logic [IndexWidth-1:0] index_q, best_index_q;
  logic [Width:0] best_q;
  logic signed [Width:0] x, best;  // one bit more: signed and unsigned alike

  if (Signed != 0) begin : gen_signed
    assign x = (Width + 1)'($signed(in_data_i));
  end else begin : gen_unsigned
    assign x = {1'b0, in_data_i};
  end

  assign best        = best_q;
  assign is_greater  = SelectLast != 0 ? x >= best : x > best;
  assign in_ready_o  = !out_valid_q || out_ready_i;
  assign take        = in_valid_i && in_ready_o;
  assign is_end      = index_q == IndexWidth'(Channels - 1);
  assign out_valid_o = out_valid_q;
  assign out_data_o  = OutWidth'(best_index_q);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      out_valid_q <= 1'b0;
      index_q     <= '0;
    end else begin
      if (in_ready_o) out_valid_q <= take && is_end;
      if (take) index_q <= is_end ? '0 : index_q + IndexWidth'(1);
    end
  end

  always_ff @(posedge clk_i) begin
    if (take && (index_q == '0 || is_greater)) begin
      best_q       <= x;
      best_index_q <= index_q;
    end
  end
endmodule
