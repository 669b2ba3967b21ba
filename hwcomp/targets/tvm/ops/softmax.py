"""Softmax and its logarithms: rows over the last axis, gemmlowp's arithmetic on terms (see `ir/ops/softmax.py`)."""

from __future__ import annotations

import math
from collections.abc import Callable

from hwcomp.ir.op import Op
from hwcomp.ir.ops import log_softmax as log
from hwcomp.ir.ops import wide_log_softmax as wide_log
from hwcomp.ir.ops.log_softmax import LogSoftmax
from hwcomp.ir.ops.softmax import (
    FORTY_EIGHT_OVER_17,
    MINUS_THIRTY_TWO_OVER_17,
    NEWTON_STEPS,
    ONE_Q31,
    Softmax,
)
from hwcomp.ir.ops.wide_log_softmax import WideLogSoftmax
from hwcomp.targets.fuse import Unit
from hwcomp.targets.tvm.context import Context, constant, narrowest, place
from hwcomp.targets.tvm.expression import Let, Term, literal, select
from hwcomp.targets.tvm.kernel import Argument, Block, Constant, Kernel

_INT32_MIN, _INT32_MAX = -(1 << 31), (1 << 31) - 1


class Temporaries:
    """Working values of a block, each in an element of a buffer: TVM substitutes T.let, which grows without bound."""

    def __init__(self, name: str, lines: list[str]) -> None:
        self._name, self._lines, self._count = name, lines, 0

    def __call__(self, name: str, term: Term) -> Term:
        """Keep `term`, widened; `name` is for the reader of this file."""
        element = f"{self._name}[{self._count}]"
        self._count += 1
        self._lines.append(f"{element} = {term.widened().text}")
        return Term(element, True)

    @property
    def buffer(self) -> Argument:
        """The buffer that holds them."""
        return Argument(self._name, (max(self._count, 1),), "int64")


def wide(value: int) -> Term:
    return literal(value, True)


def clamp(x: Term, lo: int, hi: int) -> Term:
    return x.at_most(hi).at_least(lo)


def doubling_high_mul(let: Let, a: Term, b: Term | int) -> Term:
    """round(a * b / 2^31), half away from zero."""
    p = let("p", a * b)
    nudged = let("g", p + select(p.compared(">=", 0), 1 << 30, wide(1 - (1 << 30)), True))
    # floor(-(-n) / 2^31) towards zero: add 2^31 - 1 to negatives before the shift.
    return let("h", (nudged + select(nudged.compared("<", 0), ONE_Q31 - 1, wide(0), True)) >> 31)


def rounding_shift(let: Let, x: Term, exponent: Term | int) -> Term:
    """x / 2^exponent, half away from zero."""
    mask = let("m", (wide(1) << exponent) - 1) if isinstance(exponent, Term) else wide((1 << exponent) - 1)
    threshold = (mask >> 1) + select(x.compared("<", 0), 1, wide(0), True)
    return let("s", (x >> exponent) + select((x & mask).compared(">", threshold), 1, wide(0), True))


def leading_zeros(let: Let, x: Term) -> Term:
    """Of the low 32 bits of 0 <= x < 2^63, below 0 where x has more; 32 of 0. TVM's target c has no such call."""
    rest, places = x, wide(0)
    for step in (32, 16, 8, 4, 2, 1):
        is_higher = rest.compared(">=", 1 << step)
        places = let("n", places + select(is_higher, step, wide(0), True))
        rest = let("r", select(is_higher, rest >> step, rest, True))
    return wide(31) - places + select(x.compared("==", 0), 1, wide(0), True)


def one_over_one_plus(let: Let, fraction: Term) -> Term:
    """1 / (1 + fraction) in Q0.31: three Newton steps."""
    half = let("d", (fraction + ONE_Q31) >> 1)
    x = doubling_high_mul(let, half, MINUS_THIRTY_TWO_OVER_17) + FORTY_EIGHT_OVER_17
    for _ in range(NEWTON_STEPS):
        x = let("x", x)
        error = wide(1 << 29) - doubling_high_mul(let, half, x)
        product = doubling_high_mul(let, x, error)
        x = x + clamp(product << 2, _INT32_MIN, _INT32_MAX)
    return let("r", clamp(x << 1, _INT32_MIN, _INT32_MAX))


def lower_softmax(context: Context, unit: Unit) -> Kernel:
    """exp(x - max) / sum, by tables and gemmlowp's reciprocal."""
    op = unit.op
    assert isinstance(op, Softmax)

    def scale_of(let: Let, total: Term) -> tuple[Term, ...]:
        headroom = let("z", leading_zeros(let, total))
        up, down = headroom.at_least(0), (wide(0) - headroom).at_least(0)
        mantissa = one_over_one_plus(let, let("f", ((total << up) >> down) - ONE_Q31))
        return mantissa, wide(op.integer_bits + 31 - op.out_bits) - headroom

    def result(let: Let, distance: str, row: tuple[Term, ...], tables: tuple[Constant, ...]) -> Term:
        product = doubling_high_mul(let, row[0], tables[0].argument.load((distance,)).widened())
        return clamp(rounding_shift(let, product, row[1]) + op.zero, op.lo, op.hi)

    return _rows(context, unit, op, ("E", "S"), 1, scale_of, result)


def lower_log_softmax(context: Context, unit: Unit) -> Kernel:
    """x - max - log(sum(exp)), TFLite's."""
    op = unit.op
    assert isinstance(op, LogSoftmax)
    multiplier, shift = op.reverse

    def scale_of(let: Let, total: Term) -> tuple[Term, ...]:
        log_sum = logarithm(let, total)
        least = rounding_shift(let, doubling_high_mul(let, log_sum + _INT32_MIN, multiplier), -shift)
        return log_sum, least.at_least(-op.radius - 1)

    def result(let: Let, distance: str, row: tuple[Term, ...], tables: tuple[Constant, ...]) -> Term:
        difference = tables[0].argument.load((distance,)).widened() - row[0]
        y = rounding_shift(let, let("o", difference), log.OUTPUT_SHIFT) + op.hi
        seen = (wide(0) - Term(distance).widened()).compared(">", row[1])
        return select(seen, clamp(y, op.lo, op.hi), wide(op.lo), True)

    return _rows(context, unit, op, ("D", "S"), 1, scale_of, result)


def lower_wide_log_softmax(context: Context, unit: Unit) -> Kernel:
    """The same with the exponentials summed in 64 bits."""
    op = unit.op
    assert isinstance(op, WideLogSoftmax)

    def scale_of(let: Let, total: Term) -> tuple[Term, ...]:
        length = wide(32) - leading_zeros(let, total)
        down = let("w", length - wide_log.MANTISSA_BITS)
        power = (down - wide_log.MANTISSA_POWER) * wide_log.LOG_2_Q40
        bits = 40 - log.LOG_FRACTION_BITS
        # A total of 2^31 - 1 has 31 bits: `down` is never below 0.
        whole = logarithm(let, let("v", total >> down)) + ((power + (1 << (bits - 1))) >> bits)
        return (rounding_shift(let, let("o", whole.at_least(0)), log.LOG_FRACTION_BITS - op.fraction_bits),)

    def result(let: Let, distance: str, row: tuple[Term, ...], tables: tuple[Constant, ...]) -> Term:
        return tables[0].argument.load((distance,)).widened() - row[0]

    return _rows(context, unit, op, ("D", "E"), 1, scale_of, result)


def _times(let: Let, a: Term, b: Term | int) -> Term:
    return doubling_high_mul(let, a, b)


def _shift(let: Let, x: Term, exponent: Term) -> Term:
    """x * 2^exponent within 32 bits, saturated; exponents from 0 to 31."""
    limit = let("t", (wide(1) << (wide(31) - exponent)) - 1)
    high, low = x.compared(">", limit), x.compared("<", wide(0) - limit)
    shifted = select(high, wide(_INT32_MAX), select(low, wide(_INT32_MIN), x << exponent, True), True)
    return let("s", select(exponent.compared("==", 0), x, shifted, True))


def logarithm(let: Let, x: Term) -> Term:
    """log(x) in Q5.26 of x >= 1 in Q12.19 (see `ir/ops/log_softmax.py`)."""
    keep = 31 - log.ACCUMULATOR_BITS
    high = let("z", leading_zeros(let, x))
    mantissa_a = _shift(let, _times(let, _shift(let, x, high - 1), log.SQRT_HALF), wide(1))
    power_a = _shift(let, wide(log.SUM_INTEGER_BITS) - high, wide(keep)) + log.QUARTER
    headroom = let("z", leading_zeros(let, _times(let, x, log.SQRT_HALF)) - 1)
    power_b = _shift(let, wide(log.SUM_INTEGER_BITS) - headroom, wide(keep)) - log.QUARTER
    r = let("r", mantissa_a.at_most(_shift(let, x, headroom)))
    power = let("w", power_a.at_most(_INT32_MAX).at_least(power_b.at_least(_INT32_MIN)))
    p = let("a", (r + log.SQRT_SQRT_HALF + 1) >> 1)
    q = let("b", (r - log.SQRT_SQRT_HALF) * 2)
    square = _times(let, q, q)
    numerator = _times(let, q, r) + _times(let, _times(let, q, square), log.ALPHA_N)
    inner = let("i", q + log.ALPHA_I + _times(let, square, log.ALPHA_D))
    denominator = let("e", _times(let, p, inner) + _times(let, q, log.ALPHA_F))
    small = rounding_shift(let, let("n", numerator), log.ACCUMULATOR_BITS)
    total = _times(let, power, log.LOG_2) + _times(let, small, one_over_one_plus(let, denominator))
    return _shift(let, let("y", total), wide(1))


_Scale = Callable[[Let, Term], tuple[Term, ...]]
_Result = Callable[[Let, str, tuple[Term, ...], tuple[Constant, ...]], Term]


def _rows(
    context: Context, unit: Unit, op: Op, names: tuple[str, str], summed: int, scale_of: _Scale, result: _Result
) -> Kernel:
    """Four blocks: each row's maximum, the sum of a table over it, what all its elements share, the elements."""
    x = context.argument("X", op.inputs[0])
    tables: list[Constant] = []
    for name, value in zip(names, op.inputs[1:], strict=True):
        data = context.value(value).data
        assert data is not None
        tables.append(constant(name, data, narrowest(data)))
    lead = tuple(f"i{i}" for i in range(len(x.shape) - 1))
    rows = tuple((name, size, "S") for name, size in zip(lead, x.shape[:-1], strict=True)) or (("i", 1, "S"),)
    row = tuple(f"v{name}" for name in lead)
    count = x.shape[-1]
    shape = x.shape[:-1]
    top, total = Argument("top", shape, "int32"), Argument("total", shape, "int64")
    read = x.load((*row, "vc")).narrowed()
    least = literal(context.value(op.inputs[0]).range.min, False)
    distance = f"{top.load(row).text} - {read.text}"
    maximum = Block("top", (*rows, ("c", count, "R")), (top.store(row, top.load(row).at_least(read)),),
                    top.store(row, least))  # fmt: skip
    term = tables[summed].argument.load((distance,)).widened()
    summing = Block("total", (*rows, ("c", count, "R")), (total.store(row, total.load(row) + term),),
                    total.store(row, wide(0)))  # fmt: skip
    lines: list[str] = []
    row_values = Temporaries("t", lines)
    shared = scale_of(row_values, total.load(row))
    kept = tuple(Argument(f"row{i}", shape, "int64") for i in range(len(shared)))
    lines += [argument.store(row, value) for argument, value in zip(kept, shared, strict=True)]
    per_row = Block("row", rows, tuple(lines))
    body: list[str] = []
    values = Temporaries("u", body)
    own = values("j", Term(distance)).narrowed()
    y = result(values, own.text, tuple(argument.load(row) for argument in kept), tuple(tables))
    target = context.argument("Y", unit.output)
    body.append(target.store((*row, "vc"), y))
    elements = Block("out", (*rows, ("c", count, "S")), tuple(body))
    blocks = (maximum, summing, per_row, elements)
    small = math.prod(shape) <= _LOCAL_ROWS
    buffers = (top, total, *kept)
    return Kernel(
        op,
        op.inputs[:1],
        unit.output,
        context.label(op),
        (x,),
        tuple(tables),
        (target,),
        work=() if small else buffers,
        local=(*(buffers if small else ()), row_values.buffer, values.buffer),
        statements=tuple(line for block in blocks for line in block.lines()),
        note=place(op),
    )


_LOCAL_ROWS = 16
"""Rows whose working values fit the stack; those of more are in the arena."""
