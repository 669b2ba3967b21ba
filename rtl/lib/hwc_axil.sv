// AXI4-Lite control: identity, status, counters, weight loading. 32-bit registers at byte
// addresses:
//
//   0x00 ID           "HWC1"
//   0x04 BUILD        the BuildId that the compiler chose
//   0x08 CONTROL      write 1: the core is reset
//   0x0c STATUS       bit 0: a frame is inside, bit 1: tlast was wrong
//   0x10 CYCLES_LOW   clocks since the core's reset
//   0x14 CYCLES_HIGH  as it was when CYCLES_LOW was read
//   0x18 FRAMES_IN    frames begun
//   0x1c FRAMES_OUT   frames given
//   0x20 LATENCY      clocks from first beat in to last beat out, of the last frame that found the
//                     core empty
//   0x24 INTERVAL     clocks between the ends of the last two frames out
//   0x28 STALL_IN     clocks in which the core kept its input waiting
//   0x2c STALL_OUT    clocks in which the core's output waited
//   0x30 LOAD_TARGET  chooses a weight RAM and rewinds it (hwc_load)
//   0x34 LOAD_DATA    the next 32 bits of that RAM's words
//   0x38 SHAPE        the ShapeId: what the RAMs hold and how; writing it unlocks loading, writing
//                     anything else locks it
//
// Other addresses, writes of read-only registers, writes of part of a word and locked loads answer
// SLVERR and do nothing; so does the write of a wrong SHAPE, but that it locks.
// Counters wrap at 2**32. Latency: a read answers after 1 clock, a write after 3. Every output is
// a register.
// Model: hwcomp/targets/dataflow/modules/control.py. Bench: rtl/tb/test_axil.py.
module hwc_axil #(
  parameter logic [31:0] BuildId = 32'd0,
  parameter logic [31:0] ShapeId = 32'd0
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        aw_valid_i,
  output logic        aw_ready_o,
  input  logic [7:0]  aw_addr_i,
  input  logic        w_valid_i,
  output logic        w_ready_o,
  input  logic [31:0] w_data_i,
  input  logic [3:0]  w_strb_i,
  output logic        b_valid_o,
  input  logic        b_ready_i,
  output logic [1:0]  b_resp_o,
  input  logic        ar_valid_i,
  output logic        ar_ready_o,
  input  logic [7:0]  ar_addr_i,
  output logic        r_valid_o,
  input  logic        r_ready_i,
  output logic [31:0] r_data_o,
  output logic [1:0]  r_resp_o,
  // The core: its reset, pulses of frames (hwc_axis_in, hwc_axis_out), stalls and the error.
  output logic        core_rst_no,
  input  logic        in_start_i,
  input  logic        out_frame_i,
  input  logic        in_stall_i,
  input  logic        out_stall_i,
  input  logic        error_i,
  output logic        load_start_o,
  output logic [7:0]  load_target_o,
  output logic        load_valid_o,
  output logic [31:0] load_data_o
);
  localparam logic [31:0] Id = 32'h4857_4331;
  localparam logic [1:0] Okay = 2'b00;
  localparam logic [1:0] SlvErr = 2'b10;
  localparam int ResetClocks = 8;

  // Counters, cleared with the core.
  logic [63:0] cycles_q;
  logic [31:0] frames_in_q, frames_out_q, latency_q, interval_q, stall_in_q, stall_out_q;
  logic [31:0] start_q, end_q;
  logic is_busy, is_measured_q, core_rst_q;
  logic in_stall_q, out_stall_q;  // the counters would draw the streams' logic to them
  logic [3:0] reset_q;

  assign is_busy     = frames_in_q != frames_out_q;
  assign core_rst_no = !core_rst_q;  // high at the registers' resets: no LUT behind this one

  always_ff @(posedge clk_i) begin
    if (core_rst_q) begin
      cycles_q      <= '0;
      frames_in_q   <= '0;
      frames_out_q  <= '0;
      latency_q     <= '0;
      interval_q    <= '0;
      stall_in_q    <= '0;
      stall_out_q   <= '0;
      start_q       <= '0;
      end_q         <= '0;
      is_measured_q <= 1'b0;
    end else begin
      cycles_q <= cycles_q + 64'd1;
      if (in_stall_q) stall_in_q <= stall_in_q + 32'd1;
      if (out_stall_q) stall_out_q <= stall_out_q + 32'd1;
      if (in_start_i) frames_in_q <= frames_in_q + 32'd1;
      if (in_start_i && !is_busy) begin
        start_q       <= cycles_q[31:0];
        is_measured_q <= 1'b1;
      end
      if (out_frame_i) begin
        frames_out_q <= frames_out_q + 32'd1;
        interval_q   <= cycles_q[31:0] - end_q;
        end_q        <= cycles_q[31:0];
        if (is_measured_q) latency_q <= cycles_q[31:0] - start_q;
        if (!in_start_i || is_busy) is_measured_q <= 1'b0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    in_stall_q  <= in_stall_i && !core_rst_q;
    out_stall_q <= out_stall_i && !core_rst_q;
  end

  // Write: address and data may come in any order; the answer comes when both are there and their
  // meaning is in registers, for the 32 bits of SHAPE are a long way.
  logic aw_full_q, w_full_q, known_q, b_valid_q, writes, write_ok;
  logic [5:0] aw_word_q;
  logic [31:0] w_data_q;
  logic [3:0] w_strb_q;
  logic [1:0] b_resp_q;
  logic load_start_q, load_valid_q, unlocked_q;
  logic is_control_q, is_target_q, is_data_q, is_shape_q, is_key_q;
  logic [7:0] load_target_q;

  assign aw_ready_o    = !aw_full_q;
  assign w_ready_o     = !w_full_q;
  assign b_valid_o     = b_valid_q;
  assign b_resp_o      = b_resp_q;
  assign writes        = known_q && (!b_valid_q || b_ready_i);
  assign write_ok      = is_control_q || is_key_q || ((is_target_q || is_data_q) && unlocked_q);
  assign load_start_o  = load_start_q;
  assign load_target_o = load_target_q;
  assign load_valid_o  = load_valid_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      aw_full_q    <= 1'b0;
      w_full_q     <= 1'b0;
      known_q      <= 1'b0;
      b_valid_q    <= 1'b0;
      load_start_q <= 1'b0;
      load_valid_q <= 1'b0;
      unlocked_q   <= 1'b0;
      reset_q      <= 4'(ResetClocks);
      core_rst_q   <= 1'b1;
    end else begin
      if (aw_valid_i || writes) aw_full_q <= !writes;
      if (w_valid_i || writes) w_full_q <= !writes;
      known_q      <= aw_full_q && w_full_q && !writes;
      b_valid_q    <= writes || (b_valid_q && !b_ready_i);
      load_start_q <= writes && is_target_q && unlocked_q;
      load_valid_q <= writes && is_data_q && unlocked_q;
      if (writes && is_shape_q) unlocked_q <= is_key_q;
      if (writes && is_control_q && w_data_q[0]) reset_q <= 4'(ResetClocks);
      else if (reset_q != '0) reset_q <= reset_q - 4'd1;
      core_rst_q <= reset_q != '0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (aw_ready_o) aw_word_q <= aw_addr_i[7:2];
    if (w_ready_o) begin
      w_data_q <= w_data_i;
      w_strb_q <= w_strb_i;
    end
    is_control_q <= w_strb_q == 4'hf && aw_word_q == 6'h02;
    is_target_q  <= w_strb_q == 4'hf && aw_word_q == 6'h0c;
    is_data_q    <= w_strb_q == 4'hf && aw_word_q == 6'h0d;
    is_shape_q   <= w_strb_q == 4'hf && aw_word_q == 6'h0e;
    is_key_q     <= w_strb_q == 4'hf && aw_word_q == 6'h0e && w_data_q == ShapeId;
    if (writes) begin
      b_resp_q    <= write_ok ? Okay : SlvErr;
      load_data_o <= w_data_q;
      if (is_target_q && unlocked_q) load_target_q <= w_data_q[7:0];
    end
  end

  // Read.
  logic r_valid_q, reads, read_ok;
  logic [31:0] r_data_q, high_q, value;
  logic [1:0] r_resp_q;
  logic [5:0] ar_word;
  logic [31:0] cycles_low;

  assign ar_word    = ar_addr_i[7:2];
  assign cycles_low = cycles_q[31:0];
  assign ar_ready_o = !r_valid_q;
  assign r_valid_o  = r_valid_q;
  assign r_data_o   = r_data_q;
  assign r_resp_o   = r_resp_q;
  assign reads      = ar_valid_i && ar_ready_o;
  assign read_ok    = ar_word <= 6'h0c || ar_word == 6'h0e;

  always_comb begin
    unique case (ar_word)
      6'h00: value = Id;
      6'h01: value = BuildId;
      6'h03: value = {30'd0, error_i, is_busy};
      6'h04: value = cycles_low;
      6'h05: value = high_q;
      6'h06: value = frames_in_q;
      6'h07: value = frames_out_q;
      6'h08: value = latency_q;
      6'h09: value = interval_q;
      6'h0a: value = stall_in_q;
      6'h0b: value = stall_out_q;
      6'h0c: value = {24'd0, load_target_q};
      6'h0e: value = ShapeId;
      default: value = '0;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) r_valid_q <= 1'b0;
    else r_valid_q <= reads || (r_valid_q && !r_ready_i);
  end

  always_ff @(posedge clk_i) begin
    if (ar_ready_o) begin
      r_data_q <= value;
      r_resp_q <= read_ok ? Okay : SlvErr;
    end
    if (reads && ar_word == 6'h04) high_q <= cycles_q[63:32];
  end

  logic unused_low;
  assign unused_low = ^{aw_addr_i[1:0], ar_addr_i[1:0]};
endmodule
