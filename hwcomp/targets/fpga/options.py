"""Options of the fpga target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hwcomp.targets.dataflow.options import DesignOptions


@dataclass(frozen=True, slots=True)
class FpgaOptions(DesignOptions):
    """Options of `--target fpga`. Without a goal the design is the fastest that fits the board."""

    is_rtl: ClassVar[bool] = True
