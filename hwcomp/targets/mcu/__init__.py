"""Target mcu: C99 for microcontrollers. `target.py` is its front door."""
