"""The bundle: every file of it, from the integer graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hwcomp.ir.graph import Graph
from hwcomp.ir.graph import Port as GraphPort
from hwcomp.ir.printer import to_text
from hwcomp.support.manifest import Manifest, Port, TracedValue, element_type
from hwcomp.support.naming import prefix_of
from hwcomp.support.render import render
from hwcomp.targets.base import Bundle, EmitInfo
from hwcomp.targets.bundle.border import border_of
from hwcomp.targets.bundle.certificates import certificates_file
from hwcomp.targets.bundle.vectors import Vector, make_vectors, vectors_file
from hwcomp.targets.dataflow.boards import Device
from hwcomp.targets.dataflow.design import Design, make_design
from hwcomp.targets.dataflow.folding.planning import plan_of
from hwcomp.targets.dataflow.golden import bench_files
from hwcomp.targets.dataflow.loading import Loading, template_of, with_contents
from hwcomp.targets.dataflow.network import origin_of
from hwcomp.targets.dataflow.options import DesignOptions, WeightMemory
from hwcomp.targets.dataflow.weights import hex_text
from hwcomp.targets.fpga.adder_files import adder_files
from hwcomp.targets.fpga.load_view import load_text
from hwcomp.targets.fpga.model_view import check_views, design_view
from hwcomp.targets.fpga.options import FpgaOptions
from hwcomp.targets.fpga.sources import needed_files
from hwcomp.targets.fpga.views import DesignView

_TEMPLATES = {
    "rtl/{name}_core.sv": "fpga/core.sv.jinja",
    "rtl/{name}_top.sv": "fpga/top.sv.jinja",
    "tb/tb_parts.sv": "fpga/tb_parts.sv.jinja",
    "tb/tb_{name}.sv": "fpga/tb.sv.jinja",
    "tb/test_{name}.py": "fpga/test_cocotb.py.jinja",
    "Makefile": "fpga/Makefile.jinja",
    "README.md": "fpga/README.md.jinja",
    "constraints/{name}.lpf": "fpga/constraints.lpf.jinja",
    "constraints/{name}.xdc": "fpga/constraints.xdc.jinja",
    "constraints/{name}.sdc": "fpga/constraints.sdc.jinja",
    "scripts/synth.ys": "fpga/synth.ys.jinja",
    "scripts/vivado.tcl": "fpga/vivado.tcl.jinja",
    "scripts/quartus.tcl": "fpga/quartus.tcl.jinja",
    "{name}.core": "fpga/fusesoc.core.jinja",
    "ip/component.xml": "fpga/component.xml.jinja",
    "sw/{name}.h": "fpga/header.h.jinja",
    "check_certificates.py": "bundle/check_certificates.py.jinja",
}
"""Each rendered file, and its template."""

_EDGE_MODULES = ("hwc_axil", "hwc_axis_in", "hwc_axis_out")


@dataclass(frozen=True, slots=True)
class Parts:
    """What a bundle of RTL is rendered from. modules: texts of rtl/lib by file name; made: of modules
    that are made for the design, by path; view: what its templates print."""

    graph: Graph
    info: EmitInfo
    design: Design
    loading: Loading | None
    vectors: list[Vector]
    modules: Mapping[str, str]
    made: Mapping[str, str]
    view: DesignView


def emit_bundle(graph: Graph, options: FpgaOptions, info: EmitInfo) -> Bundle:
    """The bundle of a prepared graph. The same graph, options and info give the same bytes.

    Raises:
        HwcompError: HWC006 the name; HWC008 the samples; HWC106 the operators; HWC420, HWC421 the goal.
    """
    parts = make_parts(graph, options, info)
    texts = {path.format(name=parts.view.name): render(t, parts.view) for path, t in _TEMPLATES.items()}
    texts |= {f"rtl/lib/{file}": text for file, text in parts.modules.items()}
    texts |= {**parts.made, **_memories(parts.design)}
    return bundle_of(parts, "fpga", texts, {"board": options.board.value, "weights": options.weights.value})


def make_parts(
    graph: Graph, options: DesignOptions, info: EmitInfo, device: Device | None = None, edges: tuple[str, ...] = ()
) -> Parts:
    """The design on the options' board or on `device`; `edges`: modules of its top level beside those that all have.

    Raises:
        HwcompError: as `emit_bundle`.
    """
    name = prefix_of(options.name, info.model_name, "name", "Verilog", "module names")
    design, loading = _designed(graph, name, options, device)
    if info.announce is not None:
        info.announce(plan_of(design.chosen, design.neighbours, design.device, design.clock_mhz))
    vectors = make_vectors(graph, max(options.vectors, 1), info.samples)
    library = needed_files((*_modules(design, loading), *_EDGE_MODULES, *edges))
    made = adder_files(design.network)
    view = design_view(design, graph, info, tuple(library), len(vectors), loading, tuple(made))
    return Parts(graph, info, design, loading, vectors, library, made, view)


def bundle_of(
    parts: Parts,
    target: str,
    texts: Mapping[str, str],
    options: Mapping[str, object],
    extra: Mapping[str, object] | None = None,
) -> Bundle:
    """The bundle with the files `texts`, and with what all bundles of RTL have: bench, image, proofs and so on.

    options: what the manifest says of the user's; extra: further keys of it.
    """
    name, design, view = parts.view.name, parts.design, parts.view
    files = dict(texts) | _bench(design, parts.vectors)
    if parts.loading is not None:
        files[f"sw/{name}_weights.h"] = render("fpga/weights.h.jinja", view)
        files["mem/load.hex"] = load_text(parts.loading)
    traced = _traced(design, parts.graph)
    manifest = _manifest(parts, target, options, traced, extra or {})
    files |= {"graph.hwc": to_text(parts.graph), "manifest.json": manifest.to_json()}
    packed = {path: text.encode("utf-8") for path, text in files.items()}
    packed["certificates.json.gz"] = certificates_file(parts.graph)
    packed["vectors/vectors.npz"] = vectors_file(parts.graph, parts.vectors, traced)
    return Bundle(dict(sorted(packed.items())), manifest, f"rtl/{name}_top.sv")


def _designed(graph: Graph, name: str, options: DesignOptions, device: Device | None) -> tuple[Design, Loading | None]:
    """The design; where constants are loaded, that of the graph's shape."""
    if options.weights is WeightMemory.ROM:
        return make_design(graph, name, options, device), None
    template = template_of(graph)
    return with_contents(make_design(template, name, options, device), template, graph)


def _modules(design: Design, loading: Loading | None) -> list[str]:
    loaded = {} if loading is None else loading.targets()
    found: list[str] = []
    for i in design.network.instances:
        found += [f"{i.module}_load" if i.name in loaded else i.module] if i.body is None else i.body.modules
    return found


def _memories(design: Design) -> dict[str, str]:
    files: dict[str, str] = {}
    for instance in design.network.instances:
        for memory in instance.memories:
            words = memory.make()
            assert len(words) == memory.depth, f"{memory.name}: {len(words)} words, not {memory.depth}"
            files[f"mem/{memory.name}.hex"] = hex_text(words, memory.width)
    return files


def _bench(design: Design, vectors: list[Vector]) -> dict[str, str]:
    files = bench_files(design.network, [vector.values for vector in vectors])
    return {f"tb/vectors/{name}.hex": text for name, text in files.items()}


def _traced(design: Design, graph: Graph) -> tuple[TracedValue, ...]:
    carried = dict.fromkeys(s.value for s in design.network.streams.values() if s.value)
    inputs = {port.value for port in graph.inputs}
    found: list[TracedValue] = []
    for name in carried:
        if name not in inputs:
            value = graph.values[name]
            dtype = str(value.type.dtype)
            size = value.type.size * element_type(dtype).bytes
            found.append(TracedValue(len(found), name, value.shape, dtype, size))
    return tuple(found)


def _manifest(
    parts: Parts,
    target: str,
    options: Mapping[str, object],
    traced: tuple[TracedValue, ...],
    extra: Mapping[str, object],
) -> Manifest:
    graph, info, design, view = parts.graph, parts.info, parts.design, parts.view
    name, network = view.name, design.network
    return Manifest(
        hwcomp=info.version,
        target=target,
        c_name=name,
        header=f"{name}_top.sv",
        sources=view.source_paths,
        include_dirs=("rtl",),
        inputs=tuple(_port(graph, port) for port in graph.inputs),
        outputs=tuple(_port(graph, port) for port in graph.outputs),
        arena_bytes=0,
        states_bytes=0,
        values=traced,
        extra={
            "model": {"name": info.model_name, "sha256": info.model_sha256},
            "command": info.command,
            "reference": info.reference,
            "exact": info.policy,
            "options": {"clock_mhz": design.clock_mhz, **options},
            "shape": "" if parts.loading is None else parts.loading.shape,
            "bench": {"top": f"tb_{name}", "sources": ["tb/tb_parts.sv", f"tb/tb_{name}.sv"]},
            "interval_cycles": design.schedule.interval,
            "latency_cycles": design.schedule.latency,
            "bound_by": design.schedule.bound_by,
            "estimate": {
                "lut": design.cost.lut, "ff": design.cost.ff, "dsp": design.cost.dsp, "bram": design.cost.bram,
            },
            "alternatives": [
                {
                    "kind": other.kind,
                    "fits": other.fits,
                    "interval_cycles": other.trial.interval,
                    "latency_cycles": other.trial.schedule.latency,
                    **{name: other.trial.cost.of(name) for name in ("lut", "ff", "dsp", "bram")},
                }
                for other in design.neighbours
            ],
            "streams": [
                {
                    "index": check.index,
                    "name": check.name,
                    "value": network.streams[check.name].value,
                    "lanes": network.streams[check.name].lanes,
                    "bits": network.streams[check.name].element.bits,
                    "signed": network.streams[check.name].element.signed,
                    "beats": check.beats,
                }
                for check in check_views(network)
            ],
            "ports": [
                {"port": edge.port, "kind": kind, "stream": origin_of(network, edge.stream), "file": f"{prefix}{index}"}
                for kind, prefix, edges in (("input", "in", network.inputs), ("output", "out", network.outputs))
                for index, edge in enumerate(edges)
            ],
            "macs_per_multiplier": view.rate,
            "layers": [
                {
                    "what": row.what,
                    "kernel": row.kernel,
                    "fold": row.fold,
                    "interval": row.interval,
                    "macs_per_multiplier": row.rate,
                    "estimate": row.estimate,
                    "instances": row.instances,
                    "other_kernels": [
                        {"kernel": k.kernel, "note": k.note, "interval_cycles": k.interval_cycles, **k.estimate}
                        for k in row.others
                    ],
                }
                for row in view.layers
            ],
            **extra,
        },
    )  # fmt: skip


def _port(graph: Graph, port: GraphPort) -> Port:
    value = graph.values[port.value]
    dtype = str(value.type.dtype)
    return Port(port.name, value.shape, dtype, value.type.size * element_type(dtype).bytes, border_of(port))
