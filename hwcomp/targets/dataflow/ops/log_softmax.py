"""Both forms of LogSoftmax: one element at a time, their two tables in memories."""

from __future__ import annotations

from hwcomp.ir.op import Op
from hwcomp.ir.ops.log_softmax import LOG_FRACTION_BITS, LogSoftmax
from hwcomp.ir.ops.wide_log_softmax import WideLogSoftmax
from hwcomp.ir.types import Value
from hwcomp.support.errors import HwcompError
from hwcomp.targets.dataflow.builder import NetworkBuilder
from hwcomp.targets.dataflow.modules.log_softmax import LogSoftmaxShape
from hwcomp.targets.dataflow.network import Memory, Stream
from hwcomp.targets.dataflow.weights import pack_words

_SUM_BITS = 31
_DIFF_BITS = 32
_SHIFTS = range(32)


def lower_log_softmax(b: NetworkBuilder, op: Op) -> None:
    """TFLite's: x [..., channels], rows one after the other.

    Raises:
        HwcompError: HWC106 its sums, or its way back to levels, are not those of the module.
    """
    assert isinstance(op, LogSoftmax)
    x, diff, sums = (b.value(name) for name in op.inputs)
    assert sums.data is not None
    multiplier, shift = op.reverse
    largest = x.shape[-1] * sums.range.max
    if int(sums.data[0]) < 1 or sums.range.min < 0 or largest.bit_length() > _SUM_BITS:
        what = f"the exponentials' sum reaches {largest}; the module 'hwc_log_softmax' has {_SUM_BITS} bits from 1"
        raise HwcompError("HWC106", what, str(op.loc), "use fewer classes")
    if -shift not in _SHIFTS or not 0 < multiplier < 1 << _SUM_BITS:
        what = f"its way back to levels is {multiplier} at a shift of {shift}"
        raise HwcompError("HWC106", what, str(op.loc), "quantise its input with a larger scale")
    stream, out = b.take(x.name, 1), b.result(op, 1)
    shape = LogSoftmaxShape(
        in_width=stream.element.bits,
        in_signed=stream.element.signed,
        channels=x.shape[-1],
        entries=diff.shape[0],
        is_wide=False,
        out_width=out.element.bits,
        radius=op.radius,
        reverse=(multiplier, -shift),
        lo=op.lo,
        hi=op.hi,
    )
    _add(b, op, stream, out, shape)


def lower_wide_log_softmax(b: NetworkBuilder, op: Op) -> None:
    """x [..., channels], rows one after the other."""
    assert isinstance(op, WideLogSoftmax)
    x, diff, _ = (b.value(name) for name in op.inputs)
    stream, out = b.take(x.name, 1), b.result(op, 1)
    shape = LogSoftmaxShape(
        in_width=stream.element.bits,
        in_signed=stream.element.signed,
        channels=x.shape[-1],
        entries=diff.shape[0],
        is_wide=True,
        out_width=out.element.bits,
        log_shift=LOG_FRACTION_BITS - op.fraction_bits,
    )
    _add(b, op, stream, out, shape)


def _add(b: NetworkBuilder, op: Op, stream: Stream, out: Stream, shape: LogSoftmaxShape) -> None:
    diff, sums = (b.value(name) for name in op.inputs[1:])
    memories = [_table(b, op, "DiffFile", diff, _DIFF_BITS), _table(b, op, "SumFile", sums, _SUM_BITS)]
    b.add("hwc_log_softmax", op.name, shape.params(), [stream], [out], memories)
    b.give(op.outputs[0], out)


def _table(b: NetworkBuilder, op: Op, parameter: str, value: Value, bits: int) -> Memory:
    data = value.data
    assert data is not None
    name = b.memory_name(f"{op.name}_{parameter.removesuffix('File').lower()}")
    return Memory(parameter, name, bits, len(data), lambda: pack_words(data.reshape(-1, 1), bits))
