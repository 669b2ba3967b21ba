"""ONNX arithmetic in float32: what stands between DequantizeLinear and QuantizeLinear, as a term.

The reference `onnx`: every elementwise operator in float32, one rounding each (numpy, onnx.reference and ONNX Runtime
with its graph optimisation off agree). A dot product with constant weights is exact: the integer accumulator times the
product of the two scales, in float64; ONNX Runtime sums in float32, in an order of its own, so it can stand on the
other side of a tie. Constants and non-decreasing functions over it are real as well (`terms_real.py`); what else reads
it reads its float32.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, IntEnum

import numpy as np
from numpy.typing import NDArray

from hwcomp.ir.types import IntArray
from hwcomp.prove.functions_onnx import Function
from hwcomp.prove.rounding import float32_of_product, to_odd, two_product, two_sum

Floats = NDArray[np.float32]


class Form(IntEnum):
    """How far a term is from a line, the greater the farther."""

    LINEAR = 0  # sum of positive or negative multiples of the sources, plus a constant
    CLIPPED = 1  # a clip of a line
    OTHER = 2


def _taken(values: tuple[float, ...], indices: Sequence[int]) -> tuple[float, ...]:
    return tuple(values[i] for i in indices) if len(values) > 1 else values


def _column(values: Sequence[float]) -> Floats:
    return np.array(values, np.float32)[:, None]


def _exact(values: Sequence[float]) -> IntArray | NDArray[np.float64]:
    """Integers as such, so that a sum with accumulators is exact; else multiples of a power of two, in float64."""
    whole = all(float(v).is_integer() for v in values)
    return np.array(values, np.int64) if whole else np.array(values, np.float64)


@dataclass(frozen=True, slots=True)
class Dequantised:
    """float32(q - zero) * scale, per tensor or per channel; q is source number `source`.

    QONNX's zero points may have a fraction; that of the levels 0 and 1 of a bipolar tensor is one half.
    """

    source: int
    zeros: tuple[float, ...]
    scales: tuple[float, ...]

    @property
    def channels(self) -> int:
        return max(len(self.zeros), len(self.scales))

    @property
    def form(self) -> Form:
        return Form.LINEAR

    @property
    def nondecreasing(self) -> bool:
        return True

    def slope(self, source: int) -> float:
        return self.scales[0] if source == self.source else 0.0

    def renumber(self, numbers: Mapping[int, int]) -> Dequantised:
        return replace(self, source=numbers[self.source])

    def take(self, indices: Sequence[int]) -> Dequantised:
        return Dequantised(self.source, _taken(self.zeros, indices), _taken(self.scales, indices))

    def __call__(self, raw: Sequence[IntArray]) -> Floats:
        centred = raw[self.source] - _exact(self.zeros)[:, None]
        return centred.astype(np.float32) * _column(self.scales)


@dataclass(frozen=True, slots=True)
class Accumulated:
    """float32((acc + offset) * scale / divisor + bias), the exact real number rounded to float32 once.

    A dot product, or the average of `divisor` elements. `scales` are products of two float32, exact in float64;
    `biases` are the source's float32 numbers where they are no multiple of the scale; `offsets` may be halves and the
    like (`Dequantised`). `factors`: for a dot product the two float32 whose product each scale is. `is_product`: of two
    activations, element by element. `is_exact`: float32 holds every partial sum, in any order.
    """

    source: int
    offsets: tuple[float, ...]
    scales: tuple[float, ...]
    biases: tuple[float, ...] = (0.0,)
    divisor: int = 1
    factors: tuple[tuple[float, float], ...] = ()
    is_product: bool = False
    is_exact: bool = False

    @property
    def channels(self) -> int:
        return max(len(self.offsets), len(self.scales), len(self.biases))

    @property
    def form(self) -> Form:
        return Form.LINEAR

    @property
    def nondecreasing(self) -> bool:
        return True

    def slope(self, source: int) -> float:
        return self.scales[0] / self.divisor if source == self.source else 0.0

    def renumber(self, numbers: Mapping[int, int]) -> Accumulated:
        return replace(self, source=numbers[self.source])

    def take(self, indices: Sequence[int]) -> Accumulated:
        offsets, scales, biases = (_taken(values, indices) for values in (self.offsets, self.scales, self.biases))
        factors = tuple(self.factors[i] for i in indices) if len(self.factors) > 1 else self.factors
        return replace(self, offsets=offsets, scales=scales, biases=biases, factors=factors)

    def __call__(self, raw: Sequence[IntArray]) -> Floats:
        acc = raw[self.source] + _exact(self.offsets)[:, None]
        scale = np.array(self.scales, np.float64)[:, None]
        if not any(self.biases):
            return float32_of_product(acc, scale, self.divisor)
        product, lost = two_product(acc.astype(np.float64), scale / self.divisor)
        total, rest = two_sum(product, np.array(self.biases, np.float64)[:, None])
        return to_odd(np.asarray(total), np.asarray(rest + lost)).astype(np.float32)

    def real(self, raw: Sequence[IntArray]) -> NDArray[np.float64]:
        """The same in float64: a product of 53 bits, one rounding each for the sum and the division."""
        acc = (raw[self.source] + _exact(self.offsets)[:, None]).astype(np.float64)
        value = acc * np.array(self.scales, np.float64)[:, None] + np.array(self.biases, np.float64)[:, None]
        return value / self.divisor


@dataclass(frozen=True, slots=True)
class Constant:
    """A float32 number, or one for each channel."""

    values: tuple[float, ...]

    @property
    def channels(self) -> int:
        return len(self.values)

    @property
    def form(self) -> Form:
        return Form.LINEAR

    @property
    def nondecreasing(self) -> bool:
        return True

    def slope(self, source: int) -> float:
        return 0.0

    def renumber(self, numbers: Mapping[int, int]) -> Constant:
        return self

    def take(self, indices: Sequence[int]) -> Constant:
        return Constant(_taken(self.values, indices))

    def __call__(self, raw: Sequence[IntArray]) -> Floats:
        return np.broadcast_to(_column(self.values), (self.channels, raw[0].shape[1]))


@dataclass(frozen=True, slots=True)
class Applied:
    """A function of one float32."""

    function: Function
    argument: Term

    @property
    def channels(self) -> int:
        return self.argument.channels

    @property
    def form(self) -> Form:
        clip = self.function.is_clip and self.argument.form is not Form.OTHER
        return Form.CLIPPED if clip else Form.OTHER

    @property
    def nondecreasing(self) -> bool:
        return self.function.nondecreasing and self.argument.nondecreasing

    def slope(self, source: int) -> float:
        return self.argument.slope(source)

    def renumber(self, numbers: Mapping[int, int]) -> Applied:
        return replace(self, argument=self.argument.renumber(numbers))

    def take(self, indices: Sequence[int]) -> Applied:
        return replace(self, argument=self.argument.take(indices))

    def __call__(self, raw: Sequence[IntArray]) -> Floats:
        return self.function(self.argument(raw))


class Operator(Enum):
    """A float32 operator of two operands."""

    ADD = "add"
    SUB = "sub"
    MUL = "mul"
    DIV = "div"
    MIN = "min"
    MAX = "max"
    PRELU = "prelu"  # left where it is at least 0, else left * right


@dataclass(frozen=True, slots=True)
class Combined:
    """Two terms under an operator."""

    operator: Operator
    left: Term
    right: Term

    @property
    def channels(self) -> int:
        return max(self.left.channels, self.right.channels)

    @property
    def form(self) -> Form:
        left, right = self.left.form, self.right.form
        scalar = isinstance(self.right, Constant)
        if self.operator in (Operator.ADD, Operator.SUB):
            if scalar or (isinstance(self.left, Constant) and self.operator is Operator.ADD):
                return max(left, right)
            return Form.LINEAR if max(left, right) is Form.LINEAR else Form.OTHER
        if self.operator in (Operator.MUL, Operator.DIV) and isinstance(self.right, Constant):
            return left if min(self.right.values) > 0 else Form.OTHER
        if self.operator is Operator.MUL and isinstance(self.left, Constant):
            return right if min(self.left.values) > 0 else Form.OTHER
        return Form.OTHER

    @property
    def nondecreasing(self) -> bool:
        both = self.left.nondecreasing and self.right.nondecreasing
        if self.operator in (Operator.ADD, Operator.MIN, Operator.MAX):
            return both
        if self.operator is Operator.SUB:
            return self.left.nondecreasing and isinstance(self.right, Constant)
        if isinstance(self.right, Constant) and self.operator in (Operator.MUL, Operator.DIV, Operator.PRELU):
            least = min(self.right.values)
            return self.left.nondecreasing and (least > 0 if self.operator is Operator.DIV else least >= 0)
        if self.operator is Operator.MUL and isinstance(self.left, Constant):
            return self.right.nondecreasing and min(self.left.values) >= 0
        return both and self.form is not Form.OTHER

    def slope(self, source: int) -> float:
        """d(term)/d(source), about; of use where the term is a line, clipped or not."""
        left, right = self.left.slope(source), self.right.slope(source)
        if self.operator is Operator.SUB:
            return left - right
        if self.operator is Operator.MUL:
            return left * self.right.values[0] if isinstance(self.right, Constant) else right
        if self.operator is Operator.DIV and isinstance(self.right, Constant):
            return left / self.right.values[0]
        return left + right

    def renumber(self, numbers: Mapping[int, int]) -> Combined:
        return replace(self, left=self.left.renumber(numbers), right=self.right.renumber(numbers))

    def take(self, indices: Sequence[int]) -> Combined:
        return replace(self, left=self.left.take(indices), right=self.right.take(indices))

    def __call__(self, raw: Sequence[IntArray]) -> Floats:
        a, b = self.left(raw), self.right(raw)
        with np.errstate(all="ignore"):
            match self.operator:
                case Operator.ADD:
                    return np.add(a, b)
                case Operator.SUB:
                    return np.subtract(a, b)
                case Operator.MUL:
                    return np.multiply(a, b)
                case Operator.DIV:
                    return np.divide(a, b)
                case Operator.MIN:
                    return np.minimum(a, b)
                case Operator.MAX:
                    return np.maximum(a, b)
                case Operator.PRELU:
                    return np.where(a < 0, np.multiply(a, b), np.broadcast_to(a, np.broadcast_shapes(a.shape, b.shape)))


Term = Dequantised | Accumulated | Constant | Applied | Combined
