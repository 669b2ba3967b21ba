"""Terms over a dot product in float64: what a float kernel, whose last bits depend on the order of its sum, stands for.

An accumulator under non-decreasing functions and constants is evaluated in real arithmetic: one float64 rounding for
each operator, 2^-53 where the source has 2^-24. The steps of neighbouring accumulators are far larger, so the result
does not decrease either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hwcomp.ir.types import IntArray
from hwcomp.prove.functions_onnx import Function, Kind, erf
from hwcomp.prove.terms_onnx import Accumulated, Applied, Combined, Constant, Form, Operator, Term

Doubles = NDArray[np.float64]


def is_real(term: Term) -> bool:
    """Whether the term stands over one dot product, or is no line over another accumulator, and does not decrease."""
    root = _root(term)
    if root is None or not term.nondecreasing:
        return False
    is_dot = bool(root.factors) and not root.is_product
    return is_dot or term.form is Form.OTHER


def _root(term: Term) -> Accumulated | None:
    """The one accumulator under functions and operators whose other operand is constant."""
    while not isinstance(term, Accumulated):
        if isinstance(term, Applied):
            term = term.argument
        elif isinstance(term, Combined) and isinstance(term.right, Constant):
            term = term.left
        elif isinstance(term, Combined) and isinstance(term.left, Constant):
            term = term.right
        else:
            return None
    return term


def real(term: Term, raw: Sequence[IntArray]) -> Doubles:
    """The term in float64, [channels, n]."""
    match term:
        case Accumulated():
            return term.real(raw)
        case Constant():
            return np.array(term.values, np.float64)[:, None]
        case Applied():
            return _applied(term.function, real(term.argument, raw))
        case Combined():
            return _combined(term.operator, real(term.left, raw), real(term.right, raw))
        case _:
            return term(raw).astype(np.float64)


def _combined(operator: Operator, a: Doubles, b: Doubles) -> Doubles:
    functions: dict[Operator, Callable[[Doubles, Doubles], Doubles]] = {
        Operator.ADD: np.add, Operator.SUB: np.subtract, Operator.MUL: np.multiply, Operator.DIV: np.divide,
        Operator.MIN: np.minimum, Operator.MAX: np.maximum, Operator.PRELU: lambda x, s: np.where(x < 0, x * s, x),
    }  # fmt: skip
    return functions[operator](a, b)


def _sigmoid(x: Doubles) -> Doubles:
    small = np.exp(-np.abs(x))
    return np.where(x > 0, 1 / (1 + small), small / (1 + small))


_SIMPLE: Mapping[Kind, Callable[[Doubles], Doubles]] = {
    Kind.SIGMOID: _sigmoid,
    Kind.TANH: np.tanh,
    Kind.ERF: erf,
    Kind.SOFTPLUS: lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))),
    Kind.SOFTSIGN: lambda x: x / (1 + np.abs(x)),
    Kind.EXP: np.exp,
    Kind.SIGN: np.sign,
    Kind.FLOOR: np.floor,
    Kind.CEIL: np.ceil,
    Kind.ROUND: np.rint,
}


def _applied(function: Function, x: Doubles) -> Doubles:
    """A non-decreasing function; its parameters are the float32 numbers of the source."""
    p = [float(np.float32(v)) for v in function.parameters]
    with np.errstate(all="ignore"):
        match function.kind:
            case Kind.CLIP:
                return np.minimum(np.maximum(x, p[0]), p[1])
            case Kind.HARD_SIGMOID:
                return np.clip(x * p[0] + p[1], 0, 1)
            case Kind.LEAKY_RELU:
                return np.where(x < 0, x * p[0], x)
            case Kind.ELU:
                return np.where(x < 0, p[0] * np.expm1(x), x)
            case Kind.CELU:
                return np.maximum(x, 0) + np.minimum(0, p[0] * np.expm1(x / p[0]))
            case Kind.SELU:
                return np.where(x <= 0, np.expm1(x) * p[0], x) * p[1]
            case Kind.THRESHOLDED_RELU:
                return np.where(x > p[0], x, 0)
            case _:
                return _SIMPLE[function.kind](x)
