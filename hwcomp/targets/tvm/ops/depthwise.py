"""Depthwise convolutions by dot-product instructions: the four products of a lane are taps above one another.

Four rows of a column and 16 channels become a register, a "quad": V[lane] = x0 | x1 << 8 | x2 << 16 | x3 << 24. It is
built once for a tile of pixels and used by all its taps; weights [block, kw, quads, addends, 16, 4]. Weights of 9 bits
(unsigned ones without their zero point) are the sum of two of 8.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import prod

import numpy as np
import numpy.typing as npt

from hwcomp.ir.ops.dot import Conv2d
from hwcomp.targets.fuse import Unit
from hwcomp.targets.tvm.context import Context, constant, place
from hwcomp.targets.tvm.kernel import Argument, Block, Kernel
from hwcomp.targets.tvm.machine import Dot
from hwcomp.targets.tvm.ops.packed import GROUP, LANES, Nest, Part, Span, addends
from hwcomp.targets.tvm.ops.packed_conv import Copy, copied, folded_bias, operands, stored_bias
from hwcomp.targets.tvm.rescale import Rescaling, rescaling

_BYTE = 8
_STEPS_OF_A_QUAD, _STEPS_OF_A_SUM = 6, 12
"""Instructions that build a quad, and that rescale a register of sums."""


def lower_depthwise(context: Context, unit: Unit) -> Kernel | None:
    """The kernel of a convolution with a filter for each channel; None where the instructions do not fit it."""
    op, dot = unit.op, context.machine.dot
    assert isinstance(op, Conv2d)
    found = operands(context, op) if dot else None
    if found is None or dot is None or found.weights.shape[-1] != 1 or len(found.weights) != op.groups:
        return None
    bias = stored_bias(found.x, dot)
    folded = folded_bias(found, bias)
    if folded is None:
        return None
    source, copy = _source(op, found.x, dot, bias)
    rescale = rescaling(context, unit, *folded)
    columns = _columns(op, found.weights.shape[2], context.value(op.outputs[0]).shape[2], dot)
    parts = [
        Part(number, span, blocks, lanes)
        for number, (span, (blocks, lanes)) in enumerate(
            (span, block) for block in _blocks(len(found.weights)) for span in columns
        )
    ]
    nests = [_nest(op, part, source, found.weights, rescale, dot) for part in parts]
    shape = context.value(op.outputs[0]).shape
    return Kernel(
        op,
        op.inputs[:1],
        unit.output,
        context.label(op),
        (copy.x if copy else source,),
        (*(n.weights for n in nests), *rescale.constants),
        tuple(n.result for n in nests),
        work=(source,) if copy else (),
        local=tuple(buffer for n in nests for buffer in n.local),
        statements=(*(copy.statements if copy else ()), *(line for n in nests for line in n.statements)),
        schedule=tuple(line for n in nests for line in n.schedule),
        note=place(op),
        macs=prod(shape) * found.weights[0].size,
    )


def _source(op: Conv2d, x: Argument, dot: Dot, bias: int) -> tuple[Argument, Copy | None]:
    """x as rows [n, h, w * channels]: its own, or a padded copy whose last pixel may be read by whole registers."""
    n, height, width, channels = x.shape
    top, left, bottom, right = op.padding
    rows = Argument("X", (n, height, width * channels), x.storage, x.bias)
    if not any(op.padding) and x.storage == dot.activations and channels % LANES == 0:
        return rows, None
    slack = -channels % LANES
    padded = Argument(
        "Xp", (n, height + top + bottom, (width + left + right) * channels + slack), dot.activations, bias
    )
    return padded, copied(rows, padded, (top, left * channels), op.pad_value)


def _blocks(channels: int) -> list[tuple[Span, int]]:
    """Whole registers of channels, then the rest: (blocks, lanes)."""
    whole, rest = divmod(channels, LANES)
    return [
        (Span(start, count, 1), lanes)
        for start, count, lanes in ((0, whole, LANES), (whole, 1 if rest else 0, rest))
        if count
    ]


def _columns(op: Conv2d, kw: int, pixels: int, dot: Dot) -> list[Span]:
    """The tiles of a row: few quads for each pixel, all of them in registers with the sums."""
    best: tuple[float, int] | None = None
    for px in range(1, pixels + 1):
        reach = (px - 1) * op.strides[1] + (kw - 1) * op.dilations[1] + 1
        if px > 1 and reach + px > dot.registers:
            break
        rest = pixels % px
        steps = sum(
            count * (_STEPS_OF_A_QUAD * ((t - 1) * op.strides[1] + kw) + _STEPS_OF_A_SUM * t)
            for count, t in ((pixels // px, px), (1 if rest else 0, rest))
        )
        if best is None or (steps, px) < best:
            best = (steps, px)
    assert best is not None
    px = best[1]
    whole = pixels // px * px
    return [Span(s, n, t) for s, n, t in ((0, whole, px), (whole, pixels - whole, pixels - whole)) if n]


def _pack(weights: npt.NDArray[np.integer], part: Part, quads: int) -> npt.NDArray[np.integer]:
    """[channels, kh, kw, 1] as [block, kw, quads, addends, 16, 4], zeros beyond the last row and channel."""
    first = part.blocks.start * LANES
    chosen = weights[first : first + part.blocks.count * LANES, :, :, 0]
    full = np.zeros((part.blocks.count * LANES, quads * GROUP, weights.shape[2]), weights.dtype)
    full[: len(chosen), : weights.shape[1]] = chosen
    shaped = full.reshape(part.blocks.count, LANES, quads, GROUP, weights.shape[2])
    packed = np.ascontiguousarray(shaped.transpose(0, 4, 2, 1, 3))
    return np.stack(addends(packed), axis=3)


def _nest(
    op: Conv2d, part: Part, source: Argument, weights: npt.NDArray[np.integer], rescale: Rescaling, dot: Dot
) -> Nest:
    """V = quads of the columns; acc[n, y, kb, x, lane] += V * W; Y = rescaled acc."""
    kh, kw = weights.shape[1:3]
    quads = -(-kh // GROUP)
    packed = constant(f"W{part.number}", _pack(weights, part, quads), "int8")
    n, oh = source.shape[0], rescale.result.shape[1]
    (_, sw), (_, dw) = op.strides, op.dilations
    reach = (part.pixels.count - 1) * sw + (kw - 1) * dw + 1
    outer = (("n", n, "S"), ("y", oh, "S"), ("kb", part.blocks.count, "S"))
    v = Argument(f"V{part.number}", (n, oh, part.blocks.count, reach, quads, LANES), "int32")
    acc = Argument(f"acc{part.number}", (n, oh, part.blocks.count, part.pixels.count, LANES), "int32")
    quad = _quads(op, part, source, v, kh, outer)
    at = f"{acc.name}[vn, vy, vkb, vx, vlane]"
    column = f"{v.name}[vn, vy, vkb, vx * {sw} + vs * {dw}, vq, vlane]"
    byte = f'T.Cast("{dot.activations}", T.shift_right({column}, vi * {_BYTE}))'
    product = f'T.Cast("int32", {byte}) * T.Cast("int32", {packed.argument.name}[vkb, vs, vq, vu, vlane, vi])'
    spatial = (*outer, ("x", part.pixels.count, "S"), ("lane", LANES, "S"))
    reduced = (("s", kw, "R"), ("q", quads, "R"), ("u", packed.argument.shape[3], "R"), ("i", GROUP, "R"))
    summing = Block(acc.name, (*spatial, *reduced), (f"{at} = {at} + {product}",), f"{at} = 0")
    channel = f"(vkb + {part.blocks.start}) * {LANES} + vlane"
    x = f"vx + {part.pixels.start}" if part.pixels.start else "vx"
    result = replace(rescale.result, name=f"Y{part.number}")
    lines = rescale.lines(acc.load(("vn", "vy", "vkb", "vx", "vlane")), channel, result, ("vn", "vy", x, channel))
    storing = Block(f"out{part.number}", (*spatial[:-1], ("lane", part.lanes, "S")), lines)
    statements = (*quad.lines(), *summing.lines(), *storing.lines())
    return Nest(statements, tuple(_schedule(part, f"{dot.intrinsic}_quad")), packed, result, (v, acc))


def _quads(
    op: Conv2d, part: Part, source: Argument, v: Argument, kh: int, outer: tuple[tuple[str, int, str], ...]
) -> Block:
    """Rows of a column side by side in each lane; rows beyond the kernel's are 0."""
    channels = op.groups
    terms: list[str] = []
    for i in range(min(GROUP, kh)):
        tap = f"vq * {GROUP} + {i}" if v.shape[4] > 1 else str(i)
        row = tap if v.shape[4] == 1 else f"T.min({tap}, {kh - 1})"
        place_ = f"vy * {op.strides[0]} + ({row}) * {op.dilations[0]}"
        column = (
            f"(vp + {part.pixels.start * op.strides[1]}) * {channels} + (vkb + {part.blocks.start}) * {LANES} + vlane"
        )
        read = f'T.Cast("int32", T.Cast("uint8", {source.name}[vn, {place_}, {column}]))'
        shifted = f"T.shift_left({read}, {i * _BYTE})" if i else read
        terms.append(shifted if v.shape[4] == 1 else f"T.Select({tap} < {kh}, {shifted}, 0)")
    value = terms[0]
    for term in terms[1:]:
        value = f"T.bitwise_or({value}, {term})"
    axes = (*outer, ("p", v.shape[3], "S"), ("q", v.shape[4], "S"), ("lane", LANES, "S"))
    return Block(v.name, axes, (f"{v.name}[vn, vy, vkb, vp, vq, vlane] = {value}",))


def _schedule(part: Part, intrinsic: str) -> Iterator[str]:
    n = part.number
    yield f'quad, acc, out = (sch.get_sblock(name) for name in ("V{n}", "acc{n}", "out{n}"))'
    yield "n, y, kb, x, lane, s, q, u, i = sch.get_loops(acc)"
    yield f"xo, xi = sch.split(x, [None, {part.pixels.tile}])"
    yield "sch.reorder(n, y, kb, xo, s, q, u, xi, lane, i)"
    yield "sch.compute_at(quad, xo)"
    yield "sch.reverse_compute_at(out, xo)"
    yield "start = sch.decompose_reduction(acc, s)"
    yield f"blocks = (quad, start, out)[:{3 if part.lanes > 1 else 2}]"
    yield "for block in blocks:"
    yield "    sch.vectorize(sch.get_loops(block)[-1])"
    yield "for block in (quad, start, out):"
    yield "    for loop in sch.get_loops(block)[4:None if block not in blocks else -1]:"
    yield "        sch.unroll(loop)"
    yield "for loop in (s, q, u, xi):"
    yield "    sch.unroll(loop)"
    yield f'sch.tensorize(lane, "{intrinsic}")'
