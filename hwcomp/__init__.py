"""hwcomp: quantised networks become integer-only code that is proved equal to the model it came from."""

from __future__ import annotations

__version__ = "0.1.0"
