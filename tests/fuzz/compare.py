"""One drawn graph: what hwcomp makes of it, at both levels, against what the reference runtime gives, every element.

Four differences are allowed, and each is proved where it is seen:

- an element behind a float32 sum, where the interval of all orders of the sum (`rounding_band.py`) straddles a boundary
  between two levels and holds both results;
- an element of a Softmax, by one level (its own integer algorithm), counted;
- an element of a transcendental function, by one level, where ONNX Runtime's polynomial for it lands on the other side
  of a tie and onnx.reference, numpy's own function, gives what hwcomp gives;
- at the integer level, an element whose accumulator a certificate lists as an exception.

What depends on a tensor that differs is not compared with the runtime any more.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx.reference import ReferenceEvaluator

from hwcomp import driver
from hwcomp.ir.certificate import Certificate, ListedException, exceptions_of_row, row_of
from hwcomp.ir.graph import Graph, Interpreter
from hwcomp.ir.op import Op
from hwcomp.ir.ops.requant import Requant, channel_rows, from_channel_rows
from hwcomp.ir.parser import parse
from hwcomp.ir.printer import to_text
from hwcomp.ir.types import IntArray
from hwcomp.prove.synthesize import Policy, ShiftPreference
from tests.fuzz.generator import Drawn, run_onnxruntime
from tests.fuzz.rounding_band import Bands

Array = NDArray[np.generic]

SOFTMAX = ("Softmax", "LogSoftmax", "QLinearSoftmax")
APPROXIMATED = ("Tanh", "Sigmoid", "Erf", "Exp", "Elu", "Selu", "Celu", "Softplus", "Mish", "Gelu")


@dataclass
class Tally:
    """What the comparison of some graphs found."""

    graphs: int = 0
    tensors: int = 0
    values: int = 0
    by_operator: dict[str, int] = field(default_factory=dict)
    not_compared: int = 0
    float_order: int = 0
    softmax_values: int = 0
    softmax_off_by_one: int = 0
    approximated: int = 0
    listed: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        for name in ("graphs", "tensors", "values", "not_compared", "float_order", "softmax_values",
                     "softmax_off_by_one", "approximated", "listed"):  # fmt: skip
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for mine, theirs in ((self.by_operator, other.by_operator), (self.refused, other.refused)):
            for key, count in theirs.items():
                mine[key] = mine.get(key, 0) + count
        self.problems += other.problems


def read(model: onnx.ModelProto, reference: str) -> Graph:
    """The model as a file, read at Level.QUANT."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "drawn.onnx"
        path.write_bytes(model.SerializeToString())
        return driver.read(path, reference)


def lower_for(graph: Graph, preference: ShiftPreference) -> Graph:
    """The integer graph with the multipliers a target prefers."""
    return driver.lower(graph, Policy.LISTED, preference)


def lower(graph: Graph) -> Graph:
    """The integer graph with the narrowest multipliers."""
    return lower_for(graph, ShiftPreference())


def outputs_of(
    graph: Graph, inputs: Mapping[str, Array], interpreter: Interpreter | None = None
) -> dict[str, IntArray]:
    """The graph's outputs by the source's names."""
    values = (interpreter or Interpreter(graph)).run({name: x.astype(np.int64) for name, x in inputs.items()})
    return {port.name: values[port.value] for port in graph.outputs}


def first_difference(name: str, want: Array, got: Array) -> str:
    """The first element that differs."""
    if want.shape != got.shape:
        return f"{name}: shape {list(got.shape)}, not {list(want.shape)}"
    index = tuple(int(i) for i in np.argwhere(want.astype(np.int64) != got)[0])
    count = int((want.astype(np.int64) != got).sum())
    return f"{name}{list(index)}: {int(got[index])}, not {int(want[index])} ({count} of {want.size} differ)"


def run_reference(model: onnx.ModelProto, feeds: dict[str, Array]) -> list[Array]:
    """The model's outputs by onnx.reference."""
    with np.errstate(all="ignore"):
        return [np.asarray(array) for array in ReferenceEvaluator(model).run(None, feeds)]


def reference_is_right(model: onnx.ModelProto) -> bool:
    """Whether onnx.reference can be asked (onnx 1.23.2).

    Its MaxPool with padding gives a wrong shape, or crashes; its QuantizeLinear of infinity (Log of 0, Exp) casts it
    to an integer before it saturates.
    """
    if any(node.op_type in ("Log", "Exp") for node in model.graph.node):
        return False
    pools = [node for node in model.graph.node if node.op_type == "MaxPool"]
    return not any(any(a.ints) for node in pools for a in node.attribute if a.name == "pads")


Runtime = Callable[[onnx.ModelProto, dict[str, Array]], list[Array]]


def compare(drawn: Drawn, label: str, reference: str = "onnx", runtime: Runtime = run_onnxruntime) -> Tally:
    """Everything that is known of one graph, problems with the label in front."""
    tally = Tally(graphs=1)
    names = [output.name for output in drawn.model.graph.output]
    expected = dict(zip(names, runtime(drawn.model, drawn.inputs), strict=True))
    quant = read(drawn.model, reference)
    found = outputs_of(quant, drawn.inputs)
    standard: dict[str, Array] = {}
    if runtime is run_onnxruntime and reference == "onnx" and reference_is_right(drawn.model):
        standard = dict(zip(names, run_reference(drawn.model, drawn.inputs), strict=True))
        second = Tally()
        against_runtime(drawn, f"{label} onnx.reference:", standard, found, second)
        tally.problems += second.problems
    against_runtime(drawn, label, expected, found, tally, standard)
    integer_level(label, quant, drawn.inputs, found, tally)
    return tally


def against_runtime(
    drawn: Drawn,
    label: str,
    expected: Mapping[str, Array],
    found: Mapping[str, IntArray],
    tally: Tally,
    standard: Mapping[str, Array] | None = None,
) -> None:
    """Level.QUANT against the runtime; `standard` is what onnx.reference gives, where that is another runtime."""
    bands = Bands(drawn.model, {**drawn.inputs, **expected})
    tainted: set[str] = set()
    for name, want in expected.items():
        operator = drawn.made_by.get(name, "")
        if tainted.intersection(drawn.parents.get(name, ())):
            tainted.add(name)
            tally.not_compared += 1
            continue
        got = found[name]
        tally.tensors += 1
        tally.values += want.size
        tally.by_operator[operator] = tally.by_operator.get(operator, 0) + 1
        tally.softmax_values += want.size if operator in SOFTMAX else 0
        if want.shape == got.shape and np.array_equal(want, got):
            continue
        tainted.add(name)
        differing = want.shape == got.shape and int((want.astype(np.int64) != got).sum())
        if not differing:
            tally.problems.append(f"{label} {operator} {first_difference(name, want, got)}")
        elif operator in SOFTMAX and int(np.abs(want.astype(np.int64) - got).max()) <= 1:
            tally.softmax_off_by_one += int(differing)
        elif operator in APPROXIMATED and is_standard(name, want, got, standard or {}):
            tally.approximated += int(differing)
        elif not drawn.exact_float and explained(bands, name, want, got):
            tally.float_order += int(differing)
        else:
            tally.problems.append(f"{label} {operator} {first_difference(name, want, got)}")


def is_standard(name: str, want: Array, got: IntArray, standard: Mapping[str, Array]) -> bool:
    """Whether onnx.reference gives `got`, and the runtime is one level beside it at the most."""
    near = int(np.abs(want.astype(np.int64) - got).max()) <= 1
    return near and name in standard and np.array_equal(standard[name].astype(np.int64), got)


def explained(bands: Bands, name: str, want: Array, got: IntArray) -> bool:
    """Whether the order of float32 sums explains all elements that differ: by one level, both within the interval."""
    levels = bands.levels(name)
    if levels is None:
        return False
    least, greatest = levels
    wide = want.astype(np.int64)
    at = wide != got
    near = np.abs(wide - got) <= 1
    inside = (least <= np.minimum(wide, got)) & (np.maximum(wide, got) <= greatest)
    return bool((near & inside)[at].all())


def integer_level(
    label: str, quant: Graph, inputs: Mapping[str, Array], found: Mapping[str, IntArray], tally: Tally
) -> None:
    """Level.INTEGER against Level.QUANT, exceptions only where certificates list them; and through its own text."""
    integer = lower(quant)
    again = parse(to_text(integer))
    text = outputs_of(again, inputs)
    plain = outputs_of(integer, inputs)
    corrected = Corrected(integer)
    exact = outputs_of(integer, inputs, corrected)
    tally.problems += [f"{label} integer: {line}" for line in corrected.problems]
    tally.listed += corrected.listed
    for name, want in found.items():
        if not np.array_equal(want, exact[name]):
            tally.problems.append(f"{label} integer: {first_difference(name, want, exact[name])}")
        if not np.array_equal(plain[name], text[name]):
            tally.problems.append(f"{label} printed and parsed: {first_difference(name, plain[name], text[name])}")
        if not corrected.listed and not np.array_equal(plain[name], exact[name]):
            tally.problems.append(f"{label} integer, uncorrected: {first_difference(name, exact[name], plain[name])}")


class Corrected(Interpreter):
    """Runs an integer graph with every Requant replaced by the step function that its certificate describes.

    `listed` counts the elements where the Requant itself differs; each must be an exception of the certificate.
    """

    def __init__(self, graph: Graph) -> None:
        super().__init__(graph)
        self.listed = 0
        self.problems: list[str] = []

    def run(self, inputs: Mapping[str, IntArray]) -> dict[str, IntArray]:
        original = self.graph
        env: dict[str, IntArray] = {v.name: v.data for v in original.constants() if v.data is not None}
        env.update({port.value: np.asarray(inputs[port.name], np.int64) for port in original.inputs})
        for op in original.ops:
            operands = [env[name] for name in op.inputs]
            env.update(zip(op.outputs, self.correct(op, operands), strict=True))
        return env

    def correct(self, op: Op, operands: list[IntArray]) -> tuple[IntArray, ...]:
        results = op.evaluate(*operands)
        if not isinstance(op, Requant) or op.certificate is None or not op.certificate.exception_count:
            return results
        certificate = op.certificate
        if len(operands) == 2:
            low = self.graph.values[op.inputs[1]].range.min
            due, listed = pair_of(op, certificate, operands, low)
        else:
            due, listed = single_of(op, certificate, operands[0])
        differs = due != results[0]
        self.listed += int(differs.sum())
        if not np.array_equal(differs, listed):
            self.problems.append(f"{op.loc}: an element differs from the certificate and is no listed exception")
        return (due,)


def single_of(op: Requant, certificate: Certificate, x: IntArray) -> tuple[IntArray, NDArray[np.bool_]]:
    """What the certificate says is due for each element, and whether its accumulator is an exception."""
    per_row = len(certificate.thresholds)
    rows = channel_rows(x, op.axis, per_row)
    due, listed = np.empty_like(rows), np.zeros(rows.shape, np.int64)
    for row, values in enumerate(rows):
        due[row] = certificate.first_level[row] + np.searchsorted(certificate.thresholds[row], values, side="right")
        parameters = row_of(op.mult[0], op.offset, op.negative, row)
        runs = exceptions_of_row(certificate, row, *parameters, op.shift, op.zero, op.lo, op.hi, op.tie)
        listed[row] = within(spelled(certificate, row, runs), values)
    due, listed = (from_channel_rows(rows, x.shape, op.axis, per_row) for rows in (due, listed))
    return due, listed.astype(np.bool_)


def pair_of(
    op: Requant, certificate: Certificate, operands: list[IntArray], low: int
) -> tuple[IntArray, NDArray[np.bool_]]:
    """The same for two inputs: row i is the second input's value low + i."""
    first, second = (x.reshape(-1) for x in operands)
    due, listed = np.empty_like(first), np.zeros(first.shape, np.bool_)
    for value in np.unique(second):
        row, at = int(value) - low, second == value
        due[at] = certificate.first_level[row] + np.searchsorted(certificate.thresholds[row], first[at], side="right")
        offset = op.offset[0] + op.mult[1][0] * int(value)
        runs = exceptions_of_row(certificate, row, op.mult[0][0], offset, None, op.shift, op.zero, op.lo, op.hi, op.tie)
        listed[at] = within(spelled(certificate, row, runs), first[at])
    return due.reshape(operands[0].shape), listed.reshape(operands[0].shape)


def spelled(certificate: Certificate, row: int, runs: list[ListedException]) -> list[ListedException]:
    """The exceptions that the certificate itself spells out for a row, where it does so for all; else `runs`."""
    told = sum(run.acc_hi - run.acc_lo + 1 for run in certificate.exceptions)
    if told != certificate.exception_count:
        return runs
    return [run for run in certificate.exceptions if run.channel == row]


def within(runs: list[ListedException], values: IntArray) -> NDArray[np.bool_]:
    """Which values lie in one of the runs."""
    inside = np.zeros(values.shape, np.bool_)
    for run in runs:
        inside |= (values >= run.acc_lo) & (values <= run.acc_hi)
    return inside
