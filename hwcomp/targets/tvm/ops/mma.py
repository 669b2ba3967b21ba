"""Dense layers and convolutions of one group on a GPU's tensor cores: a warp multiplies 8 pixels by 8 channels.

`mma.sync.m8n8k16` adds up 16 products of 8 bits, `m8n8k32` 32 of 4 bits, in 32 bits, both exact; from sm_75 on. Lane l
gives the values of pixel l // 4 and the weights of channel l // 4, k from l % 4 * (4 or 8) on, in one word each, and
holds the sums of pixel l // 4 and channels l % 4 * 2 and one more. The weights are packed as the lanes read them.
Source: PTX ISA, "Matrix Fragments for mma.m8n8k16" and "mma.m8n8k32".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import prod

import numpy as np
import numpy.typing as npt

from hwcomp.ir.ops.dot import Conv2d, Dense
from hwcomp.targets.fuse import Unit
from hwcomp.targets.tvm.context import Context, constant, place
from hwcomp.targets.tvm.expression import Term, both
from hwcomp.targets.tvm.kernel import Argument, Constant, Kernel
from hwcomp.targets.tvm.ops import nibbles
from hwcomp.targets.tvm.ops.packed_conv import folded_bias, operands
from hwcomp.targets.tvm.options import Int4
from hwcomp.targets.tvm.rescale import Rescaling, rescaling

_TILE, _LANES, _QUADS, _BLOCKS = 8, 32, 4, 4
"""Pixels and channels of an instruction; threads of a warp; of them those of a pixel; instructions side by side."""


class Form(Enum):
    """BYTES; NIBBLES: values and weights of 4 bits; PAIRS: bytes by weights of 4 bits, two a byte."""

    BYTES = "m8n8k16"
    NIBBLES = "m8n8k32"
    PAIRS = "m8n8k16 of weights of 4 bits"

    @property
    def per(self) -> int:
        """Values of a word."""
        return 8 if self is Form.NIBBLES else 4


@dataclass(frozen=True, slots=True)
class Product:
    """x [n, h, w, c] as stored, under weights [oc, kh, kw, c]; the taps of a convolution; fill: outside of x."""

    form: Form
    x: Argument
    weights: npt.NDArray[np.integer]
    out: tuple[int, int, int]
    strides: tuple[int, int]
    dilations: tuple[int, int]
    padding: tuple[int, int, int, int]
    fill: int

    @property
    def has_words(self) -> bool:
        """Whether x is read four values at a time."""
        return self.x.shape[-1] % 4 == 0

    @property
    def source(self) -> Argument:
        """x as the kernel reads it."""
        words = (*self.x.shape[:-1], self.x.shape[-1] // 4)
        return Argument("X", words, "int32") if self.has_words else self.x


def lower_mma(context: Context, unit: Unit) -> Kernel | None:
    """The kernel by tensor cores; None where they do not multiply these operands."""
    op = unit.op
    assert isinstance(op, Conv2d | Dense)
    found = operands(context, op)
    folded = folded_bias(found, 0) if found else None
    if found is None or folded is None or found.weights.min(initial=0) < -128 or found.weights.max(initial=0) > 127:
        return None
    product = _product(context, op, found.x, found.weights, folded[1])
    rescale = rescaling(context, unit, *folded)
    pixels, channels = prod(product.out), len(found.weights)
    rescale.result = Argument("Y", (pixels, channels), rescale.result.storage, rescale.result.bias)
    weights = packed(product)
    statements = tuple(_statements(product, weights.argument, rescale))
    return Kernel(
        op,
        op.inputs[:1],
        unit.output,
        context.label(op),
        (product.source,),
        (weights, *rescale.constants),
        (rescale.result,),
        statements=statements,
        note=f"{place(op)}: {product.form.value}",
        macs=pixels * found.weights.size,
    )


def _form(context: Context, op: Conv2d | Dense, weights: npt.NDArray[np.integer], reach: int) -> Form:
    if context.int4 is Int4.NEVER or not nibbles.fits(weights):
        return Form.BYTES
    x = context.value(op.inputs[0]).range
    if (x.min >= 0 and x.max <= 15) or (x.min >= -8 and x.max <= 7):
        return Form.NIBBLES
    return Form.PAIRS if context.int4 is Int4.ALWAYS and nibbles.fits(weights, reach) else Form.BYTES


def _product(
    context: Context, op: Conv2d | Dense, x: Argument, weights: npt.NDArray[np.integer], reach: int
) -> Product:
    form = _form(context, op, weights, reach)
    if isinstance(op, Dense) or (weights.shape[1:3] == op.strides == (1, 1) and not any(op.padding)):
        rows = prod(x.shape[:-1])
        flat = Argument("X", (rows, 1, 1, x.shape[-1]), x.storage, x.bias)
        return Product(form, flat, weights, (rows, 1, 1), (1, 1), (1, 1), (0, 0, 0, 0), 0)
    out = (x.shape[0], *op.output_size(x.shape, weights.shape))
    return Product(form, x, weights, out, op.strides, op.dilations, op.padding, op.pad_value)


def packed(product: Product) -> Constant:
    """Weights [oc, kh, kw, c] as words [oc / 8, kh, kw, j, 32 lanes]; channels and values beyond the last are 0."""
    oc, kh, kw, c = product.weights.shape
    per = product.form.per
    chunk = per * _QUADS * (2 if product.form is Form.PAIRS else 1)
    blocks = -(-oc // _TILE)
    blocks = -(-blocks // min(blocks, _BLOCKS)) * min(blocks, _BLOCKS)
    full = np.zeros((blocks * _TILE, kh, kw, -(-c // chunk) * chunk), np.int64)
    full[:oc, ..., :c] = product.weights
    split = full.reshape(blocks, _TILE, kh, kw, -1, _QUADS, per).transpose(0, 2, 3, 4, 1, 5, 6)
    lanes = split.reshape(*split.shape[:4], _LANES, per)
    if product.form is Form.PAIRS:
        lanes = nibbles.pairs(lanes[:, :, :, ::2], lanes[:, :, :, 1::2])
    if product.form is Form.NIBBLES:
        lanes = nibbles.packed_rows(lanes)
    words = np.ascontiguousarray(lanes.astype(np.int8)).view("<i4")[..., 0]
    return constant("W", words, "int32")


def _statements(product: Product, weights: Argument, rescale: Rescaling) -> list[str]:
    """A warp for 8 pixels and up to 4 times 8 channels."""
    blocks, kh, kw, steps, _ = weights.shape
    beside = min(blocks, _BLOCKS)
    pixels, channels = rescale.result.shape
    is_paired = product.form is Form.PAIRS
    lines = [
        f'bx = T.launch_thread("blockIdx.x", {-(-pixels // _TILE)})',
        f'by = T.launch_thread("blockIdx.y", {blocks // beside})',
        f'lane = T.launch_thread("threadIdx.x", {_LANES})',
        'A = T.alloc_buffer((1,), "int32", scope="local")',
        'F = T.alloc_buffer((1,), "int32", scope="local")',
        f'C = T.alloc_buffer(({2 * beside},), "int32", scope="local")',
        f"for t in T.unroll({2 * beside}):",
        "    C[t] = 0",
        f"for r, s, j in T.grid({kh}, {kw}, {steps}):",
    ]
    for half in range(2 if is_paired else 1):
        step = f"(j * 2 + {half})" if is_paired else "j"
        word = f"W[by * {beside} + t, r, s, j, lane]"
        if is_paired:
            word = f"T.bitwise_and({word if half else f'T.shift_left({word}, 4)'}, T.int32({_word(0xF0F0F0F0)}))"
        lines += [
            f"    A[0] = {_values(product, step)}",
            f"    for t in T.unroll({beside}):",
            f"        F[0] = {word}",
            f"        T.evaluate({_instruction(product)})",
        ]
    raw = Term("C[t * 2 + e]")
    channel = f"((by * {beside} + t) * {_TILE} + lane % {_QUADS} * 2 + e)"
    pixel = f"(bx * {_TILE} + lane // {_QUADS})"
    stored = rescale.lines(raw >> nibbles.SHIFT if is_paired else raw, channel, rescale.result, (pixel, channel))
    lines += [
        f"for t, e in T.grid({beside}, 2):",
        f"    if T.And({pixel} < {pixels}, {channel} < {channels}):",
        *(f"        {line}" for line in stored),
    ]
    return lines


def _instruction(product: Product) -> str:
    sign = "uint" if product.x.storage == "uint8" else "int"
    shape, bits = ("m8n8k32", 4) if product.form is Form.NIBBLES else ("m8n8k16", 8)
    kinds = f'"{shape}", "row", "col", "{sign}{bits}", "int{bits}", "int32"'
    return f'T.ptx_legacy.mma({kinds}, A.data, 0, F.data, 0, C.data, t * 2, False, dtype="int32")'


def _values(product: Product, step: str) -> str:
    """The word of this lane's values under tap (r, s), group `step`."""
    n, oh, ow = product.out
    per = product.form.per
    pixel = f"T.min(bx * {_TILE} + lane // {_QUADS}, {n * oh * ow - 1})"
    first = f"{step} * {per * _QUADS} + lane % {_QUADS} * {per}"
    row = _tap(f"{pixel} // {ow} % {oh}" if oh > 1 else "0", product, 0)
    column = _tap(f"{pixel} % {ow}" if ow > 1 else "0", product, 1)
    at = (f"{pixel} // {oh * ow}" if oh * ow > 1 else pixel, row, column)
    wide = 4 if product.has_words else 1
    parts: list[str] = []
    for i in range(0, per, wide):
        place_ = f"({first} + {i})" if i else f"({first})"
        index = f"{place_} // 4" if product.has_words else place_
        read = f"X[{', '.join(at)}, {index}]"
        word = read if product.has_words else f'T.Cast("int32", {read})'
        inside = both(*_inside(product, at), *_short(product, place_))
        fill = _word((product.fill & 255) * 0x01010101) if product.has_words else product.fill
        word = f"T.if_then_else({inside}, {word}, T.int32({fill}))" if inside else word
        parts.append(_moved(product, word, i))
    total = parts[0]
    for part in parts[1:]:
        total = f"T.bitwise_or({total}, {part})"
    return total


def _moved(product: Product, word: str, i: int) -> str:
    """Four values (or one) as they lie in the lane's word from value `i` on."""
    bits = 4 if product.form is Form.NIBBLES else 8
    if product.has_words and bits == 8:
        return word
    if not product.has_words:
        return f"T.shift_left(T.bitwise_and({word}, {(1 << bits) - 1}), {bits * i})"
    halves = [f"T.bitwise_and(T.shift_right({word}, {4 * k}), {15 << 4 * k})" for k in range(4)]
    joined = f"T.bitwise_or(T.bitwise_or({halves[0]}, {halves[1]}), T.bitwise_or({halves[2]}, {halves[3]}))"
    return f"T.shift_left({joined}, {bits * i})"


def _tap(position: str, product: Product, axis: int) -> str:
    before = product.padding[axis]
    text = f"{position} * {product.strides[axis]} + {'rs'[axis]} * {product.dilations[axis]}"
    return f"({text} - {before})" if before else f"({text})"


def _inside(product: Product, at: tuple[str, ...]) -> list[str]:
    """The conditions that a tap is in x, where it may be outside."""
    top, left, bottom, right = product.padding
    checks = ((top, f"({at[1]} >= 0)"), (bottom, f"({at[1]} < {product.x.shape[1]})"),
              (left, f"({at[2]} >= 0)"), (right, f"({at[2]} < {product.x.shape[2]})"))  # fmt: skip
    return [text for amount, text in checks if amount]


def _short(product: Product, first: str) -> list[str]:
    """The condition that a value exists, where the last group is not whole; its weight is 0 where not."""
    channels = product.x.shape[-1]
    chunk = product.form.per * _QUADS * (2 if product.form is Form.PAIRS else 1)
    return [f"({first} < {channels})"] if channels % chunk else []


def _word(value: int) -> int:
    """The signed number of these 32 bits."""
    return value - (1 << 32) if value >= 1 << 31 else value
