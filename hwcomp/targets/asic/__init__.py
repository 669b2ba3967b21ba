"""The asic target: the design of the fpga target without power-up values, its large RAMs as macros."""
