"""TFLite: an int8 or uint8 flatbuffer becomes integer operators and the reference kernels' own rescales."""

from __future__ import annotations

from pathlib import Path

from hwcomp.frontends.tflite.context import Context
from hwcomp.frontends.tflite.handlers.requantize import border_quantizer
from hwcomp.frontends.tflite.handlers.table import HANDLERS
from hwcomp.frontends.tflite.handlers.variable import write_states
from hwcomp.frontends.tflite.reader import read_model
from hwcomp.frontends.tflite.records import DType, Reference, SourceModel, SourceOp, SourceTensor, short
from hwcomp.frontends.tflite.validate import validate
from hwcomp.ir.builder import Builder
from hwcomp.ir.graph import Graph, Level, Port
from hwcomp.ir.types import Range, TensorType, Value
from hwcomp.support.errors import HwcompError, Problem, raise_all

__all__ = ["read"]

PORTS = (DType.INT8, DType.UINT8, DType.INT16)


def read(path: Path, reference: str) -> Graph:
    """Read a model at Level.QUANT.

    Args:
        reference: "tflm" (TFLite-Micro) or "litert" (LiteRT's reference kernels): whose bits the rescales reproduce.

    Each tensor of the file that a value equals gives that value its name. All problems are raised at once.

    Raises:
        HwcompError: HWC005 no such reference; HWC304 it does not run such a model; HWC1xx unsupported; HWC2xx
            malformed.
    """
    kernels = _reference(reference)
    model = read_model(path)
    validate(model)
    _check_quantised(model)
    _check_reference(model, kernels)
    ctx = Context(model, kernels, Builder(path.stem, kernels.value))
    problems = [*_inputs(ctx)]
    for op in model.graphs[0].ops:
        problems += _convert(ctx, op)
    raise_all(problems)
    write_states(ctx)
    _outputs(ctx)
    return ctx.builder.finish(Level.QUANT)


def _reference(name: str) -> Reference:
    try:
        return Reference(name)
    except ValueError:
        names = ", ".join(item.value for item in Reference)
        fix = f"name one of {names} by '--reference'"
        raise HwcompError("HWC005", f"'{short(name)}' is no reference for TFLite models", "--reference", fix) from None


def _check_quantised(model: SourceModel) -> None:
    """A float model is one problem, not one at each operator."""
    tensors = [t for graph in model.graphs for t in graph.tensors if not t.is_constant]
    if not any(t.scales for t in tensors) and any(t.dtype is DType.FLOAT32 for t in tensors):
        what = f"the model is not quantised: none of its {len(tensors)} activations has a scale"
        fix = "convert it with full integer quantisation (a representative data set, int8 inputs and outputs)"
        raise HwcompError("HWC103", what, model.source, fix)


def _check_reference(model: SourceModel, reference: Reference) -> None:
    """TFLite-Micro has no kernels for uint8 activations, QUANTIZE apart."""
    if reference is not Reference.TFLM:
        return
    tensors = model.graphs[0].tensors
    for op in model.graphs[0].ops:
        moved = (*op.inputs[:1], *op.outputs[:1])
        if op.kind not in _UINT8_IN_TFLM and any(i >= 0 and tensors[i].dtype is DType.UINT8 for i in moved):
            what = "TFLite-Micro does not run it on uint8 activations"
            fix = "take '--reference litert', or convert the model to int8"
            raise HwcompError("HWC304", what, model.at(op), fix)


_UINT8_IN_TFLM = ("QUANTIZE", "DEQUANTIZE", "READ_VARIABLE", "ASSIGN_VARIABLE", "VAR_HANDLE", "CALL_ONCE", "RESHAPE")


def _inputs(ctx: Context) -> list[Problem]:
    """Ports of integer inputs; float inputs get theirs from the QUANTIZE that reads them."""
    problems: list[Problem] = []
    for index in ctx.model.graphs[0].inputs:
        tensor = ctx.tensors[index]
        at = f"{ctx.model.source}: input '{short(tensor.name)}'"
        if tensor.dtype is DType.FLOAT32:
            continue
        if tensor.dtype not in PORTS or len(tensor.scales) != 1:
            what = f"it is {tensor.dtype_name} with {len(tensor.scales)} scales"
            problems.append(Problem("HWC104", what, at, "quantise the whole model to int8"))
            _stand_in(ctx, tensor)
        elif index in ctx.values:
            problems.append(Problem("HWC213", "it is an input twice", at, "export the model again"))
        else:
            quantizer = border_quantizer(tensor, tensor.dtype)
            ctx.values[index] = ctx.builder.input(tensor.name, ctx.type_of(tensor), quantizer)
    return problems


def _convert(ctx: Context, op: SourceOp) -> list[Problem]:
    """Hand an operator to its handler; after a problem its outputs get stand-ins, so that all operators are seen."""
    handler = HANDLERS.get(op.kind)
    at = ctx.model.at(op)
    problems: list[Problem] = []
    try:
        if handler is None:
            fix = "replace it: docs/formats.md lists the operators that are read"
            raise HwcompError("HWC102", f"operator {op.index} ({op.kind}) is not supported", at, fix)
        _check_outputs(ctx, op)
        handler(ctx, op)
    except HwcompError as error:
        problems += error.problems
    except OverflowError as error:
        problems.append(Problem("HWC303", str(error), at, "scale the model down: its sums need more than 64 bits"))
    except (ValueError, IndexError, ZeroDivisionError) as error:
        what = f"its shapes do not fit it ({error})"
        problems.append(Problem("HWC214", what, at, "export the model again: its shapes contradict each other"))
    for index in op.outputs if problems else ():
        _stand_in(ctx, ctx.tensors[index])
    return problems


_OTHER_OUTPUTS = ("ARG_MAX", "CALL_ONCE", "DEQUANTIZE", "VAR_HANDLE")


def _check_outputs(ctx: Context, op: SourceOp) -> None:
    """Results are quantised, those of a few operators apart."""
    for position in range(0 if op.kind in _OTHER_OUTPUTS else len(op.outputs)):
        ctx.require_quantized(op, ctx.output(op, position), PORTS)


def _stand_in(ctx: Context, tensor: SourceTensor) -> None:
    """A value of the tensor's type that nothing computes, in a graph that will not be returned."""
    dtype = tensor.dtype.integer
    if dtype is not None and tensor.index not in ctx.values:
        name = ctx.builder.unique(tensor.name)
        ctx.builder.values[name] = Value(name, TensorType(tensor.shape, dtype), Range.of_type(dtype))
        ctx.values[tensor.index] = name


def _outputs(ctx: Context) -> None:
    """Ports in the model's order; a float output is the value that DEQUANTIZE reads."""
    graph = ctx.model.graphs[0]
    order = {ctx.tensors[index].name: place for place, index in enumerate(graph.inputs)}
    ctx.builder.inputs.sort(key=lambda port: order[port.name])
    for index in graph.outputs:
        tensor = ctx.tensors[index]
        if index not in ctx.values and not (tensor.is_constant and tensor.dtype in PORTS):
            what = f"'{short(tensor.name)}' is {tensor.dtype_name}, and nothing quantised computes it"
            raise HwcompError("HWC103", what, ctx.model.source, "quantise the whole model to int8")
        scaled = _quantised(ctx, tensor)
        quantizer = border_quantizer(scaled, tensor.dtype) if scaled.scales else None
        ctx.builder.outputs.append(Port(tensor.name, ctx.value_of(tensor), quantizer))


def _quantised(ctx: Context, tensor: SourceTensor) -> SourceTensor:
    """The tensor whose scale an output has: behind DEQUANTIZE the operator's input."""
    if tensor.dtype is not DType.FLOAT32:
        return tensor
    producer = next(op for op in ctx.model.graphs[0].ops if tensor.index in op.outputs)
    return ctx.tensors[producer.inputs[0]]
