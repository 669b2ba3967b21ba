"""The verifier: what every graph must be after every pass. Valid in, valid out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import cast

import numpy as np

from hwcomp.ir.graph import Graph, Level
from hwcomp.ir.op import Op
from hwcomp.ir.ops import KINDS, OPERANDS, QUANT_ONLY
from hwcomp.ir.ops.dot import Conv2d, Dense
from hwcomp.ir.ops.reduce import SumPool2d
from hwcomp.ir.ops.requant import Requant
from hwcomp.ir.ops.state import StateRead, StateWrite
from hwcomp.ir.types import S64, IntArray, IntType, Range, Value


class InvalidGraph(Exception):  # noqa: N818  what it says is the graph's state, not the user's error
    """A pass left a graph that breaks the rules: our mistake, never the user's."""

    def __init__(self, pass_name: str, problems: Sequence[str]) -> None:
        super().__init__(f"after {pass_name}: " + "; ".join(problems))
        self.pass_name = pass_name
        self.problems = tuple(problems)


def require_valid(graph: Graph, pass_name: str, certificates: bool = True) -> None:
    """Raise `InvalidGraph` with every problem that `find_problems` has."""
    problems = find_problems(graph, certificates)
    if problems:
        raise InvalidGraph(pass_name, problems)


def find_problems(graph: Graph, certificates: bool = True) -> list[str]:
    """All rules that `graph` breaks, one line each.

    `certificates = False` is the explicit flag of a graph whose Requants nobody proved: read from text, made by a test.
    """
    problems = [*_of_ports(graph), *_of_values(graph), *_of_order(graph), *_of_states(graph)]
    for op in graph.ops:
        problems += [f"{KINDS.get(type(op), type(op).__name__)} '{op.name}': {line}" for line in _of_op(graph, op)]
        if certificates and isinstance(op, Requant) and graph.level is Level.INTEGER and op.certificate is None:
            problems.append(f"requant '{op.name}': no certificate")
    return problems


def _of_ports(graph: Graph) -> Iterator[str]:
    for ports, kind in ((graph.inputs, "input"), (graph.outputs, "output")):
        for name, count in Counter(port.name for port in ports).items():
            if count > 1:
                yield f"{count} {kind}s are named '{name}'"
        for port in ports:
            if port.value not in graph.values:
                yield f"{kind} '{port.name}' names the unknown value '{port.value}'"
            elif kind == "input" and graph.values[port.value].is_constant:
                yield f"input '{port.name}' is a constant"
    for value, count in Counter(port.value for port in graph.inputs).items():
        if count > 1:
            yield f"{count} inputs define '{value}'"


def _of_values(graph: Graph) -> Iterator[str]:
    for key, value in graph.values.items():
        if key != value.name:
            yield f"value '{value.name}' is kept under the name '{key}'"
        yield from (f"value '{key}': {line}" for line in _of_value(value))


def _of_value(value: Value) -> Iterator[str]:
    bounds, shape = value.range, value.shape
    if any(size < 1 for size in shape):
        yield f"shape {shape} is not positive"
    if not bounds.fits(value.type.dtype):
        yield f"range {bounds} does not fit {value.type.dtype}"
    if len(bounds.lo) != 1 and (not shape or len(bounds.lo) != shape[-1]):
        yield f"{len(bounds.lo)} channels of range for shape {shape}"
    elif value.data is not None:
        if value.data.shape != shape or value.data.dtype != np.int64:
            yield f"data is {value.data.dtype} {value.data.shape}, not int64 {shape}"
        elif value.data.size and ((value.data < np.array(bounds.lo)) | (value.data > np.array(bounds.hi))).any():
            yield f"data leaves the range {bounds}"


def _of_order(graph: Graph) -> Iterator[str]:
    """Single assignment; every operand is defined before it is read; every value is defined by someone."""
    defined = {value.name for value in graph.constants()} | {port.value for port in graph.inputs}
    for op in graph.ops:
        for name in (name for name in op.inputs if name not in defined):
            unknown = name not in graph.values
            yield f"'{op.name}' reads '{name}' {'that is unknown' if unknown else 'before it is defined'}"
        for name in op.outputs:
            if name not in graph.values:
                yield f"'{op.name}' defines '{name}', which has no type"
            if name in defined:
                yield f"'{name}' is defined twice"
            defined.add(name)
    yield from (f"nothing defines '{name}'" for name in graph.values if name not in defined)


def _of_states(graph: Graph) -> Iterator[str]:
    writes = Counter(op.state for op in graph.ops if isinstance(op, StateWrite))
    for name, state in graph.states.items():
        if state.name != name:
            yield f"state '{state.name}' is kept under the name '{name}'"
        if writes[name] != 1:
            yield f"state '{name}' is written {writes[name]} times, not once"
        if len(state.initial) not in (1, state.type.size):
            yield f"state '{name}' has {len(state.initial)} initial values for {state.type.size} elements"
        if not Range.whole(min(state.initial), max(state.initial)).fits(state.type.dtype):
            yield f"state '{name}' starts outside of {state.type.dtype}"
    for op in graph.ops:
        if isinstance(op, StateRead | StateWrite):
            if op.state not in graph.states:
                yield f"'{op.name}' names the undeclared state '{op.state}'"
                continue
            moved = op.type if isinstance(op, StateRead) else graph.values[op.inputs[0]].type
            if moved != graph.states[op.state].type:
                yield f"'{op.name}' moves {moved}, state '{op.state}' is {graph.states[op.state].type}"


def _of_op(graph: Graph, op: Op) -> list[str]:
    kind = type(op)
    if kind not in KINDS:
        return ["the operator is not in the table"]
    if graph.level is Level.INTEGER:
        if kind in QUANT_ONLY:
            return ["the operator may not stand at level integer"]
        floats = sorted({place for f in fields(op) for place in _floats(getattr(op, f.name), f.name)})
        if floats:
            return [f"a float or a function is reachable: {', '.join(floats)}"]
    if any(name not in graph.values for name in (*op.inputs, *op.outputs)):
        return []  # said by `_of_order`
    counts = OPERANDS[kind]
    if (counts is not None and len(op.inputs) not in counts) or (counts is None and not op.inputs):
        return [f"{len(op.inputs)} operands"]
    operands = graph.operands(op)
    return op.verify(operands) or [*_of_results(graph, op, operands), *_of_widths(graph, op, operands)]


def _of_results(graph: Graph, op: Op, operands: Sequence[Value]) -> Iterator[str]:
    results = op.infer(operands)
    if len(results) != len(op.outputs):
        yield f"{len(op.outputs)} outputs for {len(results)} results"
        return
    for name, result in zip(op.outputs, results, strict=True):
        value = graph.values[name]
        if value.shape != result.type.shape:
            yield f"'{name}' has shape {value.shape}, not {result.type.shape}"
        elif not _holds(value.type.dtype, result.type.dtype):
            yield f"'{name}' is {value.type.dtype}, narrower than {result.type.dtype}"
        elif not contains(value.range, result.range, value.shape):
            yield f"range {value.range} of '{name}' does not contain {result.range}"


def _holds(outer: IntType, inner: IntType) -> bool:
    return outer.min <= inner.min and inner.max <= outer.max


def contains(outer: Range, inner: Range, shape: Sequence[int]) -> bool:
    """Whether every channel's `inner` interval lies in the `outer` one."""
    channels = shape[-1] if shape else 1
    (lo, hi), (low, high) = outer.channels(channels), inner.channels(channels)
    return bool((lo <= low).all() and (high <= hi).all())


def _of_widths(graph: Graph, op: Op, operands: Sequence[Value]) -> Iterator[str]:
    """Accumulators hold their partial sums, products fit 64 bits, pad values fit the padded type."""
    if isinstance(op, Conv2d | Dense):
        dtype, partial = graph.values[op.outputs[0]].type.dtype, op.partial_range(operands)
        if not partial.fits(dtype):
            yield f"partial sums in {partial.collapsed()} do not fit the {dtype} accumulator"
    if isinstance(op, Conv2d | SumPool2d):
        dtype = operands[0].type.dtype
        if any(op.padding) and not dtype.min <= op.pad_value <= dtype.max:
            yield f"pad value {op.pad_value} does not fit {dtype}"
    if isinstance(op, Requant):
        lo, hi = op.accumulator_bounds(operands)
        if op.negative is not None:
            lo -= max(op.negative.amount)
            if min(op.negative.amount) < 0 or len(op.negative.amount) not in (1, op.channels):
                yield "the negative correction has amounts below 0, or not one a channel"
        if lo < S64.min or hi > S64.max:
            yield f"the products lie in [{lo}, {hi}], more than 64 bits"


def _floats(item: object, place: str) -> Iterator[str]:
    """Places below a field where something else than integers, text and their records can be reached."""
    if item is None or isinstance(item, str | bool | int | Enum):
        return
    if isinstance(item, np.ndarray):
        if cast("IntArray", item).dtype.kind not in "iu":
            yield place
    elif isinstance(item, tuple):
        for part in cast("tuple[object, ...]", item):
            yield from _floats(part, place)
    elif is_dataclass(item) and not callable(item):
        for field in fields(item):
            yield from _floats(getattr(item, field.name), f"{place}.{field.name}")
    elif not isinstance(item, np.integer):
        yield place
