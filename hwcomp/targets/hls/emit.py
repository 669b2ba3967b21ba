"""The bundle: every file of it, from the integer graph."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hwcomp.ir.graph import Graph
from hwcomp.support import resources
from hwcomp.support.render import render
from hwcomp.targets.base import Bundle, EmitInfo
from hwcomp.targets.dataflow.boards import DEVICES
from hwcomp.targets.fpga.emit import bundle_of, make_parts
from hwcomp.targets.hls.model_view import hls_view
from hwcomp.targets.hls.options import HlsOptions
from hwcomp.targets.hls.processes import dataflow_of

_TEMPLATES = {
    "src/{name}.hpp": "hls/model.hpp.jinja",
    "src/{name}.cpp": "hls/model.cpp.jinja",
    "src/{name}_design.hpp": "hls/design.hpp.jinja",
    "tb/{name}_tb.cpp": "hls/tb.cpp.jinja",
    "Makefile": "hls/Makefile.jinja",
    "README.md": "hls/README.md.jinja",
    "scripts/vitis_hls.tcl": "hls/vitis_hls.tcl.jinja",
    "scripts/catapult.tcl": "hls/catapult.tcl.jinja",
}
"""Each rendered file, and its template."""

_CHECKER = "bundle/check_certificates.py.jinja"


def emit_bundle(graph: Graph, options: HlsOptions, info: EmitInfo) -> Bundle:
    """The bundle of a prepared graph. The same graph, options and info give the same bytes.

    Raises:
        HwcompError: HWC006 the name; HWC008 the samples; HWC106 the operators; HWC420, HWC421 the goal.
    """
    parts = make_parts(graph, options, info)
    name, network = parts.view.name, parts.design.network
    flow = dataflow_of(network)
    view = hls_view(flow, network, graph, parts.view, parts.loading, DEVICES[options.board].part)
    texts = {path.format(name=name): render(template, view) for path, template in _TEMPLATES.items()}
    texts["check_certificates.py"] = render(_CHECKER, parts.view)
    texts |= {f"include/hwc/{path.name}": path.read_text("utf-8") for path in _library("include/hwc")}
    texts |= {f"tb/{path.name}": path.read_text("utf-8") for path in _library("tb")}
    made = bundle_of(parts, "hls", texts, {"board": options.board.value, "weights": options.weights.value})
    manifest = replace(
        made.manifest,
        header=f"{name}.hpp",
        sources=(f"src/{name}.cpp",),
        include_dirs=("include", "src", "tb"),
        extra={**made.manifest.extra, "bench": {"top": name, "sources": [f"tb/{name}_tb.cpp"]}},
    )
    files = {path: data for path, data in made.files.items() if not path.startswith("sw/")}
    files["manifest.json"] = manifest.to_json().encode("utf-8")
    return Bundle(dict(sorted(files.items())), manifest, f"src/{name}.cpp")


def _library(folder: str) -> list[Path]:
    return sorted((resources.templates() / "hls" / folder).glob("*.hpp"))
