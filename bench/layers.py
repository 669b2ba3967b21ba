"""A QDQ model layer by layer against ONNX Runtime: each quantised tensor given the runtime's own inputs to it.

ONNX Runtime sums float32 in an order of its own, hwcomp sums integers exactly, so now and then a value nearly on a
boundary between two levels falls on the other side, and everything behind it differs. Here the runtime's value is put
in the place of each quantised tensor once it was compared, so every difference is one layer's own, and is proved to be
explained: both levels lie within what the float32 rounding bound allows (`tests/fuzz/rounding_band.py`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper

from hwcomp import driver
from hwcomp.ir.graph import Graph, Interpreter
from hwcomp.ir.ops.layout import Reshape, Transpose
from hwcomp.ir.types import IntArray
from tests.fuzz.generator import run_onnxruntime
from tests.fuzz.rounding_band import Bands

Array = NDArray[np.generic]


@dataclass
class LayerTally:
    """What the layers of a model showed: values compared, those that differ, and why."""

    tensors: int = 0
    values: int = 0
    differ: int = 0
    explained: int = 0
    softmax: int = 0
    unexplained: list[str] = field(default_factory=list)


def compare_layers(path: Path, inputs: Array) -> LayerTally:
    """Compare all quantised tensors of the model for each row of `inputs`."""
    model = with_all_outputs(onnx.load(path))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / path.name
        onnx.save(model, file)
        graph = driver.read(file, "onnx")
    tally = LayerTally()
    port = model.graph.input[0]
    for row in inputs:
        shape = [d.dim_value or 1 for d in port.type.tensor_type.shape.dim]
        feeds = {port.name: row.reshape(shape)}
        names = [output.name for output in model.graph.output]
        expected = dict(zip(names, run_onnxruntime(model, feeds), strict=True))
        compare_row(model, graph, feeds, expected, tally)
    tally.tensors = len(quantised(model))
    return tally


def quantised(model: onnx.ModelProto) -> list[str]:
    """The outputs of all QuantizeLinear."""
    return [node.output[0] for node in model.graph.node if node.op_type == "QuantizeLinear"]


def with_all_outputs(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with every quantised tensor as an output, and its own float outputs left out."""
    types = {t.name: t.data_type for t in model.graph.initializer}
    names = quantised(model)
    zeros = {node.output[0]: node.input[2] for node in model.graph.node if node.op_type == "QuantizeLinear"}
    del model.graph.output[:]
    model.graph.output.extend(helper.make_tensor_value_info(name, types[zeros[name]], None) for name in names)
    return model


def compare_row(
    model: onnx.ModelProto, graph: Graph, feeds: dict[str, Array], expected: dict[str, Array], tally: LayerTally
) -> None:
    """Compare the tensors of one inference."""
    interpreter = Injected(graph, expected)
    interpreter.run({port.name: first_levels(graph, port.name, feeds, expected) for port in graph.inputs})
    bands = Bands(model, {**feeds, **expected})
    for name, got in interpreter.own.items():
        want = expected[name].astype(np.int64)
        tally.values += want.size
        at = want != got
        if not at.any():
            continue
        tally.differ += int(at.sum())
        near = np.abs(want - got) <= 1
        levels = bands.levels(name)
        if levels is not None and bool((near & inside(levels, want, got))[at].all()):
            tally.explained += int(at.sum())
        elif is_softmax(bands, name) and near.all():
            tally.softmax += int(at.sum())
        else:
            tally.unexplained.append(name)


def inside(levels: tuple[IntArray, IntArray], want: IntArray, got: IntArray) -> NDArray[np.bool_]:
    """Where both values are levels that the float32 rounding bound allows."""
    return np.asarray((levels[0] <= np.minimum(want, got)) & (np.maximum(want, got) <= levels[1]))


def is_softmax(bands: Bands, name: str) -> bool:
    """Whether the tensor is a quantised Softmax."""
    source = bands.maker[name].input[0]
    return source in bands.maker and bands.maker[source].op_type == "Softmax"


def first_levels(graph: Graph, name: str, feeds: dict[str, Array], expected: dict[str, Array]) -> IntArray:
    """The graph's input: the model's own integers, or what its first QuantizeLinear made of the floats."""
    port = next(port for port in graph.inputs if port.name == name)
    if feeds[name].dtype.kind != "f":
        return feeds[name].astype(np.int64)
    output = next(out for out in graph.outputs if out.value == port.value or not _made(graph, out.value))
    return expected[output.name].astype(np.int64).reshape(graph.values[port.value].shape)


def _made(graph: Graph, value: str) -> bool:
    return any(value in op.outputs for op in graph.ops)


class Injected(Interpreter):
    """Evaluates a graph with the expected value in the place of each output tensor; `own`: what it computed itself."""

    def __init__(self, graph: Graph, expected: dict[str, Array]) -> None:
        super().__init__(graph, fast=True)
        self.own: dict[str, IntArray] = {}
        makers = graph.producer()
        self.places: dict[str, tuple[str, list[Transpose | Reshape]]] = {}
        for port in graph.outputs:
            value, moves = port.value, []
            while isinstance(op := makers.get(value), (Transpose, Reshape)):
                moves.append(op)
                value = op.inputs[0]
            # A tensor that is itself a moved one is compared where that is made.
            self.places.setdefault(value, (port.name, moves))
        self.expected = expected

    def run(self, inputs: Mapping[str, IntArray]) -> dict[str, IntArray]:
        from hwcomp.ir.fast_dot import evaluate_fast

        graph = self.graph
        env: dict[str, IntArray] = {v.name: v.data for v in graph.constants() if v.data is not None}
        env.update({port.value: inputs[port.name] for port in graph.inputs})
        for op in graph.ops:
            operands = [env[name] for name in op.inputs]
            found = evaluate_fast(op, graph.operands(op), operands)
            for name, result in zip(op.outputs, op.evaluate(*operands) if found is None else found, strict=True):
                env[name] = self.injected(name, result)
        return env

    def injected(self, name: str, result: IntArray) -> IntArray:
        """The expected value in the layout of `result`, where there is one; `result` goes to `own` in the source's."""
        if name not in self.places:
            return result
        output, moves = self.places[name]
        own = result
        for op in reversed(moves):
            (own,) = op.evaluate(own)
        self.own[output] = own
        back = self.expected[output].astype(np.int64)
        for op in moves:
            shape = self.graph.values[op.inputs[0]].shape
            back = back.transpose(np.argsort(op.permutation)) if isinstance(op, Transpose) else back.reshape(shape)
        return back
