"""The bundle: every file of it, from the integer graph."""

from __future__ import annotations

from hwcomp.ir.graph import Graph
from hwcomp.ir.graph import Port as GraphPort
from hwcomp.ir.printer import to_text
from hwcomp.support.errors import HwcompError
from hwcomp.support.manifest import Manifest, Port, TracedValue
from hwcomp.support.naming import prefix_of
from hwcomp.support.render import render
from hwcomp.targets.base import Bundle, EmitInfo
from hwcomp.targets.bundle.border import border_of
from hwcomp.targets.bundle.certificates import certificates_file
from hwcomp.targets.bundle.vectors import make_vectors, vectors_file
from hwcomp.targets.c_text import forbidden_in
from hwcomp.targets.mcu.code import layer_note, traced_values
from hwcomp.targets.mcu.context import Context
from hwcomp.targets.mcu.lower import lower
from hwcomp.targets.mcu.model_view import model_view
from hwcomp.targets.mcu.options import McuOptions
from hwcomp.targets.mcu.sources import needed_files
from hwcomp.targets.mcu.storage import Storage, assign
from hwcomp.targets.mcu.views import ModelView

_TEMPLATES = {
    "src/{name}.h": "mcu/model.h.jinja",
    "src/{name}.c": "mcu/model.c.jinja",
    "src/{name}_weights.h": "mcu/model_weights.h.jinja",
    "src/{name}_weights.c": "mcu/model_weights.c.jinja",
    "src/{name}_selftest.h": "mcu/model_selftest.h.jinja",
    "src/{name}_selftest.c": "mcu/model_selftest.c.jinja",
    "README.md": "mcu/README.md.jinja",
    "CMakeLists.txt": "mcu/CMakeLists.txt.jinja",
    "library.properties": "mcu/library.properties.jinja",
    "library.json": "mcu/library.json.jinja",
    "zephyr/module.yml": "mcu/zephyr_module.yml.jinja",
    "zephyr/CMakeLists.txt": "mcu/zephyr_CMakeLists.txt.jinja",
    "zephyr/Kconfig": "mcu/zephyr_Kconfig.jinja",
    "check_certificates.py": "bundle/check_certificates.py.jinja",
}
"""Each rendered file, and its template."""


def emit_bundle(graph: Graph, options: McuOptions, info: EmitInfo) -> Bundle:
    """The bundle of a prepared graph. The same graph, options and info give the same bytes.

    Raises:
        HwcompError: HWC006 the C name; HWC008 the samples; HWC106, HWC402, HWC403 the operators; HWC401 the memory.
    """
    name = prefix_of(options.c_name, info.model_name, "c-name", "C", "C names")
    lowered = lower(graph, options, name)
    storage, context = assign(lowered), lowered.context
    traced = traced_values(storage, context)
    vectors = make_vectors(graph, max(options.vectors, options.selftest_vectors, 1), info.samples)
    kernels = needed_files((layer.function for layer in storage.steps if layer.function), options.arch)
    c_files = [file for file in kernels if file.endswith(".c")]
    view = model_view(name, storage, context, info, traced, vectors, c_files)
    _check_memory(view, options, info)
    texts = {path.format(name=name): render(template, view) for path, template in _TEMPLATES.items()}
    texts |= {f"src/{file}": text for file, text in kernels.items()}
    _check_texts(texts)
    manifest = _manifest(view, storage, context, info, traced)
    texts |= {"graph.hwc": to_text(graph), "manifest.json": manifest.to_json()}
    files = {path: text.encode("utf-8") for path, text in texts.items()}
    files["certificates.json.gz"] = certificates_file(graph)
    files["vectors/vectors.npz"] = vectors_file(graph, vectors, traced)
    return Bundle(dict(sorted(files.items())), manifest, f"src/{name}.h")


def _check_memory(view: ModelView, options: McuOptions, info: EmitInfo) -> None:
    needed = view.arena_bytes + view.state_bytes
    if options.ram_bytes and needed > options.ram_bytes:
        raise HwcompError(
            "HWC401",
            f"arena and states take {needed} bytes, {options.ram_bytes} are allowed; {view.arena_note}",
            info.model_name,
            "allow more by 'ram-bytes', or shrink the largest activations",
        )


def _check_texts(texts: dict[str, str]) -> None:
    """No emitted C holds a float, a division or the heap: a mistake of ours if it does."""
    for path, text in texts.items():
        if path.endswith((".c", ".h")):
            found = forbidden_in(text)
            assert not found, f"{path} holds {found}"


def _manifest(
    view: ModelView, storage: Storage, context: Context, info: EmitInfo, traced: tuple[TracedValue, ...]
) -> Manifest:
    graph, options = context.graph, context.options
    return Manifest(
        hwcomp=info.version,
        target="mcu",
        c_name=view.name,
        header=f"{view.name}.h",
        sources=tuple(f"src/{source}" for source in (*view.generated, *view.kernels)),
        include_dirs=("src",),
        inputs=tuple(_port(context, port) for port in graph.inputs),
        outputs=tuple(_port(context, port) for port in graph.outputs),
        arena_bytes=view.arena_bytes,
        states_bytes=view.state_bytes,
        values=traced,
        extra={
            "model": {"name": info.model_name, "sha256": info.model_sha256},
            "command": info.command,
            "reference": info.reference,
            "exact": info.policy,
            "options": {
                "arch": options.arch.value,
                "optimise": options.optimise.value,
                "ram_bytes": options.ram_bytes,
            },
            "arena": {
                "lower_bound_bytes": storage.plan.lower_bound_bytes,
                "optimal": storage.plan.optimal,
                "in_place": len(storage.plan.in_place),
            },
            "constant_bytes": context.pool.bytes,
            "macs": sum(layer.macs for layer in storage.steps),
            "layers": [
                {
                    "what": layer_note(layer, graph),
                    "kernel": layer.function,
                    "macs": layer.macs,
                    "scratch_bytes": layer.scratch_bytes or 0,
                    "output": layer.output,
                }
                for layer in storage.steps
            ],
        },
    )


def _port(context: Context, port: GraphPort) -> Port:
    value = context.value(port.value)
    size = value.type.size * context.element_at(port.value, context.graph.name).bytes
    return Port(port.name, value.shape, str(value.type.dtype), size, border_of(port))
