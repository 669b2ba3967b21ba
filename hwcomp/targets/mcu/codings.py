"""Which weights of a graph are packed, and to how many bits: `-O pack-weights`."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import chain, combinations

from hwcomp.ir.graph import Graph
from hwcomp.ir.op import Op
from hwcomp.ir.ops.dot import Conv2d, Dense
from hwcomp.ir.types import IntArray
from hwcomp.targets.mcu.options import Arch, McuOptions, PackWeights
from hwcomp.targets.mcu.packed import SUM_SHIFT, WIDTHS, Coding, TwoValues, coding_of, pack_conv2d, pack_dense
from hwcomp.targets.mcu.packing import pack_conv2d_weights, pack_dense_weights
from hwcomp.targets.mcu.two_valued import two_values

KERNEL_BYTES: Mapping[type[Op], Mapping[int, int]] = {
    Conv2d: {8: 1500, 4: 2600, 2: 1900, 1: 2000, 0: 700},
    Dense: {8: 2800, 4: 2000, 2: 2100, 1: 2400, 0: 700},
}
"""Flash of the Cortex-M kernels of each width of weights, GCC -O3; 0: what all packed widths need once."""

XNOR_BYTES = 2000
"""Flash of `hwc_xnor`."""

XNOR_INPUTS = 32
"""Fewest inputs of an output for which `hwc_xnor` is taken: below, its bits do not fill a word."""

GENERIC_PIXELS = 16
"""Fewest pixels (rows of a dense layer) for which `auto` packs for the generic kernels: unpacking a weight costs them
about as much as multiplying it, once for all pixels."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A layer whose weights fit a coding; int8_bytes: what they take unpacked."""

    output: str
    weights: IntArray
    is_dense: bool
    narrowest: Coding
    int8_bytes: int

    def coding(self, bits: int) -> Coding:
        """The coding of the layer in `bits` bits, not fewer than its own."""
        return self.narrowest if bits == self.narrowest.bits else Coding(bits, int(self.weights.min()))

    def bytes(self, bits: int) -> int:
        """Flash of the packed weights."""
        coding = self.coding(bits)
        return (pack_dense if self.is_dense else pack_conv2d)(self.weights, coding).nbytes


def choose_xnor(graph: Graph, options: McuOptions) -> Mapping[str, TwoValues]:
    """The layers of weights -1 and +1 whose inputs have two values, with those values; by the layers' accumulators.

    AUTO takes them where together they save more flash than the kernel takes; it is the fastest of all.
    """
    if options.pack_weights is PackWeights.NEVER:
        return {}
    known = two_values(graph)
    found: dict[str, TwoValues] = {}
    saved = 0
    for op in graph.ops:
        values = _xnor_values(graph, op, known) if isinstance(op, Conv2d | Dense) else None
        if values is not None:
            found[op.outputs[0]] = values
            saved += graph.values[op.inputs[1]].type.size * 7 // 8
    return found if options.pack_weights is PackWeights.ALWAYS or saved > XNOR_BYTES else {}


def _xnor_values(graph: Graph, op: Conv2d | Dense, known: Mapping[str, tuple[int, int]]) -> TwoValues | None:
    x, w = graph.values[op.inputs[0]], graph.values[op.inputs[1]]
    assert w.data is not None
    pair = known.get(x.name)
    if pair is None or x.type.dtype.bits > 8 or coding_of(w.data) != Coding(1, -1):
        return None
    if math.prod(w.shape[1:]) < XNOR_INPUTS:
        return None
    if isinstance(op, Conv2d) and (op.groups > 1 or (any(op.padding) and op.pad_value not in pair)):
        return None
    return TwoValues.of(*pair)


def choose_codings(graph: Graph, options: McuOptions, taken: Collection[str] = ()) -> Mapping[str, Coding]:
    """The codings of all layers whose weights are packed, but those `taken`, by the layers' accumulators.

    ALWAYS: every layer that then takes less flash, by its narrowest coding. AUTO: of each kind of layer the widths with
    which weights and kernels together take the least flash; a layer may use a wider kernel that is there anyhow.
    """
    if options.pack_weights is PackWeights.NEVER:
        return {}
    found: dict[str, Coding] = {}
    for kind in (Conv2d, Dense):
        ops = [op for op in graph.ops if isinstance(op, kind) and op.outputs[0] not in taken]
        candidates = [c for op in ops if (c := _candidate(graph, op)) is not None]
        if options.pack_weights is PackWeights.AUTO:
            if options.arch is Arch.GENERIC:
                candidates = [c for c in candidates if _pixels(graph, c) >= GENERIC_PIXELS]
            found |= _least_flash(candidates, kind, len(ops), options.arch)
        else:
            found |= {c.output: c.narrowest for c in candidates}
    return found


def _candidate(graph: Graph, op: Op) -> _Candidate | None:
    """None for depthwise layers (their rows are short), for weights of more bits, and where sums may not fit."""
    x, w = graph.values[op.inputs[0]], graph.values[op.inputs[1]]
    assert w.data is not None
    if isinstance(op, Conv2d) and op.groups > 1 and w.shape[-1] == 1:
        return None
    coding = coding_of(w.data)
    if coding is None:
        return None
    pad = abs(op.pad_value) if isinstance(op, Conv2d) else 0
    reach = max(abs(x.range.min), abs(x.range.max), pad, 1)
    magnitude = max(abs(int(w.data.min())), abs(int(w.data.max())), 1)
    if (math.prod(w.shape[1:]) * reach * magnitude) << max(SUM_SHIFT.values()) >= 1 << 31:
        return None
    is_dense = isinstance(op, Dense)
    narrow = w.data.astype("int8")
    int8_bytes = (pack_dense_weights if is_dense else pack_conv2d_weights)(narrow).nbytes
    candidate = _Candidate(op.outputs[0], w.data, is_dense, coding, int8_bytes)
    return candidate if candidate.bytes(coding.bits) < int8_bytes else None


def _least_flash(candidates: list[_Candidate], kind: type[Op], layers: int, arch: Arch) -> dict[str, Coding]:
    best: dict[str, Coding] = {}
    least = sum(c.int8_bytes for c in candidates) + (_kernels(kind, {8}, arch) if layers else 0)
    for widths in chain.from_iterable(combinations(WIDTHS, n) for n in range(1, len(WIDTHS) + 1)):
        chosen: dict[str, Coding] = {}
        total = 0
        for candidate in candidates:
            fitting = [bits for bits in widths if bits >= candidate.narrowest.bits]
            size = min((candidate.bytes(bits), bits) for bits in fitting) if fitting else (candidate.int8_bytes, 8)
            total += size[0]
            if size[1] < 8:
                chosen[candidate.output] = candidate.coding(size[1])
        used = {coding.bits for coding in chosen.values()}
        total += _kernels(kind, used | ({8} if len(chosen) < layers else set()), arch)
        if total < least:
            best, least = chosen, total
    return best


def _kernels(kind: type[Op], widths: set[int], arch: Arch) -> int:
    """Flash of the kernels of `widths`."""
    sizes = KERNEL_BYTES[kind]
    shared = sizes[0] if widths - {8} else 0
    return shared if arch is Arch.GENERIC else shared + sum(sizes[bits] for bits in sorted(widths))


def _pixels(graph: Graph, candidate: _Candidate) -> int:
    """How often each weight is used."""
    shape = graph.values[candidate.output].shape
    return math.prod(shape[:-1]) if candidate.is_dense else math.prod(shape[1:-1])
