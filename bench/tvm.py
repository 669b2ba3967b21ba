"""The tvm target beside ONNX Runtime and LiteRT, one thread each, in turns in one process.

    python bench/tvm.py [--models kws,ic] [--seconds 3] [--target x86-vnni] [--tune 600] [--layers]

Each round calls every engine a few times; shown are the least and the median of all calls, and the load of the machine.
The figure of hwcomp is a call of the library's `<name>_run` by ctypes; those of the others are calls of their Python
interfaces (`Session.run` with one array; `Interpreter.invoke`, inputs in place). --tune adds hwcomp's library after a
search of so many seconds, in which the build takes them; --layers shows the kernels of hwcomp, each called alone.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
MODELS = Path(os.environ.get("HWCOMP_MODELS", ROOT.parent / "shared" / "models")) / "models"
Call = Callable[[], object]
_CALL_SECONDS = 0.01
_LAYER_CALLS = 60


@dataclass(frozen=True)
class Case:
    """The files of one model: what hwcomp compiles, what the others run ("" for none)."""

    source: str
    onnx: str
    tflite: str


CASES = {
    "kws": Case("mlperf_kws_dscnn_int8.tflite", "mlperf_kws_dscnn_int8_tf2onnx.onnx", "mlperf_kws_dscnn_int8.tflite"),
    "ic": Case("mlperf_ic_resnet8_int8.tflite", "mlperf_ic_resnet8_int8_tf2onnx.onnx", "mlperf_ic_resnet8_int8.tflite"),
    "ad": Case("mlperf_ad_ae_int8.tflite", "mlperf_ad_ae_int8_tf2onnx.onnx", "mlperf_ad_ae_int8.tflite"),
    "mnv1": Case("coral_mobilenet_v1_0.25_128_quant.tflite", "coral_mobilenet_v1_0.25_128_quant_tf2onnx.onnx",
                 "coral_mobilenet_v1_0.25_128_quant.tflite"),
    "mnv2": Case("coral_tf2_mobilenet_v2_1.0_224_ptq.tflite", "coral_tf2_mobilenet_v2_1.0_224_ptq_tf2onnx.onnx",
                 "coral_tf2_mobilenet_v2_1.0_224_ptq.tflite"),
    "efflite0": Case("efflite0_qdq_s8s8_pc.onnx", "efflite0_qdq_s8s8_pc.onnx", ""),
}  # fmt: skip


def build(case: Case, target: str, folder: Path, tune: int = 0) -> Path:
    """The bundle of a case, built in `folder` unless it is there; with `tune`, after so many seconds of search."""
    out = folder / f"{Path(case.source).stem}.{target}{f'.tuned{tune}' if tune else ''}"
    if (out / "manifest.json").is_file():
        return out
    command = [
        sys.executable,
        "-m",
        "hwcomp.cli",
        "build",
        str(MODELS / case.source),
        "--target",
        "tvm",
        "-o",
        str(out),
    ]
    command += ["--tvm-target", target, *(["--tune", str(tune)] if tune else [])]
    reference = "litert" if "mobilenet" in case.source else "" if case.tflite else "onnx"
    command += ["--reference", reference] if reference else []
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise SystemExit(f"{case.source}: {done.stderr or done.stdout}")
    return out


def runner_of(bundle: Path) -> Any:
    """The Model of a bundle's own runner."""
    spec = importlib.util.spec_from_file_location(f"runner_{bundle.stem}", bundle / "runner.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Model(bundle)


def hwcomp_call(model: Any) -> Call:
    """An inference of a runner's Model, by ctypes, its inputs in place."""
    return lambda: model._run(*model._arguments)


def ort_call(path: Path) -> Call:
    """A run of ONNX Runtime, all optimisations, one thread."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    port = session.get_inputs()[0]
    shape = [d if isinstance(d, int) else 1 for d in port.shape]
    kind = {"tensor(float)": np.float32, "tensor(uint8)": np.uint8, "tensor(int8)": np.int8}[port.type]
    given = {port.name: np.random.default_rng(1).integers(0, 100, shape).astype(kind)}
    names = [output.name for output in session.get_outputs()]
    return lambda: session.run(names, given)


def litert_call(path: Path) -> Call:
    """An invocation of LiteRT with its default delegate (XNNPACK), one thread."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(path), num_threads=1)
    interpreter.allocate_tensors()
    port = interpreter.get_input_details()[0]
    interpreter.set_tensor(port["index"], np.zeros(port["shape"], port["dtype"]))
    return interpreter.invoke  # type: ignore[no-any-return]


def measured(calls: dict[str, Call], seconds: float) -> dict[str, list[float]]:
    """Seconds of each call, the engines in turns for `seconds` each."""
    found: dict[str, list[float]] = {name: [] for name in calls}
    counts: dict[str, int] = {}
    for name, call in calls.items():
        call()
        start = time.perf_counter()
        call()
        counts[name] = max(1, int(_CALL_SECONDS / (time.perf_counter() - start)))
    end = time.perf_counter() + seconds * len(calls)
    while time.perf_counter() < end:
        for name, call in calls.items():
            for _ in range(counts[name]):
                start = time.perf_counter()
                call()
                found[name].append(time.perf_counter() - start)
    return found


def layers(model: Any) -> list[tuple[float, int, str]]:
    """(least seconds, multiplications, place) of each kernel, called alone on what the run left in memory."""
    found = []
    for step in model.manifest["steps"]:
        if not step["function"]:
            continue
        pointers = [model._pointer(*argument) for argument in step["arguments"]]
        function = getattr(model.loaded, step["function"])
        times = []
        for _ in range(_LAYER_CALLS):
            start = time.perf_counter()
            function(*pointers)
            times.append(time.perf_counter() - start)
        found.append((min(times), step["macs"], step["what"]))
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", default=",".join(CASES))
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--target", default="x86-vnni")
    parser.add_argument("--tune", type=int, default=0)
    parser.add_argument("--layers", action="store_true")
    parser.add_argument("--folder", default="")
    parser.add_argument("--json", default="")
    given = parser.parse_args()
    folder = Path(given.folder or tempfile.mkdtemp(prefix="hwcomp.bench."))
    table: dict[str, dict[str, dict[str, float]]] = {}
    for name in given.models.split(","):
        case = CASES[name]
        model = runner_of(build(case, given.target, folder))
        calls = {"hwcomp": hwcomp_call(model)}
        if given.tune:
            calls["tuned"] = hwcomp_call(runner_of(build(case, given.target, folder, given.tune)))
        calls["ort"] = ort_call(MODELS / case.onnx)
        if case.tflite:
            calls["xnnpack"] = litert_call(MODELS / case.tflite)
        times = measured(calls, given.seconds)
        table[name] = {k: {"min_us": min(t) * 1e6, "median_us": statistics.median(t) * 1e6} for k, t in times.items()}
        own = table[name]["hwcomp"]["min_us"]
        cells = [
            f"{k} {v['min_us']:9.1f} / {v['median_us']:9.1f} ({v['min_us'] / own:4.2f}x)"
            for k, v in table[name].items()
        ]
        print(f"{name:9s} us min / median: {'  '.join(cells)}  load {os.getloadavg()[0]:.1f}", flush=True)
        if given.layers:
            for seconds, macs, what in layers(model):
                print(f"  {seconds * 1e6:8.1f} us {macs / seconds / 1e9:7.1f} GMAC/s  {what[:90]}")
    if given.json:
        Path(given.json).write_text(json.dumps({"load": os.getloadavg(), "models": table}, indent=2) + "\n")


if __name__ == "__main__":
    main()
