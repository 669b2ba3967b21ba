"""A Requant as TVMScript: the arithmetic of `ir/dyadic.py` on terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from hwcomp.ir.dyadic import Tie
from hwcomp.ir.ops.requant import Requant
from hwcomp.ir.types import S8, Value
from hwcomp.targets.tvm.context import UNSIGNED_BIAS, constant, narrowest, unsupported
from hwcomp.targets.tvm.expression import Term, both, literal, select
from hwcomp.targets.tvm.kernel import Constant

_INT32, _INT64 = 1 << 31, 1 << 63
_STORED = (-UNSIGNED_BIAS, 2 * UNSIGNED_BIAS - 1)
"""What (x - bias) * m becomes products of: the bias, and the largest x of 8 bits."""


@dataclass(slots=True)
class Requanting:
    """A Requant's statements and constants. `scale`: what the inputs are multiples of (see int4 weights)."""

    requant: Requant
    is_wide: bool
    constants: list[Constant] = field(default_factory=list)

    def apply(self, inputs: Sequence[Term], channel: str, prefix: str = "") -> tuple[tuple[str, ...], Term]:
        """(statements, y) of inputs at channel index `channel`; the statements name what is used twice."""
        q = self.requant
        lines: list[str] = []

        def let(name: str, term: Term) -> Term:
            lines.append(f"{prefix}{name}: T.let = {term.text}")
            return Term(f"{prefix}{name}", term.wide)

        total: Term | None = None
        for i, (x, mult) in enumerate(zip(inputs, q.mult, strict=True)):
            wide = x.widened() if self.is_wide else x.narrowed()
            product = wide * self._entry(f"M{i}" if len(q.mult) > 1 else "M", mult, channel)
            total = product if total is None else total + product
        assert total is not None
        needs_p = q.negative is not None or q.tie is Tie.AWAY
        p = let("p", total) if needs_p else total
        acc = p + self._entry("R", q.offset, channel)
        if q.negative is not None:
            amount = self._entry("N", q.negative.amount, channel)
            below = (p + q.negative.bias).compared("<", 0)
            acc = acc - select(below, amount, literal(0, amount.wide))
        if q.tie is not Tie.FLOOR:
            acc = let("a", acc)
        level = acc >> q.shift
        if q.tie is not Tie.FLOOR:
            level = let("q", level)
            exact = acc.compared("==", level << q.shift)
            odd = (level & 1).compared("==", 1) if q.tie is Tie.EVEN else p.compared("<", 0)
            level = level - select(both(exact, odd), 1, literal(0, level.wide), level.wide)
        y = (level + q.zero).at_most(q.hi).at_least(q.lo)
        return tuple(lines), y

    def _entry(self, name: str, values: Sequence[int], channel: str) -> Term:
        """The value of a channel: a literal where all are equal."""
        if len(set(values)) == 1:
            return literal(values[0], self.is_wide)
        if name not in {c.argument.name for c in self.constants}:
            data = np.array(values, np.int64)
            self.constants.append(constant(name, data, narrowest(data)))
        found = next(c for c in self.constants if c.argument.name == name)
        term = found.argument.load((channel,))
        return term.widened() if self.is_wide else term.narrowed()


def requanting(requant: Requant, operands: Sequence[Value]) -> Requanting:
    """The Requant of values with these ranges, in 32 bits where they suffice.

    Raises:
        HwcompError: HWC402 64 bits do not suffice.
    """
    low = high = 0
    for value, mult in zip(operands, requant.mult, strict=True):
        products = [x * b for x in (value.range.min, value.range.max) for b in (min(mult), max(mult))]
        if value.type.dtype == S8:  # perhaps stored with a bias, and TVM multiplies what is stored and the bias
            products += [x * b for x in _STORED for b in (min(mult), max(mult))]
        low, high = low + min(0, *products), high + max(0, *products)
    extra = [0, min(requant.offset), max(requant.offset)]
    if requant.negative is not None:
        extra += [
            requant.negative.bias,
            -max(requant.negative.amount),
            min(requant.offset) - max(requant.negative.amount),
        ]
    reach = [bound + e for bound in (low, high) for e in extra]
    levels = [(bound >> requant.shift) + requant.zero for bound in reach] + [requant.lo, requant.hi]
    largest = max(abs(v) for v in (*reach, *levels, *(b for m in requant.mult for b in m))) + 1
    if largest >= _INT64:
        raise unsupported(requant, "the rescale needs more than 64 bits", "build with '--exact fast'", "HWC402")
    return Requanting(requant, largest >= _INT32)
