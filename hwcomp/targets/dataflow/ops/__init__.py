"""How each operator becomes instances, and which ways to fold it there are. The table is explicit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
from hwcomp.targets.dataflow.builder import NetworkBuilder
from hwcomp.targets.dataflow.choice import Choice
from hwcomp.targets.dataflow.ops import (
    dot,
    elementwise,
    layout,
    log_softmax,
    lstm,
    matmul,
    reduce,
    softmax,
    state,
    thresholds,
)
from hwcomp.targets.dataflow.ops.requant import requant_choices


@dataclass(frozen=True, slots=True)
class Lowering:
    """lower: adds the instances; choices: every way to fold it, at least one."""

    lower: Callable[[NetworkBuilder, Op], None]
    choices: Callable[[NetworkBuilder, Op], list[Choice]]


_BINARY = Lowering(elementwise.lower_binary, elementwise.lane_choices)
_MOVE = Lowering(layout.lower_move, layout.move_choices)
_POOL = Lowering(reduce.lower_pool, reduce.pool_choices)
_REDUCE = Lowering(reduce.lower_reduce, reduce.reduce_choices)

LOWERINGS: dict[type[Op], Lowering] = {
    Conv2d: Lowering(dot.lower_conv, dot.conv_choices),
    Dense: Lowering(dot.lower_dense, dot.dense_choices),
    MatMul: Lowering(matmul.lower_matmul, matmul.matmul_choices),
    Lstm: Lowering(lstm.lower_lstm, lstm.lstm_choices),
    Requant: Lowering(elementwise.lower_requant, requant_choices),
    Add: _BINARY,
    Sub: _BINARY,
    Mul: _BINARY,
    Min: _BINARY,
    Max: _BINARY,
    Lut: Lowering(elementwise.lower_lut, elementwise.lane_choices),
    Thresholds: Lowering(thresholds.lower_thresholds, elementwise.lane_choices),
    ReduceSum: _REDUCE,
    ReduceMax: _REDUCE,
    SumPool2d: _POOL,
    MaxPool2d: _POOL,
    ArgMax: Lowering(reduce.lower_argmax, reduce.single_choice),
    Softmax: Lowering(softmax.lower_softmax, reduce.single_choice),
    LogSoftmax: Lowering(log_softmax.lower_log_softmax, reduce.single_choice),
    WideLogSoftmax: Lowering(log_softmax.lower_wide_log_softmax, reduce.single_choice),
    Reshape: Lowering(layout.lower_reshape, reduce.single_choice),
    Transpose: _MOVE,
    Gather: _MOVE,
    Resize: _MOVE,
    DepthToSpace: _MOVE,
    Slice: Lowering(layout.lower_slice, layout.slice_choices),
    Concat: Lowering(layout.lower_concat, layout.concat_choices),
    Pad: Lowering(layout.lower_pad, layout.pad_choices),
    StateRead: Lowering(state.lower_state_read, state.state_choices),
    StateWrite: Lowering(state.lower_state_write, state.state_choices),
}
"""Each operator the target has."""
