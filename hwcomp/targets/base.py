"""What a target is: typed options, a check before work starts, an emitter that gives a bundle."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import Enum
from typing import TYPE_CHECKING, Generic, TypeVar, get_type_hints

from hwcomp.support.errors import HwcompError, Problem

if TYPE_CHECKING:
    from hwcomp.ir.graph import Graph
    from hwcomp.ir.types import IntArray
    from hwcomp.prove.synthesize import ShiftPreference
    from hwcomp.support.manifest import Manifest

_INT_MAX = (1 << 31) - 1
_INT_DIGITS = 12


@dataclass(frozen=True, slots=True)
class TargetOptions:
    """Base of each target's options: fields of type str, int, bool or Enum, each with `metadata={"help": ...}`.

    An int may have a "least" (0) and a "most" (2^31 - 1) there, and "default": what a default beyond these means.
    """


OptionsT = TypeVar("OptionsT", bound=TargetOptions)


@dataclass(frozen=True, slots=True)
class PlannedDesign:
    """A design that could be built, as predicted. kind: what it is beside the others, "chosen" the one that is built.

    macs_per_multiplier: multiply-accumulates of a multiplier in a clock, in the steady state; None without any.
    """

    kind: str
    interval_cycles: int
    frames_a_second: int
    latency_cycles: int
    lut: int
    ff: int
    dsp: int
    bram: int
    macs_per_multiplier: float | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The designs that a target could build for the options given. device: what they are fitted to."""

    device: str
    clock_mhz: int
    designs: tuple[PlannedDesign, ...]


@dataclass(frozen=True, slots=True)
class EmitInfo:
    """What the bundle says about its origin.

    model_name: the model's file name; model_sha256: of that file; command: what made the bundle; reference, policy: as
    the user asked; version: hwcomp's; samples: inputs of the user's own, by port name, joined along axis 0;
    announce: is told of the design that was chosen and of others, where there is a choice, before it is made.
    """

    model_name: str
    model_sha256: str
    command: str
    reference: str
    policy: str
    version: str
    samples: Mapping[str, IntArray] | None = None
    announce: Callable[[Plan], None] | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """A folder that stands by itself: its files by relative path, its manifest (also among the files), and the file a
    user opens first."""

    files: Mapping[str, bytes]
    manifest: Manifest
    entry: str


class Target(ABC, Generic[OptionsT]):
    """One thing to build for. `options_type` has the options; help and parsing are derived from its fields."""

    name: str
    summary: str
    options_type: type[OptionsT]

    def parse_options(self, given: Mapping[str, str]) -> OptionsT:
        """The options from texts.

        Raises:
            HwcompError: HWC006, every unknown name and unreadable value at once.
        """
        return parse_options(self.options_type, given, self.name)

    @abstractmethod
    def shift_preference(self, options: OptionsT) -> ShiftPreference:
        """Which multipliers and shifts the target's rescales like best."""

    @abstractmethod
    def prepare(self, graph: Graph, options: OptionsT) -> Graph:
        """Rewrite an integer graph into one of the same meaning whose every operator the target has."""

    @abstractmethod
    def check(self, graph: Graph, options: OptionsT) -> list[Problem]:
        """Every reason why `emit` could not succeed; found without emitting."""

    def plan(self, graph: Graph, options: OptionsT, *, everything: bool) -> Plan | None:
        """What could be built of a prepared graph, before anything is; None where there is nothing to choose.

        everything: designs of all speeds, not only the chosen one's neighbours.

        Raises:
            HwcompError: the goals cannot be met.
        """
        return None

    @abstractmethod
    def emit(self, graph: Graph, options: OptionsT, info: EmitInfo) -> Bundle:
        """The bundle of a graph that `prepare` made and in which `check` finds nothing."""


@dataclass(frozen=True, slots=True)
class OptionHelp:
    """An option as `hwcomp targets` shows it. values: what it takes, such as "speed | size" or "integer"."""

    name: str
    values: str
    default: str
    help: str


def describe_options(options_type: type[TargetOptions]) -> list[OptionHelp]:
    """Help for each option, derived from the fields."""
    hints = get_type_hints(options_type)
    return [
        OptionHelp(
            field.name.replace("_", "-"),
            _values(hints[field.name], field.metadata),
            str(field.metadata.get("default", _text(field.default))),
            str(field.metadata.get("help", "")),
        )
        for field in fields(options_type)
    ]


def parse_options(options_type: type[OptionsT], given: Mapping[str, str], target: str) -> OptionsT:
    """Read options from texts; names may be spelt with `-` or `_`.

    Raises:
        HwcompError: HWC006.
    """
    hints = get_type_hints(options_type)
    names = {field.name: field.metadata for field in fields(options_type)}
    problems: list[Problem] = []
    values: dict[str, object] = {}
    for key, text in given.items():
        name = key.replace("-", "_")
        if name not in names:
            listed = ", ".join(sorted(n.replace("_", "-") for n in names))
            problems.append(Problem("HWC006", f"no option '{key}'", f"target '{target}'", f"use one of: {listed}"))
            continue
        try:
            values[name] = _read(hints[name], text, names[name])
        except ValueError:
            problems.append(
                Problem(
                    "HWC006",
                    f"'{text}' is no value of option '{key}'",
                    f"target '{target}'",
                    f"give: {_values(hints[name], names[name])}",
                )
            )
    if problems:
        raise HwcompError.of(problems)
    return options_type(**values)


def _limits(metadata: Mapping[str, object]) -> tuple[int, int]:
    least, most = metadata.get("least", 0), metadata.get("most", _INT_MAX)
    assert isinstance(least, int) and isinstance(most, int)
    return least, most


def _read(kind: type, text: str, metadata: Mapping[str, object]) -> object:
    if issubclass(kind, Enum):
        return kind(text)
    if kind is bool:
        return {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}.get(text) or _no(text)
    if kind is int:
        least, most = _limits(metadata)
        value = int(text) if len(text) <= _INT_DIGITS else most + 1
        if not least <= value <= most:
            raise ValueError(text)
        return value
    return text


def _no(text: str) -> bool:
    if text not in ("no", "false", "0"):
        raise ValueError(text)
    return False


def _values(kind: type, metadata: Mapping[str, object]) -> str:
    if issubclass(kind, Enum):
        return " | ".join(str(member.value) for member in kind)
    if kind is int:
        least, most = _limits(metadata)
        return f"an integer from {least}" + ("" if most == _INT_MAX else f" to {most}")
    return "yes | no" if kind is bool else "a text"


def _text(default: object) -> str:
    if isinstance(default, Enum):
        return str(default.value)
    if isinstance(default, bool):
        return "yes" if default else "no"
    return str(default)
