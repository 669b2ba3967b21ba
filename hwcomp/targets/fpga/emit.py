"""The bundle: every file of it, from the integer graph."""

from __future__ import annotations

from hwcomp.ir.graph import Graph
from hwcomp.ir.graph import Port as GraphPort
from hwcomp.ir.printer import to_text
from hwcomp.support.manifest import Manifest, Port, Quantizer, TracedValue, element_type
from hwcomp.support.naming import prefix_of
from hwcomp.support.render import render
from hwcomp.targets.base import Bundle, EmitInfo
from hwcomp.targets.bundle.certificates import certificates_file
from hwcomp.targets.bundle.vectors import Vector, make_vectors, vectors_file
from hwcomp.targets.fpga.design import Design, make_design
from hwcomp.targets.fpga.golden import bench_files
from hwcomp.targets.fpga.load_view import load_text
from hwcomp.targets.fpga.loading import Loading, template_of, with_contents
from hwcomp.targets.fpga.model_view import check_views, design_view
from hwcomp.targets.fpga.network import origin_of
from hwcomp.targets.fpga.options import FpgaOptions, WeightMemory
from hwcomp.targets.fpga.sources import needed_files
from hwcomp.targets.fpga.views import DesignView
from hwcomp.targets.fpga.weights import hex_text

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
    "scripts/vivado.tcl": "fpga/vivado.tcl.jinja",
    "scripts/quartus.tcl": "fpga/quartus.tcl.jinja",
    "{name}.core": "fpga/fusesoc.core.jinja",
    "ip/component.xml": "fpga/component.xml.jinja",
    "sw/{name}.h": "fpga/header.h.jinja",
    "check_certificates.py": "bundle/check_certificates.py.jinja",
}
"""Each rendered file, and its template."""

_EDGE_MODULES = ("hwc_axil", "hwc_axis_in", "hwc_axis_out")


def emit_bundle(graph: Graph, options: FpgaOptions, info: EmitInfo) -> Bundle:
    """The bundle of a prepared graph. The same graph, options and info give the same bytes.

    Raises:
        HwcompError: HWC006 the name; HWC008 the samples; HWC106 the operators; HWC420, HWC421 the goal.
    """
    name = prefix_of(options.name, info.model_name, "name", "Verilog", "module names")
    design, loading = _designed(graph, name, options)
    vectors = make_vectors(graph, max(options.vectors, 1), info.samples)
    library = needed_files((*_modules(design, loading), *_EDGE_MODULES))
    view = design_view(design, graph, info, tuple(library), len(vectors), loading)
    texts = {path.format(name=name): render(template, view) for path, template in _TEMPLATES.items()}
    if loading is not None:
        texts[f"sw/{name}_weights.h"] = render("fpga/weights.h.jinja", view)
        texts["mem/load.hex"] = load_text(loading)
    texts |= {f"rtl/lib/{file}": text for file, text in library.items()}
    texts |= _memories(design)
    texts |= _bench(design, vectors)
    traced = _traced(design, graph)
    manifest = _manifest(design, view, graph, options, info, traced, loading)
    texts |= {"graph.hwc": to_text(graph), "manifest.json": manifest.to_json()}
    files = {path: text.encode("utf-8") for path, text in texts.items()}
    files["certificates.json.gz"] = certificates_file(graph)
    files["vectors/vectors.npz"] = vectors_file(graph, vectors, traced)
    return Bundle(dict(sorted(files.items())), manifest, f"rtl/{name}_top.sv")


def _designed(graph: Graph, name: str, options: FpgaOptions) -> tuple[Design, Loading | None]:
    """The design; where constants are loaded, that of the graph's shape."""
    if options.weights is WeightMemory.ROM:
        return make_design(graph, name, options), None
    template = template_of(graph)
    return with_contents(make_design(template, name, options), template, graph)


def _modules(design: Design, loading: Loading | None) -> list[str]:
    loaded = {} if loading is None else loading.targets()
    return [f"{i.module}_load" if i.name in loaded else i.module for i in design.network.instances]


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
    design: Design,
    view: DesignView,
    graph: Graph,
    options: FpgaOptions,
    info: EmitInfo,
    traced: tuple[TracedValue, ...],
    loading: Loading | None,
) -> Manifest:
    name, network = view.name, design.network
    return Manifest(
        hwcomp=info.version,
        target="fpga",
        c_name=name,
        header=f"{name}_top.sv",
        sources=(*(f"rtl/lib/{file}" for file in view.sources), f"rtl/{name}_core.sv", f"rtl/{name}_top.sv"),
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
            "options": {
                "board": options.board.value, "clock_mhz": design.clock_mhz, "weights": options.weights.value,
            },
            "shape": "" if loading is None else loading.shape,
            "bench": {"top": f"tb_{name}", "sources": ["tb/tb_parts.sv", f"tb/tb_{name}.sv"]},
            "interval_cycles": design.schedule.interval,
            "latency_cycles": design.schedule.latency,
            "bound_by": design.schedule.bound_by,
            "estimate": {
                "lut": design.cost.lut, "ff": design.cost.ff, "dsp": design.cost.dsp, "bram": design.cost.bram,
            },
            "alternatives": [
                {"kind": a.kind, "interval_cycles": a.interval} | {n: a.cost.of(n) for n in ("lut", "dsp", "bram")}
                for a in design.alternatives
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
            "layers": [{"what": row.what, "fold": row.fold, "interval": row.interval} for row in view.layers],
        },
    )  # fmt: skip


def _port(graph: Graph, port: GraphPort) -> Port:
    value = graph.values[port.value]
    dtype = str(value.type.dtype)
    border = port.quantizer
    quantizer = None if border is None else Quantizer(border.scale, border.zero_point, border.source_dtype)
    return Port(port.name, value.shape, dtype, value.type.size * element_type(dtype).bytes, quantizer)
