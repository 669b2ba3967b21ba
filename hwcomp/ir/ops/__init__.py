"""The operator table: the one list of what may stand in a graph. Importing an operator's file registers nothing."""

from __future__ import annotations

from hwcomp.ir.op import Op
from hwcomp.ir.ops.dot import Conv2d, Dense, MatMul
from hwcomp.ir.ops.elementwise import Add, Max, Min, Mul, Sub
from hwcomp.ir.ops.layout import Concat, DepthToSpace, Gather, Pad, Reshape, Resize, Slice, Transpose
from hwcomp.ir.ops.log_softmax import LogSoftmax
from hwcomp.ir.ops.lstm import Lstm
from hwcomp.ir.ops.lut import Lut
from hwcomp.ir.ops.reduce import ArgMax, MaxPool2d, ReduceMax, ReduceSum, SumPool2d
from hwcomp.ir.ops.requant import Requant, Rescale
from hwcomp.ir.ops.softmax import Softmax
from hwcomp.ir.ops.state import StateRead, StateWrite
from hwcomp.ir.ops.thresholds import Thresholds
from hwcomp.ir.ops.wide_log_softmax import WideLogSoftmax

OPS: dict[str, type[Op]] = {
    "conv2d": Conv2d,
    "dense": Dense,
    "matmul": MatMul,
    "add": Add,
    "sub": Sub,
    "mul": Mul,
    "min": Min,
    "max": Max,
    "reduce_sum": ReduceSum,
    "reduce_max": ReduceMax,
    "argmax": ArgMax,
    "max_pool2d": MaxPool2d,
    "sum_pool2d": SumPool2d,
    "rescale": Rescale,
    "requant": Requant,
    "lut": Lut,
    "thresholds": Thresholds,
    "softmax": Softmax,
    "log_softmax": LogSoftmax,
    "wide_log_softmax": WideLogSoftmax,
    "lstm": Lstm,
    "reshape": Reshape,
    "transpose": Transpose,
    "pad": Pad,
    "slice": Slice,
    "concat": Concat,
    "gather": Gather,
    "depth_to_space": DepthToSpace,
    "resize": Resize,
    "state_read": StateRead,
    "state_write": StateWrite,
}
"""Each operator's name in texts, commands and reports."""

KINDS: dict[type[Op], str] = {cls: name for name, cls in OPS.items()}
"""The inverse of `OPS`."""

QUANT_ONLY: frozenset[type[Op]] = frozenset({Rescale})
"""Operators that a graph of Level.INTEGER may not hold; all others stand at both levels."""

OPERANDS: dict[type[Op], tuple[int, ...] | None] = {
    Conv2d: (3,),
    Dense: (3,),
    MatMul: (2,),
    Add: (2,),
    Sub: (2,),
    Mul: (2,),
    Min: (2,),
    Max: (2,),
    ReduceSum: (1,),
    ReduceMax: (1,),
    ArgMax: (1,),
    MaxPool2d: (1,),
    SumPool2d: (1,),
    Rescale: (1, 2),
    Requant: None,
    Lut: (2,),
    Thresholds: (2,),
    Softmax: (3,),
    LogSoftmax: (3,),
    WideLogSoftmax: (3,),
    Lstm: (10,),
    Reshape: (1,),
    Transpose: (1,),
    Pad: (1,),
    Slice: (1,),
    Concat: None,
    Gather: (1,),
    DepthToSpace: (1,),
    Resize: (1,),
    StateRead: (0,),
    StateWrite: (1,),
}
"""How many operands each takes; None is one or more."""
