"""The node tests of the onnx package, run by hwcomp: `python -m tests.conformance.onnx_nodes` prints the table.

A node test is a model of one operator with inputs and the outputs that the specification wants. hwcomp must give
exactly these outputs, or refuse the model with an error code.

- `live`: all inputs stay inputs. `frozen`: all but the first become initializers, as scales and weights are in models.
- Tests of an operator set newer than hwcomp reads are tried as `NEWEST` where the checker takes them as such: the newer
  versions of these operators only add element types.
- Operators that only move or choose elements are tested by the package in float32 mostly. A non-decreasing map of the
  floats to int8 commutes with them, so both the inputs and the wanted outputs are mapped: `retyped`.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from hwcomp import driver
from hwcomp.ir.graph import Graph, Interpreter, Port
from hwcomp.prove.synthesize import Policy, ShiftPreference
from hwcomp.support import manifest
from hwcomp.support.errors import HwcompError
from hwcomp.verify.border import dequantize, to_integers

Array = NDArray[np.generic]

QUANTISED = (
    "QuantizeLinear", "DequantizeLinear", "QLinearConv", "QLinearMatMul", "ConvInteger", "MatMulInteger",
    "DynamicQuantizeLinear",
)  # fmt: skip
MOVES = (
    "Reshape", "Transpose", "Concat", "Slice", "Split", "Pad", "Gather", "DepthToSpace", "SpaceToDepth", "Flatten",
    "Squeeze", "Unsqueeze", "Tile", "Expand", "Identity", "MaxPool", "GlobalMaxPool", "ReduceMax", "ArgMax", "Max",
    "Min", "Resize", "Upsample",
)  # fmt: skip
INTEGERS = ("Add", "Sub", "Mul", "Max", "Min", "Sum", "Relu", "Abs", "Neg", "Clip", "ReduceSum", "ReduceMax", "ArgMax",
            "MatMul", "Sign")  # fmt: skip
"""Operators whose tests on integers are taken as they are."""

LEVELS = 256
NEWEST = 25
"""The newest operator set that hwcomp reads."""


@dataclass(frozen=True, slots=True)
class NodeTest:
    """A model of one operator, its inputs, and the outputs it wants."""

    name: str
    group: str  # "quantised", "moves", "integers"
    operator: str
    model: onnx.ModelProto
    inputs: Mapping[str, Array]
    expected: Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`passed`, `refused` with the code, `wrong` with the first difference, or `crashed`."""

    verdict: str
    detail: str = ""
    message: str = ""


def node_tests() -> list[NodeTest]:
    """All tests selected, in the order of the package."""
    from onnx.backend.test.loader import load_node_model_tests

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loaded = load_node_model_tests()
    return [test for case in loaded for test in selected(case)]


def readable(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model at operator set `NEWEST` where it has a newer one and is valid at that, else itself."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for entry in copy.opset_import:
        entry.version = min(entry.version, NEWEST) if not entry.domain else entry.version
    try:
        onnx.checker.check_model(copy)
    except onnx.checker.ValidationError:
        return model
    return copy


def array_of(data: Any) -> Array:
    """A datum of the package as an array."""
    return numpy_helper.to_array(data) if isinstance(data, onnx.TensorProto) else np.asarray(data)


def selected(case: Any) -> Iterator[NodeTest]:
    """The tests that a case of the package makes."""
    model = readable(case.model)
    nodes = model.graph.node
    arrays = (np.ndarray, np.generic, onnx.TensorProto)
    if not case.data_sets or any(not isinstance(a, arrays) for part in case.data_sets[0] for a in part):
        return
    inputs, outputs = ([array_of(a) for a in part] for part in case.data_sets[0])
    if len(inputs) != len(model.graph.input) or len(outputs) != len(model.graph.output):
        return
    feeds = {port.name: a for port, a in zip(model.graph.input, inputs, strict=True)}
    wanted = {port.name: a for port, a in zip(model.graph.output, outputs, strict=True)}
    operators = {node.op_type for node in nodes}
    if operators.intersection(QUANTISED):
        yield NodeTest(case.name, "quantised", nodes[0].op_type, model, feeds, wanted)
    elif len(nodes) == 1 and nodes[0].op_type in (*MOVES, *INTEGERS):
        yield from plain(case.name, model, feeds, wanted)


def plain(name: str, model: onnx.ModelProto, feeds: dict[str, Array], wanted: dict[str, Array]) -> Iterator[NodeTest]:
    """A test of one operator that is not about quantisation: on integers as it is, on floats retyped."""
    node = model.graph.node[0]
    others_are_scales = node.op_type in ("Resize", "Upsample")
    data = [key for index, key in enumerate(node.input) if key and (index == 0 or not others_are_scales)]
    floats = [key for key in data if feeds[key].dtype.kind == "f"] if all(k in feeds for k in data) else []
    if not floats and all(a.dtype.kind in "iu" for a in (*feeds.values(), *wanted.values())):
        group = "moves" if node.op_type in MOVES else "integers"
        yield NodeTest(name, group, node.op_type, model, feeds, wanted)
    elif floats and node.op_type in MOVES and is_nearest(node):
        retyped_test = retyped(name, model, feeds, wanted, floats)
        if retyped_test is not None:
            yield retyped_test


def is_nearest(node: onnx.NodeProto) -> bool:
    """Whether a Resize moves elements, others do always."""
    modes = [a.s for a in node.attribute if a.name == "mode"]
    return node.op_type not in ("Resize", "Upsample") or modes in ([], [b"nearest"])


def retyped(
    name: str, model: onnx.ModelProto, feeds: dict[str, Array], wanted: dict[str, Array], floats: list[str]
) -> NodeTest | None:
    """The test with its float data mapped to int8 by a non-decreasing map; None where NaN has no place in it."""
    outputs = [key for key, array in wanted.items() if array.dtype.kind == "f"]
    everything = np.concatenate([a.reshape(-1) for a in [*(feeds[k] for k in floats), *(wanted[k] for k in outputs)]])
    if np.isnan(everything).any():
        return None
    ladder = np.unique(everything)

    def mapped(array: Array) -> Array:
        rank = np.searchsorted(ladder, array)
        return np.asarray(rank * LEVELS // max(ladder.size, LEVELS) - LEVELS // 2).astype(np.int8)

    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for port in (*copy.graph.input, *copy.graph.output):
        if port.name in floats or port.name in outputs:
            port.type.tensor_type.elem_type = TensorProto.INT8
    mapped_feeds = {k: mapped(a) if k in floats else a for k, a in feeds.items()}
    mapped_outputs = {k: mapped(a) if k in outputs else a for k, a in wanted.items()}
    return NodeTest(name, "moves", model.graph.node[0].op_type, copy, mapped_feeds, mapped_outputs)


def frozen(test: NodeTest) -> NodeTest:
    """The test with all inputs but the first as initializers."""
    model = onnx.ModelProto()
    model.CopyFrom(test.model)
    first, *others = list(model.graph.input)
    del model.graph.input[1:]
    for port in others:
        array = test.inputs[port.name]
        kind = port.type.tensor_type.elem_type
        whole = helper.tensor_dtype_to_np_dtype(kind) == array.dtype
        tensor = (
            numpy_helper.from_array(array, port.name)
            if whole
            else helper.make_tensor(port.name, kind, array.shape, array.reshape(-1).tolist())
        )
        model.graph.initializer.append(tensor)
    return NodeTest(test.name, test.group, test.operator, model, {first.name: test.inputs[first.name]}, test.expected)


def check(test: NodeTest) -> Outcome:
    """`live` first, and where that is refused `frozen`; a wrong result or a crash of either is the outcome."""
    live = attempt(test)
    if live.verdict != "refused" or len(test.inputs) < 2:
        return live
    return attempt(frozen(test))


def attempt(test: NodeTest) -> Outcome:
    """The outcome of one model, evaluated at both levels."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{test.name}.onnx"
        path.write_bytes(test.model.SerializeToString())
        try:
            quant = driver.read(path, "onnx")
            graphs = {"quant": quant, "integer": driver.lower(quant, Policy.STRICT, ShiftPreference())}
            for level, graph in graphs.items():
                difference = differs(graph, test)
                if difference:
                    return Outcome("wrong", f"{level}: {difference}")
        except HwcompError as error:
            return Outcome("refused", error.code, f"{error.at}: {error.what}")
        except Exception as error:  # noqa: BLE001  # any crash is the outcome
            return Outcome("crashed", f"{type(error).__name__}: {error}")
    return Outcome("passed")


def differs(graph: Graph, test: NodeTest) -> str:
    """The first output that differs from what the test wants, "" for none."""
    feeds = {}
    for port in graph.inputs:
        shape = graph.values[port.value].shape
        array = test.inputs[port.name].reshape(shape)
        array = array if array.dtype.kind in "fiub" else array.astype(np.int64)  # 4-bit types of ml_dtypes
        feeds[port.name] = to_integers(array, border(graph, port)).astype(np.int64)
    values = Interpreter(graph).run(feeds)
    for port in graph.outputs:
        got: Array = values[port.value]
        want = test.expected[port.name]
        if want.dtype.kind == "f":
            assert port.quantizer is not None
            got = dequantize(values[port.value], border(graph, port))
        if got.shape != want.shape:
            return f"{port.name}: shape {list(got.shape)}, not {list(want.shape)}"
        wide = want.astype(np.float32 if want.dtype.kind == "f" else np.int64)
        if not np.array_equal(got, wide):
            at = tuple(int(i) for i in np.argwhere(got != wide)[0])
            return f"{port.name}{list(at)}: {got[at]}, not {wide[at]}"
    return ""


def border(graph: Graph, port: Port) -> manifest.Port:
    """The port as the manifest of a bundle has it."""
    kind = graph.values[port.value].type
    found = port.quantizer
    quantizer = None if found is None else manifest.Quantizer(found.scale, found.zero_point)
    return manifest.Port(port.name, kind.shape, str(kind.dtype), 0, quantizer)


def main() -> int:
    """Print the table by operator and what is wrong."""
    logging.disable(logging.WARNING)
    counts: dict[tuple[str, str], Counter[str]] = {}
    lines: list[str] = []
    for test in node_tests():
        outcome = check(test)
        cell = f"refused {outcome.detail}" if outcome.verdict == "refused" else outcome.verdict
        counts.setdefault((test.group, test.operator), Counter())[cell] += 1
        if "-v" in sys.argv or outcome.verdict in ("wrong", "crashed"):
            lines.append(f"  {test.name}: {outcome.verdict} {outcome.detail} {outcome.message}".rstrip())
    total: Counter[str] = Counter()
    for (group, operator), cells in sorted(counts.items()):
        total.update(_verdicts(cells))
        refused = ", ".join(f"{key.split()[1]} {n}" for key, n in sorted(cells.items()) if key.startswith("refused"))
        sys.stdout.write(
            f"{group:10} {operator:22} {cells['passed']:3} passed of {sum(cells.values()):3}"
            f"{'  refused: ' + refused if refused else ''}\n"
        )
    sys.stdout.write(f"{total['passed']} passed, {total['refused']} refused, of {sum(total.values())}\n")
    sys.stdout.write("\n".join(lines) + "\n" if lines else "")
    return int(bool(total["wrong"] + total["crashed"]))


def _verdicts(cells: Counter[str]) -> Counter[str]:
    """Counts by verdict alone."""
    merged: Counter[str] = Counter()
    for key, count in cells.items():
        merged[key.split()[0]] += count
    return merged


if __name__ == "__main__":
    sys.exit(main())
