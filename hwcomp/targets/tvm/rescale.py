"""The requant of raw sums, eight products of 64 bits to a vector: one multiplication, one addition, the upper half.

With raw the sum without its bias B, floor(((raw + B) * M + R) / 2**S) + zero = floor((raw * M' + K) / 2**(32 + rest)),
where L = max(32 - S, 0), M' = M * 2**L, K = (B * M + R + zero * 2**S) * 2**L and rest = S + L - 32. The upper half of
the sum of 64 bits is a word of 32; clamps and stores of words are cheap. A negative correction compares raw with the
largest sum whose product is still below its limit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hwcomp.ir.dyadic import Tie
from hwcomp.ir.ops.requant import Requant
from hwcomp.targets.fuse import Unit
from hwcomp.targets.tvm.context import Context, constant
from hwcomp.targets.tvm.expression import Term, select
from hwcomp.targets.tvm.kernel import Argument, Constant
from hwcomp.targets.tvm.requant import Requanting, requanting

_INT32, _INT64 = 1 << 31, 1 << 63
_WORD = 32


@dataclass(slots=True)
class Rescaling:
    """From raw sums to stored values. bias: B, a value for each channel."""

    result: Argument
    bias: npt.NDArray[np.int64]
    requant: Requant | None
    general: Requanting | None
    folded: tuple[Constant, ...] = ()

    @property
    def constants(self) -> tuple[Constant, ...]:
        if self.folded:
            return self.folded
        return (*self._biases(), *(self.general.constants if self.general else ()))

    def _biases(self) -> tuple[Constant, ...]:
        return (constant("B", self.bias, "int32"),) if self.bias.any() else ()

    def lines(self, raw: Term, channel: str, result: Argument, index: tuple[str, ...]) -> tuple[str, ...]:
        """The statements that store the rescaled `raw` of a channel at `index` of `result`."""
        if self.requant is not None and self.folded:
            return self._folded_lines(self.requant, raw, channel, result, index)
        total = raw + self._biases()[0].argument.load((channel,)) if self.bias.any() else raw
        if self.general is None:
            return (result.store(index, total),)
        lines, y = self.general.apply(((total),), channel)
        return (*lines, result.store(index, y))

    def _folded_lines(
        self, q: Requant, raw: Term, channel: str, result: Argument, index: tuple[str, ...]
    ) -> tuple[str, ...]:
        entries = {c.argument.name: c.argument.load((channel,)) for c in self.folded}
        added = entries["K"]
        if "U" in entries:
            added = added - select(raw.compared("<", entries["U"]), entries["D"], 0)
        total = raw.widened() * entries["M"].widened() + added
        rest = max(q.shift - _WORD, 0)
        high = (total >> _WORD).narrowed() >> rest
        bias = result.bias
        y = high.at_least(q.lo + bias).at_most(q.hi + bias)
        return (Argument(result.name, result.shape, result.storage).store(index, y),)


def rescaling(context: Context, unit: Unit, bias: npt.NDArray[np.int64], reach: int) -> Rescaling:
    """The rescaling of a unit's sums, in the folded form where it is exact.

    reach: a bound of abs(raw).

    Raises:
        HwcompError: HWC402 64 bits do not suffice.
    """
    result = context.argument("Y", unit.output)
    if unit.requant is None:
        return Rescaling(result, bias, None, None)
    general = requanting(unit.requant, (context.value(unit.op.outputs[0]),))
    folded = _fold(unit.requant, bias, reach, result.bias) if general.is_wide else ()
    return Rescaling(result, bias, unit.requant, general, folded)


def _fold(q: Requant, bias: npt.NDArray[np.int64], reach: int, stored: int) -> tuple[Constant, ...]:
    """The constants M', K (and D, U of a negative correction); none where the form is not exact."""
    if q.tie is not Tie.FLOOR or len(q.mult) != 1:
        return ()
    count = len(bias)
    left = max(_WORD - q.shift, 0)
    mult, offset = _each(q.mult[0], count), _each(q.offset, count)
    scaled = [m << left for m in mult]
    added = [(int(b) * m + r + ((q.zero + stored) << q.shift)) << left
             for b, m, r in zip(bias, mult, offset, strict=True)]  # fmt: skip
    drop = [0] * count if q.negative is None else [a << left for a in _each(q.negative.amount, count)]
    largest = max(abs(k) + abs(d) + reach * abs(m) for k, d, m in zip(added, drop, scaled, strict=True))
    if min(scaled) <= 0 or max(scaled) >= _INT32 or largest >= _INT64:
        return ()
    made = [constant("M", np.array(scaled, np.int64), "int32"), constant("K", np.array(added, np.int64), "int64")]
    if q.negative is not None:
        limit = q.negative.bias
        below = [-(limit // m) - int(b) for b, m in zip(bias, mult, strict=True)]
        clipped = np.clip(np.array(below, np.int64), -_INT32, _INT32 - 1)
        made += [constant("D", np.array(drop, np.int64), "int64"), constant("U", clipped, "int32")]
    return tuple(made)


def _each(values: tuple[int, ...], count: int) -> list[int]:
    return [int(v) for v in values] * (1 if len(values) == count else count)
