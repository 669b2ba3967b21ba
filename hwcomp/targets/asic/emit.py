"""The asic bundle: the parts of the fpga target's design, with macros, ROMs as logic and scripts for synthesis."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hwcomp.ir.graph import Graph
from hwcomp.support.render import render
from hwcomp.targets.asic.options import AsicOptions
from hwcomp.targets.asic.rams import MACRO_DEPTH, MACRO_MODULE, Ram, rams_of
from hwcomp.targets.asic.synthesis import DRIVER_MARK, LIBERTY_MARK, SCRIPTS, MacroShape, SynthesisView
from hwcomp.targets.asic.views import AsicView, MacroRow, asic_design, rom_views
from hwcomp.targets.base import Bundle, EmitInfo
from hwcomp.targets.dataflow.network import Memory
from hwcomp.targets.fpga.emit import Parts, bundle_of, make_parts

_SHARED = {
    "rtl/{name}_core.sv": "fpga/core.sv.jinja",
    "rtl/{name}_top.sv": "fpga/top.sv.jinja",
    "tb/tb_parts.sv": "fpga/tb_parts.sv.jinja",
    "tb/tb_{name}.sv": "fpga/tb.sv.jinja",
    "tb/test_{name}.py": "fpga/test_cocotb.py.jinja",
    "ip/component.xml": "fpga/component.xml.jinja",
    "sw/{name}.h": "fpga/header.h.jinja",
    "check_certificates.py": "bundle/check_certificates.py.jinja",
}
_OWN = {
    "rtl/memory/hwc_ram.sv": "asic/hwc_ram.sv.jinja",
    "rtl/memory/hwc_rom.sv": "asic/hwc_rom.sv.jinja",
    "rtl/macros/hwc_ram_1r1w.sv": "asic/hwc_ram_1r1w.sv.jinja",
    "constraints/{name}.sdc": "asic/constraints.sdc.jinja",
    "{name}.core": "asic/fusesoc.core.jinja",
    "Makefile": "asic/Makefile.jinja",
    "README.md": "asic/README.md.jinja",
}
"""Rendered files and their templates: those of both targets, and those of this one."""

_REPLACED = ("hwc_ram.sv", "hwc_rom.sv")
MACRO_SOURCE = f"rtl/macros/{MACRO_MODULE}.sv"


def emit_bundle(graph: Graph, options: AsicOptions, info: EmitInfo) -> Bundle:
    """The bundle of a prepared graph. The same graph, options and info give the same bytes.

    Raises:
        HwcompError: HWC006 the name; HWC008 the samples; HWC106 the operators; HWC420, HWC421, HWC422 the goal.
    """
    made = make_parts(graph, options.as_fpga(), info, options.device(), ("hwc_reset_sync",))
    name, roms = made.view.name, _roms(made)
    library = {file: text for file, text in made.modules.items() if file not in _REPLACED}
    rom_files = [f"rtl/memory/{name}_rom_{memory.name}.sv" for memory in roms]
    sources = (
        *(f"rtl/lib/{file}" for file in library),
        MACRO_SOURCE,
        *(f"rtl/memory/{file}" for file in _REPLACED),
        *rom_files,
        *made.made,
        f"rtl/{name}_core.sv",
        f"rtl/{name}_top.sv",
    )
    parts = replace(made, view=asic_design(made.view, sources, made.loading is not None))
    rams = rams_of(parts.design.network, {} if parts.loading is None else parts.loading.targets())
    view = _view(parts, options, roms, rams)
    texts = {path.format(name=name): render(template, parts.view) for path, template in _SHARED.items()}
    texts |= {path.format(name=name): render(template, view) for path, template in _OWN.items()}
    texts |= {file: render("asic/rom.sv.jinja", rom) for file, rom in zip(rom_files, view.roms, strict=True)}
    texts |= {f"rtl/lib/{file}": text for file, text in library.items()} | dict(made.made)
    modules = tuple(sorted({instance.module for instance in parts.view.instances}))
    shapes = tuple(MacroShape(row.width, row.depth) for row in view.macros)
    synthesis = SynthesisView(
        name, sources, MACRO_SOURCE, modules, shapes, LIBERTY_MARK, DRIVER_MARK, view.period_ps, "build"
    )
    texts |= {path: render(template, synthesis) for path, template in SCRIPTS.items()}
    macros = [{"width": row.width, "depth": row.depth, "count": row.count} for row in view.macros]
    extra: dict[str, object] = {
        "macros": {"module": MACRO_MODULE, "source": MACRO_SOURCE, "shapes": macros},
        "network_modules": list(modules),
    }
    limits = {"max_kgates": options.max_kgates, "max_multipliers": options.max_multipliers}
    said = {"weights": options.weights.value, "macro_bits": options.macro_bits, **limits}
    return bundle_of(parts, "asic", texts, said, extra)


def _roms(parts: Parts) -> list[Memory]:
    """The memories that are not loaded: constants of the chip."""
    loaded = {} if parts.loading is None else parts.loading.targets()
    return [m for instance in parts.design.network.instances if instance.name not in loaded for m in instance.memories]


def _view(parts: Parts, options: AsicOptions, roms: list[Memory], rams: Counter[Ram]) -> AsicView:
    design = parts.view
    macros = sorted(ram for ram in rams if ram.is_macro(options.macro_bits))
    total = sum(ram.bits * rams[ram] for ram in macros)
    period_ps = 1_000_000 // options.clock_mhz
    return AsicView(
        design=design,
        name=design.name,
        banner=design.banner,
        roms=rom_views(design.name, roms),
        macros=tuple(MacroRow(r.width, r.depth, rams[r], f"{r.bits * rams[r]:,}") for r in macros),
        macro_bits=options.macro_bits,
        macro_depth=MACRO_DEPTH,
        macro_total=f"{total:,}",
        register_bits=f"{sum(ram.bits * count for ram, count in rams.items()) - total:,}",
        weights=options.weights.value,
        clock_mhz=options.clock_mhz,
        period_ps=period_ps,
        period_ns=f"{period_ps / 1000:.3f}",
        delay_ns=f"{period_ps * 3 / 10000:.3f}",
    )
