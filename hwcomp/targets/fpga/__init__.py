"""The fpga target: SystemVerilog of a streaming design, with its bench, scripts and constraints."""
