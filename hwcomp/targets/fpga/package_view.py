"""What the templates of packages print: paths, registers, buses and ports of the top level."""

from __future__ import annotations

from collections.abc import Sequence

from hwcomp.targets.dataflow.modules.control import Register
from hwcomp.targets.fpga.views import BusView, EdgeView, PortMapView, RegisterView, TopPortView

_NOTES = {
    Register.ID: "reads HWC1",
    Register.BUILD: "the first 32 bits of the model's SHA-256",
    Register.CONTROL: "write CONTROL_RESET: the network is reset",
    Register.STATUS: "STATUS_BUSY, STATUS_TLAST_ERROR",
    Register.CYCLES_LOW: "clocks since the reset",
    Register.CYCLES_HIGH: "as it was when CYCLES_LOW was read",
    Register.FRAMES_IN: "frames begun",
    Register.FRAMES_OUT: "frames given",
    Register.LATENCY: "clocks of the last frame that found the network empty",
    Register.INTERVAL: "clocks between the ends of the last two frames",
    Register.STALL_IN: "clocks in which the input waited",
    Register.STALL_OUT: "clocks in which the output waited",
    Register.LOAD_TARGET: "unused: the weights are constants",
    Register.LOAD_DATA: "unused: the weights are constants",
    Register.SHAPE: "unused: the weights are constants",
}

_LITE = (
    ("awvalid", "in", 1), ("awready", "out", 1), ("awaddr", "in", 8), ("wvalid", "in", 1), ("wready", "out", 1),
    ("wdata", "in", 32), ("wstrb", "in", 4), ("bvalid", "out", 1), ("bready", "in", 1), ("bresp", "out", 2),
    ("arvalid", "in", 1), ("arready", "out", 1), ("araddr", "in", 8), ("rvalid", "out", 1), ("rready", "in", 1),
    ("rdata", "out", 32), ("rresp", "out", 2),
)  # fmt: skip
_STREAM = ("tvalid", "tready", "tdata", "tlast")


_LOADING_NOTES = {
    Register.LOAD_TARGET: "chooses a RAM and rewinds it",
    Register.LOAD_DATA: "the next 32 bits of that RAM's words, the lowest first",
    Register.SHAPE: "what the RAMs hold and how; write this very number before loading",
}

_READ_AND_WRITTEN = (Register.CONTROL, Register.SHAPE)

MEMORY_MAP = "registers"
"""Its name in IP-XACT."""

REGISTER_BYTES = 256
"""What the AXI4-Lite port's address of 8 bits reaches."""


def registers(loads: bool) -> tuple[RegisterView, ...]:
    """Every register, by address."""
    notes = _NOTES | _LOADING_NOTES if loads else _NOTES
    return tuple(
        RegisterView(r.name, f"0x{r.value:02x}u", f"'h{r.value:02x}", _access(r, loads=loads), notes[r])
        for r in Register
    )


def _access(register: Register, *, loads: bool) -> str:
    if register is Register.LOAD_DATA:
        return "write-only"
    is_written = register in _READ_AND_WRITTEN or (loads and register is Register.LOAD_TARGET)
    return "read-write" if is_written else "read-only"


def buses(inputs: Sequence[EdgeView], outputs: Sequence[EdgeView]) -> tuple[BusView, ...]:
    """AXI4-Stream for each edge, and AXI4-Lite."""
    named = [(f"s_axis_{p.name}", "slave") for p in inputs] + [(f"m_axis_{p.name}", "master") for p in outputs]
    streams = [
        BusView(name, "AMBA4", "AXI4Stream", role, tuple(PortMapView(s.upper(), f"{name}_{s}") for s in _STREAM))
        for name, role in named
    ]
    lite = tuple(PortMapView(name.upper(), f"s_axi_{name}") for name, _, _ in _LITE)
    return (*streams, BusView("s_axi", "AMBA4", "AXI4Lite", "slave", lite, MEMORY_MAP))


def top_ports(inputs: Sequence[EdgeView], outputs: Sequence[EdgeView]) -> tuple[TopPortView, ...]:
    """Every port of the top level, in order."""
    found: list[TopPortView] = []
    for edges, prefix, ways in ((inputs, "s_axis", ("in", "out")), (outputs, "m_axis", ("out", "in"))):
        for edge in edges:
            base = f"{prefix}_{edge.name}"
            found += [
                TopPortView(f"{base}_tvalid", ways[0], ""),
                TopPortView(f"{base}_tready", ways[1], ""),
                TopPortView(f"{base}_tdata", ways[0], str(edge.axis_width - 1)),
                TopPortView(f"{base}_tlast", ways[0], ""),
            ]
    found += [TopPortView(f"s_axi_{name}", way, str(bits - 1) if bits > 1 else "") for name, way, bits in _LITE]
    return (*found, TopPortView("aclk", "in", ""), TopPortView("aresetn", "in", ""))
