"""Operators that compute nothing: views, states, copies."""

from __future__ import annotations

from hwcomp.ir.ops.layout import Reshape
from hwcomp.ir.ops.state import StateRead, StateWrite
from hwcomp.targets.fuse import Unit
from hwcomp.targets.tvm.context import Context, place
from hwcomp.targets.tvm.kernel import Argument, Block, Kernel


def lower_reshape(context: Context, unit: Unit) -> Kernel:
    """A view: the same bytes under another shape."""
    assert isinstance(unit.op, Reshape)
    return Kernel(unit.op, unit.op.inputs, unit.output, note=place(unit.op))


def lower_state_read(context: Context, unit: Unit) -> Kernel:
    """A view of the state; storage.py makes it a copy where the view would not last."""
    assert isinstance(unit.op, StateRead)
    return Kernel(unit.op, (), unit.output, note=place(unit.op))


def lower_state_write(context: Context, unit: Unit) -> Kernel:
    """A copy into the state."""
    op = unit.op
    assert isinstance(op, StateWrite)
    made = copy_kernel(context, op.inputs[0], op.state, f"k_keep_{len(context.graph.states)}_{op.state}")
    return Kernel(
        op, op.inputs, op.state, context.label(op), made.sources, (), made.results,
        statements=made.statements, is_state_write=True, note=place(op),
    )  # fmt: skip


def copy_kernel(context: Context, source: str, target: str, function: str) -> Kernel:
    """Bytes from one place to another: a value to an output or a state."""
    count = context.bytes(source)
    x, y = Argument("X", (count,), "uint8"), Argument("Y", (count,), "uint8")
    block = Block("out", (("i", count, "S"),), ("Y[vi] = X[vi]",))
    return Kernel(
        None, (source,), target, function, (x,), (), (y,), statements=tuple(block.lines()), note=f"copy of {source}"
    )
