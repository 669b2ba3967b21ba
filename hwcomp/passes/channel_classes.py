"""Which values share their channels, and which channels nobody would miss.

An operator that keeps channels apart ties its operands and its result into one class: removing channel c of one removes
c of all. In a class of C channels, index i of a value's last axis belongs to channel i mod C, since elements are stored
row-major: that also holds across every Reshape, with C the greatest common divisor of the last axes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwcomp.ir.graph import Graph
from hwcomp.ir.op import Op
from hwcomp.ir.ops.dot import Conv2d, Dense
from hwcomp.ir.ops.elementwise import Binary
from hwcomp.ir.ops.layout import Concat, Gather, Pad, Reshape, Resize, Slice, Transpose
from hwcomp.ir.ops.lut import Lut
from hwcomp.ir.ops.reduce import MaxPool2d, Reduce, SumPool2d
from hwcomp.ir.ops.requant import Requant, Rescale
from hwcomp.ir.types import IntArray, Value


@dataclass(frozen=True, slots=True)
class Kept:
    """`channels[value]`: the indices of its last axis that stay; values that lose none are absent."""

    channels: dict[str, IntArray]

    def of(self, value: str) -> IntArray | None:
        return self.channels.get(value)


def is_depthwise(op: Op, operands: tuple[Value, ...]) -> bool:
    """Whether a convolution makes output channel c from input channel c alone."""
    return isinstance(op, Conv2d) and op.groups == operands[0].shape[3] == operands[1].shape[0]


def _is_dot(op: Op) -> bool:
    """Whether the result's channels can be removed one by one, and those of the first operand folded into the bias."""
    return isinstance(op, Dense) or (isinstance(op, Conv2d) and op.groups == 1)


def _keeps_channels(op: Op, operands: tuple[Value, ...]) -> bool:
    """Whether channel c of the result depends on channel c of the operands alone."""
    shape = operands[0].shape if operands else ()
    if not shape:
        return False
    last = len(shape) - 1
    rules: list[tuple[tuple[type[Op], ...], bool]] = [
        ((Conv2d,), is_depthwise(op, operands)),
        ((Rescale,), isinstance(op, Rescale) and op.step.channels == 1),
        ((Requant, Binary, Lut, MaxPool2d, SumPool2d, Resize, Reshape), True),
        ((Reduce,), isinstance(op, Reduce) and last not in op.axes),
        ((Transpose,), isinstance(op, Transpose) and op.permutation[-1] == last),
        ((Pad,), isinstance(op, Pad) and not op.before[-1] and not op.after[-1]),
        ((Slice,), isinstance(op, Slice) and (op.starts[-1], op.sizes[-1], op.steps[-1]) == (0, shape[-1], 1)),
        ((Gather,), isinstance(op, Gather) and op.axis != last),
        ((Concat,), isinstance(op, Concat) and op.axis != last),
    ]
    return any(isinstance(op, kinds) and holds for kinds, holds in rules)


class ChannelClasses:
    """Union-find over a graph's activations; inputs, outputs and operators that mix channels pin a class."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._parent = {value.name: value.name for value in graph.values.values() if not value.is_constant}
        self._blocked: set[str] = set()
        blocked = [port.value for port in (*graph.inputs, *graph.outputs)]
        for op in graph.ops:
            blocked += self._tie(op)
        self._blocked = {self.find(name) for name in blocked if name in self._parent}

    def find(self, name: str) -> str:
        """The representative of a value's class."""
        while self._parent[name] != name:
            self._parent[name] = self._parent[self._parent[name]]
            name = self._parent[name]
        return name

    def _tie(self, op: Op) -> list[str]:
        """Join what `op` ties together; return the values whose channels it pins."""
        operands = self.graph.operands(op)
        if _is_dot(op):
            return []
        activations = [value for value in operands if not value.is_constant]
        if not _keeps_channels(op, operands) or not activations or len(op.outputs) != 1:
            return [*op.outputs, *(value.name for value in activations)]
        result = self.graph.values[op.outputs[0]]
        pinned: list[str] = []
        for value in activations:
            aligned = value.shape and result.shape and value.shape[-1] == result.shape[-1]
            if aligned or (isinstance(op, Reshape) and result.shape):
                self._parent[self.find(value.name)] = self.find(result.name)
            else:
                pinned.append(value.name)
        return pinned

    def removable(self) -> Kept:
        """The channels that can go: every reader of a class's values finds a constant there, or weighs it by zero."""
        sizes: dict[str, int] = {}
        for name in self._parent:
            shape = self.graph.values[name].shape
            root = self.find(name)
            sizes[root] = math.gcd(sizes.get(root, 0), shape[-1] if shape else 1)
        gone = {root: np.ones(size, bool) for root, size in sizes.items() if root not in self._blocked}
        for op in self.graph.ops:
            if _is_dot(op) and not self.graph.values[op.inputs[0]].is_constant:
                root = self.find(op.inputs[0])
                if root in gone:
                    gone[root] &= _foldable(op, self.graph.operands(op)).reshape(-1, sizes[root]).all(axis=0)
        channels: dict[str, IntArray] = {}
        for name in self._parent:
            mask = gone.get(self.find(name))
            if mask is not None and mask.any():
                if mask.all():
                    mask[0] = False
                repeats = self.graph.values[name].shape[-1] // mask.size if self.graph.values[name].shape else 1
                kept: IntArray = np.flatnonzero(np.tile(~mask, repeats)).astype(np.int64)
                channels[name] = kept
        return Kept({name: kept for name, kept in channels.items() if kept.size < self.graph.values[name].shape[-1]})


def _foldable(op: Op, operands: tuple[Value, ...]) -> NDArray[np.bool_]:
    """For each channel of a dot's input whether its terms are one constant: bool [channels]."""
    x, w = operands[0], operands[1]
    assert w.data is not None
    lo, hi = x.range.channels(x.shape[-1])
    constant = lo == hi
    if isinstance(op, Conv2d) and any(op.padding):
        constant &= lo == op.pad_value
    unweighted = (w.data.reshape(-1, x.shape[-1]) == 0).all(axis=0)
    foldable: NDArray[np.bool_] = constant | unweighted
    return foldable
