"""Operators that compute nothing here: views, and the states."""

from __future__ import annotations

from hwcomp.ir.ops.layout import Reshape
from hwcomp.ir.ops.state import StateRead, StateWrite
from hwcomp.targets.fuse import Unit
from hwcomp.targets.mcu.context import Context
from hwcomp.targets.mcu.layers import Call, Layer


def lower_reshape(context: Context, unit: Unit) -> Layer:
    """A view: the same bytes under another shape."""
    assert isinstance(unit.op, Reshape)
    return Layer(unit.op, unit.op.inputs, unit.output, "")


def lower_state_read(context: Context, unit: Unit) -> Layer:
    """A view of the state; storage.py makes it a copy where the view would not last."""
    assert isinstance(unit.op, StateRead)
    return Layer(unit.op, (), unit.output, "")


def lower_state_write(context: Context, unit: Unit) -> Layer:
    """`hwc_copy` into the state."""
    op = unit.op
    assert isinstance(op, StateWrite)
    size = context.bytes(op.inputs[0], op)
    return Layer(op, op.inputs, op.state, "hwc_copy", str(size), calls=(Call((0,)),), is_state_write=True)
