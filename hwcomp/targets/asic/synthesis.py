"""The scripts for Yosys and OpenSTA: the bundle's Makefile and `hwcomp report --liberty` use the same text."""

from __future__ import annotations

from dataclasses import dataclass

LIBERTY_MARK = "@LIBERTY@"
"""Stands in the bundle's scripts for the file that the user names."""

DRIVER_MARK = "@DRIVER@"
"""Stands there for a buffer of that library."""

SCRIPTS = {
    "scripts/abc.constr": "asic/abc.constr.jinja",
    "scripts/synth.ys": "asic/synth.ys.jinja",
    "scripts/sta.tcl": "asic/sta.tcl.jinja",
}
"""Each script of the bundle and its template."""


@dataclass(frozen=True, slots=True, order=True)
class MacroShape:
    """width: of a word in bits; depth: in words."""

    width: int
    depth: int


@dataclass(frozen=True, slots=True)
class SynthesisView:
    """What the scripts print.

    name: prefix of the modules; sources: relative to the bundle; macro_source: the one of them that is a black box;
    modules: of the network, kept apart so that each has its own area; macros: every shape of hwc_ram_1r1w; liberty: the
    file; driver: a buffer in it; period_ps: of the clock; build: the folder for what the scripts write; activity:
    transitions of a net a clock, for power.
    """

    name: str
    sources: tuple[str, ...]
    macro_source: str
    modules: tuple[str, ...]
    macros: tuple[MacroShape, ...]
    liberty: str
    driver: str
    period_ps: int
    build: str
    activity: str = "0.1"

    @property
    def drive(self) -> str:
        """The file with the driving cell."""
        return f"{self.build}/abc.constr"

    @property
    def read(self) -> tuple[str, ...]:
        """The sources that are synthesised."""
        return tuple(source for source in self.sources if source != self.macro_source)

    @property
    def period_ns(self) -> str:
        return f"{self.period_ps / 1000:.3f}"
