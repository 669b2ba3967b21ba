"""A Requant as the constants of `hwc_requant_t` (firmware/include/hwc_requant.h)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hwcomp.ir.dyadic import Tie
from hwcomp.ir.ops.requant import Requant
from hwcomp.ir.types import Value
from hwcomp.support.errors import HwcompError
from hwcomp.targets.mcu import packing
from hwcomp.targets.mcu.context import Context, place
from hwcomp.targets.mcu.layers import Field, designate

_HIGH_SHIFT = 32
_TIES = {Tie.FLOOR: "HWC_TIE_FLOOR", Tie.EVEN: "HWC_TIE_EVEN", Tie.AWAY: "HWC_TIE_AWAY"}
_INT32, _INT64 = 1 << 31, 1 << 63


def kind_of(requant: Requant) -> str:
    """The cheapest form of `hwc_requant_t.kind` that has the meaning of `requant`."""
    if requant.tie is not Tie.FLOOR or requant.negative is not None:
        return "HWC_REQUANT_GENERAL"
    half = 1 << (_HIGH_SHIFT - 1)
    if requant.shift == _HIGH_SHIFT and len(requant.inputs) == 1 and all(r == half for r in requant.offset):
        return "HWC_REQUANT_HIGH"
    return "HWC_REQUANT_NARROW"


def widened(requant: Requant | None) -> Requant | None:
    """The same function with shift 32, where the constants have the room: Cortex-M kernels then take a high word."""
    if requant is None or len(requant.inputs) > 1 or kind_of(requant) == "HWC_REQUANT_GENERAL":
        return requant
    mult, offset, shift = packing.widen_shift(list(requant.mult[0]), list(requant.offset), requant.shift)
    return replace(requant, mult=(tuple(mult),), offset=tuple(offset), shift=shift)


def requant_fields(context: Context, label: str, requant: Requant | None) -> tuple[Field, ...]:
    """The fields `requant.*` of a layer's struct; raw accumulators where there is none."""
    if requant is None:
        return (Field("requant.kind", "HWC_REQUANT_NONE"),)
    _check(requant)
    kind, note, pool = kind_of(requant), f"requant of {place(requant)}", context.pool
    name = label.removeprefix("layer_")
    mult, mult_step = _rows(requant.mult)
    offset, offset_step = _rows((requant.offset,))
    fields: dict[str, int | str] = {"mult": pool.add(name, "mult", "int32_t", mult, f"multipliers, {note}")}
    if kind != "HWC_REQUANT_HIGH":
        fields["offset"] = pool.add(name, "offset", "int64_t", offset, f"offsets, {note}")
    if requant.negative is not None:
        amount, step = _rows((requant.negative.amount,))
        bias = [requant.negative.bias] * len(amount)
        fields["correction_bias"] = pool.add(name, "correction_bias", "int64_t", bias, f"corrections, {note}")
        fields["correction_amount"] = pool.add(name, "correction", "int64_t", amount, f"corrections, {note}")
        fields["correction_step"] = step
    fields |= {"zero": requant.zero, "lo": requant.lo, "hi": requant.hi, "kind": kind, "tie": _TIES[requant.tie]}
    fields |= {"shift": requant.shift, "mult_step": mult_step, "offset_step": offset_step}
    if requant.tie is Tie.FLOOR:
        del fields["tie"]
    return designate(**{f"requant__{key}": value for key, value in fields.items()})


def fits_int32(requant: Requant, operands: Sequence[Value]) -> bool:
    """Whether partial sums of p, the accumulator, and accumulator + zero * 2^shift fit int32; no correction, no tie."""
    if kind_of(requant) == "HWC_REQUANT_GENERAL":
        return False
    low = high = 0
    for value, mult in zip(operands, requant.mult, strict=True):
        products = [x * b for x in (value.range.min, value.range.max) for b in (min(mult), max(mult))]
        low, high = low + min(0, *products), high + max(0, *products)
    steps = [0, min(requant.offset), max(requant.offset)]
    zero = requant.zero << requant.shift
    reach = [bound + step + extra for bound in (low, high) for step in steps for extra in (0, zero)]
    return min(reach) >= -_INT32 and max(reach) < _INT32


def _rows(rows: Sequence[Sequence[int]]) -> tuple[list[int], int]:
    """Rows flattened with their step: one value a row (step 0) where no row changes along the channels."""
    if all(len(set(row)) == 1 for row in rows):
        return [row[0] for row in rows], 0
    return [value for row in rows for value in row], 1


def _check(requant: Requant) -> None:
    """HWC402 where a constant is wider than the kernels' types."""
    mult = [abs(b) for row in requant.mult for b in row]
    wide = [abs(r) for r in requant.offset]
    if requant.negative is not None:
        wide += [abs(requant.negative.bias), *requant.negative.amount]
    if max(mult) >= _INT32 or max(wide) >= _INT64:
        raise HwcompError(
            "HWC402",
            "a multiplier needs more than 31 bits, or an offset more than 63",
            str(requant.loc),
            "build with another '--reference', or '--exact fast'",
        )
    if requant.lo < -_INT32 or requant.hi >= _INT32 or abs(requant.zero) >= _INT32:
        raise HwcompError(
            "HWC402",
            f"the output [{requant.lo}, {requant.hi}] is wider than 32 bits",
            str(requant.loc),
            "quantise the output to 8 or 16 bits",
        )
