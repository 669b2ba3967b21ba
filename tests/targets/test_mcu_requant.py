"""Requants as the kernels get them: the cheapest kind, tables as short as can be, shifts widened without a change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hwcomp.ir.dyadic import NegativeCorrection, Tie
from hwcomp.ir.ops.requant import Requant
from hwcomp.ir.types import S8, S32, Location, Range, TensorType, Value
from hwcomp.support.errors import HwcompError
from hwcomp.targets.mcu.context import Context
from hwcomp.targets.mcu.layers import Field
from hwcomp.targets.mcu.options import McuOptions
from hwcomp.targets.mcu.pool import Pool
from hwcomp.targets.mcu.requant import fits_int32, kind_of, requant_fields, widened
from tests.targets.mcu_graphs import GRAPHS

PLAIN = Requant(
    name="r",
    inputs=("a",),
    outputs=("y",),
    loc=Location("net.onnx", "r", "QuantizeLinear"),
    mult=((1000, 1001, 1002),),
    offset=(1 << 19,) * 3,
    shift=20,
    zero=5,
    lo=-128,
    hi=127,
    dtype=S8,
)


def wide(lo: int, hi: int) -> Value:
    return Value("a", TensorType((3,), S32), Range.whole(lo, hi))


def fields_of(requant: Requant | None) -> tuple[dict[str, str], Pool]:
    context = Context(GRAPHS["passing"](), McuOptions(), Pool("net"))
    fields: tuple[Field, ...] = requant_fields(context, "layer_x", requant)
    return {field.name.removeprefix("requant."): field.text for field in fields}, context.pool


def test_kinds() -> None:
    assert kind_of(PLAIN) == "HWC_REQUANT_NARROW"
    assert kind_of(replace(PLAIN, shift=32, offset=(1 << 31,) * 3)) == "HWC_REQUANT_HIGH"
    assert kind_of(replace(PLAIN, shift=32, offset=(1 << 31, 1 << 31, 7))) == "HWC_REQUANT_NARROW"
    assert kind_of(replace(PLAIN, tie=Tie.EVEN)) == "HWC_REQUANT_GENERAL"
    assert kind_of(replace(PLAIN, negative=NegativeCorrection(0, (9,)))) == "HWC_REQUANT_GENERAL"


def test_tables_are_as_short_as_the_values_allow() -> None:
    fields, pool = fields_of(PLAIN)
    assert (fields["mult_step"], fields.get("offset_step")) == ("1", None)
    assert [table.data.tolist() for table in pool.tables] == [[1000, 1001, 1002], [1 << 19]]
    fields, pool = fields_of(replace(PLAIN, shift=32, mult=((7, 7, 7),), offset=(1 << 31,) * 3))
    assert "offset" not in fields
    assert [table.data.tolist() for table in pool.tables] == [[7]]
    fields, pool = fields_of(replace(PLAIN, inputs=("a", "b"), mult=((7, 7, 7), (8, 8, 9))))
    assert pool.tables[0].data.tolist() == [7, 7, 7, 8, 8, 9]
    fields, pool = fields_of(replace(PLAIN, negative=NegativeCorrection(3, (1, 2, 3))))
    assert [table.data.tolist() for table in pool.tables][2:] == [[3, 3, 3], [1, 2, 3]]
    assert fields_of(None)[0] == {"kind": "HWC_REQUANT_NONE"}


@pytest.mark.parametrize("shift", [0, 1, 11, 20, 31, 32, 40])
def test_widened_is_the_same_function(shift: int) -> None:
    rng = np.random.default_rng(shift)
    narrow = replace(PLAIN, shift=shift, offset=tuple(int(v) for v in rng.integers(-(1 << 20), 1 << 20, 3)))
    other = widened(narrow)
    assert other is not None
    assert other.shift == (32 if 11 <= shift <= 32 else shift)
    x = rng.integers(-(1 << 31), 1 << 31, (500, 3))
    np.testing.assert_array_equal(other.evaluate(x)[0], narrow.evaluate(x)[0])


def test_not_widened() -> None:
    assert widened(None) is None
    for kept in (replace(PLAIN, tie=Tie.EVEN), replace(PLAIN, offset=(1 << 51, 0, 0))):
        assert widened(kept) == kept


def test_fits_int32() -> None:
    x = replace(PLAIN, shift=8, offset=(0, 0, 0), zero=0)
    assert fits_int32(x, [wide(-2000000, 2000000)])
    assert not fits_int32(x, [wide(-2000000, 2200000)])
    assert not fits_int32(replace(x, offset=(0, 0, 1 << 30)), [wide(0, 2000000)])
    assert not fits_int32(replace(x, zero=127, shift=24), [wide(0, 20000)])
    assert not fits_int32(replace(x, tie=Tie.EVEN), [wide(0, 1)])


def test_constants_that_no_kernel_holds() -> None:
    for bad in (
        replace(PLAIN, mult=((1 << 31, 1, 1),)),
        replace(PLAIN, offset=(1 << 63, 0, 0)),
        replace(PLAIN, hi=1 << 31),
        replace(PLAIN, negative=NegativeCorrection(0, (1 << 63,))),
    ):
        with pytest.raises(HwcompError, match="HWC402"):
            fields_of(bad)
