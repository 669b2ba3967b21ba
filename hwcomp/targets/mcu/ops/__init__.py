"""The lowering of each operator: a unit of the graph becomes layers. The table is explicit."""

from __future__ import annotations

from collections.abc import Callable

from hwcomp.ir.op import Op
from hwcomp.ir.ops.dot import Conv2d, Dense, MatMul
from hwcomp.ir.ops.elementwise import Add, Max, Min, Mul, Sub
from hwcomp.ir.ops.layout import Concat, DepthToSpace, Gather, Pad, Reshape, Resize, Slice, Transpose
from hwcomp.ir.ops.log_softmax import LogSoftmax
from hwcomp.ir.ops.lstm import Lstm
from hwcomp.ir.ops.lut import Lut
from hwcomp.ir.ops.reduce import ArgMax, MaxPool2d, ReduceMax, ReduceSum, SumPool2d
from hwcomp.ir.ops.requant import Requant
from hwcomp.ir.ops.softmax import Softmax
from hwcomp.ir.ops.state import StateRead, StateWrite
from hwcomp.ir.ops.thresholds import Thresholds
from hwcomp.ir.ops.wide_log_softmax import WideLogSoftmax
from hwcomp.targets.fuse import Unit
from hwcomp.targets.mcu.context import Context
from hwcomp.targets.mcu.layers import Layer
from hwcomp.targets.mcu.ops.dot import lower_conv2d, lower_dense, lower_matmul
from hwcomp.targets.mcu.ops.elementwise import lower_binary, lower_lut, lower_requant, lower_thresholds
from hwcomp.targets.mcu.ops.layout import lower_concat, lower_gather, lower_movement, lower_pad, lower_resize
from hwcomp.targets.mcu.ops.log_softmax import lower_log_softmax, lower_wide_log_softmax
from hwcomp.targets.mcu.ops.lstm import lower_lstm
from hwcomp.targets.mcu.ops.reduce import lower_argmax, lower_pool, lower_reduce, lower_softmax
from hwcomp.targets.mcu.ops.state import lower_reshape, lower_state_read, lower_state_write

Lowering = Callable[[Context, Unit], Layer]

LOWERINGS: dict[type[Op], Lowering] = {
    Conv2d: lower_conv2d,
    Dense: lower_dense,
    MatMul: lower_matmul,
    Add: lower_binary,
    Sub: lower_binary,
    Mul: lower_binary,
    Min: lower_binary,
    Max: lower_binary,
    ReduceSum: lower_reduce,
    ReduceMax: lower_reduce,
    ArgMax: lower_argmax,
    MaxPool2d: lower_pool,
    SumPool2d: lower_pool,
    Requant: lower_requant,
    Lut: lower_lut,
    Thresholds: lower_thresholds,
    Softmax: lower_softmax,
    LogSoftmax: lower_log_softmax,
    WideLogSoftmax: lower_wide_log_softmax,
    Lstm: lower_lstm,
    Reshape: lower_reshape,
    Transpose: lower_movement,
    Slice: lower_movement,
    DepthToSpace: lower_movement,
    Pad: lower_pad,
    Concat: lower_concat,
    Gather: lower_gather,
    Resize: lower_resize,
    StateRead: lower_state_read,
    StateWrite: lower_state_write,
}
"""Every operator of Level.INTEGER that the target has."""
