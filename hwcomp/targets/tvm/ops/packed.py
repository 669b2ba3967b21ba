"""Sums by dot-product instructions: the tiles, the packed weights, and the loops that a dense or convolution becomes.

A register of sums has 16 output channels. A tile is `px` pixels by `ob` such registers; weights
[ko, r, s, j, addends, ob, 16, 4] lie in the order in which a tile reads them, so that one stream of loads feeds it.
Weights of 4 bits are [ko, r, s, j, ob, 16, 4] bytes, each of two weights that meet values four apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from hwcomp.targets.tvm.context import constant
from hwcomp.targets.tvm.kernel import Argument, Block, Constant
from hwcomp.targets.tvm.ops import nibbles
from hwcomp.targets.tvm.rescale import Rescaling

LANES, GROUP, _INT8 = 16, 4, 128
"""Output channels of a register; products that one instruction adds up for each."""

_MOST_PIXELS = 28
_IN_FLIGHT = 8
"""Sums that must be under way for the instructions to follow one another without a wait."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of an axis: `count` elements from `start`, `tile` at a time."""

    start: int
    count: int
    tile: int


def _cost(px: int, ob: int) -> float:
    """Cycles of one step of a tile: products, loads (two of each a cycle) or the wait for the results before.

    To them comes what weights take longer from the second cache, and the constants of their channels.
    """
    return max(px * ob / 2, (px + ob) / 2, _IN_FLIGHT / 2) + 0.25 + ob / 2


def _split(count: int, tile: int) -> list[Span]:
    whole = count // tile * tile
    return [Span(s, n, t) for s, n, t in ((0, whole, tile), (whole, count - whole, count - whole)) if n]


def tiles(pixels: int, blocks: int, registers: int) -> tuple[list[Span], list[Span]]:
    """How to walk `pixels` x `blocks` registers with at most `registers` of sums: spans of pixels, of blocks."""
    best: tuple[float, int, int] | None = None
    for ob in range(1, min(blocks, registers) + 1):
        for px in range(1, min(pixels, registers // ob, _MOST_PIXELS) + 1):
            parts = [(p, b) for p in _split(pixels, px) for b in _split(blocks, ob)]
            cost = sum(p.count // p.tile * (b.count // b.tile) * _cost(p.tile, b.tile) for p, b in parts)
            cost *= 1 + 0.02 * (len(parts) - 1)
            if best is None or (cost, -px) < best[:2]:
                best = (cost, -px, ob)
    assert best is not None
    return _split(pixels, -best[1]), _split(blocks, best[2])


@dataclass(frozen=True, slots=True)
class Walk:
    """What the sums read.

    outer: loops around the pixels (name, extent); pixels: of the innermost loop; taps: (kh, kw, groups of values);
    source: the buffer; row: its first indices; step, tap: elements from a pixel, from a tap of a row, to the next;
    group: values of a group, 8 of them where weights are of 4 bits.
    """

    outer: tuple[tuple[str, int], ...]
    pixels: int
    taps: tuple[int, int, int]
    source: Argument
    row: tuple[str, ...]
    step: int
    tap: int
    group: int = GROUP

    @property
    def is_int4(self) -> bool:
        """Whether each byte of the weights holds two."""
        return self.group > GROUP

    def element(self, x: str) -> tuple[str, ...]:
        """The index of value `vi` (of 4 bits: of half `vu`) of group `vj` under tap (vr, vs) of pixel `x`."""
        parts = [f"{x} * {self.step}", f"vs * {self.tap}" if self.taps[1] > 1 else "", f"vj * {self.group}",
                 f"vu * {GROUP}" if self.is_int4 else "", "vi"]  # fmt: skip
        return (*self.row, " + ".join(part for part in parts if part))


@dataclass(frozen=True, slots=True)
class Part:
    """Spans of pixels and of blocks that one pair of loop nests covers; lanes: channels of a block that exist."""

    number: int
    pixels: Span
    blocks: Span
    lanes: int


def parts_of(pixels: int, channels: int, registers: int) -> Iterator[Part]:
    """The whole blocks of 16 channels, then the rest of the channels."""
    number = 0
    whole, rest = divmod(channels, LANES)
    for blocks, lanes, start in ((whole, LANES, 0), (1 if rest else 0, rest, whole)):
        if not blocks:
            continue
        across, down = tiles(pixels, blocks, registers)
        for block in down:
            for span in across:
                yield Part(number, span, Span(block.start + start, block.count, block.tile), lanes)
                number += 1


def addends(weights: npt.NDArray[np.integer]) -> list[npt.NDArray[np.integer]]:
    """Arrays of 8 bits whose sum the weights are: two for 9 bits, as unsigned ones less their zero point."""
    small = weights.clip(-_INT8, _INT8 - 1)
    return [small, weights - small] if bool((weights != small).any()) else [weights]


def pack(weights: npt.NDArray[np.integer], part: Part, group: int = GROUP) -> npt.NDArray[np.integer]:
    """Weights [oc, r, s, group * j] of a part as [ko, r, s, j, addends, ob, 16, 4]; channels beyond the last are 0.

    Of groups of 8 there are no addends: [ko, r, s, j, ob, 16, 4], two weights a byte.
    """
    first, blocks, ob = part.blocks.start * LANES, part.blocks.count, part.blocks.tile
    chosen = weights[first : first + blocks * LANES]
    r, s, c = weights.shape[1:]
    full = np.zeros((blocks * LANES, r, s, c), weights.dtype)
    full[: len(chosen)] = chosen
    tiled = full.reshape(blocks // ob, ob, LANES, r, s, c // group, group).transpose(0, 3, 4, 5, 1, 2, 6)
    if group > GROUP:
        return nibbles.pairs(tiled[..., :GROUP], tiled[..., GROUP:])
    return np.stack(addends(np.ascontiguousarray(tiled)), axis=4)


@dataclass(frozen=True, slots=True)
class Nest:
    """The loop nests of a part, with its buffers and its schedule."""

    statements: tuple[str, ...]
    schedule: tuple[str, ...]
    weights: Constant
    result: Argument
    local: tuple[Argument, ...]


def nest(walk: Walk, part: Part, weights: npt.NDArray[np.integer], rescale: Rescaling, intrinsic: str) -> Nest:
    """acc[.., x, ko, kk, lane] += source * W; then Y = rescaled acc."""
    packed = constant(f"W{part.number}", pack(weights, part, walk.group), "int8")
    ko, ob = part.blocks.count // part.blocks.tile, part.blocks.tile
    extents = (*(n for _, n in walk.outer), part.pixels.count, ko, ob, LANES)
    names = (*(name for name, _ in walk.outer), "x", "ko", "kk", "lane")
    acc = Argument(f"acc{part.number}", extents, "int32")
    place = tuple(f"v{name}" for name in names)
    x = f"(vx + {part.pixels.start})" if part.pixels.start else "vx"
    product = _product(walk, packed.argument, x)
    spatial = tuple((name, extent, "S") for name, extent in zip(names, extents, strict=True))
    again = walk.group // GROUP if walk.is_int4 else packed.argument.shape[4]
    reduced = tuple((name, extent, "R") for name, extent in zip("rsjui", (*walk.taps, again, GROUP), strict=True))
    summing = Block(acc.name, (*spatial, *reduced), (f"{_at(acc, place)} = {_at(acc, place)} + {product}",),
                    f"{_at(acc, place)} = 0")  # fmt: skip
    first = part.blocks.start * LANES
    channel = f"(vko * {ob} + vkk) * {LANES} + vlane" + (f" + {first}" if first else "")
    index = (*(f"v{name}" for name, _ in walk.outer), x, channel)
    result = replace(rescale.result, name=f"Y{part.number}")
    out_axes = (*spatial[:-1], ("lane", part.lanes, "S"))
    sums = acc.load(place)
    lines = rescale.lines(sums >> nibbles.SHIFT if walk.is_int4 else sums, channel, result, index)
    storing = Block(f"out{part.number}", out_axes, lines)
    schedule = tuple(_schedule(part, walk, intrinsic))
    return Nest((*summing.lines(), *storing.lines()), schedule, packed, result, (acc,))


def _at(argument: Argument, index: tuple[str, ...]) -> str:
    return f"{argument.name}[{', '.join(index)}]"


def _product(walk: Walk, weights: Argument, x: str) -> str:
    a = _at(walk.source, walk.element(x))
    if walk.is_int4:
        byte = f'T.Cast("int32", {_at(weights, ("vko", "vr", "vs", "vj", "vkk", "vlane", "vi"))})'
        half = f"T.bitwise_and(T.shift_left({byte}, {nibbles.SHIFT} - vu * {nibbles.SHIFT}), 240)"
        return f'T.Cast("int32", {a}) * T.Cast("int32", T.Cast("int8", {half}))'
    b = _at(weights, ("vko", "vr", "vs", "vj", "vu", "vkk", "vlane", "vi"))
    return f'T.Cast("int32", {a}) * T.Cast("int32", {b})'


def _schedule(part: Part, walk: Walk, intrinsic: str) -> Iterator[str]:
    """An instruction for every 4 values, or of 4 bits the two that share their weights' bytes."""
    n, outer = part.number, len(walk.outer)
    repeated, inside = ("", "lane, u") if walk.is_int4 else ("u, ", "lane")
    yield f'acc, out = sch.get_sblock("acc{n}"), sch.get_sblock("out{n}")'
    yield "*outer, x, ko, kk, lane, r, s, j, u, i = sch.get_loops(acc)"
    yield f"xo, xi = sch.split(x, [None, {part.pixels.tile}])"
    yield f"sch.reorder(*outer, xo, ko, r, s, j, {repeated}xi, kk, {inside}, i)"
    yield "sch.reverse_compute_at(out, ko)"
    yield f"inner = sch.get_loops(out)[{outer + 2}:]"
    if part.lanes > 1:
        yield "sch.vectorize(inner.pop())"
    yield f"for loop in (*inner, {repeated}xi, kk):"
    yield "    sch.unroll(loop)"
    yield "start = sch.decompose_reduction(acc, r)"
    yield f"*inner, lane_ = sch.get_loops(start)[{outer + 2}:]"
    yield "sch.vectorize(lane_)"
    yield "for loop in inner:"
    yield "    sch.unroll(loop)"
    yield f'sch.tensorize(lane, "{intrinsic}{"_nibbles" if walk.is_int4 else ""}")'
