"""The bundle: every file of it, from the integer graph. `render_bundle` writes the texts, and needs no TVM."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from hwcomp.ir.graph import Graph
from hwcomp.ir.printer import to_text
from hwcomp.support.errors import HwcompError, raise_all
from hwcomp.support.manifest import Manifest
from hwcomp.support.naming import comment, prefix_of
from hwcomp.support.render import render
from hwcomp.targets.base import Bundle, EmitInfo
from hwcomp.targets.bundle.certificates import certificates_file
from hwcomp.targets.bundle.rechecking import source as rechecking_source
from hwcomp.targets.bundle.vectors import make_vectors, vectors_file
from hwcomp.targets.tvm.compile import VERSIONS, compile_files, tuned_files
from hwcomp.targets.tvm.context import Context
from hwcomp.targets.tvm.interface import interface_view
from hwcomp.targets.tvm.lower import try_lower
from hwcomp.targets.tvm.manifest import manifest_of, traced_values
from hwcomp.targets.tvm.options import TvmOptions
from hwcomp.targets.tvm.readme import readme_view
from hwcomp.targets.tvm.replay import replayed_files
from hwcomp.targets.tvm.script import module_text, run_text, schedule_text
from hwcomp.targets.tvm.storage import lay_out

_TEMPLATES = {
    "build.py": "tvm/build.py.jinja",
    "plain_c.py": "tvm/plain_c.py.jinja",
    "packed.py": "tvm/packed.py.jinja",
    "bundle_module.py": "tvm/bundle_module.py.jinja",
    "intrinsics.py": "tvm/intrinsics.py.jinja",
    "nibbles.py": "tvm/nibbles.py.jinja",
    "search.py": "tvm/search.py.jinja",
    "tune.py": "tvm/tune.py.jinja",
    "runner.py": "tvm/runner.py.jinja",
    "runner_tvm.py": "tvm/runner_tvm.py.jinja",
    "check_certificates.py": "bundle/check_certificates.py.jinja",
}
"""Each rendered file, and its template."""

_CUDA = {"gpu.py": "tvm/gpu.py.jinja"}
"""And of a bundle for a GPU."""


@dataclass(frozen=True, slots=True)
class BundleView:
    """What the Python files of a bundle show. target_json: a literal of Python; runs_here: "True" or "False"."""

    banner: tuple[str, ...]
    made: str
    name: str
    target_json: str
    runs_here: str
    versions: str
    requirements: str
    recheck: str


def emit_bundle(graph: Graph, options: TvmOptions, info: EmitInfo) -> Bundle:
    """The bundle of a prepared graph, compiled.

    Raises:
        HwcompError: as `render_bundle`; HWC601 TVM is missing or of another version; HWC502 it refuses what was
            emitted.
    """
    files, manifest = render_bundle(graph, options, info)
    made = dict(files)
    if options.tune:
        made |= tuned_files(made, options.tune, info.model_name)
    made |= compile_files(made, info.model_name)
    return Bundle(dict(sorted(made.items())), manifest, "README.md")


def render_bundle(graph: Graph, options: TvmOptions, info: EmitInfo) -> tuple[Mapping[str, bytes], Manifest]:
    """All that is written before TVM is asked: texts, parameters, vectors, proofs.

    Raises:
        HwcompError: HWC006 the name, the machine or the traces to replay; HWC008 the samples; HWC106, HWC402 the
            operators.
    """
    name = prefix_of(options.name, info.model_name, "name", "C", "C names")
    kernels, context, problems = try_lower(graph, options)
    raise_all(problems)
    if options.tune:
        _check_tunable(options, context)
    layout = lay_out(context, kernels, float(options.planner_effort))
    traced = traced_values(context, layout)
    vectors = make_vectors(graph, max(options.vectors, 1), info.samples)
    view, steps = _view(name, context, info), layout.storage.steps
    templates = _TEMPLATES | (_CUDA if context.machine.is_cuda else {})
    texts = {path: render(template, view) for path, template in templates.items()}
    texts["kernels.tvmscript.py"] = module_text(view.made, steps)
    texts["schedules.py"] = schedule_text(view.made, steps)
    texts["run.tvmscript.py"] = run_text(view.made, name, context, layout)
    interface = interface_view(name, context, layout, traced, vectors, info)
    for path, template in _c_files(name).items():
        texts[path] = render(template, interface)
    texts["README.md"] = render("tvm/README.md.jinja", readme_view(interface, context, layout, info))
    manifest = manifest_of(name, context, layout, info, traced, options)
    texts |= {"graph.hwc": to_text(graph), "manifest.json": manifest.to_json()}
    files = {path: text.encode("utf-8") for path, text in texts.items()}
    files["params.bin"] = layout.parameters
    files["certificates.json.gz"] = certificates_file(graph)
    files["vectors/vectors.npz"] = vectors_file(graph, vectors, traced)
    if options.replay:
        files |= replayed_files(options.replay, steps, context.machine)
    return files, manifest


def _check_tunable(options: TvmOptions, context: Context) -> None:
    """Raises: HwcompError: HWC006 nothing could be timed here, or traces are given already."""
    fix = "leave out 'tune'; give traces of another bundle with 'replay'"
    if not context.machine.is_host or context.machine.target.get("kind") != "llvm":
        raise HwcompError("HWC006", f"code for '{context.machine.name}' cannot be timed here", "option 'tune'", fix)
    if options.replay:
        raise HwcompError("HWC006", "the traces of 'replay' would be lost", "option 'tune'", "leave out one of the two")


def _c_files(name: str) -> dict[str, str]:
    return {
        f"src/{name}.h": "tvm/model.h.jinja",
        f"src/{name}.c": "tvm/model.c.jinja",
        f"src/{name}_params.c": "tvm/model_params.c.jinja",
        f"src/{name}_selftest.c": "tvm/model_selftest.c.jinja",
    }


def _view(name: str, context: Context, info: EmitInfo) -> BundleView:
    machine = context.machine
    made = f"{comment(info.model_name)}: made by hwcomp {info.version} ({comment(info.command)})"
    return BundleView(
        banner=(made,),
        made=made,
        name=name,
        target_json=repr(json.dumps(machine.target)),
        runs_here=str(machine.is_host),
        versions=json.dumps(VERSIONS),
        requirements=" and ".join(f"{p}=={v}" for p, v in VERSIONS.items()),
        recheck=rechecking_source(),
    )
