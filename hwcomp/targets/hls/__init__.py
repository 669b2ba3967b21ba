"""The hls target: the streaming design of the fpga target as C++ for Vitis HLS, Catapult and their like."""
