"""A model as read from the file, checked and in plain Python: nodes in execution order, constants as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwcomp.ir.types import Location
from hwcomp.support.errors import HwcompError

Array = NDArray[Any]
Attribute = int | float | str | tuple[int, ...] | tuple[float, ...] | tuple[str, ...] | Array


@dataclass(frozen=True, slots=True)
class Tensor:
    """A constant: its elements (4-bit ones in int8 or uint8) and the ONNX name of its element type, `INT4`."""

    array: Array
    type_name: str


@dataclass(frozen=True, slots=True)
class PortInfo:
    """An input or output of the model: dimensions with every symbolic one set to 1."""

    name: str
    type_name: str
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """An operator of the file. `inputs` keeps the empty names of absent optional inputs; `version` is of its domain."""

    op_type: str
    domain: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Attribute]
    loc: Location
    version: int

    @property
    def key(self) -> str:
        """`Conv`, or `com.microsoft:QLinearAdd`."""
        return f"{self.domain}:{self.op_type}" if self.domain else self.op_type

    def fail(self, code: str, what: str, fix: str) -> HwcompError:
        return HwcompError(code, what, str(self.loc), fix)

    def integer(self, name: str, default: int) -> int:
        value = self.attributes.get(name, default)
        if not isinstance(value, int):
            raise self._wrong(name, "an integer")
        return value

    def number(self, name: str, default: float) -> float:
        """A finite float attribute."""
        value = self.attributes.get(name, default)
        if not isinstance(value, (int, float)) or not np.isfinite(value):
            raise self._wrong(name, "a finite number")
        return float(value)

    def text(self, name: str, default: str) -> str:
        value = self.attributes.get(name, default)
        if not isinstance(value, str):
            raise self._wrong(name, "a string")
        return value

    def integers(self, name: str) -> tuple[int, ...] | None:
        value = self.attributes.get(name)
        if value is None:
            return None
        if not isinstance(value, tuple) or not all(isinstance(v, int) for v in value):
            raise self._wrong(name, "a list of integers")
        return tuple(int(v) for v in value)

    def _wrong(self, name: str, wanted: str) -> HwcompError:
        return self.fail(
            "HWC219", f"attribute '{name}' is {self.attributes[name]!r}, not {wanted}", "export the model again"
        )


@dataclass(frozen=True, slots=True)
class Model:
    """A checked model. `nodes` are in execution order."""

    name: str
    nodes: tuple[Node, ...]
    constants: Mapping[str, Tensor]
    inputs: tuple[PortInfo, ...]
    outputs: tuple[str, ...]
