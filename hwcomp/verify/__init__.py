"""Compile and run what was emitted, on this machine or an emulated Cortex-M4, and compare it with `evaluate`."""
