"""Rescales of values that dot products read, which are stored with a bias: no product of what is stored overflows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwcomp.ir.graph import Graph
from hwcomp.ir.ops.elementwise import Max
from hwcomp.ir.ops.requant import Requant
from hwcomp.ir.types import S8, U8
from hwcomp.targets.tvm.requant import requanting
from tests.targets.mcu_graphs import Maker
from tests.targets.tvm_bundles import problem_of, rendered, run_all, written

LARGEST = (2**31 - 1 - 2**23) // 255
"""The largest multiplier with which a sum of stored 8 bits, before their bias is taken off, fits 32 bits."""


def graph(mult: int, shift: int = 24) -> Graph:
    """v = max(x, -85), read by a rescale by mult / 2^shift and by a dense layer."""
    m = Maker("stored")
    v = m.op(Max, m.input("x", (1, 4, 4, 8)), m.const(np.array(-85), S8))
    row, half = ((mult,),), (1 << (shift - 1),)
    low = m.requant(v, divide=1, shift=shift, mult=row, offset=half, lo=-20, hi=15, zero=2)
    high = m.requant(v, divide=1, shift=shift, mult=row, offset=half, lo=0, hi=255, zero=99, dtype=U8)
    return m.finish(low=low, high=high, sums=m.op_dense(v, 16))


@pytest.mark.parametrize(("mult", "is_wide"), [(LARGEST, False), (LARGEST + 1, True), (900, False)])
def test_64_bits_where_a_stored_value_needs_them(mult: int, is_wide: bool) -> None:
    made = graph(mult)
    requants = [op for op in made.ops if isinstance(op, Requant)]
    assert [requanting(op, made.operands(op)).is_wide for op in requants] == [is_wide, is_wide]


@pytest.mark.slow
def test_every_value_is_equal(tmp_path: Path) -> None:
    folders = []
    for mult in (LARGEST, LARGEST + 1, 15_900_000, 16_600_000):
        files, _ = rendered(graph(mult), tvm_target="x86-vnni", vectors="64")
        folders.append(written(files, tmp_path / f"mult{mult}"))
    assert run_all("build.py", folders) == {}
    assert {folder.name: problem_of(folder) for folder in folders} == {folder.name: "" for folder in folders}
