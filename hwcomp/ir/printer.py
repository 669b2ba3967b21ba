"""A graph as text that a person can read and `parser.parse` turns back into an equal graph.

    graph @mlp {level = integer, reference = "onnx"} {
      input %x : s8[1,16] in [-128, 127] {port = "input"}
      const @w0 : s8[8,16] in [-3, 4] = dense<b64 "...">
      %1 = requant(%0) {mult = [[1321]], offset = [65536], shift = 17} : u8[1,8] in [0, 255]  // proved: onnx
      output %1 {port = "output"}
    }

A field that has its default is left out. Names that are no plain words are quoted as JSON does it.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from enum import Enum
from typing import cast

import numpy as np

from hwcomp.ir.graph import Graph, Port, State
from hwcomp.ir.op import Op
from hwcomp.ir.ops import KINDS
from hwcomp.ir.ops.requant import Requant, Rescale
from hwcomp.ir.types import IntArray, IntType, Range, TensorType, Value

PLAIN_NAME = re.compile(r"[A-Za-z0-9_.]+")
_COMMON = ("name", "inputs", "outputs", "loc")


@dataclass(frozen=True, slots=True)
class PrintOptions:
    """How much is printed.

    inline: constants of at most so many elements are written as numbers, larger ones as base64 of little-endian words;
    elide: write `elided` for larger ones (such a text does not parse); locations, certificates: print them.
    """

    inline: int = 64
    elide: bool = False
    locations: bool = True
    certificates: bool = False


def to_text(graph: Graph, options: PrintOptions | None = None) -> str:
    """`graph` as text, ending in a newline."""
    return _Printer(graph, options or PrintOptions()).text()


def quote_name(name: str) -> str:
    """`name` where it is a plain word, else a JSON string."""
    return name if PLAIN_NAME.fullmatch(name) else json.dumps(name)


class _Printer:
    """Holds the graph, since a value's sigil depends on it: `@` before constants, `%` before all others."""

    def __init__(self, graph: Graph, options: PrintOptions) -> None:
        self.graph = graph
        self.options = options

    def text(self) -> str:
        graph = self.graph
        fields = f"level = {graph.level.value}, reference = {json.dumps(graph.reference)}"
        head = f"graph @{quote_name(graph.name)} {{{fields}}} {{"
        lines = [
            *(self.input(port) for port in graph.inputs),
            *(self.state(state) for state in graph.states.values()),
            *(self.constant(value) for value in graph.constants()),
            *(self.op(op) for op in graph.ops),
            *(f"output {self.name(port.value)}{self.port(port)}" for port in graph.outputs),
        ]
        return "\n".join([head, *(f"  {line}" for line in lines), "}", ""])

    def name(self, value: str) -> str:
        known = self.graph.values.get(value)
        return f"{'@' if known is not None and known.is_constant else '%'}{quote_name(value)}"

    def typed(self, value: str) -> str:
        known = self.graph.values[value]
        return f"{known.type} in {known.range}"

    def input(self, port: Port) -> str:
        return f"input {self.name(port.value)} : {self.typed(port.value)}{self.port(port)}"

    def port(self, port: Port) -> str:
        items = [f"port = {json.dumps(port.name)}"]
        if port.quantizer is not None:
            items += self.fields(port.quantizer)
        return f" {{{', '.join(items)}}}"

    def state(self, state: State) -> str:
        return f"state @{quote_name(state.name)} : {state.type} {{initial = {self.item(state.initial)}}}"

    def constant(self, value: Value) -> str:
        assert value.data is not None
        data = self.array(value.data, value.type.dtype)
        return f"const {self.name(value.name)} : {value.type} in {value.range} = {data}"

    def op(self, op: Op) -> str:
        results = ", ".join(self.name(name) for name in op.outputs)
        operands = ", ".join(self.name(name) for name in op.inputs)
        items = [f"name = {json.dumps(op.name)}"] if op.name else []
        items += self.fields(op, _COMMON if self.options.certificates else (*_COMMON, "certificate"))
        types = ", ".join(self.typed(name) for name in op.outputs)
        return "".join(
            [
                f"{results} = " if results else "",
                f"{KINDS[type(op)]}({operands})",
                f" {{{', '.join(items)}}}" if items else "",
                f" : {types}" if types else "",
                self.location(op),
                self.comment(op),
            ]
        )

    def location(self, op: Op) -> str:
        if not self.options.locations:
            return ""
        return f" loc({json.dumps(op.loc.source)}, {json.dumps(op.loc.node)}, {json.dumps(op.loc.op_type)})"

    def comment(self, op: Op) -> str:
        """What is proved about a rescale; the parser skips it."""
        if isinstance(op, Rescale):
            return f"  // source: {op.step.reference}"
        if isinstance(op, Requant) and op.certificate is not None:
            cert = op.certificate
            count = f", {cert.exception_count} exceptions" if cert.exception_count else ""
            return f"  // {cert.verdict.value}: {cert.reference}{count}"
        return ""

    def fields(self, record: object, skip: Iterable[str] = ()) -> list[str]:
        """`field = item` for each field of a dataclass that differs from its default."""
        assert is_dataclass(record)
        shown: list[str] = []
        for field in fields(record):
            item: object = getattr(record, field.name)
            if field.name not in skip and not _is_default(field, item):
                shown.append(f"{field.name} = {self.item(item)}")
        return shown

    def item(self, item: object) -> str:
        """A field's content: a number, text, word, list, type, array or record."""
        if isinstance(item, tuple):
            parts = cast("tuple[object, ...]", item)
            return f"[{', '.join(self.item(part) for part in parts)}]"
        if isinstance(item, np.ndarray):
            return self.loose_array(cast("IntArray", item))
        if is_dataclass(item) and not isinstance(item, IntType | TensorType | Range):
            return f"{type(item).__name__}({', '.join(self.fields(item))})"
        return _scalar(item)

    def loose_array(self, data: IntArray) -> str:
        """An array that brings its own shape: `dense<[3] : ...>`; arrays of floats are those of a `Step`."""
        shape = f"[{','.join(map(str, data.shape))}]"
        if data.dtype.kind not in "iu":
            return f"{data.dtype}<{shape} : {', '.join(map(repr, data.ravel().tolist()))}>"
        return f"{shape} : {self.array(data, IntType(64, True))}"

    def array(self, data: IntArray, dtype: IntType) -> str:
        """`dense<1, 2, 3>`, or base64 of the smallest little-endian words that hold the type."""
        if data.size <= self.options.inline:
            return f"dense<{', '.join(map(str, data.ravel().tolist()))}>"
        if self.options.elide:
            return "dense<elided>"
        return f'dense<b64 "{base64.b64encode(data.astype(word_type(dtype)).tobytes()).decode("ascii")}">'


def word_type(dtype: IntType) -> np.dtype[np.integer]:
    """The little-endian machine integer that base64 constants of `dtype` are written in."""
    width = next(bits for bits in (8, 16, 32, 64) if bits >= dtype.bits)
    word: np.dtype[np.integer] = np.dtype(f"<{'i' if dtype.signed else 'u'}{width // 8}")
    return word


def _scalar(item: object) -> str:
    """A field's content that has no parts."""
    match item:
        case None:
            return "none"
        case Enum():
            return str(item.value)
        case bool():
            return "true" if item else "false"
        case float():
            return repr(float(item))
        case str():
            return json.dumps(item)
        case int() | np.integer() | IntType() | TensorType() | Range():
            return str(item)
        case np.floating():
            return repr(float(item))
        case _:
            raise TypeError(f"{type(item).__name__} has no text")


def _is_default(field: Field[object], item: object) -> bool:
    if field.default is not MISSING:
        return item is field.default or (type(item) is type(field.default) and bool(item == field.default))
    return field.default_factory is not MISSING and item == field.default_factory()
