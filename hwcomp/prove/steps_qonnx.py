"""A QONNX quantiser of a float32 term (`terms_onnx.py`) as a step.

The reference `qonnx`: every operator of the source in float32, one rounding each, in the source's order, as qonnx
executes it. Where float32 cannot hold the partial sums of a dot product, the package's last bits depend on an order of
the machine's own and are no function of the sum: there the reference is real arithmetic of the given float32 numbers
(the integer sum times the product of its two scales, the operators behind it in float64), up to the quantiser's
rounding.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwcomp.ir.types import IntArray
from hwcomp.prove.rounding_qonnx import QonnxQuant
from hwcomp.prove.terms_onnx import Accumulated, Applied, Combined, Constant, Operator, Term
from hwcomp.prove.terms_real import real

REFERENCE = "qonnx"


@dataclass(frozen=True, slots=True)
class QonnxTerm:
    """quant(term), of one accumulator."""

    term: Term
    quant: QonnxQuant
    reference: str = REFERENCE

    @property
    def channels(self) -> int:
        return max(self.term.channels, self.quant.channels)

    @property
    def lo(self) -> int:
        return self.quant.lo

    @property
    def hi(self) -> int:
        return self.quant.hi

    @property
    def domain(self) -> tuple[int, int]:
        return -(1 << 52), 1 << 52

    @property
    def is_curved(self) -> bool:
        """Whether a function that is no line stands in the term."""
        return not is_line(self.term)

    def __call__(self, *accumulators: IntArray) -> IntArray:
        with np.errstate(over="ignore"):
            if is_inexact(self.term):
                return self.quant(real(self.term, accumulators))
            return self.quant(self.term(accumulators))


@dataclass(frozen=True, slots=True)
class QonnxPair:
    """quant(term), of two accumulators, per tensor: a residual addition or subtraction."""

    term: Term
    quant: QonnxQuant
    reference: str = REFERENCE

    @property
    def channels(self) -> int:
        return 1

    @property
    def lo(self) -> int:
        return self.quant.lo

    @property
    def hi(self) -> int:
        return self.quant.hi

    @property
    def slopes(self) -> tuple[float, float]:
        scale = self.quant.scales[0] * (self.quant.divisor or 1.0)
        return self.term.slope(0) / scale, self.term.slope(1) / scale

    def __call__(self, *accumulators: IntArray) -> IntArray:
        with np.errstate(over="ignore"):
            return self.quant(self.term(accumulators))


def is_line(term: Term) -> bool:
    """Whether the term is a line, clipped at most."""
    if isinstance(term, Applied):
        return term.function.is_clip and is_line(term.argument)
    if isinstance(term, Combined):
        linear = term.operator in (Operator.ADD, Operator.SUB, Operator.MUL, Operator.DIV)
        one_constant = isinstance(term.left, Constant) or isinstance(term.right, Constant)
        return linear and one_constant and is_line(term.left) and is_line(term.right)
    return True


def is_inexact(term: Term) -> bool:
    """Whether a dot product that float32 does not hold stands in the term."""
    match term:
        case Accumulated():
            return bool(term.factors) and not term.is_product and not term.is_exact
        case Applied():
            return is_inexact(term.argument)
        case Combined():
            return is_inexact(term.left) or is_inexact(term.right)
        case _:
            return False


def directions(term: Term) -> IntArray | None:
    """For each channel of the term 1 where it does not decrease in its accumulators, -1 where it does not increase.

    None where neither is known. A term that does not depend on them has 1.
    """
    found = _direction(term)
    return None if found is None else np.where(found == 0, 1, found)


def _direction(term: Term) -> IntArray | None:
    match term:
        case Constant():
            return np.zeros(term.channels, np.int64)
        case Applied():
            return _direction(term.argument) if term.function.nondecreasing else None
        case Combined():
            left, right = _direction(term.left), _direction(term.right)
            return None if left is None or right is None else _combined(term, left, right)
        case _:
            return np.ones(term.channels, np.int64)


def _combined(term: Combined, left: IntArray, right: IntArray) -> IntArray | None:
    operator = term.operator
    if operator in (Operator.ADD, Operator.SUB, Operator.MIN, Operator.MAX):
        other = -right if operator is Operator.SUB else right
        opposed = bool((left * other < 0).any())
        return None if opposed else _signs(left + other)
    factor = _factor(term, left, right)
    if factor is None or (operator is Operator.PRELU and bool((factor < 0).any())):
        return None
    if operator is Operator.PRELU:
        return _signs(left * np.ones_like(factor))
    return _signs((left + right) * factor)


def _factor(term: Combined, left: IntArray, right: IntArray) -> IntArray | None:
    """The signs of the constant operand of a product, a quotient or a PRelu; None without one."""
    if isinstance(term.right, Constant):
        return _signs(np.array(term.right.values))
    if isinstance(term.left, Constant) and term.operator is Operator.MUL:
        return _signs(np.array(term.left.values))
    return None


def _signs(values: IntArray | NDArray[np.float64]) -> IntArray:
    signs: IntArray = np.sign(values).astype(np.int64)
    return signs
