"""`weights=ram`: a design that fits every model of one shape, and what is loaded into it over AXI4-Lite.

The folding and all widths are those of a template: the graph with weights and rescaling constants as large as the shape
lets them be. So two graphs of one shape have one design, and differ in the words of its RAMs alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hwcomp.ir.dyadic import NegativeCorrection
from hwcomp.ir.graph import Graph, rebuild, results_to_values
from hwcomp.ir.op import Op
from hwcomp.ir.ops.dot import Conv2d, Dense
from hwcomp.ir.ops.lstm import Lstm
from hwcomp.ir.ops.requant import Requant
from hwcomp.ir.types import IntArray, Range, Result, Value
from hwcomp.support.errors import HwcompError, Problem
from hwcomp.targets.dataflow.design import Design
from hwcomp.targets.dataflow.folding.trial import input_lanes
from hwcomp.targets.dataflow.lower import build_network
from hwcomp.targets.dataflow.modules.control import Register, load_words
from hwcomp.targets.dataflow.network import Instance, Memory, Network
from hwcomp.targets.dataflow.weights import join_fields

NARROW_SHIFTS = (32, 40, 48)
WIDE_SHIFTS = (38, 46, 54, 32)
"""Shifts that a Requant of inputs of 16 bits at most, or of accumulators, is brought to: the first at which it fits."""

_NARROW_BITS = 16
_MULT_BITS = 34
"""Bits of a multiplier: at the first shifts a rescale by less than 4, or of accumulators by less than 1/16. One more
would be a third operand of an 18-bit multiplier block."""

_OFFSET_BITS = 47
_AMOUNT_BITS = 33
_PRODUCT_BITS = 60
"""A product and the sum of all of them stay within 64 bits with the offset."""

_ACC_BITS = 24
"""An accumulator has at least these bits, so that a bias has room beside the products."""

_MOST_RAMS = 256

_FIELDS = {
    "WeightFile": ("WeightWidth", "signed"),
    "BiasFile": ("AccWidth", "signed"),
    "MultFile": ("MultWidth", "MultSigned"),
    "OffsetFile": ("OffsetWidth", "signed"),
    "AmountFile": ("AmountWidth", "unsigned"),
}
"""For each memory that can be loaded: the parameter that says how wide a field is, and whether fields are signed."""

_LOADABLE = (Dense, Conv2d, Requant)
_MODULES = ("hwc_mvu", "hwc_dwu", "hwc_requant")


@dataclass(frozen=True, slots=True)
class LoadedMemory:
    """A RAM. target: its number in LOAD_TARGET; instance: whose it is; layer: of which operator, by its index."""

    target: int
    instance: str
    layer: int
    memory: Memory


@dataclass(frozen=True, slots=True)
class Loading:
    """What is loaded. shape: SHA-256 in hex of all that is not loaded; its first 32 bits are the register SHAPE."""

    memories: tuple[LoadedMemory, ...]
    shape: str

    @property
    def shape_id(self) -> int:
        return int(self.shape[:8], 16)

    def targets(self) -> dict[str, list[LoadedMemory]]:
        """The RAMs of each instance, by its name."""
        found: dict[str, list[LoadedMemory]] = {}
        for loaded in self.memories:
            found.setdefault(loaded.instance, []).append(loaded)
        return found

    def image(self) -> list[tuple[int, int]]:
        """The writes (register address, 32-bit word) that load the model, in order."""
        writes = [(int(Register.SHAPE), self.shape_id)]
        for loaded in self.memories:
            writes.append((int(Register.LOAD_TARGET), loaded.target))
            words = load_words(loaded.memory.make(), loaded.memory.width)
            writes += [(int(Register.LOAD_DATA), word) for word in words]
        return writes


def with_common_shifts(graph: Graph) -> Graph:
    """Each Requant at one of the common shifts, where it fits: constants times a power of two are the same function."""
    ops = tuple(_shifted(op, graph.operands(op)) if isinstance(op, Requant) else op for op in graph.ops)
    return rebuild(graph, ops, graph.values)


def _shifted(op: Requant, operands: Sequence[Value]) -> Requant:
    is_wide = max(value.type.dtype.bits for value in operands) > _NARROW_BITS
    fitting = [shift for shift in (WIDE_SHIFTS if is_wide else NARROW_SHIFTS) if _fits(op, operands, shift - op.shift)]
    if op.shift == 0 or not fitting:
        return op
    up = fitting[0] - op.shift
    negative = op.negative
    if negative is not None:
        negative = NegativeCorrection(negative.bias << up, tuple(a << up for a in negative.amount))
    return replace(
        op,
        mult=tuple(tuple(m << up for m in row) for row in op.mult),
        offset=tuple(r << up for r in op.offset),
        shift=fitting[0],
        negative=negative,
    )


def _fits(op: Requant, operands: Sequence[Value], up: int) -> bool:
    """Whether constants times 2**up have the template's widths, and sums stay within 64 bits."""
    if up < 0:
        return False
    mult = max(abs(m) for row in op.mult for m in row) << up
    constants = [*op.offset, *((op.negative.bias, *op.negative.amount) if op.negative is not None else ())]
    widest = max(abs(c) for c in constants) << up
    reach = sum(max(abs(value.range.min), abs(value.range.max)) for value in operands)
    return mult >> _MULT_BITS == 0 and widest >> _PRODUCT_BITS == 0 and (reach * mult) >> _PRODUCT_BITS == 0


def find_unloadable(graph: Graph) -> list[Problem]:
    """Operators whose weights stay constants of the design, so that another model's cannot be loaded."""
    what = "the weights of an LSTM cannot be loaded"
    return [
        Problem("HWC106", what, str(op.loc), "build with '-O weights=rom'") for op in graph.ops if isinstance(op, Lstm)
    ]


def template_of(graph: Graph) -> Graph:
    """The graph with constants that are loaded as large as its shape lets them be; for designs, not for evaluation."""
    values = dict(graph.values)
    ops: list[Op] = []
    for op in graph.ops:
        operands = [values[name] for name in op.inputs]
        results = op.infer(operands) if not isinstance(op, _LOADABLE) else ()
        made = op
        if isinstance(op, Dense | Conv2d):
            own = (_extreme(operands[1], f"{op.name}.weights"), replace(operands[2], name=f"{op.name}.bias"))
            values |= {value.name: value for value in own}
            made = replace(op, inputs=(op.inputs[0], own[0].name, own[1].name))
            results = (_accumulators(values[op.outputs[0]], operands[0], own[0]),)
        elif isinstance(op, Requant):
            made = _generic(op, [value.range for value in operands])
            results = (Result(values[op.outputs[0]].type, Range.whole(op.lo, op.hi)),)
        values |= {value.name: value for value in results_to_values(op, results)}
        ops.append(made)
    return rebuild(graph, tuple(ops), values)


def _extreme(weights: Value, name: str) -> Value:
    """Weights from end to end of their type."""
    dtype = weights.type.dtype
    data: IntArray = np.full(weights.shape, dtype.max, np.int64)
    data.reshape(-1)[0] = dtype.min
    return Value(name, weights.type, Range.of_type(dtype), data)


def _accumulators(out: Value, x: Value, weights: Value) -> Result:
    """Sums of any weights of the type, with a bit to spare for the bias; and what this graph has."""
    terms = weights.type.size // weights.shape[0]
    largest = terms * max(-x.range.min, x.range.max, 1) * max(-weights.range.min, weights.range.max)
    bits = min(max(largest.bit_length() + 2, _ACC_BITS), out.type.dtype.bits)
    own = out.range.collapsed()
    half = 1 << (bits - 1)
    return Result(out.type, Range.whole(min(-half, own.min), max(half - 1, own.max)))


def _generic(op: Requant, ranges: list[Range]) -> Requant:
    """Constants of full width; without a shift (a sum, a product with a constant) they stay as they are."""
    if op.shift == 0:
        return op
    reach = max(max(-r.min, r.max, 1).bit_length() for r in ranges)
    bits = min(_MULT_BITS, _PRODUCT_BITS - reach - len(ranges).bit_length())
    rows = tuple(_largest(row, (1 << bits) - 1) for row in op.mult)
    largest = max(1 << _OFFSET_BITS, *(abs(r) for r in op.offset))
    offset = (-largest,) + (largest,) * (len(op.offset) - 1)
    negative = op.negative
    if negative is not None and any(negative.amount):
        negative = replace(negative, amount=_largest(negative.amount, (1 << _AMOUNT_BITS) - 1))
    return replace(op, mult=rows, offset=offset, negative=negative)


def _largest(row: tuple[int, ...], least: int) -> tuple[int, ...]:
    """As many entries, all of the row's greatest size or of `least`; negative ones stay so."""
    size = max(least, *(abs(v) for v in row))
    return tuple(-size if v < 0 else size for v in row)


def with_contents(design: Design, template: Graph, graph: Graph) -> tuple[Design, Loading]:
    """The design of `template` with the constants of `graph`, and what of them is loaded.

    Raises:
        HwcompError: HWC421 there are more RAMs than the register file can number; HWC402 a rescale's sums do not fit.
    """
    ranged = {name: value for name, value in template.values.items() if not value.is_constant}
    real = rebuild(graph, graph.ops, dict(graph.values) | ranged)
    folding = design.folding
    plain = build_network(real, design.network.name, folding.choices, input_lanes(template, folding))
    sources = {instance.name: instance for instance in plain.instances}
    instances = tuple(
        _filled(instance, sources[instance.name]) if instance.memories else instance
        for instance in design.network.instances
    )
    network = replace(design.network, instances=instances)
    loaded = [(i.name, i.layer, memory) for i in instances if is_loaded(i, graph) for memory in i.memories]
    if len(loaded) > _MOST_RAMS:
        what = f"{len(loaded)} RAMs would be loaded; the register file numbers {_MOST_RAMS}"
        raise HwcompError("HWC421", what, f"model '{design.network.name}'", "build with '-O weights=rom'")
    memories = tuple(LoadedMemory(target, *rest) for target, rest in enumerate(loaded))
    return replace(design, network=network), Loading(memories, _shape_of(network, {m.memory.name for m in memories}))


def is_loaded(instance: Instance, graph: Graph) -> bool:
    """Whether the instance has the constants of a Dense, Conv2d or Requant."""
    return instance.module in _MODULES and instance.layer >= 0 and isinstance(graph.ops[instance.layer], _LOADABLE)


def _filled(instance: Instance, source: Instance) -> Instance:
    """The instance with the words of `source`, each field as wide as the instance has it."""
    if "AccWidth" in source.parameters and source.number("AccWidth") > instance.number("AccWidth"):
        what = f"a sum needs {source.number('AccWidth')} bits; a loadable design has {instance.number('AccWidth')}"
        raise HwcompError("HWC402", what, f"instance '{instance.name}'", "build with '-O weights=rom'")
    memories: list[Memory] = []
    for memory, words in zip(instance.memories, source.memories, strict=True):
        assert memory.depth == words.depth, f"{memory.name}: {words.depth} words, not {memory.depth}"
        memories.append(replace(memory, make=words.make))
        if memory.width != words.width or memory.parameter == "MultFile":
            memories[-1] = _repacked(memory, instance, words, source)
    return replace(instance, memories=tuple(memories))


def _repacked(memory: Memory, instance: Instance, words: Memory, source: Instance) -> Memory:
    width, sign = _FIELDS[memory.parameter]
    old, new = source.number(width), instance.number(width)
    signed = sign == "signed" or (sign == "MultSigned" and source.number(sign) == 1)
    assert words.width * new == memory.width * old, f"{memory.name}: fields of another number"

    def make() -> list[int]:
        return [
            join_fields([(_field(word, at, old, signed), new) for at in range(0, words.width, old)])
            for word in words.make()
        ]

    return replace(memory, make=make)


def _field(word: int, at: int, bits: int, signed: bool) -> int:
    value = (word >> at) & ((1 << bits) - 1)
    return value - (1 << bits) if signed and value >> (bits - 1) else value


def _shape_of(network: Network, loaded: set[str]) -> str:
    """The digest of everything but the words of the RAMs: modules, parameters, streams, memories, constants."""
    digest = hashlib.sha256()

    def say(*parts: object) -> None:
        digest.update(("\t".join(str(part) for part in parts) + "\n").encode())

    for edge in (*network.inputs, *network.outputs):
        say("edge", edge.stream)
    for stream in network.streams.values():
        say("stream", stream.name, stream.lanes, stream.element, stream.beats)
    for instance in network.instances:
        say("instance", instance.module, *_sorted(instance.parameters))
        for port in instance.ports:
            say("port", port.prefix, *port.streams)
        for memory in instance.memories:
            say("memory", memory.parameter, memory.width, memory.depth)
            if memory.name not in loaded:
                say("words", *memory.make())
    return digest.hexdigest()


def _sorted(parameters: Mapping[str, object]) -> list[str]:
    return [f"{name}={parameters[name]}" for name in sorted(parameters)]
