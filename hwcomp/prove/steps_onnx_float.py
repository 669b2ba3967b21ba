"""QuantizeLinear of a float32 term (`terms_onnx.py`) as a step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hwcomp.ir.types import IntArray
from hwcomp.prove.definition import Definition
from hwcomp.prove.steps_onnx import half_even_definition
from hwcomp.prove.terms_onnx import Accumulated, Applied, Dequantised, Floats, Form, Term
from hwcomp.prove.terms_real import is_real, real


@dataclass(frozen=True, slots=True)
class QdqTerm:
    """QuantizeLinear of a float32 term: clamp(rint(term / scale) + zero, lo, hi), division in float32, ties to even."""

    term: Term
    scales: tuple[float, ...]
    zeros: tuple[int, ...]
    lo: int
    hi: int
    reference: str = "onnx"

    @property
    def channels(self) -> int:
        return max(self.term.channels, len(self.scales), len(self.zeros))

    @property
    def zero(self) -> int:
        return self.zeros[0]

    @property
    def domain(self) -> tuple[int, int]:
        return -(1 << 53), 1 << 53

    @property
    def definition(self) -> Definition | None:
        """Half even, where the ratios of the scales are dyadic and there is one zero point."""
        root: Term = self.term
        while isinstance(root, Applied) and root.function.is_clip:
            root = root.argument
        if isinstance(root, Dequantised):
            root = Accumulated(root.source, tuple(-z for z in root.zeros), root.scales)
        if not isinstance(root, Accumulated) or any(root.biases) or len(set(self.zeros)) > 1:
            return None
        channels = self.channels
        if root.divisor & (root.divisor - 1):
            return None
        divisors = np.array(self.scales, np.float32).astype(np.float64) * root.divisor
        ratios = np.broadcast_to(np.array(root.scales) / divisors, (channels,))
        even = half_even_definition(tuple(float(r) for r in ratios), self.zeros[0])
        if even is None:
            return None
        shifts = np.broadcast_to(np.array(root.offsets, np.int64), (channels,))
        offset = tuple(r + int(o) * m for r, o, m in zip(even.offset, shifts, even.mult[0], strict=True))
        return replace(even, offset=offset)

    @property
    def is_curved(self) -> bool:
        """Whether a function other than a clip stands in the term."""
        return self.term.form is Form.OTHER

    def __call__(self, *accumulators: IntArray) -> IntArray:
        if is_real(self.term):
            return self._real(accumulators)
        with np.errstate(over="ignore"):
            value = self.term(accumulators)
        return quantize(value, self.scales, self.zeros, self.lo, self.hi)

    def _real(self, accumulators: Sequence[IntArray]) -> IntArray:
        """The levels over a dot product. A float kernel sums in an order of its own, so its last bits mean nothing: the
        reference is the real quotient, in float64, as onnx.reference has it for the fused operators."""
        quotient = real(self.term, accumulators) / np.array(self.scales, np.float32).astype(np.float64)[:, None]
        level = np.rint(quotient) + np.array(self.zeros, np.float64)[:, None]
        return np.clip(level, self.lo, self.hi).astype(np.int64)


@dataclass(frozen=True, slots=True)
class QdqPair:
    """QuantizeLinear of a float32 term of two sources, per tensor: a residual addition or subtraction."""

    term: Term
    scale: float
    zero: int
    lo: int
    hi: int
    reference: str = "onnx"

    @property
    def channels(self) -> int:
        return 1

    @property
    def slopes(self) -> tuple[float, float]:
        return self.term.slope(0) / self.scale, self.term.slope(1) / self.scale

    def __call__(self, *accumulators: IntArray) -> IntArray:
        with np.errstate(over="ignore"):
            value = self.term(accumulators)
        return quantize(value, (self.scale,), (self.zero,), self.lo, self.hi)


def quantize(x: Floats, scales: Sequence[float], zeros: Sequence[int], lo: int, hi: int) -> IntArray:
    """QuantizeLinear of x [channels, n]; a NaN becomes the zero point as conversion of rint(NaN) is undefined there."""
    with np.errstate(all="ignore"):
        scaled = np.rint(np.divide(x, np.array(scales, np.float32)[:, None], dtype=np.float32)).astype(np.float64)
    level = np.nan_to_num(scaled, nan=0.0, posinf=1e18, neginf=-1e18) + np.array(zeros, np.float64)[:, None]
    return np.clip(level, lo, hi).astype(np.int64)
