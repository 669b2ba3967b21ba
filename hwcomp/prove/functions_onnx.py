"""Elementwise functions of ONNX in float32, each operation rounded as onnx.reference's numpy does."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Kind(Enum):
    """Which function; the parameters in order are given in the comment."""

    CLIP = "Clip"  # low, high; Relu is Clip(0, inf)
    SIGMOID = "Sigmoid"
    TANH = "Tanh"
    HARD_SIGMOID = "HardSigmoid"  # alpha, beta
    HARD_SWISH = "HardSwish"
    LEAKY_RELU = "LeakyRelu"  # alpha
    ELU = "Elu"  # alpha
    CELU = "Celu"  # alpha
    SELU = "Selu"  # alpha, gamma
    GELU = "Gelu"
    GELU_TANH = "GeluTanh"
    ERF = "Erf"
    SOFTPLUS = "Softplus"
    SOFTSIGN = "Softsign"
    MISH = "Mish"
    THRESHOLDED_RELU = "ThresholdedRelu"  # alpha
    EXP = "Exp"
    LOG = "Log"
    SQRT = "Sqrt"
    RECIPROCAL = "Reciprocal"
    ABS = "Abs"
    NEG = "Neg"
    SIGN = "Sign"
    FLOOR = "Floor"
    CEIL = "Ceil"
    ROUND = "Round"
    SIN = "Sin"
    COS = "Cos"
    POW = "Pow"  # exponent
    QUICK_GELU = "QuickGelu"  # alpha
    SWISH = "Swish"  # alpha
    SHRINK = "Shrink"  # bias, lambd
    TAN = "Tan"
    ASIN = "Asin"
    ACOS = "Acos"
    ATAN = "Atan"
    SINH = "Sinh"
    COSH = "Cosh"
    ASINH = "Asinh"
    ACOSH = "Acosh"
    ATANH = "Atanh"


_NONDECREASING = {
    Kind.CLIP, Kind.SIGMOID, Kind.TANH, Kind.SOFTPLUS, Kind.SOFTSIGN, Kind.EXP, Kind.ERF, Kind.SIGN, Kind.FLOOR,
    Kind.CEIL, Kind.ROUND,
}  # fmt: skip
_NONDECREASING_BY_PARAMETERS = {
    Kind.LEAKY_RELU: 1, Kind.HARD_SIGMOID: 1, Kind.ELU: 1, Kind.CELU: 1, Kind.SELU: 2, Kind.THRESHOLDED_RELU: 1,
}  # fmt: skip
"""How many of the first parameters must not be negative for the function not to decrease."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function and its parameters (float32 numbers)."""

    kind: Kind
    parameters: tuple[float, ...] = ()

    @property
    def is_clip(self) -> bool:
        return self.kind is Kind.CLIP

    @property
    def nondecreasing(self) -> bool:
        """Whether f(x) <= f(y) for all x <= y; False where that is not known."""
        if self.kind in _NONDECREASING_BY_PARAMETERS:
            return min(self.parameters[: _NONDECREASING_BY_PARAMETERS[self.kind]]) >= 0
        return self.kind in _NONDECREASING

    def __call__(self, x: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return np.asarray(_apply(self.kind, x, [np.float32(p) for p in self.parameters]), np.float32)


def _sigmoid(x: Floats) -> Floats:
    """onnx.reference: 1 / (1 + exp(-x)) above 0, exp(x) / (1 + exp(x)) below, so that nothing overflows."""
    one = np.float32(1)
    small = np.exp(-np.abs(x))
    return np.asarray(np.where(x > 0, one / (one + small), small / (one + small)), np.float32)


def erf(x: NDArray[np.floating]) -> NDArray[np.float64]:
    """math.erf of each element."""
    return np.array([math.erf(float(v)) for v in x.ravel()], np.float64).reshape(x.shape)


def _erf(x: Floats) -> Floats:
    """math.erf in float64, rounded to float32."""
    return erf(x).astype(np.float32)


def _apply(kind: Kind, x: Floats, p: list[np.float32]) -> Floats:
    simple = _SIMPLE.get(kind)
    return _parametric(kind, x, p) if simple is None else np.asarray(simple(x), np.float32)


def _gelu(x: Floats) -> Floats:
    return np.asarray(np.float32(0.5) * x * (np.float32(1) + _erf(x / np.float32(math.sqrt(2.0)))), np.float32)


def _gelu_tanh(x: Floats) -> Floats:
    inner = np.float32(math.sqrt(2 / math.pi)) * (x + np.float32(0.044715) * x * x * x)
    return np.asarray(np.float32(0.5) * x * (np.float32(1) + np.tanh(inner)), np.float32)


def _softplus(x: Floats) -> Floats:
    return np.asarray(np.maximum(x, np.float32(0)) + np.log1p(np.exp(-np.abs(x))), np.float32)


def _hard_sigmoid(x: Floats, alpha: np.float32, beta: np.float32) -> Floats:
    return np.asarray(np.maximum(np.float32(0), np.minimum(np.float32(1), x * alpha + beta)), np.float32)


def _softsign(x: Floats) -> Floats:
    return np.asarray(x / (np.float32(1) + np.abs(x)), np.float32)


_SIMPLE: Mapping[Kind, Callable[[Floats], Floats]] = {
    Kind.SIGMOID: _sigmoid,
    Kind.TANH: np.tanh,
    Kind.HARD_SWISH: lambda x: x * _hard_sigmoid(x, np.float32(1 / 6), np.float32(0.5)),
    Kind.GELU: _gelu,
    Kind.GELU_TANH: _gelu_tanh,
    Kind.ERF: _erf,
    Kind.SOFTPLUS: _softplus,
    Kind.SOFTSIGN: _softsign,
    Kind.MISH: lambda x: x * np.tanh(_softplus(x)),
    Kind.EXP: np.exp,
    Kind.LOG: np.log,
    Kind.SQRT: np.sqrt,
    Kind.RECIPROCAL: lambda x: np.float32(1) / x,
    Kind.ABS: np.abs,
    Kind.NEG: np.negative,
    Kind.SIGN: np.sign,
    Kind.FLOOR: np.floor,
    Kind.CEIL: np.ceil,
    Kind.ROUND: np.rint,
    Kind.SIN: np.sin,
    Kind.COS: np.cos,
    Kind.TAN: np.tan,
    Kind.ASIN: np.arcsin,
    Kind.ACOS: np.arccos,
    Kind.ATAN: np.arctan,
    Kind.SINH: np.sinh,
    Kind.COSH: np.cosh,
    Kind.ASINH: np.arcsinh,
    Kind.ACOSH: np.arccosh,
    Kind.ATANH: np.arctanh,
}


def _parametric(kind: Kind, x: Floats, p: list[np.float32]) -> Floats:  # noqa: C901  # a table: a formula a line
    zero, one = np.float32(0), np.float32(1)
    match kind:
        case Kind.CLIP:
            return np.asarray(np.minimum(np.maximum(x, p[0]), p[1]), np.float32)
        case Kind.HARD_SIGMOID:
            return _hard_sigmoid(x, p[0], p[1])
        case Kind.LEAKY_RELU:
            return np.asarray(np.where(x < 0, x * p[0], x), np.float32)
        case Kind.ELU:
            return np.where(x < 0, p[0] * (np.exp(x) - one), x)
        case Kind.CELU:
            low = np.minimum(zero, p[0] * (np.exp(x / p[0]) - one))
            return np.asarray(np.maximum(zero, x) + low, np.float32)
        case Kind.SELU:
            return np.where(x <= 0, np.exp(x) * p[0] - p[0], x) * p[1]
        case Kind.THRESHOLDED_RELU:
            return np.where(x > p[0], x, zero)
        case Kind.POW:
            return np.power(x, p[0])
        case Kind.SHRINK:
            return np.where(x < -p[1], x + p[0], np.where(x > p[1], x - p[0], zero))
        case Kind.QUICK_GELU | Kind.SWISH:
            return x * _sigmoid(p[0] * x)
        case _:
            raise NotImplementedError(kind)
