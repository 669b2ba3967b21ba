"""Dense layers and convolutions of one group by dot-product instructions.

Values that lie side by side in a row are multiplied in groups of four (of eight by weights of 4 bits), over the borders
of pixels too: a row of taps is kw * ic values long. The input is copied where it is padded, of the other sign, or
shorter than the groups read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod

import numpy as np
import numpy.typing as npt

from hwcomp.ir.op import Op
from hwcomp.ir.ops.dot import Conv2d, Dense
from hwcomp.targets.fuse import Unit
from hwcomp.targets.tvm.context import UNSIGNED_BIAS, Context, place
from hwcomp.targets.tvm.kernel import Argument, Block, Kernel
from hwcomp.targets.tvm.machine import Dot
from hwcomp.targets.tvm.ops import nibbles
from hwcomp.targets.tvm.ops.packed import GROUP, Walk, nest, parts_of
from hwcomp.targets.tvm.rescale import rescaling

IntData = npt.NDArray[np.integer]
_INT32 = 1 << 31
_INT8 = 128


@dataclass(frozen=True, slots=True)
class Operands:
    """weights [oc, kh, kw, ic], bias [oc]; x as it is stored; group: values that are multiplied at once."""

    x: Argument
    weights: IntData
    bias: IntData
    group: int = GROUP


def operands(context: Context, op: Op) -> Operands | None:
    """What the instructions can multiply: 8 bits by one or two of 8 signed bits, sums of 32 bits; else None."""
    x, w, b = (context.value(name) for name in op.inputs)
    assert w.data is not None and b.data is not None
    stored = context.argument("X", op.inputs[0])
    sums = context.value(op.outputs[0]).type.dtype
    low, high = int(w.data.min(initial=0)), int(w.data.max(initial=0))
    is_small = low >= -2 * _INT8 and high <= 2 * (_INT8 - 1)
    if stored.storage not in ("int8", "uint8") or not is_small or sums.bits > 32 or not x.shape:
        return None
    weights = w.data.reshape(len(w.data), 1, 1, -1) if isinstance(op, Dense) else w.data
    return Operands(stored, weights, b.data)


def stored_bias(x: Argument, dot: Dot) -> int:
    """What the buffer that the instructions read adds to the values of `x`."""
    if x.storage == dot.activations:
        return x.bias
    return UNSIGNED_BIAS if dot.activations == "uint8" else -UNSIGNED_BIAS


def folded_bias(found: Operands, bias: int) -> tuple[npt.NDArray[np.int64], int] | None:
    """(bias of the sums of stored values, bound of those sums); None where it does not fit 32 bits."""
    w = found.weights.reshape(len(found.weights), -1).astype(np.int64)
    total = found.bias.astype(np.int64) - bias * w.sum(axis=1)
    reach = 2 * _INT8 * int(np.abs(w).sum(axis=1).max(initial=0))
    if reach + int(np.abs(total).max(initial=0)) >= _INT32 - 1:
        return None
    return total, reach


def lower_packed(context: Context, unit: Unit) -> Kernel | None:
    """The kernel of a dense layer or a convolution of one group; None where the instructions do not fit it."""
    op, dot = unit.op, context.machine.dot
    assert isinstance(op, Conv2d | Dense)
    found = operands(context, op) if dot else None
    if found is None or dot is None:
        return None
    bias = stored_bias(found.x, dot)
    folded = folded_bias(found, bias)
    if folded is None:
        return None
    out = context.value(op.outputs[0]).shape
    pixels = prod(out[:-1]) if _is_flat(op, found) else out[-2]
    if nibbles.fits(found.weights, folded[1]) and nibbles.wanted(context, op, pixels):
        found = replace(found, group=2 * GROUP)
    walk, weights, copy = (_flat if _is_flat(op, found) else _rows)(op, found, dot, bias)
    rescale = rescaling(context, unit, *folded)
    shape = (*(n for _, n in walk.outer), walk.pixels, len(found.weights))
    rescale.result = Argument("Y", shape, rescale.result.storage, rescale.result.bias)
    registers = dot.int4_registers if walk.is_int4 else dot.registers
    parts = parts_of(walk.pixels, len(found.weights), registers)
    nests = [nest(walk, part, weights, rescale, dot.intrinsic) for part in parts]
    return Kernel(
        op,
        op.inputs[:1],
        unit.output,
        context.label(op),
        (copy.x if copy else walk.source,),
        (*(n.weights for n in nests), *rescale.constants),
        tuple(n.result for n in nests),
        work=(walk.source,) if copy else (),
        local=tuple(buffer for n in nests for buffer in n.local),
        statements=(*(copy.statements if copy else ()), *(line for n in nests for line in n.statements)),
        schedule=tuple(line for n in nests for line in n.schedule),
        note=place(op),
        macs=prod(shape) * found.weights[0].size,
    )


@dataclass(frozen=True, slots=True)
class Copy:
    """x [n, height, width * channels] in a buffer with its padding."""

    x: Argument
    statements: tuple[str, ...]


def _is_flat(op: Conv2d | Dense, found: Operands) -> bool:
    """Whether every value is read for one pixel alone."""
    if isinstance(op, Dense):
        return True
    return found.weights.shape[1:3] == op.strides == (1, 1) and not any(op.padding)


def _flat(op: Op, found: Operands, dot: Dot, bias: int) -> tuple[Walk, IntData, Copy | None]:
    """Rows of x times the weights."""
    channels = found.weights.shape[-1]
    groups = -(-channels // found.group)
    pixels = prod(found.x.shape[:-1])
    weights = _grouped(found.weights, found.group)
    if channels % found.group == 0 and found.x.storage == dot.activations:
        source = Argument("X", (pixels * channels,), found.x.storage, found.x.bias)
        return Walk((), pixels, (1, 1, groups), source, (), channels, 0, found.group), weights, None
    x = Argument("X", (1, 1, pixels * channels), found.x.storage, found.x.bias)
    size = (pixels - 1) * channels + groups * found.group
    source = Argument("Xp", (1, 1, max(size, pixels * channels)), dot.activations, bias)
    copy = copied(x, source, (0, 0), 0)
    return Walk((), pixels, (1, 1, groups), source, ("0", "0"), channels, 0, found.group), weights, copy


def _rows(op: Op, found: Operands, dot: Dot, bias: int) -> tuple[Walk, IntData, Copy | None]:
    """Taps of kh rows; a row of taps is one run of values unless it is dilated."""
    assert isinstance(op, Conv2d)
    n, height, width, channels = found.x.shape
    oc, kh, kw, _ = found.weights.shape
    (sh, sw), (dh, dw) = op.strides, op.dilations
    oh, ow = op.output_size(found.x.shape, found.weights.shape)
    is_run = dw == 1 or kw == 1
    weights = found.weights.reshape(oc, kh, 1, kw * channels) if is_run else found.weights
    groups = -(-weights.shape[-1] // found.group)
    top, left, bottom, right = op.padding
    read = (ow - 1) * sw * channels + (0 if is_run else (kw - 1) * dw * channels) + groups * found.group
    is_direct = not any(op.padding) and found.x.storage == dot.activations and read <= width * channels
    x = Argument("X", (n, height, width * channels), found.x.storage, found.x.bias)
    padded = Argument(
        "Xp", (n, height + top + bottom, max((width + left + right) * channels, read)), dot.activations, bias
    )
    copy = None if is_direct else copied(x, padded, (top, left * channels), op.pad_value)
    row = ("vn", f"vy * {sh} + vr * {dh}")
    taps = (kh, 1 if is_run else kw, groups)
    walk = Walk((("n", n), ("y", oh)), ow, taps, padded if copy else x, row, sw * channels, dw * channels, found.group)
    return walk, _grouped(weights, found.group), copy


def _grouped(weights: IntData, group: int) -> IntData:
    """The last axis up to whole groups, with zeros."""
    missing = -weights.shape[-1] % group
    return np.pad(weights, ((0, 0), (0, 0), (0, 0), (0, missing)))


def copied(x: Argument, padded: Argument, start: tuple[int, int], fill: int) -> Copy:
    """x [n, h, row] at `start` of `padded`, `fill` around it: one block, a row of `padded` each time."""
    n, height, row = x.shape
    _, high, wide = padded.shape
    top, left = start
    outside = f'T.Cast("{padded.storage}", {fill + padded.bias})'
    same = x.storage == padded.storage and x.bias == padded.bias
    read = ("vn", f"vy - {top}" if top else "vy", "i")
    target = f"{padded.name}[vn, vy, i + {left}]"
    moved = f"{target} = {x.name}[{', '.join(read)}]"
    inner = [*_filled(padded, 0, left, outside), f"for i in range({row}):",
             f"    {moved if same else padded.store(('vn', 'vy', f'i + {left}'), x.load(read))}",
             *_filled(padded, left + row, wide, outside)]  # fmt: skip
    if high > height:
        body = [f"if vy >= {top} and vy < {top + height}:", *(f"    {line}" for line in inner)]
        body += ["else:", *(f"    {line}" for line in _filled(padded, 0, wide, outside))]
    else:
        body = inner
    reads = f"T.reads({x.name}[vn, 0:{height}, 0:{row}])"
    writes = f"T.writes({padded.name}[vn, vy, 0:{wide}])"
    axes = (("n", n, "S"), ("y", high, "S"))
    return Copy(x, tuple(Block("copy", axes, (reads, writes, *body)).lines()))


def _filled(padded: Argument, start: int, end: int, value: str) -> list[str]:
    if start >= end:
        return []
    at = f"i + {start}" if start else "i"
    return [f"for i in range({end - start}):", f"    {padded.name}[vn, vy, {at}] = {value}"]
