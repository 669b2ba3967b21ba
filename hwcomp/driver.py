"""The compiler on one screen: read, lower, emit. Running and comparing what was emitted is `hwcomp.verify`."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from hwcomp import __version__
from hwcomp.frontends import Format, detect, read_graph
from hwcomp.ir.graph import Graph
from hwcomp.passes.pipelines import to_integer
from hwcomp.prove.synthesize import Policy, ShiftPreference
from hwcomp.support.errors import HwcompError, raise_all
from hwcomp.support.files import bundle_folder, check_output, write_bytes
from hwcomp.targets import load_target
from hwcomp.targets.base import Bundle, EmitInfo, Plan, Target, TargetOptions

if TYPE_CHECKING:
    from hwcomp.ir.types import IntArray

Progress = Callable[[str, int, int], None]
"""Called with a phase's name, the work done and the work in all."""

REFERENCES = {Format.ONNX: ("onnx", "onnxruntime"), Format.TFLITE: ("tflm", "litert")}
"""The references a model of each format can be held to; the first is the default."""


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What a user can say about a build: reference and policy (DESIGN: the reference is explicit), the target's
    options."""

    reference: str | None = None
    exact: str = "listed"
    target_options: Mapping[str, str] = field(default_factory=dict[str, str])
    force: bool = False
    samples: Mapping[str, IntArray] | None = None


def choose_reference(model: Path, format_: Format, wanted: str | None) -> str:
    """The reference to prove against; the format's default where none is wanted."""
    offered = REFERENCES[format_]
    if wanted is None:
        return offered[0]
    if wanted not in offered:
        raise HwcompError(
            "HWC005",
            f"no reference '{wanted}' for a model of this format",
            str(model),
            f"use one of {', '.join(offered)}",
        )
    return wanted


def choose_policy(model: Path, wanted: str) -> Policy:
    """The policy of that name."""
    names = [policy.value for policy in Policy]
    if wanted not in names:
        raise HwcompError("HWC011", f"no policy '{wanted}'", str(model), f"use one of {', '.join(names)}")
    return Policy(wanted)


def _silent(phase: str, done: int, total: int) -> None:
    return


def read(model: Path, reference: str | None = None) -> Graph:
    """The model at Level.QUANT: its evaluation is the reference's arithmetic, bit for bit."""
    format_ = detect(model)
    return read_graph(model, format_, choose_reference(model, format_, reference))


def lower(graph: Graph, policy: Policy, preference: ShiftPreference, progress: Progress = _silent) -> Graph:
    """The model at Level.INTEGER, every rescale with its certificate; verified after each pass."""
    pipeline = to_integer(policy, preference)
    done = itertools.count()
    return pipeline.run(graph, lambda name, _: progress(name, next(done), len(pipeline.passes)))


def inspect(model: Path, reference: str | None = None, exact: str = "listed") -> Graph:
    """The integer graph with the narrowest multipliers, as no particular target has it."""
    return lower(read(model, reference), choose_policy(model, exact), ShiftPreference())


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
    say = progress or _silent
    target = load_target(target_name)
    target_options = target.parse_options(options.target_options)
    policy = choose_policy(model, options.exact)
    check_output(out, force=options.force)
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
    with bundle_folder(out, force=options.force) as folder:
        for name, data in bundle.files.items():
            write_bytes(folder, name, data)
    say("emit", 1, 1)
    return bundle


def _prepared(
    model: Path, target: Target[TargetOptions], target_options: TargetOptions, options: BuildOptions, say: Progress
) -> Graph:
    """The integer graph as the target has it, checked."""
    policy = choose_policy(model, options.exact)
    say("read", 0, 1)
    graph = read(model, options.reference)
    say("read", 1, 1)
    graph = lower(graph, policy, target.shift_preference(target_options), say)
    graph = target.prepare(graph, target_options)
    raise_all(target.check(graph, target_options))
    return graph
