"""What must hold of a model before any operator is looked at. All problems are collected, then raised once."""

from __future__ import annotations

import math
from collections.abc import Iterator

from hwcomp.frontends.tflite.records import DType, SourceGraph, SourceModel, SourceTensor, short
from hwcomp.support.errors import Problem, raise_all

MAX_ELEMENTS = 1 << 23
MAX_PROBLEMS = 32
# A float32 below this is denormal: products of scales then lose bits that the references keep.
SMALLEST_NORMAL = 2.0**-126

_QUANTIZED = (DType.INT4, DType.INT8, DType.UINT8, DType.INT16)
_EXPORT = "export the model again with a current converter; it should never write this"
_CALIBRATE = "calibrate again with representative data: this range collapsed or overflowed"


def validate(model: SourceModel) -> None:
    """Check tensors (shapes, scales, zero points, bytes of constants) and the order of definitions.

    Raises:
        HwcompError: HWC104, HWC105, HWC201..HWC217, HWC222, each naming the tensor.
    """
    raise_all(list(_first(_problems(model))))


def _first(problems: Iterator[Problem]) -> Iterator[Problem]:
    for _, problem in zip(range(MAX_PROBLEMS), problems, strict=False):
        yield problem


def _problems(model: SourceModel) -> Iterator[Problem]:
    yield from _constant_total(model)
    for graph in model.graphs:
        computed = {index for op in graph.ops for index in op.outputs} | set(graph.inputs)
        for tensor in graph.tensors:
            yield from _tensor(model.source, tensor, tensor.index in computed)
    main = model.graphs[0]
    yield from _order(model, main)
    if not main.outputs:
        yield Problem("HWC222", "the model has no output", model.source, _EXPORT)


def _at(source: str, tensor: SourceTensor) -> str:
    return f"{source}: tensor '{short(tensor.name)}'"


def _constant_total(model: SourceModel) -> Iterator[Problem]:
    """Constants may share bytes, but not so often that reading them fills the memory."""
    total = sum(t.raw.size for graph in model.graphs for t in graph.tensors if t.raw is not None)
    unique = {id(t.raw): t.raw.size for graph in model.graphs for t in graph.tensors if t.raw is not None}
    if total > 4 * sum(unique.values()) + (1 << 24):
        yield Problem("HWC209", f"constants of {total} bytes share {sum(unique.values())}", model.source, _EXPORT)


def _tensor(source: str, tensor: SourceTensor, computed: bool) -> Iterator[Problem]:
    """An empty shape is an error of what is computed; an LSTM's intermediates, which carry scales alone, have it."""
    at = _at(source, tensor)
    if tensor.dtype in (DType.RESOURCE, DType.OTHER):
        return  # judged by the operators that meet it
    if tensor.unsupported:
        fix = "convert without it: dense storage, one scale a tensor or a channel"
        yield Problem("HWC104", f"it has {tensor.unsupported}", at, fix)
    if any(d < 0 for d in tensor.shape):
        fix = "convert with a fixed input shape"
        yield Problem("HWC105", f"its shape {list(tensor.shape)} is not static", at, fix)
    elif 0 in tensor.shape and computed:
        yield Problem("HWC208", f"its shape {list(tensor.shape)} has a zero", at, _EXPORT)
    elif tensor.size > MAX_ELEMENTS:
        what = f"its shape {list(tensor.shape)} has more than {MAX_ELEMENTS} elements"
        yield Problem("HWC209", what, at, "split the layer, or use smaller inputs")
    elif tensor.raw is not None:
        yield from _bytes(at, tensor)
    yield from _scales(at, tensor)


def _bytes(at: str, tensor: SourceTensor) -> Iterator[Problem]:
    assert tensor.raw is not None
    want = (tensor.size + 1) // 2 if tensor.dtype is DType.INT4 else tensor.size * tensor.dtype.bytes
    if tensor.raw.size != want:
        what = f"{tensor.raw.size} bytes of data, but {tensor.dtype_name}{list(tensor.shape)} wants {want}"
        yield Problem("HWC217", what, at, _EXPORT)


def _scales(at: str, tensor: SourceTensor) -> Iterator[Problem]:
    for scale in dict.fromkeys(s for s in tensor.scales if not SMALLEST_NORMAL <= s < math.inf):
        if math.isnan(scale):
            yield Problem("HWC202", "a scale is NaN", at, _CALIBRATE)
        elif math.isinf(scale):
            yield Problem("HWC205", "a scale is infinite", at, _CALIBRATE)
        elif scale == 0:
            yield Problem("HWC203", "a scale is 0", at, _CALIBRATE)
        elif scale < 0:
            yield Problem("HWC204", f"the scale {scale:g} is negative", at, _CALIBRATE)
        else:
            yield Problem("HWC206", f"the scale {scale:g} is denormal", at, _CALIBRATE)
    dtype = tensor.dtype.integer
    if tensor.dtype in _QUANTIZED and dtype is not None and tensor.scales:
        bad = next((z for z in tensor.zero_points if not dtype.min <= z <= dtype.max), None)
        if bad is not None:
            yield Problem("HWC207", f"the zero point {bad} lies outside of {tensor.dtype_name}", at, _EXPORT)
    yield from _axis(at, tensor)


def _axis(at: str, tensor: SourceTensor) -> Iterator[Problem]:
    count = len(tensor.scales)
    if len(tensor.zero_points) not in (0, 1, count):
        yield Problem("HWC215", f"{count} scales, but {len(tensor.zero_points)} zero points", at, _EXPORT)
    if count <= 1:
        return
    if not 0 <= tensor.axis < len(tensor.shape):
        what = f"quantised along axis {tensor.axis}, but it has {len(tensor.shape)} dimensions"
        yield Problem("HWC216", what, at, _EXPORT)
    elif tensor.shape[tensor.axis] != count:
        what = f"{count} scales for axis {tensor.axis} of {list(tensor.shape)}"
        yield Problem("HWC215", what, at, _EXPORT)


def _order(model: SourceModel, graph: SourceGraph) -> Iterator[Problem]:
    """Each tensor is defined once, before it is read: TFLite runs operators as they stand in the file."""
    later: dict[int, int] = {}
    for op in graph.ops:
        for index in op.outputs:
            if index in later or graph.tensors[index].is_constant or index in graph.inputs:
                at = model.at(op)
                yield Problem("HWC213", f"tensor '{short(graph.tensors[index].name)}' is written twice", at, _EXPORT)
            later.setdefault(index, op.index)
    known = {t.index for t in graph.tensors if t.is_constant or t.is_variable} | set(graph.inputs) | {-1}
    for op in graph.ops:
        for index in op.inputs:
            if index in known:
                continue
            name, at = graph.tensors[index].name, model.at(op)
            if index in later:
                yield Problem("HWC210", f"it reads '{short(name)}', which only a later operator computes", at, _EXPORT)
            else:
                yield Problem("HWC212", f"it reads '{short(name)}', which nothing computes", at, _EXPORT)
            known.add(index)
        known.update(op.outputs)
    for index in graph.outputs:
        if index not in known:
            at = _at(model.source, graph.tensors[index])
            yield Problem("HWC222", "it is an output of the model, but nothing computes it", at, _EXPORT)
