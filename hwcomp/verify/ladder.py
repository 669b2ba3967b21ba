"""The ladder: every run of a bundle that must give the same values, compared with `evaluate` on every intermediate."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from hwcomp.ir.graph import Graph, Interpreter
from hwcomp.ir.parser import parse
from hwcomp.ir.spec import find_problems
from hwcomp.support.errors import EXIT_TOOL, HwcompError, Mismatch
from hwcomp.support.manifest import Manifest, read_manifest
from hwcomp.verify.border import integer_limits
from hwcomp.verify.hls import FLAVOURS, simulate_hls
from hwcomp.verify.protocol import IntArray, storage_type
from hwcomp.verify.run import RunOptions, run_bundle
from hwcomp.verify.simulate import Difference, Simulation, Stalls, hard_stalls, simulate, streams_of
from hwcomp.verify.toolchain import arm_compiler, has_package, host_compiler
from hwcomp.verify.tvm_library import run_library
from hwcomp.verify.vectors import read_vectors

Progress = Callable[[str, int, int], None]

SEED = 20261123
RANDOM_ROWS = 2
POWER_UPS = (2, 3, 4)
PROOF_SECONDS = 600
TEXT_LIMIT = 200


@dataclass(frozen=True, slots=True)
class RungResult:
    """What a rung of the ladder said: "equal", "mismatch" with the first difference, or "skipped" with the reason."""

    name: str
    verdict: str
    reason: str
    mismatch: Mismatch | None = None


@dataclass(frozen=True, slots=True)
class _Climb:
    """What all rungs share: the bundle, its graph, the rows of inputs, and all values of each row by `evaluate`."""

    bundle: Path
    manifest: Manifest
    graph: Graph
    inputs: Mapping[str, IntArray]
    rows: Sequence[Mapping[str, IntArray]]


def verify_bundle(bundle: Path, rungs: Sequence[str] = (), progress: Progress | None = None) -> list[RungResult]:
    """Climb the rungs named (keys of `RUNGS`), in that order, all of them even after a mismatch.

    The inputs are the bundle's own vectors, the constant rows at both ends of the input type, and seeded random rows.
    Without names, all rungs of the bundle's target are climbed.

    Raises:
        HwcompError: HWC005 no such rung; HWC007 no bundle.
    """
    offered = rungs_of(read_manifest(bundle).target)
    unknown = [name for name in rungs if name not in offered]
    if unknown:
        raise HwcompError("HWC005", f"no rung '{unknown[0]}'", str(bundle), f"use some of {', '.join(offered)}")
    rungs = rungs or offered
    climb = _prepare(bundle)
    results: list[RungResult] = []
    for done, name in enumerate(rungs):
        if progress is not None:
            progress(name, done, len(rungs))
        results.append(_climb(climb, name))
    if progress is not None:
        progress("verified", len(rungs), len(rungs))
    return results


def _climb(climb: _Climb, name: str) -> RungResult:
    try:
        return RUNGS[name](climb, name)
    except HwcompError as error:
        if error.exit_code != EXIT_TOOL:
            raise
        return RungResult(name, "skipped", f"{error.what}; {error.fix}")


def _prepare(bundle: Path) -> _Climb:
    manifest = read_manifest(bundle)
    try:
        graph = parse((bundle / "graph.hwc").read_text(encoding="utf-8"))
        _check_parts(bundle, manifest, graph)
    except (OSError, ValueError, TypeError, LookupError, ArithmeticError, RecursionError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise HwcompError(
            "HWC007", f"graph.hwc cannot be read: {reason}", str(bundle), "build the bundle again"
        ) from error
    vectors = read_vectors(bundle)
    absent = [port.name for port in manifest.inputs if port.name not in vectors]
    if absent:
        raise HwcompError("HWC007", f"vectors.npz has no '{absent[0]}'", str(bundle), "build the bundle again")
    inputs = {port.name: _rows(port.name, manifest, vectors) for port in manifest.inputs}
    interpreter = Interpreter(graph)
    count = len(next(iter(inputs.values())))
    rows = [interpreter.run({name: array[i] for name, array in inputs.items()}) for i in range(count)]
    return _Climb(bundle, manifest, graph, inputs, rows)


def _check_parts(bundle: Path, manifest: Manifest, graph: Graph) -> None:
    """The graph is whole, and its ports are the manifest's: each part of a bundle may have been edited."""
    wrong = find_problems(graph, certificates=False)
    if not wrong:
        ports = [(port.name, graph.values[port.value].shape) for port in (*graph.inputs, *graph.outputs)]
        same = ports == [(port.name, port.shape) for port in (*manifest.inputs, *manifest.outputs)]
        wrong = [] if same else ["its inputs and outputs are not those of manifest.json"]
    if wrong:
        raise HwcompError("HWC007", f"graph.hwc: {wrong[0]}", str(bundle), "build the bundle again")


def _rows(name: str, manifest: Manifest, vectors: Mapping[str, IntArray]) -> IntArray:
    """Rows of one input, [rows, *shape]: the bundle's own, both ends of the type, random ones."""
    port = next(port for port in manifest.inputs if port.name == name)
    low, high = integer_limits(port)
    rng = np.random.default_rng(SEED)
    ends = [np.full((1, *port.shape), end, np.int64) for end in (low, high)]
    drawn = rng.integers(low, high, (RANDOM_ROWS, *port.shape), np.int64, endpoint=True)
    return np.concatenate([vectors[name].astype(np.int64), *ends, drawn])


def _proof(climb: _Climb, name: str) -> RungResult:
    """The bundle's own checker, integers alone and nothing of hwcomp, on the bundle's certificates."""
    command = [sys.executable, "check_certificates.py"]
    done = subprocess.run(command, cwd=climb.bundle, capture_output=True, text=True, timeout=PROOF_SECONDS, check=False)
    said = (done.stdout + done.stderr).strip().splitlines() or ["no word"]
    if done.returncode:
        reproduce = f"python {climb.bundle / 'check_certificates.py'}"
        return RungResult(
            name, "mismatch", said[-1][:TEXT_LIMIT], Mismatch("certificates", (), 0, 1, said[0], reproduce)
        )
    return RungResult(name, "equal", said[-1][:TEXT_LIMIT])


def _evaluate(climb: _Climb, name: str) -> RungResult:
    """The values stored in the bundle's vectors, against `evaluate` of the bundle's graph."""
    vectors = read_vectors(climb.bundle)
    stored = {v.name: vectors[v.name] for v in climb.manifest.values if v.name in vectors}
    count = len(next(iter(vectors.values())))
    got = [{value: array[i] for value, array in stored.items()} for i in range(count)]
    return _compared(climb, name, got, f"{count} vectors, {len(stored)} values each")


def _host(options: RunOptions) -> Callable[[_Climb, str], RungResult]:
    def rung(climb: _Climb, name: str) -> RungResult:
        compiler = host_compiler(options.compiler)
        return _ran(climb, name, "host", options, compiler.version)

    return rung


def _cortex_m4(climb: _Climb, name: str) -> RungResult:
    compiler = arm_compiler()
    if not has_package("unicorn"):
        return RungResult(name, "skipped", "the package unicorn is missing: pip install unicorn")
    return _ran(climb, name, "cortex-m4", RunOptions(raw=True), compiler.version)


def _ran(climb: _Climb, name: str, on: str, options: RunOptions, compiler: str) -> RungResult:
    """Run all rows traced; each row's traces and outputs must equal `evaluate`."""
    joined = {
        port.name: climb.inputs[port.name].reshape(-1, *port.shape[1:]).astype(storage_type(port))
        if port.shape
        else climb.inputs[port.name].reshape(-1).astype(storage_type(port))
        for port in climb.manifest.inputs
    }
    result = run_bundle(climb.bundle, joined, on, trace=True, options=options)
    assert result.traces is not None
    note = f"{len(climb.rows)} inputs, {len(climb.manifest.values)} values each; {compiler}"
    found = _compared(climb, name, result.traces, note)
    return found if found.mismatch else _outputs_compared(climb, name, result.outputs, found)


def _outputs_compared(climb: _Climb, name: str, outputs: Mapping[str, np.ndarray], good: RungResult) -> RungResult:
    for port in climb.graph.outputs:
        expected = np.stack([row[port.value] for row in climb.rows])
        got = np.asarray(outputs[port.name], np.int64).reshape(expected.shape)
        if not np.array_equal(expected, got):
            return RungResult(name, "mismatch", good.reason, _first(climb, name, port.value, expected, got))
    return good


def _compared(climb: _Climb, name: str, got: Sequence[Mapping[str, IntArray]], note: str) -> RungResult:
    """The traced values of each row in the order in which they are computed: the first difference is the cause."""
    for row, values in enumerate(got):
        for value, array in values.items():
            expected = climb.rows[row][value]
            actual = np.asarray(array, np.int64).reshape(expected.shape)
            if not np.array_equal(expected, actual):
                return RungResult(name, "mismatch", note, _first(climb, name, value, expected, actual))
    return RungResult(name, "equal", note)


def _first(climb: _Climb, rung: str, value: str, expected: IntArray, got: IntArray) -> Mismatch:
    index = tuple(int(i) for i in np.argwhere(expected != got)[0])
    return Mismatch(
        value=value,
        index=index,
        expected=int(expected[index]),
        got=int(got[index]),
        first_op=str(climb.graph.location_of(value)),
        reproduce=f"hwcomp verify {climb.bundle} --on {rung}",
    )


class _Simulated(Protocol):
    def __call__(self, climb: _Climb, name: str, *, power_up: int = 1) -> RungResult: ...


def _verilator(*, stalled: bool) -> _Simulated:
    def rung(climb: _Climb, name: str, *, power_up: int = 1) -> RungResult:
        stalls = hard_stalls(climb.manifest) if stalled else Stalls()
        done = simulate(climb.bundle, climb.manifest, climb.rows, stalls, power_up=power_up)
        note = (
            f"{done.frames} frames, {len(streams_of(climb.manifest))} streams each, {done.cycles} clocks; "
            f"latency {done.latency_cycles}, interval {done.interval_cycles}"
        )
        return _streams_compared(climb, name, done, note)

    return rung


def _hls(climb: _Climb, name: str) -> RungResult:
    """The C++ of an hls bundle; with the vendors' types, which are slow, on a few of the rows."""
    flavour = FLAVOURS[name]
    rows = _few(climb) if flavour.headers else climb.rows
    done = simulate_hls(climb.bundle, climb.manifest, rows, flavour)
    note = f"{done.frames} frames, {len(streams_of(climb.manifest))} streams each; synthesis was not run"
    return _streams_compared(climb, name, done, note)


def _few(climb: _Climb) -> Sequence[Mapping[str, IntArray]]:
    """The first rows of a stateful model; of others the first and those at both ends of the input type."""
    if climb.graph.states:
        return climb.rows[:3]
    ends = len(climb.rows) - RANDOM_ROWS
    return [climb.rows[0], *climb.rows[ends - 2 : ends]]


def _streams_compared(climb: _Climb, name: str, done: Simulation, note: str) -> RungResult:
    """What a bench that compares streams said."""
    if done.verdict == "equal":
        return RungResult(name, "equal", note)
    if not done.differences:
        what = f"the simulation is {done.verdict} after {done.cycles} clocks"
        raise HwcompError("HWC503", what, str(climb.bundle), "report this")
    return RungResult(name, "mismatch", note, _in_stream(climb, name, done.differences[0]))


def _tvm(climb: _Climb, name: str) -> RungResult:
    """The library of a tvm bundle: kernel by kernel, then as a whole."""
    traced = run_library(climb.bundle, climb.manifest, climb.inputs, trace=True)
    names = {value.index: value.name for value in climb.manifest.values}
    rows = [{names[i]: array[row] for i, array in sorted(traced.values.items())} for row in range(len(climb.rows))]
    found = _compared(climb, name, rows, f"{len(rows)} inputs, {len(names)} values each")
    if found.mismatch:
        return found
    whole = run_library(climb.bundle, climb.manifest, climb.inputs, trace=False)
    return _outputs_compared(climb, name, whole.outputs, found)


def _power_up(climb: _Climb, name: str) -> RungResult:
    """An asic's registers and RAMs begin with anything: other random values must change nothing."""
    rung = _verilator(stalled=False)
    results = [rung(climb, name, power_up=seed) for seed in POWER_UPS]
    found = next((result for result in results if result.mismatch), results[-1])
    return replace(found, reason=f"{len(POWER_UPS)} random power-ups; {found.reason}")


def _in_stream(climb: _Climb, rung: str, difference: Difference) -> Mismatch:
    """The first difference as a place in a value; after frame 0 the frame is named in the rung's inputs."""
    value = difference.stream.value
    index = np.unravel_index(difference.element, climb.graph.values[value].shape or (1,))
    return Mismatch(
        value=value,
        index=tuple(int(i) for i in index),
        expected=difference.expected,
        got=difference.got,
        first_op=str(climb.graph.location_of(value)),
        reproduce=f"hwcomp verify {climb.bundle} --on {rung}",
    )


def rungs_of(target: str) -> tuple[str, ...]:
    """The rungs that a bundle of this target can climb, lowest first."""
    return TARGET_RUNGS.get(target, TARGET_RUNGS["mcu"])


RUNGS: dict[str, Callable[[_Climb, str], RungResult]] = {
    "proof": _proof,
    "evaluate": _evaluate,
    "host": _host(RunOptions(flags=("-O2",), raw=True)),
    "host-o3": _host(RunOptions(compiler="gcc", flags=("-O3",), raw=True)),
    "host-clang": _host(RunOptions(compiler="clang", flags=("-O2",), raw=True)),
    "host-sanitized": _host(RunOptions(compiler="gcc", sanitize=True, raw=True)),
    "cortex-m4": _cortex_m4,
    "verilator": _verilator(stalled=False),
    "verilator-stalls": _verilator(stalled=True),
    "verilator-power-up": _power_up,
    **dict.fromkeys(FLAVOURS, _hls),
    "tvm": _tvm,
}
"""The rungs by name, lowest first."""

TARGET_RUNGS: dict[str, tuple[str, ...]] = {
    "mcu": ("proof", "evaluate", "host", "host-o3", "host-clang", "host-sanitized", "cortex-m4"),
    "fpga": ("proof", "evaluate", "verilator", "verilator-stalls"),
    "asic": ("proof", "evaluate", "verilator", "verilator-stalls", "verilator-power-up"),
    "hls": ("proof", "evaluate", *FLAVOURS),
    "tvm": ("proof", "evaluate", "tvm", "host", "cortex-m4"),
}
"""Which of them each target's bundles climb."""
