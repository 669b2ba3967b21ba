"""`Graph`: operators in execution order and the values they connect; and its interpreter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from hwcomp.ir.fast_dot import evaluate_fast
from hwcomp.ir.op import Op
from hwcomp.ir.ops.state import StateRead, StateWrite
from hwcomp.ir.types import IntArray, Location, Result, TensorType, Value
from hwcomp.support.border import BorderStep, Rounding


class Level(Enum):
    """What may stand in a graph: QUANT has Rescale (the source's arithmetic), INTEGER has integers alone."""

    QUANT = "quant"
    INTEGER = "integer"


@dataclass(frozen=True, slots=True)
class Quantizer:
    """Real value = (q - zero_point) * scale: how a graph's input or output stands for the model's own numbers.

    `source_dtype` is the array type of the model's own port: "float32", "int8" ... The scale is only carried along: no
    operator reads it. `steps`: what the model computes in float32 before it quantises this input, or after it has
    dequantised this output. `rounding`, `lo` and `hi`: of an input; where they are None its type's limits clamp.
    """

    scale: float
    zero_point: int
    source_dtype: str
    steps: tuple[BorderStep, ...] = ()
    rounding: Rounding = Rounding.LINEAR
    lo: int | None = None
    hi: int | None = None


@dataclass(frozen=True, slots=True)
class Port:
    """An input or an output of the model: the user's name for it, the value, and the border quantiser if any."""

    name: str
    value: str
    quantizer: Quantizer | None = None


@dataclass(frozen=True, slots=True)
class State:
    """A tensor kept from one inference to the next; `initial` fills it at reset: one value, or one for each element."""

    name: str
    type: TensorType
    initial: tuple[int, ...]

    def reset(self) -> IntArray:
        flat = np.array(self.initial, np.int64)
        return np.broadcast_to(flat, (self.type.size,)).reshape(self.type.shape).copy()


@dataclass(frozen=True, slots=True)
class Graph:
    """A network. `ops` are in execution order; `values` holds every value by name, constants with their data."""

    name: str
    level: Level
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    ops: tuple[Op, ...]
    values: Mapping[str, Value]
    states: Mapping[str, State] = field(default_factory=dict[str, State])
    reference: str = ""

    def operands(self, op: Op) -> tuple[Value, ...]:
        return tuple(self.values[name] for name in op.inputs)

    def producer(self) -> dict[str, Op]:
        """The operator that makes each value."""
        return {out: op for op in self.ops for out in op.outputs}

    def consumers(self) -> dict[str, list[Op]]:
        """The operators that read each value, in order; every value has an entry."""
        readers: dict[str, list[Op]] = {name: [] for name in self.values}
        for op in self.ops:
            for name in dict.fromkeys(op.inputs):
                readers[name].append(op)
        return readers

    def constants(self) -> Iterator[Value]:
        return (value for value in self.values.values() if value.is_constant)

    def location_of(self, value: str) -> Location:
        for op in self.ops:
            if value in op.outputs:
                return op.loc
        return Location(self.name, value, "Input")


class Interpreter:
    """Runs a graph one inference at a time, states kept in between: the meaning that every target is compared with."""

    def __init__(self, graph: Graph, fast: bool = False) -> None:
        """`fast` lets dot operators run through `ir/fast_dot.py`: the same integers, tested equal."""
        self.graph = graph
        self.fast = fast
        self.state: dict[str, IntArray] = {}
        self.reset()

    def reset(self) -> None:
        self.state = {name: state.reset() for name, state in self.graph.states.items()}

    def run(self, inputs: Mapping[str, IntArray]) -> dict[str, IntArray]:
        """Evaluate one inference.

        Args:
            inputs: for each input port's name, integers of the port's value's shape.

        Returns every value of the graph by name (int64); of constants only those that are outputs.
        """
        graph = self.graph
        env: dict[str, IntArray] = {v.name: v.data for v in graph.constants() if v.data is not None}
        hidden = set(env) - {port.value for port in graph.outputs}
        for port in graph.inputs:
            array = np.asarray(inputs[port.name], np.int64)
            if array.shape != graph.values[port.value].shape:
                raise ValueError(f"input {port.name}: shape {array.shape}, not {graph.values[port.value].shape}")
            env[port.value] = array
        written: dict[str, IntArray] = {}
        for op in graph.ops:
            if isinstance(op, StateRead):
                env[op.outputs[0]] = self.state[op.state]
            elif isinstance(op, StateWrite):
                written[op.state] = env[op.inputs[0]]
            else:
                operands = [env[name] for name in op.inputs]
                found = evaluate_fast(op, graph.operands(op), operands) if self.fast else None
                results = op.evaluate(*operands) if found is None else found
                env.update(zip(op.outputs, results, strict=True))
        self.state.update(written)
        return {name: array for name, array in env.items() if name not in hidden}


def rebuild(graph: Graph, ops: tuple[Op, ...], values: Mapping[str, Value], level: Level | None = None) -> Graph:
    """A graph with other operators; values that nothing names any more are dropped."""
    used = {name for op in ops for name in (*op.inputs, *op.outputs)}
    used |= {port.value for port in (*graph.inputs, *graph.outputs)}
    kept = {name: value for name, value in values.items() if name in used}
    return Graph(
        graph.name, level or graph.level, graph.inputs, graph.outputs, ops, kept, graph.states, graph.reference
    )


def results_to_values(op: Op, results: tuple[Result, ...]) -> list[Value]:
    """Name an operator's inferred results."""
    return [Value(name, r.type, r.range) for name, r in zip(op.outputs, results, strict=True)]
