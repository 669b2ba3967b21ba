"""What the templates print of constants that are loaded."""

from __future__ import annotations

from hwcomp.ir.graph import Graph
from hwcomp.support.naming import comment
from hwcomp.targets.dataflow.loading import Loading
from hwcomp.targets.dataflow.network import Memory
from hwcomp.targets.fpga.views import LoadRow

LOAD_PORTS = ("load_rst_ni", "load_start_i", "load_target_i", "load_valid_i", "load_data_i")
"""The load port of the modules and of the core."""

_KINDS = {
    "WeightFile": "weights",
    "BiasFile": "biases",
    "MultFile": "multipliers",
    "OffsetFile": "offsets",
    "AmountFile": "corrections below zero",
}


def target_parameter(memory: Memory) -> str:
    """The module's parameter that numbers the RAM."""
    return memory.parameter.removesuffix("File") + "Target"


def load_rows(loading: Loading | None, graph: Graph) -> tuple[LoadRow, ...]:
    """A row for each RAM, in the order of their numbers."""
    rows: list[LoadRow] = []
    for own in () if loading is None else loading.memories:
        op, memory = graph.ops[own.layer], own.memory
        what = f"{_KINDS[memory.parameter]} of {type(op).__name__} '{comment(op.loc.node or op.name, 60)}'"
        writes = memory.depth * -(-memory.width // 32)
        rows.append(LoadRow(own.target, what.replace("|", "_"), memory.depth, memory.width, writes))
    return tuple(rows)


def load_lines(loading: Loading | None) -> tuple[str, ...]:
    """The writes as rows of a C array."""
    return () if loading is None else tuple(f"{{0x{a:02x}u, 0x{w:08x}u}}" for a, w in loading.image())


def load_text(loading: Loading) -> str:
    """`mem/load.hex`: address and word of a write a line, hexadecimal."""
    return "".join(f"{address:02x} {word:08x}\n" for address, word in loading.image())
