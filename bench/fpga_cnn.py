"""The small CNN of the comparison with NNgen: simulated, and synthesised by Yosys for UltraScale+.

    python -m bench.fpga_cnn [--interval 1153 ...] [--frames 100] [--no-synthesis] [--max-dsp 11] [--keep FOLDER]

28x28x1, conv 3x3 to 8 channels, ReLU, pool 2, conv 3x3 to 16 channels, ReLU, pool 2, dense 784 to 10; SAME padding,
int8 QDQ, weights uniform in -40..40, seed 0, scales for each channel that are no powers of two. The weights are
constants in the design; those of NNgen are in external memory, behind the DMA that its figures contain. Ours contain
AXI4-Stream and AXI4-Lite. Memories in LUTs are counted as LUTs. Carry cells have 8 bits in NNgen's figures, 4 in ours.

The goals: at 50 times and at 20 times NNgen's speed no more than its LUTs, multipliers and block RAMs; at its own speed
half its LUTs.
Each design plays frames back to back, then the same under random stalls of input and output; every stream is compared
with the integer graph.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from rich.console import Console
from rich.table import Table

from bench.fpga_yosys import Cells, count, synthesise
from hwcomp import driver
from hwcomp.ir.graph import Interpreter
from hwcomp.ir.parser import parse
from hwcomp.ir.types import IntArray
from hwcomp.support.json_values import record
from hwcomp.targets.base import Bundle
from hwcomp.verify.simulate import Simulation, Stalls, simulate


@dataclass(frozen=True, slots=True)
class Goal:
    """Clocks between frames, and the LUTs that a design of that speed may have."""

    interval: int
    lut: int


BOARD = "zu3eg"
STALLS = Stalls(idle=90, stall=120)
NNGEN = Cells(lut=19510, carry=2482, ff=16193, dsp=11, bram=81)
NNGEN_INTERVAL = 57681
GOALS = (
    Goal(NNGEN_INTERVAL // 50, NNGEN.lut),
    Goal(NNGEN_INTERVAL // 20, NNGEN.lut),
    Goal(NNGEN_INTERVAL, NNGEN.lut // 2),
)


def _node(kind: str, inputs: list[str], output: str, fields: Mapping[str, int | list[int]]) -> onnx.NodeProto:
    node = helper.make_node(kind, inputs, [output], name=output)
    node.attribute.extend(helper.make_attribute(name, value) for name, value in fields.items())
    return node


@dataclass(slots=True)
class _Qdq:
    """An ONNX graph in the making: every tensor between operators is quantised."""

    nodes: list[onnx.NodeProto]
    constants: list[onnx.TensorProto]
    rng: np.random.Generator

    def constant(self, name: str, data: NDArray[np.generic]) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(data), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, **fields: int | list[int]) -> str:
        self.nodes.append(_node(kind, inputs, output, fields))
        return output

    def quantised(self, x: str, scale: float) -> str:
        """x rounded to int8 multiples of `scale`."""
        ends = [
            self.constant(f"{x}_scale", np.array(scale, np.float32)),
            self.constant(f"{x}_zero", np.array(0, np.int8)),
        ]
        self.node("QuantizeLinear", [x, *ends], f"{x}_q")
        return self.node("DequantizeLinear", [f"{x}_q", *ends], f"{x}_dq")

    def weights(self, name: str, shape: tuple[int, ...]) -> str:
        """Integers uniform in -40..40 times a scale for each output channel."""
        data = self.rng.integers(-40, 41, shape).astype(np.int8)
        scales = self.rng.uniform(0.01, 0.02, shape[0]).astype(np.float32)
        inputs = [self.constant(f"{name}_q", data), self.constant(f"{name}_scale", scales)]
        inputs.append(self.constant(f"{name}_zero", np.zeros(shape[0], np.int8)))
        return self.node("DequantizeLinear", inputs, name, axis=0)


def write_model(path: Path) -> None:
    """The CNN as QDQ ONNX."""
    q = _Qdq([], [], np.random.default_rng(0))
    x = q.quantised("image", 0.0123)
    for layer, (inner, outer, scale) in enumerate(((1, 8, 0.061), (8, 16, 0.37))):
        w = q.weights(f"w{layer}", (outer, inner, 3, 3))
        x = q.node("Conv", [x, w], f"conv{layer}", kernel_shape=[3, 3], pads=[1, 1, 1, 1])
        x = q.quantised(q.node("Relu", [x], f"relu{layer}"), scale)
        x = q.quantised(q.node("MaxPool", [x], f"pool{layer}", kernel_shape=[2, 2], strides=[2, 2]), scale)
    shape = q.constant("shape", np.array([1, 784], np.int64))
    x = q.node("Reshape", [x, shape], "flat")
    x = q.node("Gemm", [x, q.weights("w2", (10, 784))], "dense", transB=1)
    q.quantised(x, 1.7)
    ports = [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 1, 28, 28])]
    results = [helper.make_tensor_value_info("dense_dq", TensorProto.FLOAT, [1, 10])]
    graph = helper.make_graph(q.nodes, "cnn", ports, results, q.constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def rows_of(bundle: Path, frames: int) -> list[Mapping[str, IntArray]]:
    """Random images with all values of the graph."""
    graph = parse((bundle / "graph.hwc").read_text(encoding="utf-8"))
    interpreter, rng = Interpreter(graph), np.random.default_rng(1)
    return [
        interpreter.run({p.name: rng.integers(-128, 128, graph.values[p.value].shape) for p in graph.inputs})
        for _ in range(frames)
    ]


def build(folder: Path, options: Mapping[str, str]) -> tuple[Path, Bundle]:
    """The bundle of the CNN in `folder`."""
    model, out = folder / "cnn.onnx", folder / "bundle"
    write_model(model)
    return out, driver.build(model, "fpga", out, driver.BuildOptions(target_options=options, force=True))


@dataclass(frozen=True, slots=True)
class Made:
    """A design that was built and simulated. cells: as synthesised; exact: verdicts without stalls and with them;
    seconds: from the model to the bundle."""

    ran: Simulation
    exact: tuple[str, str]
    estimate: str
    cells: Cells | None
    seconds: float

    def verdict(self, goal: Goal) -> str:
        """Whether the goal is met, or what it misses."""
        if self.exact != ("equal", "equal"):
            return "differs"
        found = [("clocks", self.ran.interval_cycles, goal.interval)]
        if self.cells is not None:
            c = self.cells
            found += [("LUT", c.lut, goal.lut), ("DSP", c.dsp, NNGEN.dsp), ("BRAM", c.bram, NNGEN.bram)]
        missed = [f"{name} {got:,} > {most:,}" for name, got, most in found if got > most]
        return "; ".join(missed) or "met"


def make(folder: Path, goal: Goal, max_dsp: int, frames: int, *, is_synthesised: bool) -> Made:
    """Build, simulate `frames` without stalls and with them, synthesise."""
    start = time.perf_counter()
    options = {"board": BOARD, "interval": str(goal.interval), "max-dsp": str(max_dsp), "max-bram": str(NNGEN.bram)}
    bundle, made = build(folder, options)
    built = time.perf_counter() - start
    rows = rows_of(bundle, frames)
    ran = simulate(bundle, made.manifest, rows)
    stalled = simulate(bundle, made.manifest, rows, STALLS)
    top = f"{made.manifest.c_name}_top"
    cells = count(synthesise(bundle, made.manifest.sources, top)) if is_synthesised else None
    estimate = " / ".join(str(number) for number in record(made.manifest.extra["estimate"]).values())
    return Made(ran, (ran.verdict, stalled.verdict), estimate, cells, built)


def main() -> int:
    """Print the table; 1 where a goal is missed."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--interval", type=int, nargs="*", help="other goals than the two, in clocks")
    reader.add_argument("--frames", type=int, default=4, help="back to back, and again under stalls")
    reader.add_argument("--max-dsp", type=int, default=NNGEN.dsp)
    reader.add_argument("--no-synthesis", action="store_true")
    reader.add_argument("--keep", type=Path, default=None, help="folder in which the bundles stay")
    given = reader.parse_args()
    goals = GOALS if given.interval is None else [Goal(interval, NNGEN.lut) for interval in given.interval]
    titles = (
        "design", "interval", "latency", "exact, stalled", "LUT", "carry", "FF", "DSP", "BRAM18", "goal",
        "estimate LUT/FF/DSP/BRAM", "build s",
    )  # fmt: skip
    table = Table(*titles, title="CNN 28x28x1, Yosys synth_xilinx -family xcup")
    n = NNGEN
    table.add_row("NNgen 1x1", *map(str, (NNGEN_INTERVAL, "", "yes, -", n.lut, n.carry, n.ff, n.dsp, n.bram)))
    verdicts: list[str] = []
    for goal in goals:
        with TemporaryDirectory() as holder:
            folder = (given.keep or Path(holder)) / str(goal.interval)
            folder.mkdir(parents=True, exist_ok=True)
            made = make(folder, goal, given.max_dsp, given.frames, is_synthesised=not given.no_synthesis)
        verdicts.append(made.verdict(goal))
        c = made.cells
        counted = [""] * 5 if c is None else [str(number) for number in (c.lut, c.carry, c.ff, c.dsp, c.bram)]
        row = ["hwcomp", str(made.ran.interval_cycles), str(made.ran.latency_cycles), ", ".join(made.exact)]
        table.add_row(*row, *counted, verdicts[-1], made.estimate, f"{made.seconds:.1f}")
    Console(width=200).print(table)
    return int(any(verdict != "met" for verdict in verdicts))


if __name__ == "__main__":
    sys.exit(main())
