"""What the asic templates print, and how the fpga target's view of a design becomes an asic's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hwcomp.targets.dataflow.network import Memory
from hwcomp.targets.fpga.views import ConnectionView, DesignView, InstanceView

RESET = "rst_n"
_PAGE_BITS = 11
"""Address bits of one `case`: simulators take long to read those of many thousand words."""

_FOLDER, _ENDING = '"mem/', '.hex"'


@dataclass(frozen=True, slots=True)
class WordView:
    """A word of a ROM: its address in the page and its contents, or a page's number and its net, as literals."""

    address: str
    word: str


@dataclass(frozen=True, slots=True)
class PageView:
    """Words that one `case` chooses from; net: what they drive."""

    net: str
    words: tuple[WordView, ...]


@dataclass(frozen=True, slots=True)
class RomView:
    """A ROM as logic. opens: the line with which its branch in hwc_rom begins; msb: of its address and its word.

    inside: the bits of the address that choose in a page; above: those that choose the page, in `choices`; both
    with no pages but one: the whole address, and no choices.
    """

    module: str
    title: str
    opens: str
    address_msb: int
    word_msb: int
    inside: str
    above: str
    pages: tuple[PageView, ...]
    choices: tuple[WordView, ...]


@dataclass(frozen=True, slots=True)
class MacroRow:
    """A shape of macro. bits: of all `count` together."""

    width: int
    depth: int
    count: int
    bits: str


@dataclass(frozen=True, slots=True)
class AsicView:
    """Everything the asic templates print. design: for the parts that they share; top_macros: hwc_ram_1r1w's sources.

    kept: modules of the network, which synthesis keeps apart; period_ps: of the clock.
    """

    design: DesignView
    name: str
    banner: tuple[str, ...]
    roms: tuple[RomView, ...]
    macros: tuple[MacroRow, ...]
    macro_bits: int
    macro_depth: int
    macro_total: str
    register_bits: str
    weights: str
    clock_mhz: int
    period_ps: int
    period_ns: str
    delay_ns: str


def asic_design(view: DesignView, sources: Sequence[str], loads: bool) -> DesignView:
    """The view with a synchronised reset, ROMs by name, and no files for RAMs."""
    return replace(
        view,
        reset=RESET,
        has_reset_sync=True,
        must_load=loads,
        memories=(),
        source_paths=tuple(sources),
        instances=tuple(_without_files(instance) for instance in view.instances),
    )


def _without_files(instance: InstanceView) -> InstanceView:
    """RAMs have no contents at power-up; ROMs are named, not read from files."""
    has_rams = instance.module.endswith("_load")
    kept = [p for p in instance.parameters if not (has_rams and _is_file(p))]
    last = len(kept) - 1
    parameters = tuple(
        ConnectionView(p.port, _named(p.net) if _is_file(p) else p.net, "," if i < last else "")
        for i, p in enumerate(kept)
    )
    return replace(instance, parameters=parameters)


def _is_file(parameter: ConnectionView) -> bool:
    return parameter.net.startswith(_FOLDER) and parameter.net.endswith(_ENDING)


def _named(net: str) -> str:
    return '"' + net.removeprefix(_FOLDER).removesuffix(_ENDING) + '"'


def rom_views(name: str, memories: Sequence[Memory]) -> tuple[RomView, ...]:
    """A view for each ROM, in order."""
    return tuple(_rom(name, memory, index) for index, memory in enumerate(memories))


def _rom(name: str, memory: Memory, index: int) -> RomView:
    bits = max(memory.depth - 1, 1).bit_length()
    low = min(bits, _PAGE_BITS)
    size, all_words = 1 << low, memory.make()
    parts = [all_words[start : start + size] for start in range(0, memory.depth, size)]
    nets = ["data_o"] if len(parts) == 1 else [f"page{number}" for number in range(len(parts))]
    return RomView(
        module=f"{name}_rom_{memory.name}",
        title=f"{memory.depth} words of {memory.width} bits",
        opens=f'{"end else " if index else ""}if (File == "{memory.name}") begin : gen_{memory.name}',
        address_msb=bits - 1,
        word_msb=memory.width - 1,
        inside=f"[{low - 1}:0]",
        above=f"[{bits - 1}:{low}]",
        pages=tuple(PageView(net, _words(part, low, memory.width)) for net, part in zip(nets, parts, strict=True)),
        choices=tuple(WordView(f"{bits - low}'d{number}", net) for number, net in enumerate(nets[1:], 1)),
    )


def _words(words: Sequence[int], bits: int, width: int) -> tuple[WordView, ...]:
    return tuple(WordView(f"{bits}'d{address}", f"{width}'h{word:x}") for address, word in enumerate(words))
