"""Print how exact the QONNX models are: `python -m bench.qonnx [--rows N] [--package PYTHON] [--targets mcu,fpga]`.

Each model as it is and with every scale times 0.9. A row is equal where the levels of every quantised activation and
the integers under the output are. They are compared

- `recorded`: with the outputs recorded from qonnx (`expected/*.npz`), the model as it is;
- `exact`: with the model's arithmetic, sums of products in float64 (tests/frontends/qonnx_oracle.py);
- `package`: with qonnx itself, run by the Python of --package. It sums in float32, in the order of the CPU's kernel.
  Rows may differ where a sum is no float32: `farthest` is the greatest distance, in levels, of such a sum from the
  rounding border that it lies beside, at the first activation of the row that differs. `numpy`: rows of the package
  that are equal to the same float32 operators in numpy, which sums in another order: how far the package's arithmetic
  is defined at all.

--targets mcu,fpga: the C and the RTL of each on its first --target-rows rows as well (bench/qonnx_targets.py).

--accuracy: MNIST (5,000 digits) and keyword spotting (1,000 official samples) through the integer graph.
"""

from __future__ import annotations

import argparse
import logging
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from rich.console import Console
from rich.table import Table

from bench import qonnx_targets
from bench.models import folder
from hwcomp import driver
from hwcomp.frontends.input_form import input_forms
from hwcomp.ir.graph import Graph, Interpreter
from hwcomp.ir.ops.requant import Rescale
from hwcomp.prove.steps_qonnx import QonnxTerm, is_inexact
from hwcomp.prove.terms_real import real
from hwcomp.support.border import BorderOperator, Rounding
from hwcomp.verify.border import to_integers
from tests.frontends.qonnx_build import port_of
from tests.frontends.qonnx_oracle import QUANTISERS, Oracle, rescaled

TFC1, TFC2, JET, KWS, ESPCN = (
    "qonnx_tfc_1w1a", "qonnx_tfc_2w2a", "qonnx_jet_qkeras", "mlperf07_kws_w3a3_qonnx",
    "qonnx_espcn_subpixel_quant_model",
)  # fmt: skip
FORMS = {JET: ("s8:2^-5",), ESPCN: ("u8:1/255",)}
"""How float inputs are quantised that the models take as they are."""
RECORDED_FORMS = {**FORMS, JET: ("s24:2^-20",)}
"""The same for the recorded inputs, which are normal numbers."""
FACTOR = 0.9
KWS_SCALE, KWS_ZERO = np.float32(0.5847029), 83


@dataclass(frozen=True, slots=True)
class Levels:
    """Of one row: the levels of the quantised activations in order, and the integers under the output."""

    activations: list[Any]
    output: Any


class Model:
    """A model file under a factor, with its graphs."""

    def __init__(self, name: str, factor: float, forms: Sequence[str], folder_: Path) -> None:
        source = onnx.load(folder() / "models" / f"{name}.onnx")
        self.proto = source if factor == 1 else rescaled(source, factor)
        self.path = folder_ / f"{name}.onnx"
        onnx.save(self.proto, self.path)
        given = input_forms(forms)
        self.quant = driver.read(self.path, inputs=given)
        self.integer = driver.inspect(self.path, inputs=given)
        self.steps = [op for op in self.quant.ops if isinstance(op, Rescale)]

    def integers(self, x: Any) -> Any:
        port = self.quant.inputs[0]
        shape = self.quant.values[port.value].shape
        return to_integers(x.reshape(shape).astype(np.float32), port_of(self.quant, port)).astype(np.int64)

    def ours(self, x: Any, graph: Graph) -> Levels:
        """What the graph gives; activations in the source's NCHW order."""
        found = Interpreter(graph, fast=True).run({graph.inputs[0].value: self.integers(x)})
        names = [op.outputs[0] for op in self.steps]
        kept = [_channels_first(found[name]) for name in names if name in found]
        return Levels(kept, found[graph.outputs[0].value])

    def theirs(self, tensors: Sequence[Any], y: Any) -> Levels:
        """Levels of the reference's floats: its last quantised activations are the rescales, those before the input."""
        own = tensors[len(tensors) - len(self.steps) :]
        levels = [_levels(op.step, value) for op, value in zip(self.steps, own, strict=True)]
        return Levels(levels, self._under(y))

    def _under(self, y: Any) -> Any:
        """The integers under the output; a Softmax at the end is left out."""
        border = self.quant.outputs[0].quantizer
        assert border is not None
        value = np.asarray(y, np.float64)
        for step in reversed(border.steps):
            v = np.array(step.values, np.float64)
            match step.operator:
                case BorderOperator.ADD:
                    value = value - v
                case BorderOperator.SUB:
                    value = value + v
                case BorderOperator.MUL:
                    value = value / v
                case BorderOperator.DIV:
                    value = value * v
                case BorderOperator.SOFTMAX:
                    pass
                case operator:
                    raise NotImplementedError(operator)
        return np.rint(value / border.scale).astype(np.int64) + border.zero_point

    def distance(self, x: Any, theirs: Levels) -> float:
        """How far the sums of the first differing activation lie from the rounding border, in levels, at most."""
        found = Interpreter(self.quant, fast=True).run({self.quant.inputs[0].value: self.integers(x)})
        for op, other in zip(self.steps, theirs.activations, strict=True):
            y, step = found[op.outputs[0]], op.step
            assert isinstance(step, QonnxTerm)
            wrong = _channels_first(y) != other
            if not wrong.any():
                continue
            rows = np.moveaxis(found[op.inputs[0]], op.axis, 0)
            flat = real(step.term, (rows.reshape(rows.shape[0], -1),))
            scale, zero = (np.array(v, np.float64)[:, None] for v in (step.quant.scales, step.quant.zeros))
            value = np.moveaxis((flat / scale + zero).reshape(rows.shape), 0, op.axis)
            apart = np.abs(value - np.floor(value) - 0.5) if step.quant.rounding is Rounding.EVEN else np.abs(value)
            return float(_channels_first(apart)[wrong].max()) if is_inexact(step.term) else float("inf")
        return float("inf")


def _channels_first(value: Any) -> Any:
    return np.moveaxis(value, -1, 1) if value.ndim == 4 else value


def _levels(step: Any, value: Any) -> Any:
    """The levels that a quantised float tensor stands for; channels of the parameters do not occur in activations."""
    if step.quant.rounding is Rounding.SIGN:
        return (value >= 0).astype(np.int64)
    return np.rint(value / np.float64(step.quant.scales[0]) + step.quant.zeros[0]).astype(np.int64)


def equal(a: Levels, b: Levels) -> bool:
    pairs = [*zip(a.activations, b.activations, strict=True), (a.output, b.output)]
    return all(np.array_equal(p.reshape(-1), q.reshape(-1)) for p, q in pairs)


def oracle_levels(model: Model, oracle: Oracle, x: Any) -> Levels:
    (y,) = oracle.run({model.quant.inputs[0].name: x})
    nodes = oracle.model.graph.node
    tensors = [
        oracle.values[n.output[0]] for n in nodes if n.op_type in QUANTISERS and n.input[0] not in oracle.constants
    ]
    last = nodes[-1]
    return model.theirs(tensors, oracle.values[last.input[0]] if last.op_type == "Softmax" else y)


def data(name: str, rows: int) -> Any:
    """Real inputs; normal numbers for the jet tagger, whose data is not at hand."""
    if name in (TFC1, TFC2):
        return mnist()[0][:rows]
    if name == KWS:
        return keywords()[0][:rows]
    if name == JET:
        numbers = np.random.default_rng(0).standard_normal((rows, 1, 16))
        return (np.clip(np.rint(numbers * 32), -128, 127) / 32).astype(np.float32)
    return np.load(folder() / "expected" / f"{name}.npz")["x"][:1]


def mnist() -> tuple[Any, Any]:
    found = np.load(folder() / "data" / "mnist_t10k_0_4999.npz")
    return (found["x"].reshape(-1, 1, 28, 28) / 255).astype(np.float32), found["y"]


def keywords() -> tuple[Any, Any]:
    found = np.load(folder() / "data" / "kws01.npz")
    x = (found["x"].reshape(-1, 49, 10).astype(np.float32) - KWS_ZERO) * KWS_SCALE
    return x.transpose(0, 2, 1).reshape(-1, 1, 10, 49), found["y"]


def package(model: Model, x: Any, python: str, folder_: Path) -> list[Levels]:
    """qonnx itself, in a Python that has it; -P, or this module would hide the package."""
    here = Path(__file__).with_name("qonnx_reference.py")
    given, made = folder_ / "in.npz", folder_ / "out.npz"
    np.savez(given, x=x)
    subprocess.run([python, "-P", str(here), str(model.path), str(given), str(made)], check=True, capture_output=True)
    found = np.load(made)
    count = len([key for key in found.files if key.startswith("q")])
    arrays, y = [found[f"q{i}"] for i in range(count)], found["y"]
    return [model.theirs([a[row] for a in arrays], y[row]) for row in range(len(x))]


def target_cells(name: str, factor: float, rows: int, targets: list[str], work: Path) -> list[str]:
    """How many rows went through the targets, and what came of it."""
    forms = FORMS.get(name, ())
    model, x = Model(name, factor, forms, work), data(name, rows)
    given = np.stack([model.integers(row) for row in x])
    port = model.quant.inputs[0].name
    return [str(len(x)), *qonnx_targets.cells(model.path, port, given, forms, targets, work)]


def row_of(name: str, factor: float, rows: int, python: str | None, work: Path) -> tuple[str, ...]:
    """A line of the table."""
    model, x = Model(name, factor, FORMS.get(name, ()), work), data(name, rows)
    oracle = Oracle(model.proto, np.float64)
    shape = model.quant.values[model.quant.inputs[0].value].shape
    ours = [model.ours(row, model.quant) for row in x]
    whole = [model.ours(row, model.integer) for row in x]
    assert all(np.array_equal(a.output, b.output) for a, b in zip(ours, whole, strict=True))
    exact = sum(equal(a, oracle_levels(model, oracle, row.reshape(shape))) for a, row in zip(ours, x, strict=True))
    cells = [name, f"{factor:g}", _recorded(name, work) if factor == 1 else "", f"{exact} / {len(x)}"]
    if python is not None:
        found = package(model, x, python, work)
        wrong = [(row, b) for row, a, b in zip(x, ours, found, strict=True) if not equal(a, b)]
        farthest = max((model.distance(row, b) for row, b in wrong), default=0.0)
        cells += [f"{len(x) - len(wrong)} / {len(x)}", f"{farthest:.1e}" if wrong else ""]
        other = Oracle(model.proto, np.float32)
        alike = sum(equal(a, oracle_levels(model, other, row.reshape(shape))) for a, row in zip(found, x, strict=True))
        cells.append(f"{alike} / {len(x)}")
    return tuple(cells)


def _recorded(name: str, work: Path) -> str:
    """Rows whose output integers are those under the recorded floats."""
    found = np.load(folder() / "expected" / f"{name}.npz")
    model = Model(name, 1.0, RECORDED_FORMS.get(name, ()), work)
    border = model.quant.outputs[0].quantizer
    assert border is not None
    right, values = 0, 0
    for x, y in zip(found["x"], found["qonnx_y0"], strict=True):
        output = model.ours(x, model.integer).output
        if border.steps and border.steps[-1].operator is BorderOperator.SOFTMAX:
            wanted = _logits(output, y, model)
        else:
            wanted = model._under(y)
        same = output.reshape(-1) == wanted.reshape(-1)
        right, values = right + int(same.all()), values + int((~same).sum())
    return f"{right} / {len(found['x'])}" + (f" ({values} values)" if values else "")


def _logits(output: Any, y: Any, model: Model) -> Any:
    """The integers under the input of a Softmax with the results y, their sum taken from `output`."""
    border = model.quant.outputs[0].quantizer
    assert border is not None
    (bias,) = (np.array(step.values) for step in border.steps if step.operator is BorderOperator.ADD)
    ours = output.reshape(-1) * border.scale + bias
    logits = np.log(y.astype(np.float64)).reshape(-1)
    shift = np.mean(ours - logits)
    return np.rint((logits + shift - bias) / border.scale).astype(np.int64)


def accuracy(name: str, x: Any, labels: Any) -> str:
    graph = driver.inspect(folder() / "models" / f"{name}.onnx")
    interpreter, port = Interpreter(graph, fast=True), port_of(graph, graph.inputs[0])
    right = 0
    for row, label in zip(x, labels, strict=True):
        found = interpreter.run({graph.inputs[0].value: to_integers(row.reshape(port.shape), port).astype(np.int64)})
        right += int(found[graph.outputs[0].value].argmax() == label)
    return f"{name}: {right} of {len(x)} right, {100 * right / len(x):.2f} %"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--package", metavar="PYTHON", help="a Python that has qonnx installed")
    parser.add_argument("--model", action="append")
    parser.add_argument("--targets", default="", help="such as mcu,fpga")
    parser.add_argument("--target-rows", type=int, default=8)
    parser.add_argument("--accuracy", action="store_true")
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    console = Console(width=150)
    heads = ["model", "scales x", "recorded", "exact", *(["package", "farthest", "numpy"] if given.package else [])]
    targets = [name for name in given.targets.split(",") if name]
    heads += ["rows", *qonnx_targets.heads(targets)] if targets else []
    table = Table(*heads)
    with tempfile.TemporaryDirectory() as work:
        for name in given.model or (TFC1, TFC2, JET, KWS, ESPCN):
            for factor in (1.0, FACTOR):
                cells = list(row_of(name, factor, given.rows, given.package, Path(work)))
                cells += target_cells(name, factor, given.target_rows, targets, Path(work)) if targets else []
                table.add_row(*cells)
    console.print(table)
    if given.accuracy:
        for name, (x, labels) in ((TFC1, mnist()), (TFC2, mnist()), (KWS, keywords())):
            console.print(accuracy(name, x, labels))


if __name__ == "__main__":
    main()
