"""Run a bundle on arrays: `hwcomp run BUNDLE --on host|cortex-m4`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwcomp.support.errors import HwcompError
from hwcomp.support.manifest import Manifest, read_manifest
from hwcomp.verify import cortex_m, host
from hwcomp.verify.border import count_runs, dequantize, to_integers
from hwcomp.verify.cortex_m import Machine, Sections, build_image
from hwcomp.verify.hls import Flavour, simulate_hls
from hwcomp.verify.protocol import (
    Execution,
    IntArray,
    joined_shape,
    pack_rows,
    storage_type,
    unpack_rows,
    unpack_traces,
)
from hwcomp.verify.qemu_emulator import run_qemu
from hwcomp.verify.simulate import input_rows, simulate
from hwcomp.verify.toolchain import arm_compiler, host_compiler
from hwcomp.verify.tvm_library import check_machine, run_library
from hwcomp.verify.unicorn_emulator import run_unicorn

Array = NDArray[np.generic]

PLACES: dict[str, tuple[str, ...]] = {
    "mcu": ("host", "cortex-m4"),
    "fpga": ("verilator",),
    "asic": ("verilator",),
    "hls": ("hls",),
    "tvm": ("tvm", "host", "cortex-m4"),
}
"""Where bundles of each target run, the usual place first."""


class Emulator(Enum):
    """What runs Cortex-M images: unicorn (from pip), or QEMU with our counting plugin."""

    UNICORN = "unicorn"
    QEMU = "qemu"


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to compile and run.

    compiler: name or command, None for the first that is found; flags: for the model's sources, () for the default
    (-O2 on the host, -O3 on Cortex-M4); sanitize: AddressSanitizer and UBSan, host only; raw: integers out, even where
    the source model has floats; timeout_seconds: for all rows together, compilation excluded.
    """

    compiler: str | None = None
    flags: tuple[str, ...] = ()
    sanitize: bool = False
    emulator: Emulator = Emulator.UNICORN
    raw: bool = False
    timeout_seconds: float = 600.0


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run gave.

    outputs: by name, joined along axis 0; integers, or float32 where the source model has floats and `raw` is not set.
    instructions: of each run of the model; None on the host and when traced. functions: instructions by function, over
    all runs. stack_bytes: the deepest stack of the model's run function; None like `instructions`.
    traces: the model's intermediates, a dictionary for each run. latency_cycles, interval_cycles: clocks as simulated.
    """

    outputs: Mapping[str, Array]
    instructions: tuple[int, ...] | None = None
    functions: Mapping[str, int] = field(default_factory=dict[str, int])
    stack_bytes: int | None = None
    sections: Sections | None = None
    traces: list[dict[str, IntArray]] | None = None
    latency_cycles: int | None = None
    interval_cycles: int | None = None


def run_bundle(
    bundle: Path,
    inputs: Mapping[str, Array],
    on: str,
    *,
    trace: bool = False,
    options: RunOptions | None = None,
) -> RunResult:
    """Run the bundle's model on rows joined along axis 0, one batch of the model's own size after the other.

    Args:
        bundle: the folder that `hwcomp build` wrote.
        inputs: for each input an array [runs * shape[0], ...], in the model's integers, or in floats where the
            source model has floats there. A stateful model is reset before the first run, and only then.
        on: one of the target's `PLACES`, such as "host"; "verilator" for a bundle of the fpga or asic target.
        trace: also return every intermediate.

    Raises:
        HwcompError: HWC005 no such place; HWC007 no bundle; HWC008 the inputs do not fit; HWC502 it does not compile;
            HWC503 it did not finish; HWC601, HWC602 a tool is missing.
    """
    chosen = options or RunOptions()
    manifest = read_manifest(bundle)
    integers, runs = _integers(manifest, inputs)
    places = PLACES.get(manifest.target, PLACES["mcu"])
    if on not in places:
        listed = " or ".join(f"'{place}'" for place in places)
        raise HwcompError("HWC005", f"there is no place '{on}' to run on", str(bundle), f"use {listed}")
    if on in ("verilator", "hls"):
        return _on_bench(bundle, manifest, integers, runs, on, chosen)
    if manifest.target == "tvm":
        check_machine(bundle, manifest, on)
    if on == "tvm":
        return _in_library(bundle, manifest, integers, runs, chosen, trace=trace)
    rows = pack_rows(manifest.inputs, integers, runs)
    if on == "host":
        execution, sections = _on_host(bundle, manifest, rows, trace, chosen), None
    else:
        execution, sections = _on_cortex_m4(bundle, manifest, rows, trace, chosen)
    return RunResult(
        outputs=_outputs(manifest, execution, runs, raw=chosen.raw),
        instructions=execution.instructions,
        functions=execution.functions,
        stack_bytes=execution.report.stack_bytes,
        sections=sections,
        traces=unpack_traces(manifest, execution.traces, str(bundle)) if trace else None,
    )


def count_instructions(
    bundle: Path, inputs: Mapping[str, Array], compiler: str = "arm-none-eabi-gcc", flags: tuple[str, ...] = ("-O3",)
) -> RunResult:
    """Count on QEMU's mps2-an386, as the figures of other libraries were counted: Arm GCC -O3 and a TCG plugin.

    Exactly the model's run function is counted, its return included, and the memory functions that it calls.
    """
    options = RunOptions(compiler=compiler, flags=flags, emulator=Emulator.QEMU, raw=True)
    return run_bundle(bundle, inputs, "cortex-m4", options=options)


def _integers(manifest: Manifest, inputs: Mapping[str, Array]) -> tuple[dict[str, IntArray], int]:
    """All inputs as integers, and how many runs they make."""
    names = {port.name for port in manifest.inputs}
    if set(inputs) != names:
        raise HwcompError(
            "HWC008",
            f"the inputs given are {sorted(inputs)}, the model's are {sorted(names)}",
            manifest.c_name,
            "give one array for each input of the model",
        )
    runs = {port.name: count_runs(inputs[port.name], port) for port in manifest.inputs}
    if len(set(runs.values())) != 1:
        raise HwcompError(
            "HWC008", f"the inputs make different numbers of runs: {runs}", manifest.c_name, "give equally many rows"
        )
    return {port.name: to_integers(inputs[port.name], port) for port in manifest.inputs}, next(iter(runs.values()))


def _on_host(bundle: Path, manifest: Manifest, rows: bytes, trace: bool, options: RunOptions) -> Execution:
    flags = options.flags or (() if options.sanitize else host.DEFAULT_FLAGS)
    if options.sanitize:
        flags = (*host.SANITIZER_FLAGS, *flags)
    compiler = host_compiler(options.compiler)
    program = host.build_host(bundle, manifest, compiler, flags, is_traced=trace)
    return host.run_host(program, rows, str(bundle), options.timeout_seconds)


def _on_cortex_m4(
    bundle: Path, manifest: Manifest, rows: bytes, trace: bool, options: RunOptions
) -> tuple[Execution, Sections]:
    compiler = arm_compiler(options.compiler)
    flags = options.flags or cortex_m.DEFAULT_FLAGS
    is_qemu = options.emulator is Emulator.QEMU
    machine = Machine.MPS2_AN386 if is_qemu else Machine.UNICORN
    image = build_image(bundle, manifest, compiler, flags, machine, is_traced=trace)
    run = run_qemu if is_qemu else run_unicorn
    return run(image, rows, str(bundle), options.timeout_seconds), image.sections


def _on_bench(
    bundle: Path, manifest: Manifest, integers: Mapping[str, IntArray], runs: int, on: str, options: RunOptions
) -> RunResult:
    """The rows one after the other through the design's bench; a stateful one is reset before the first."""
    rows, seconds = input_rows(manifest, integers, runs), options.timeout_seconds
    if on == "hls":
        flavour = Flavour(options.compiler or "", options.flags or Flavour().flags)
        done = simulate_hls(bundle, manifest, rows, flavour, compare=False, timeout_seconds=seconds)
    else:
        done = simulate(bundle, manifest, rows, compare=False, timeout_seconds=seconds)
    if done.verdict != "equal":
        raise HwcompError("HWC503", f"the simulation is {done.verdict}", str(bundle), "please report this")
    arrays: dict[str, IntArray] = {}
    for port in manifest.outputs:
        arrays[port.name] = done.outputs[port.name].reshape(joined_shape(port.shape, runs)).astype(storage_type(port))
    outputs = _at_border(manifest, arrays, raw=options.raw)
    if on == "hls":
        return RunResult(outputs)
    return RunResult(outputs, latency_cycles=done.latency_cycles, interval_cycles=done.interval_cycles)


def _in_library(
    bundle: Path, manifest: Manifest, integers: Mapping[str, IntArray], runs: int, options: RunOptions, *, trace: bool
) -> RunResult:
    """The compiled library of a tvm bundle, by the bundle's own runner."""
    rows = {port.name: integers[port.name].reshape(runs, *port.shape) for port in manifest.inputs}
    done = run_library(bundle, manifest, rows, trace=trace)
    joined: dict[str, IntArray] = {
        port.name: done.outputs[port.name].reshape(joined_shape(port.shape, runs)).astype(storage_type(port))
        for port in manifest.outputs
    }
    traces: list[dict[str, IntArray]] | None = None
    if trace:
        names = {value.index: value.name for value in manifest.values}
        traces = [{names[i]: array[row] for i, array in sorted(done.values.items())} for row in range(runs)]
    return RunResult(_at_border(manifest, joined, raw=options.raw), traces=traces)


def _outputs(manifest: Manifest, execution: Execution, runs: int, *, raw: bool) -> dict[str, Array]:
    """The outputs as the caller wants them."""
    return _at_border(manifest, unpack_rows(manifest.outputs, execution.outputs, runs), raw=raw)


def _at_border(manifest: Manifest, integers: Mapping[str, IntArray], *, raw: bool) -> dict[str, Array]:
    """Floats where the source model has them, unless `raw`."""
    return {
        port.name: integers[port.name] if raw or port.border is None else dequantize(integers[port.name], port)
        for port in manifest.outputs
    }
