// Bench part, not synthesisable: plays the beats of a hex file into a stream, with pauses from an
// LFSR.
//
// While valid_o is low the data are the next beat's complement, so a module that samples them too
// early is caught. `idle_i` is the chance of a pause in 1/256; a decision holds for `run_i`
// clocks. With +log=1 the clock of each beat is written to `<Name>.log`. At the end it prints
// `HWC_TB <Name> beats=<n> errors=0`.
module hwc_tb_source #(
  // verilog_lint: waive explicit-parameter-storage-type (Icarus has no string parameters)
  parameter     Name  = "source",
  // verilog_lint: waive explicit-parameter-storage-type
  parameter     File  = "in.hex",
  parameter int Width = 8,         // bits of a beat
  parameter int Beats = 1,         // in the file
  parameter int Seed  = 1
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  int               clock_i,
  input  int               idle_i,
  input  int               run_i,
  output logic             valid_o,
  input  logic             ready_i,
  output logic [Width-1:0] data_o,
  output logic             done_o
);
  logic [Width-1:0] beats[Beats];
  logic [31:0] lfsr_q;
  int index_q, hold_q, file, is_logged;
  logic go_q, valid_q;

  initial begin
    $readmemh(File, beats);
    file = 0;
    if (!$value$plusargs("log=%d", is_logged)) is_logged = 0;
    if (is_logged != 0) file = $fopen({Name, ".log"}, "w");
  end

  assign valid_o = valid_q;
  assign done_o  = index_q == Beats;
  assign data_o  = done_o ? '1 : valid_q ? beats[index_q] : ~beats[index_q];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      lfsr_q  <= 32'h1ace_b00c ^ (Seed * 32'h9e37_79b9) | 32'd1;
      index_q <= 0;
      hold_q  <= 0;
      go_q    <= 1'b0;
      valid_q <= 1'b0;
    end else begin
      lfsr_q <= {lfsr_q[30:0], lfsr_q[31] ^ lfsr_q[21] ^ lfsr_q[1] ^ lfsr_q[0]};
      hold_q <= hold_q == 0 ? run_i - 1 : hold_q - 1;
      if (hold_q == 0) go_q <= int'(lfsr_q[15:8]) >= idle_i;
      if (!valid_q) valid_q <= go_q && index_q < Beats;
      if (valid_q && ready_i) begin
        index_q <= index_q + 1;
        valid_q <= go_q && index_q + 1 < Beats;
        if (file != 0) $fdisplay(file, "%0d", clock_i);
      end
    end
  end

  final begin
    $display("HWC_TB %s beats=%0d errors=0", Name, index_q);
    if (file != 0) $fclose(file);
  end
endmodule
