"""The compiler on one screen: read, lower, emit. Running and comparing what was emitted is `hwcomp.verify`."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hwcomp import __version__
from hwcomp.frontends import Format, detect, read_graph
from hwcomp.frontends.input_form import InputForm
from hwcomp.ir.graph import Graph
from hwcomp.passes.pipelines import to_integer
from hwcomp.prove.synthesize import Policy, ShiftPreference
from hwcomp.support.errors import HwcompError, raise_all
from hwcomp.support.files import MANIFEST, bundle_folder, check_output, write_bytes
from hwcomp.support.manifest import set_manifest
from hwcomp.targets import load_target
from hwcomp.targets.base import Bundle, EmitInfo, Plan, Target, TargetOptions, describe_options

if TYPE_CHECKING:
    from hwcomp.ir.types import IntArray

Progress = Callable[[str, int, int], None]
"""Called with a phase's name, the work done and the work in all."""

REFERENCES = {Format.ONNX: ("onnx", "onnxruntime", "qonnx"), Format.TFLITE: ("tflm", "litert")}
"""The references a model of each format can be held to; the first is the default (qonnx of QONNX's own models)."""


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What a user can say about a build: reference and policy (DESIGN: the reference is explicit), the target's
    options."""

    reference: str | None = None
    exact: str = "listed"
    target_options: Mapping[str, str] = field(default_factory=dict[str, str])
    force: bool = False
    samples: Mapping[str, IntArray] | None = None
    inputs: Mapping[str, InputForm] = field(default_factory=dict[str, InputForm])


def check_reference(model: Path, format_: Format, wanted: str | None) -> None:
    """Raises: HWC005 a reference that models of this format cannot be held to."""
    offered = REFERENCES[format_]
    if wanted is not None and wanted not in offered:
        raise HwcompError(
            "HWC005",
            f"no reference '{wanted}' for a model of this format",
            str(model),
            f"use one of {', '.join(offered)}",
        )


def choose_policy(model: Path, wanted: str) -> Policy:
    """The policy of that name."""
    names = [policy.value for policy in Policy]
    if wanted not in names:
        raise HwcompError("HWC011", f"no policy '{wanted}'", str(model), f"use one of {', '.join(names)}")
    return Policy(wanted)


def _silent(phase: str, done: int, total: int) -> None:
    return


def read(model: Path, reference: str | None = None, inputs: Mapping[str, InputForm] | None = None) -> Graph:
    """The model at Level.QUANT: its evaluation is the reference's arithmetic, bit for bit.

    reference: None for the default. inputs: what float inputs that the model does not quantise are quantised to.
    """
    format_ = detect(model)
    check_reference(model, format_, reference)
    return read_graph(model, format_, reference, inputs or {})


def lower(graph: Graph, policy: Policy, preference: ShiftPreference, progress: Progress = _silent) -> Graph:
    """The model at Level.INTEGER, every rescale with its certificate; verified after each pass."""
    pipeline = to_integer(policy, preference)
    done = itertools.count()
    return pipeline.run(graph, lambda name, _: progress(name, next(done), len(pipeline.passes)))


def inspect(
    model: Path, reference: str | None = None, exact: str = "listed", inputs: Mapping[str, InputForm] | None = None
) -> Graph:
    """The integer graph with the narrowest multipliers, as no particular target has it."""
    return lower(read(model, reference, inputs), choose_policy(model, exact), ShiftPreference())


def plan(
    model: Path,
    target_name: str,
    options: BuildOptions,
    progress: Progress | None = None,
    *,
    everything: bool = False,
) -> Plan | None:
    """What `build` could make of `model`, and would choose; None where the target has nothing to choose.

    Raises:
        HwcompError: as `build`.
    """
    say = progress or _silent
    target = load_target(target_name)
    target_options = target.parse_options(options.target_options)
    graph = _prepared(model, target, target_options, options, say)
    say("plan", 0, 1)
    found = target.plan(graph, target_options, everything=everything)
    say("plan", 1, 1)
    return found


def build(
    model: Path,
    target_name: str,
    out: Path,
    options: BuildOptions,
    progress: Progress | None = None,
    announce: Callable[[Plan], None] | None = None,
) -> Bundle:
    """Compile `model` for a target into the folder `out`, which appears whole or not at all.

    announce: called with what could be built, before any file is written.

    Raises:
        HwcompError: the model, an option or the output folder is refused; every problem of the phase at once.
    """
    check_output(out, force=options.force)
    bundle = _compiled(model, target_name, options, progress or _silent, announce)
    with bundle_folder(out, force=options.force) as folder:
        for name, data in bundle.files.items():
            write_bytes(folder, name, data)
    return bundle


def build_several(
    model: Path,
    target_names: Sequence[str],
    out: Path,
    options: BuildOptions,
    progress: Progress | None = None,
    announce: Callable[[Plan], None] | None = None,
) -> dict[str, Bundle]:
    """Compile `model` for several targets into `out`, a bundle in a folder of each target's name; all or none appear.

    An option `fpga.interval` is that target's; one without a target is of every target that has it.

    Raises:
        HwcompError: as `build`; HWC006 an option that no target has.
    """
    check_output(out, force=options.force)
    given = {name: options_of(target_names, name, options.target_options) for name in target_names}
    built = {
        name: _compiled(model, name, replace(options, target_options=given[name]), progress or _silent, announce)
        for name in target_names
    }
    with bundle_folder(out, force=options.force) as folder:
        for name, bundle in built.items():
            for path, data in bundle.files.items():
                write_bytes(folder, f"{name}/{path}", data)
        write_bytes(folder, MANIFEST, set_manifest(__version__, target_names).encode())
    return built


def options_of(target_names: Sequence[str], target: str, given: Mapping[str, str]) -> dict[str, str]:
    """The options of one of several targets.

    Raises:
        HwcompError: HWC006 an option that none of the targets has.
    """
    known = {n: {option.name for option in describe_options(load_target(n).options_type)} for n in target_names}
    chosen: dict[str, str] = {}
    for key, value in given.items():
        owner, dot, name = key.partition(".")
        if dot and owner in known:
            chosen |= {name: value} if owner == target else {}
        elif not any(key.replace("_", "-") in names for names in known.values()):
            fix = "see 'hwcomp targets' for the options of each"
            raise HwcompError("HWC006", f"no option '{key}'", f"targets {', '.join(target_names)}", fix)
        elif key.replace("_", "-") in known[target]:
            chosen[key] = value
    return chosen


def _compiled(
    model: Path,
    target_name: str,
    options: BuildOptions,
    say: Progress,
    announce: Callable[[Plan], None] | None,
) -> Bundle:
    target = load_target(target_name)
    target_options = target.parse_options(options.target_options)
    policy = choose_policy(model, options.exact)
    graph = _prepared(model, target, target_options, options, say)
    say("emit", 0, 1)
    info = EmitInfo(
        model_name=model.name,
        model_sha256=hashlib.sha256(model.read_bytes()).hexdigest(),
        command=f"hwcomp build {model.name} --target {target_name}",
        reference=graph.reference,
        policy=policy.value,
        version=__version__,
        samples=options.samples,
        announce=announce,
    )
    bundle = target.emit(graph, target_options, info)
    say("emit", 1, 1)
    return bundle


def _prepared(
    model: Path, target: Target[TargetOptions], target_options: TargetOptions, options: BuildOptions, say: Progress
) -> Graph:
    """The integer graph as the target has it, checked."""
    policy = choose_policy(model, options.exact)
    say("read", 0, 1)
    graph = read(model, options.reference, options.inputs)
    say("read", 1, 1)
    graph = lower(graph, policy, target.shift_preference(target_options), say)
    graph = target.prepare(graph, target_options)
    raise_all(target.check(graph, target_options))
    return graph
