"""UNIDIRECTIONAL_SEQUENCE_LSTM with int8 activations and weights, int16 cell state (8x8_16): the macro `Lstm`.

Source: tensorflow/tflite-micro `micro/kernels/lstm_eval_common.cc`; google-ai-edge/LiteRT
`tflite/kernels/lstm_eval.cc`, `unidirectional_sequence_lstm.cc` (PopulateQuantizedLstmParams8x8_16).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hwcomp.frontends.tflite.context import Context
from hwcomp.frontends.tflite.functions import F16
from hwcomp.frontends.tflite.logistic_table import LOGISTIC_TABLE
from hwcomp.frontends.tflite.options import Activation, LstmOptions
from hwcomp.frontends.tflite.records import DType, Reference, SourceOp, SourceTensor, short
from hwcomp.frontends.tflite.scales import single
from hwcomp.ir.graph import State
from hwcomp.ir.ops.lstm import DIRECT_ENTRIES, Lstm, Scale
from hwcomp.ir.ops.state import StateRead
from hwcomp.ir.types import S8, S16, S32, IntArray, IntType
from hwcomp.prove.steps import quantize_multiplier

X_WEIGHTS, H_WEIGHTS, BIASES = (1, 2, 3, 4), (5, 6, 7, 8), (12, 13, 14, 15)
HIDDEN_STATE, CELL_STATE = 18, 19
PEEPHOLES, PROJECTION, LAYER_NORM = (9, 10, 11), (16, 17), (20, 21, 22, 23)
GATE_SCALE = 2.0**-12  # Q3.12, the input of the gates' functions
ONE = 2.0**-15  # Q0.15, their output


@dataclass(frozen=True, slots=True)
class _Tables:
    logistic: IntArray
    tanh_gate: IntArray
    tanh_cell: IntArray
    dtype: IntType


def convert_lstm(ctx: Context, op: SourceOp) -> None:
    """The plain LSTM: no peepholes, no projection, no layer normalisation, no coupled gates."""
    assert isinstance(op.options, LstmOptions)
    value, x, y = ctx.activation(op, 0, (DType.INT8,)), ctx.tensor(op, 0), ctx.output(op)
    ctx.require_quantized(op, y, (DType.INT8,))
    _refuse_variants(ctx, op)
    h, c = ctx.tensor(op, HIDDEN_STATE), ctx.tensor(op, CELL_STATE)
    ctx.require_quantized(op, h, (DType.INT8,))
    ctx.require_quantized(op, c, (DType.INT16,))
    log2 = round(math.log2(c.scale))
    if abs(math.log2(c.scale) - log2) > 1e-3 or not -15 <= log2 <= -9:
        what = f"the cell state's scale {c.scale:g} is not a power of two from 2^-15 to 2^-9"
        ctx.fail(op, "HWC101", what, "convert with the quantisation TFLite gives LSTM cells")
    clip = op.options.cell_clip
    if not 0 <= clip < math.inf:
        ctx.fail(op, "HWC219", f"the cell's clip is {clip:g}", "export the model again")
    names = [*_weights(ctx, op, x, X_WEIGHTS, BIASES), *_weights(ctx, op, h, H_WEIGHTS, ())]
    tables = _tables(ctx, log2)
    parts = {"logistic": tables.logistic, "tanh_gate": tables.tanh_gate, "tanh_cell": tables.tanh_cell}
    names += [ctx.builder.constant(f"{y.name}/{key}", data, tables.dtype) for key, data in parts.items()]
    is_streaming = x.shape[0 if op.options.time_major else 1] == 1
    hidden, cell = _state(ctx, op, h, is_streaming), _state(ctx, op, c, is_streaming)
    tanh_shift = 12 + log2
    lstm = Lstm(
        name=y.name,
        inputs=(value, hidden, cell, *names),
        outputs=(y.name, f"{h.name}/next", f"{c.name}/next"),
        loc=ctx.model.location(op),
        x_scales=_gate_scales(ctx, op, x, X_WEIGHTS),
        h_scales=_gate_scales(ctx, op, h, H_WEIGHTS),
        forget_scale=_product_scale(ctx, -15, ONE * c.scale / c.scale),
        input_scale=_product_scale(ctx, -30 - log2, ONE * ONE / c.scale),
        hidden_scale=_hidden_scale(ctx, op, h),
        hidden_zero=_hidden(ctx, op, h).zero_point,
        cell_clip=int(min(clip / c.scale, 32767.0)),
        tanh_multiplier=3 << max(tanh_shift, 0),
        tanh_shift=max(-tanh_shift, 0),
        saturate_recurrent=ctx.reference is Reference.TFLM,
        time_major=op.options.time_major,
    )
    result, next_hidden, next_cell = ctx.builder.add(lstm)
    if is_streaming:
        ctx.written[h.name], ctx.written[c.name] = next_hidden, next_cell
    ctx.bind(op, y, result)


def _refuse_variants(ctx: Context, op: SourceOp) -> None:
    assert isinstance(op.options, LstmOptions)
    for positions, what in (
        (PEEPHOLES, "peepholes"),
        (PROJECTION, "a projection"),
        (LAYER_NORM, "layer normalisation"),
    ):
        if any(ctx.optional(op, p) is not None for p in positions):
            ctx.fail(op, "HWC101", f"an LSTM with {what} is not lowered", "export a plain LSTM")
    if ctx.optional(op, X_WEIGHTS[0]) is None:
        ctx.fail(op, "HWC101", "an LSTM with coupled input and forget gates is not lowered", "export a plain LSTM")
    if op.options.activation is not Activation.TANH:
        what = f"the cell's activation is {op.options.activation.name}, not TANH"
        ctx.fail(op, "HWC101", what, "export a plain LSTM")
    if len(ctx.tensor(op, 0).shape) != 3 or len(ctx.tensor(op, HIDDEN_STATE).shape) != 2:
        ctx.fail(op, "HWC214", "the input is not 3-D, or the state not 2-D", "export the model again")


def _weights(
    ctx: Context, op: SourceOp, x: SourceTensor, positions: tuple[int, ...], biases: tuple[int, ...]
) -> tuple[str, str]:
    """The four gates' weights one below the other, and the biases with the zero point of x folded in."""
    size, width = ctx.tensor(op, HIDDEN_STATE).shape[-1], x.shape[-1]
    rows: list[IntArray] = []
    bias: list[IntArray] = []
    for place, position in enumerate(positions):
        tensor = ctx.tensor(op, position)
        data = ctx.constant(op, position, (DType.INT8,))
        if data.shape != (size, width) or len(tensor.scales) != 1 or tensor.zero_point:
            what = f"'{short(tensor.name)}' is not a symmetric [{size}, {width}] matrix of one scale"
            ctx.fail(op, "HWC214", what, "export the model again")
        given = ctx.constant(op, biases[place], (DType.INT32,)) if biases else np.zeros(size, np.int64)
        if given.shape != (size,):
            ctx.fail(op, "HWC214", f"{given.size} biases for {size} cells", "export the model again")
        rows.append(data)
        bias.append(given - x.zero_point * data.sum(axis=1))
    name = ctx.tensor(op, positions[0]).name
    weights = ctx.builder.constant(f"{name}/gates", np.concatenate(rows), S8)
    return weights, ctx.builder.constant(f"{name}/bias", np.concatenate(bias), S32)


def _gate_scales(
    ctx: Context, op: SourceOp, x: SourceTensor, positions: tuple[int, ...]
) -> tuple[Scale, Scale, Scale, Scale]:
    """float32(weights * x) over 2^-12, an exact division, in both references."""
    i, f, g, o = (quantize_multiplier(single(ctx.tensor(op, p).scale * x.scale) / GATE_SCALE) for p in positions)
    return i, f, g, o


def _product_scale(ctx: Context, log2: int, real: float) -> Scale:
    """Of a product of 16-bit values: LiteRT shifts by a power of two, TFLite-Micro multiplies by it, rounding twice."""
    return (0, log2) if ctx.reference is Reference.LITERT else quantize_multiplier(real)


def _hidden(ctx: Context, op: SourceOp, h: SourceTensor) -> SourceTensor:
    """The tensor whose quantisation the new state gets: LiteRT's is the operator's fifth intermediate."""
    if ctx.reference is Reference.TFLM:
        return h
    if len(op.intermediates) < 5 or op.intermediates[4] < 0:
        ctx.fail(op, "HWC218", "the intermediate tensor of the hidden state is missing", "export the model again")
    hidden = ctx.tensors[op.intermediates[4]]
    if len(hidden.scales) != 1:
        ctx.fail(op, "HWC215", f"'{short(hidden.name)}' has {len(hidden.scales)} scales", "export the model again")
    return hidden


def _hidden_scale(ctx: Context, op: SourceOp, h: SourceTensor) -> Scale:
    real = ONE * ONE / _hidden(ctx, op, h).scale
    return quantize_multiplier(single(real) if ctx.reference is Reference.LITERT else real)


def _tables(ctx: Context, log2: int) -> _Tables:
    """TFLite-Micro interpolates in 256 values; LiteRT has gemmlowp's functions, here of each 16-bit value."""
    if ctx.reference is Reference.TFLM:
        table = np.array(LOGISTIC_TABLE, np.int64)
        return _Tables(table, table, table, IntType(16, False))
    q = np.arange(DIRECT_ENTRIES, dtype=np.int64) + S16.min
    return _Tables(F16.logistic(q, 3), F16.tanh(q, 3), F16.tanh(q, 15 + log2), S16)


def _state(ctx: Context, op: SourceOp, tensor: SourceTensor, is_streaming: bool) -> str:
    """The variable tensor at the start of an inference: int8 starts at its zero point, int16 at 0 (both references).

    An LSTM over a whole sequence starts each inference afresh, as the layer it was trained as does, and as a runtime
    does whose variables are reset between sequences. One with a single time step is a stream: its state is kept.
    """
    if not tensor.is_variable:
        ctx.fail(op, "HWC101", f"the state '{short(tensor.name)}' is no variable tensor", "export a plain LSTM")
    if tensor.name in ctx.builder.states:
        ctx.fail(op, "HWC213", f"two states are named '{short(tensor.name)}'", "export the model again")
    initial = tensor.zero_point if tensor.dtype is DType.INT8 else 0
    kind = ctx.type_of(tensor)
    if not is_streaming:
        return ctx.builder.constant(tensor.name, np.full(kind.shape, initial, np.int64), kind.dtype)
    ctx.builder.state(State(tensor.name, kind, (initial,)))
    read = StateRead(**ctx.at(op, tensor.name), state=tensor.name, type=kind)
    return ctx.add(read)
