"""The importer: a checked model, walked once from its inputs to its outputs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from hwcomp.frontends.input_form import InputForm
from hwcomp.frontends.onnx import border, layout
from hwcomp.frontends.onnx.declared import HOW_TO_DECLARE, declared, forms_of
from hwcomp.frontends.onnx.expressions import AnyTensor, Constant, FloatInput, Held
from hwcomp.frontends.onnx.handlers import HANDLERS, QUANTISERS
from hwcomp.frontends.onnx.load import load
from hwcomp.frontends.onnx.refusals import fix_of_operator, float_output
from hwcomp.frontends.onnx.source import Model, Node, PortInfo
from hwcomp.frontends.onnx.walk import MAX_ACTIVATION_ELEMENTS, Walk, integer_type, type_named
from hwcomp.ir.graph import Graph, Quantizer
from hwcomp.ir.types import Location, TensorType
from hwcomp.prove.steps_qonnx import REFERENCE
from hwcomp.support.errors import HwcompError, Problem, raise_all

REFERENCES = ("onnx", "onnxruntime", "qonnx")
_QUANTISE = "quantise the model: onnxruntime.quantization.quantize_static, or its trainer's quantiser"


def read(path: Path, reference: str | None = None, inputs: Mapping[str, InputForm] | None = None) -> Graph:
    """Read a quantised ONNX model (QDQ, QOperator or QONNX) as a graph at Level.QUANT with the reference's arithmetic.

    Ports keep the source's names and shapes, symbolic dimensions set to 1; a float port has the quantiser next to it.

    Args:
        path: the .onnx file; external data is read from its folder alone.
        reference: "onnx" (QDQ: float32 with exact dot products; QOperator: onnx.reference), "onnxruntime" or "qonnx";
            None for "qonnx" where the model has a quantiser of QONNX, else "onnx".
        inputs: what float inputs that the model does not quantise are to be quantised to, by their names; one under
            the name '' is that of the only input.

    Raises:
        HwcompError: HWC304 another reference; HWC016 an input that is not there; HWC1xx and HWC2xx all that is wrong
            with the model, at once.
    """
    if reference is not None and reference not in REFERENCES:
        raise HwcompError(
            "HWC304",
            f"reference '{reference}' does not describe ONNX models",
            path.name,
            f"use {' or '.join(REFERENCES)}",
        )
    model = load(path)
    walk = Walk(model, reference or ("qonnx" if any(node.key in QUANTISERS for node in model.nodes) else "onnx"))
    problems: list[Problem] = []
    forms = forms_of(model, inputs or {})
    for name, constant in model.constants.items():
        walk.tensors[name] = Constant(constant.array, constant.type_name)
    for port in model.inputs:
        _input(walk, port, forms.get(port.name), problems)
    for node in model.nodes:
        _visit(walk, node, problems)
    raise_all(problems)
    for name in model.outputs:
        _output(walk, name, problems)
    _ports_in_order(walk, model, problems)
    raise_all(problems)
    return walk.builder.finish()


def _input(walk: Walk, port: PortInfo, form: InputForm | None, problems: list[Problem]) -> None:
    at = Location(walk.model.name, port.name, "Input")
    if math.prod(port.shape) > MAX_ACTIVATION_ELEMENTS:
        what = f"shape {list(port.shape)} has more than {MAX_ACTIVATION_ELEMENTS} elements"
        problems.append(Problem("HWC209", what, str(at), "export the model with a smaller input"))
        walk.failed.add(port.name)
        return
    if port.type_name == "FLOAT":
        if form is not None:
            walk.tensors[port.name] = declared(walk, port, form)
            return
        walk.tensors[port.name] = FloatInput(port.name, port.shape)
        return
    dtype = type_named(port.type_name)
    if dtype is None or dtype.bits > 32:
        problems.append(Problem("HWC104", f"it is of type {port.type_name}", str(at), _QUANTISE))
        walk.failed.add(port.name)
        return
    name = walk.builder.input(port.name, TensorType(port.shape, dtype))
    walk.tensors[port.name] = Held.plain(name, port.shape)


def _visit(walk: Walk, node: Node, problems: list[Problem]) -> None:
    """Run a node's handler; after a problem its outputs are unknown, behind it only operator types are checked."""
    handler = HANDLERS.get(node.key)
    if handler is None:
        what = f"operator '{node.key}' is not supported"
        problems.append(Problem("HWC102", what, str(node.loc), fix_of_operator(node.op_type)))
    elif not any(name in walk.failed for name in node.inputs):
        try:
            first = len(walk.builder.ops)
            handler(walk, node)
            _check_results(walk, node)
            walk.settle(node, first)
            return
        except HwcompError as error:
            problems.extend(error.problems)
    walk.failed.update(name for name in node.outputs if name)


def _check_results(walk: Walk, node: Node) -> None:
    """Raises: HWC218 outputs that the handler does not know."""
    missing = [name for name in node.outputs if name and name not in walk.tensors]
    if missing:
        raise node.fail("HWC218", f"its output '{missing[0]}' is not supported", "export without it")


def _output(walk: Walk, name: str, problems: list[Problem]) -> None:
    try:
        _place_output(walk, name)
    except HwcompError as error:
        problems.extend(error.problems)


def _place_output(walk: Walk, name: str) -> None:
    loc = Location(walk.model.name, name, "Output")
    node = Node("Output", "", (name,), (name,), {}, loc, 1)
    held, quantizer = _integers(walk, node, walk.tensors[name])
    placed = layout.plain(walk, node, held)
    walk.builder.output(name, placed.name, quantizer)


def _integers(walk: Walk, node: Node, x: AnyTensor) -> tuple[Held, Quantizer | None]:
    """The integers of an output, and what they stand for where the source gives floats.

    Raises: HWC103 floats that are no function, known at the border, of one integer tensor.
    """
    if isinstance(x, Held):
        return x, None
    if isinstance(x, Constant) and x.array.dtype.kind in "iu":
        return walk.hold(x.array, node.inputs[0], integer_type(x)), None
    found = border.output(x)
    if found is None or (found[1].steps and walk.reference != REFERENCE):
        raise node.fail("HWC103", *float_output(walk.model, node))
    return found


def _ports_in_order(walk: Walk, model: Model, problems: list[Problem]) -> None:
    """Inputs in the source's order; every one must be used, as a float one nobody quantises has no integer form."""
    order = {port.name: index for index, port in enumerate(model.inputs)}
    made = {port.name for port in walk.builder.inputs}
    for name in order:
        if name not in made:
            at = str(Location(model.name, name, "Input"))
            problems.append(Problem("HWC103", "this input is never quantised", at, f"remove it, or {HOW_TO_DECLARE}"))
    walk.builder.inputs.sort(key=lambda port: order[port.name])
