"""Weights of 4 bits, two a byte, beside the same weights as bytes: a layer each, one thread, in turns in one process.

    python bench/tvm_int4.py [--only dense,conv] [--seconds 1] [--machine x86-vnni]

Both libraries are compiled from the same graph with `-O int4=never` and `-O int4=always`; before a figure is taken
their outputs are compared with `evaluate`. Shown are the least and the median of all calls of the
library's kernel, as milliseconds, their ratio, what `int4=auto` does with the layer, and the load of the machine. The
weights are read again in every call: those that a cache holds come from there.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hwcomp.ir.builder import Builder
from hwcomp.ir.graph import Graph, Interpreter, Level
from hwcomp.ir.ops.dot import Conv2d, Dense
from hwcomp.ir.ops.requant import Requant
from hwcomp.ir.types import S8, S32, U8, IntType, Location, TensorType
from hwcomp.targets.base import EmitInfo
from hwcomp.targets.tvm.emit import render_bundle
from hwcomp.targets.tvm.lower import try_lower
from hwcomp.targets.tvm.target import TARGET

ROOT = Path(__file__).resolve().parent.parent
INFO = EmitInfo("layer.onnx", "0" * 64, "python bench/tvm_int4.py", "onnx", "listed", "0.1.0")
_CALL_SECONDS = 0.005


@dataclass(frozen=True)
class Layer:
    """shape: of the input; kernel: of a convolution, 0 of a dense layer."""

    shape: tuple[int, ...]
    channels: int
    kernel: int = 0

    @property
    def name(self) -> str:
        kind = f"conv {self.kernel}x{self.kernel}" if self.kernel else "dense"
        return f"{kind} {'x'.join(map(str, self.shape))} -> {self.channels}"

    @property
    def weight_shape(self) -> tuple[int, ...]:
        taps = (self.kernel, self.kernel) if self.kernel else ()
        return (self.channels, *taps, self.shape[-1])


DENSE = [
    Layer((1, c), k)
    for c, k in (
        (128, 128),
        (256, 256),
        (512, 512),
        (1024, 1024),
        (2048, 1000),
        (2048, 2048),
        (4096, 4096),
        (8192, 8192),
    )
]
DENSE += [Layer((rows, 2048), 2048) for rows in (2, 4, 8, 16)]  # fmt: skip
CONV = [Layer((1, 56, 56, 64), 64, 3), Layer((1, 28, 28, 128), 128, 3), Layer((1, 14, 14, 256), 256, 3),
        Layer((1, 7, 7, 512), 512, 3), Layer((1, 28, 28, 256), 128, 1), Layer((1, 14, 14, 512), 512, 1),
        Layer((1, 7, 7, 1024), 1024, 1), Layer((1, 7, 7, 320), 1280, 1), Layer((1, 2, 2, 1024), 1024, 1),
        Layer((1, 1, 1, 1024), 1024, 1)]  # fmt: skip


def graph_of(layer: Layer) -> Graph:
    """Random weights of 4 bits, and a requant of each channel."""
    b = Builder("layer", "onnx")
    rng = np.random.default_rng(layer.channels)
    x = b.input("x", TensorType(layer.shape, U8))
    w = b.constant("w", rng.integers(-8, 8, layer.weight_shape), IntType(4, True))
    bias = b.constant("b", rng.integers(-5000, 5000, layer.channels), S32)
    loc = Location("layer.onnx", "/layer", "Layer")
    padding = (layer.kernel // 2,) * 4
    op = (
        Conv2d(name="/layer", inputs=(x, w, bias), outputs=("sums",), loc=loc, padding=padding)
        if layer.kernel
        else Dense(name="/layer", inputs=(x, w, bias), outputs=("sums",), loc=loc)
    )
    sums = b.add1(op)
    scale = int((1 << 30) / (15 * np.sqrt(np.prod(layer.weight_shape[1:]))))
    mult = tuple(scale - 97 * i % scale // 2 for i in range(layer.channels))
    y = b.add1(
        Requant(name="/requant", inputs=(sums,), outputs=("y",), loc=loc, mult=(mult,), offset=(1 << 33,) * len(mult),
                shift=34, zero=0, lo=-128, hi=127, dtype=S8)
    )  # fmt: skip
    b.output("y", y, None)
    return b.finish(Level.INTEGER)


def model_of(graph: Graph, machine: str, int4: str, folder: Path) -> Any:
    """The Model of the bundle's own runner; the library's copy of the parameters is left out: it reads its own."""
    options = TARGET.parse_options({"tvm-target": machine, "int4": int4, "vectors": "1"})
    for path, data in render_bundle(graph, options, INFO)[0].items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    (folder / "src" / "layer_params.c").write_text("const unsigned char layer_params[1] = {0};\n")
    done = subprocess.run([sys.executable, "-B", "build.py"], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr or done.stdout)
    spec = importlib.util.spec_from_file_location(f"runner_{int4}", folder / "runner.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Model(folder)


def kernel_call(model: Any) -> Any:
    """The last kernel of the model, which is its layer, on what a run left in memory."""
    step = next(step for step in model.manifest["steps"] if step["macs"])
    function = getattr(model.loaded, step["function"])
    pointers = [model._pointer(*argument) for argument in step["arguments"]]
    return lambda: function(*pointers)


def timed(calls: list[Any], seconds: float) -> list[list[float]]:
    """Seconds of each call, in turns, until `seconds` each have gone."""
    found: list[list[float]] = [[] for _ in calls]
    start = time.perf_counter()
    calls[0]()
    count = max(1, int(_CALL_SECONDS / (time.perf_counter() - start)))
    end = time.perf_counter() + seconds * len(calls)
    while time.perf_counter() < end:
        for times, call in zip(found, calls, strict=True):
            for _ in range(count):
                start = time.perf_counter()
                call()
                times.append(time.perf_counter() - start)
    return found


def row(layer: Layer, machine: str, seconds: float, folder: Path) -> str:
    """The line of a layer."""
    graph = graph_of(layer)
    models = [model_of(graph, machine, int4, folder / int4) for int4 in ("never", "always")]
    data = {"x": np.random.default_rng(1).integers(0, 256, layer.shape)}
    wanted = Interpreter(graph).run(data)["y"]
    for model in models:
        assert (model.run([data["x"]])[0] == wanted).all(), layer.name
    never, always = timed([kernel_call(model) for model in models], seconds)
    kernel = try_lower(graph, TARGET.parse_options({"tvm-target": machine, "int4": "auto"}))[0][0]
    auto = sum(c.data.size for c in kernel.constants) < np.prod(layer.weight_shape)
    least, middle = min(never) / min(always), statistics.median(never) / statistics.median(always)
    return (
        f"{layer.name:28s} {int(np.prod(layer.weight_shape)) / 1024:8.0f} KiB  "
        f"int8 {min(never) * 1e3:8.4f} / {statistics.median(never) * 1e3:8.4f}  "
        f"int4 {min(always) * 1e3:8.4f} / {statistics.median(always) * 1e3:8.4f}  "
        f"{least:5.2f}x / {middle:5.2f}x  auto {'int4' if auto else 'int8'}  load {os.getloadavg()[0]:.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="dense,conv")
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--machine", default="x86-vnni")
    given = parser.parse_args()
    print("layer, weights as bytes; ms least / median of int8, of int4; int8 / int4 of the leasts / of the medians")
    for kind, layers in (("dense", DENSE), ("conv", CONV)):
        for layer in layers if kind in given.only.split(",") else ():
            with tempfile.TemporaryDirectory(prefix="hwcomp.") as name:
                print(row(layer, given.machine, given.seconds, Path(name)), flush=True)


if __name__ == "__main__":
    main()
