// Bench top: hwc_axil and four RAMs of different widths behind hwc_load, readable by select and
// address.
module hwc_tb_axil (
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
  output logic        core_rst_no,
  input  logic        in_start_i,
  input  logic        out_frame_i,
  input  logic        in_stall_i,
  input  logic        out_stall_i,
  input  logic        error_i,
  input  logic [1:0]  ram_select_i,
  input  logic [2:0]  ram_addr_i,
  output logic [95:0] ram_data_o
);
  localparam int Depth = 5;

  logic load_start, load_valid;
  logic [7:0] load_target;
  logic [31:0] load_data;
  logic [95:0] ram_data[4];

  hwc_axil #(
    .BuildId(32'h1234_abcd),
    .ShapeId(32'h5afe_0001)
  ) u_axil (
    .*,
    .load_start_o (load_start),
    .load_target_o(load_target),
    .load_valid_o (load_valid),
    .load_data_o  (load_data)
  );

  for (genvar i = 0; i < 4; i++) begin : gen_ram
    localparam int Width = i == 0 ? 40 : i == 1 ? 32 : i == 2 ? 7 : 96;
    logic [Width-1:0] mem[Depth];
    logic wr_en;
    logic [2:0] wr_addr;
    logic [Width-1:0] wr_data;

    hwc_load #(
      .Width(Width),
      .Depth(Depth),
      .Target(i)
    ) u_load (
      .clk_i,
      .rst_ni,
      .load_start_i (load_start),
      .load_target_i(load_target),
      .load_valid_i (load_valid),
      .load_data_i  (load_data),
      .wr_en_o      (wr_en),
      .wr_addr_o    (wr_addr),
      .wr_data_o    (wr_data)
    );
    always_ff @(posedge clk_i) if (wr_en) mem[wr_addr] <= wr_data;
    assign ram_data[i] = 96'(mem[ram_addr_i]);
  end

  assign ram_data_o = ram_data[ram_select_i];
endmodule
