"""The operator table is whole: every operator is in it, has its tests, and its number of operands."""

from __future__ import annotations

from pathlib import Path

from hwcomp.ir import ops
from hwcomp.ir.op import Op

ABSTRACT = {"Movement", "Binary", "Choice", "Reduce", "Pool2d"}


def subclasses(cls: type[Op]) -> set[type[Op]]:
    """All below `cls`; those of tests are left out."""
    found = {sub for direct in cls.__subclasses__() for sub in (direct, *subclasses(direct))}
    return {sub for sub in found if sub.__module__.startswith("hwcomp.")}


def test_every_operator_is_in_the_table_once() -> None:
    """By name: a slotted dataclass leaves its undecorated twin among the subclasses."""
    concrete = {cls.__name__ for cls in subclasses(Op)} - ABSTRACT
    assert sorted(cls.__name__ for cls in ops.OPS.values()) == sorted(concrete)
    assert len(ops.OPS) == len(ops.KINDS)


def test_every_operator_has_its_number_of_operands() -> None:
    assert set(ops.OPERANDS) == set(ops.OPS.values())
    assert set(ops.OPS.values()) >= ops.QUANT_ONLY


def test_every_operator_has_its_tests() -> None:
    files = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}
    shared = {"state_read": "state", "state_write": "state"}
    assert {shared.get(kind, kind) for kind in ops.OPS} <= files
