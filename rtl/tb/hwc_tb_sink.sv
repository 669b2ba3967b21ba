// Bench part, not synthesisable: takes a stream with stalls from an LFSR and compares it with the
// beats of a hex file.
//
// Errors: a beat that differs, a beat too many, valid or data that change while the stream waits.
// `stall_i`, `run_i` and +log=1 as in hwc_tb_source. At the end it prints `HWC_TB <Name> beats=<n>
// errors=<n>`; the first errors one by one. A module that goes on and on is stopped.
module hwc_tb_sink #(
  // verilog_lint: waive explicit-parameter-storage-type (Icarus has no string parameters)
  parameter     Name  = "sink",
  // verilog_lint: waive explicit-parameter-storage-type
  parameter     File  = "out.hex",
  parameter int Width = 8,          // bits of a beat
  parameter int Beats = 1,          // in the file
  parameter int Seed  = 1
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  int               clock_i,
  input  int               stall_i,
  input  int               run_i,
  input  logic             valid_i,
  output logic             ready_o,
  input  logic [Width-1:0] data_i,
  output logic             done_o
);
  localparam int ShownErrors = 5;
  localparam int MostErrors = 1000;

  logic [Width-1:0] beats[Beats];
  logic [Width-1:0] data_q;
  logic [31:0] lfsr_q;
  int index_q, hold_q, errors_q, file, is_logged;
  logic ready_q, waits_q;

  initial begin
    $readmemh(File, beats);
    file = 0;
    if (!$value$plusargs("log=%d", is_logged)) is_logged = 0;
    if (is_logged != 0) file = $fopen({Name, ".log"}, "w");
  end

  assign ready_o = ready_q;
  assign done_o  = index_q >= Beats;

  always_ff @(posedge clk_i) begin
    data_q  <= data_i;
    waits_q <= rst_ni && valid_i && !ready_q;
    if (!rst_ni) begin
      lfsr_q   <= 32'h0bad_cafe ^ (Seed * 32'h9e37_79b9) | 32'd1;
      index_q  <= 0;
      hold_q   <= 0;
      errors_q <= 0;
      ready_q  <= 1'b0;
    end else begin
      lfsr_q <= {lfsr_q[30:0], lfsr_q[31] ^ lfsr_q[21] ^ lfsr_q[1] ^ lfsr_q[0]};
      hold_q <= hold_q == 0 ? run_i - 1 : hold_q - 1;
      if (hold_q == 0) ready_q <= int'(lfsr_q[15:8]) >= stall_i;
      if (waits_q && (!valid_i || data_i != data_q)) begin
        errors_q <= errors_q + 1;
        if (errors_q < ShownErrors)
          $display("HWC_TB_ERROR %s clock %0d: did not hold its beat", Name, clock_i);
      end else if (valid_i && ready_q) begin
        index_q <= index_q + 1;
        if (index_q >= Beats) begin
          errors_q <= errors_q + 1;
          if (errors_q < ShownErrors)
            $display("HWC_TB_ERROR %s clock %0d: a beat too many", Name, clock_i);
        end else if (data_i != beats[index_q]) begin
          errors_q <= errors_q + 1;
          if (errors_q < ShownErrors)
            $display("HWC_TB_ERROR %s beat %0d is %h, expected %h",
                     Name, index_q, data_i, beats[index_q]);
        end
        if (file != 0) $fdisplay(file, "%0d", clock_i);
      end
      if (errors_q > MostErrors) $finish;
    end
  end

  final begin
    $display("HWC_TB %s beats=%0d errors=%0d", Name, index_q, errors_q);
    if (file != 0) $fclose(file);
  end
endmodule
