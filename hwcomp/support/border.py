"""The float arithmetic of a model outside of its integers: before an input is quantised, after an output is read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Rounding(Enum):
    """From real / scale and the zero point to an integer. All but the first add the zero point before they round."""

    LINEAR = "QuantizeLinear"  # ONNX's: to the nearest, ties to even, and the zero point then
    EVEN = "ROUND"  # QONNX's names from here: to the nearest, ties to even
    CEIL = "CEIL"
    FLOOR = "FLOOR"
    UP = "UP"  # away from zero
    DOWN = "DOWN"  # toward zero
    HALF_UP = "HALF_UP"  # to the nearest, ties away from zero
    HALF_DOWN = "HALF_DOWN"  # to the nearest, ties toward zero
    SIGN = "SIGN"  # 1 from 0 on, else 0


class BorderOperator(Enum):
    """A float32 operator between the model's own numbers and those that the integers stand for."""

    ADD = "plus"
    SUB = "minus"
    MUL = "times"
    DIV = "by"
    RSUB = "from"  # value - x
    RDIV = "under"  # value / x
    MAX = "at_least"
    MIN = "at_most"
    SOFTMAX = "softmax"
    LOG_SOFTMAX = "log_softmax"


@dataclass(frozen=True, slots=True)
class BorderStep:
    """x operator values: one number, or one for each element along `axis`; (log)softmax over `axis` has none."""

    operator: BorderOperator
    values: tuple[float, ...] = ()
    axis: int = 0
