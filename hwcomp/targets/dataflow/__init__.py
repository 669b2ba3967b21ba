"""Streaming designs, which the fpga, asic and hls targets print: modules, folding, timing and what they cost."""
