"""Reads what `printer.to_text` wrote: `parse(to_text(g)) == g` for every graph whose operators hold integers alone."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import cast

import numpy as np

from hwcomp.ir.certificate import Certificate, ListedException, Verdict
from hwcomp.ir.dyadic import NegativeCorrection, Tie
from hwcomp.ir.graph import Graph, Level, Port, Quantizer, State
from hwcomp.ir.lexer import Cursor, TextError
from hwcomp.ir.op import Op
from hwcomp.ir.ops import OPS
from hwcomp.ir.ops.layout import DepthOrder
from hwcomp.ir.printer import word_type
from hwcomp.ir.types import S64, IntArray, IntType, Location, Range, TensorType, Value
from hwcomp.support.border import BorderOperator, BorderStep, Rounding

RECORDS: dict[str, Callable[..., object]] = {
    cls.__name__: cls for cls in (NegativeCorrection, Certificate, ListedException, BorderStep)
}
"""Records that may stand in a field, by the name they print under."""

WORDS: dict[str, object] = {
    "true": True,
    "false": False,
    "none": None,
    **{member.value: member for member in (*Tie, *DepthOrder, *Verdict, *Level, *Rounding, *BorderOperator)},
}
"""Words that may stand in a field; no two enumerations share one."""


def parse(text: str) -> Graph:
    """The graph that `text` describes. It is not verified. Raises `TextError` where the text is malformed."""
    return _Parser(text).graph()


class _Parser:
    def __init__(self, text: str) -> None:
        self.at = Cursor(text)
        self.values: dict[str, Value] = {}
        self.states: dict[str, State] = {}
        self.inputs: list[Port] = []
        self.outputs: list[Port] = []
        self.ops: list[Op] = []

    def graph(self) -> Graph:
        self.at.mark("graph")
        name, head = self.at.expect("value"), self.fields()
        level, reference = head.get("level"), head.get("reference")
        if not isinstance(level, Level) or not isinstance(reference, str):
            raise TextError(f"graph {name}: level and reference wanted")
        self.at.mark("{")
        while not self.at.accept("}"):
            self.statement()
        if self.at.peek.kind != "end":
            raise self.at.fail("the end")
        return Graph(
            name, level, tuple(self.inputs), tuple(self.outputs), tuple(self.ops), self.values, self.states, reference
        )

    def statement(self) -> None:
        if self.at.accept("input"):
            name, type_, bounds = self.at.expect("value"), *self.typed()
            self.values[name] = Value(name, type_, bounds)
            self.inputs.append(self.port(name))
        elif self.at.accept("output"):
            self.outputs.append(self.port(self.at.expect("value")))
        elif self.at.accept("state"):
            self.state()
        elif self.at.accept("const"):
            self.constant()
        else:
            self.op()

    def port(self, value: str) -> Port:
        fields = self.fields()
        keys = ("port", "scale", "zero_point", "source_dtype")
        name, scale, zero, source = (fields.pop(key, None) for key in keys)
        if not isinstance(name, str):
            raise self.at.fail("a port's name before this")
        if scale is None:
            return Port(name, value)
        if not isinstance(scale, float) or not isinstance(zero, int) or not isinstance(source, str):
            raise self.at.fail("scale, zero_point and source_dtype before this")
        steps, rounding = fields.pop("steps", ()), fields.pop("rounding", Rounding.LINEAR)
        lo, hi = (item if isinstance(item := fields.pop(key, None), int) else None for key in ("lo", "hi"))
        if not isinstance(steps, tuple) or not isinstance(rounding, Rounding) or fields:
            raise self.at.fail("steps, rounding, lo and hi before this")
        found = tuple(step for step in cast("tuple[object, ...]", steps) if isinstance(step, BorderStep))
        return Port(name, value, Quantizer(scale, zero, source, found, rounding, lo, hi))

    def state(self) -> None:
        name = self.at.expect("value")
        self.at.mark(":")
        type_, initial = self.type(), self.fields().get("initial")
        if not isinstance(type_, TensorType) or not isinstance(initial, tuple):
            raise self.at.fail(f"type and initial values of state {name} before this")
        elements = cast("tuple[object, ...]", initial)
        self.states[name] = State(name, type_, tuple(item for item in elements if isinstance(item, int)))

    def constant(self) -> None:
        name, type_, bounds = self.at.expect("value"), *self.typed()
        self.at.mark("=")
        self.values[name] = Value(name, type_, bounds, self.array(type_.shape, type_.dtype))

    def op(self) -> None:
        outputs = self.names("=") if self.at.peek.kind == "value" else []
        kind = self.at.expect("word")
        if kind not in OPS:
            raise TextError(f"line {self.at.peek.line}: no operator is named '{kind}'")
        self.at.mark("(")
        operands, fields = self.names(")"), self.fields()
        if outputs:
            self.at.mark(":")
        for position, output in enumerate(outputs):
            if position:
                self.at.mark(",")
            self.result(output)
        name = str(fields.pop("name", ""))
        make = cast("Callable[..., Op]", OPS[kind])
        try:
            op = make(name=name, inputs=tuple(operands), outputs=tuple(outputs), loc=self.location(), **fields)
        except TypeError as error:
            raise TextError(f"line {self.at.peek.line}: {error}") from None
        self.ops.append(op)

    def result(self, name: str) -> None:
        type_, bounds = self.type_and_range()
        self.values[name] = Value(name, type_, bounds)

    def names(self, end: str) -> list[str]:
        """Values with commas between, up to and including the mark `end`."""
        names: list[str] = []
        while not self.at.accept(end):
            if names:
                self.at.mark(",")
            names.append(self.at.expect("value"))
        return names

    def location(self) -> Location:
        if not self.at.accept("loc"):
            return Location("", "", "")
        self.at.mark("(")
        source = self.at.expect("string")
        self.at.mark(",")
        node = self.at.expect("string")
        self.at.mark(",")
        op_type = self.at.expect("string")
        self.at.mark(")")
        return Location(source, node, op_type)

    def typed(self) -> tuple[TensorType, Range]:
        self.at.mark(":")
        return self.type_and_range()

    def type_and_range(self) -> tuple[TensorType, Range]:
        type_ = self.type()
        if not isinstance(type_, TensorType):
            raise self.at.fail("a shape")
        self.at.mark("in")
        return type_, self.range()

    def type(self) -> IntType | TensorType:
        """`s8`, or `s8[2,3]`."""
        word = self.at.expect("word")
        try:
            dtype = IntType.parse(word)
        except ValueError as error:
            raise TextError(f"line {self.at.peek.line}: {error}") from None
        return TensorType(self.integers("]"), dtype) if self.at.accept("[") else dtype

    def integers(self, end: str) -> tuple[int, ...]:
        """Integers with commas between, up to and including the mark `end`."""
        found: list[int] = []
        while not self.at.accept(end):
            if found:
                self.at.mark(",")
            found.append(self.at.integer())
        return tuple(found)

    def range(self) -> Range:
        """`[lo, hi]`, or a `lo..hi` for each channel."""
        self.at.mark("[")
        lo = [self.at.integer()]
        hi: list[int] = []
        if self.at.accept(","):
            hi.append(self.at.integer())
            self.at.mark("]")
            return Range((lo[0],), (hi[0],))
        self.at.mark("..")
        hi.append(self.at.integer())
        while not self.at.accept("]"):
            self.at.mark(",")
            lo.append(self.at.integer())
            self.at.mark("..")
            hi.append(self.at.integer())
        return Range(tuple(lo), tuple(hi))

    def fields(self) -> dict[str, object]:
        """`{name = item, ...}`, or nothing."""
        return self.assignments("}") if self.at.accept("{") else {}

    def assignments(self, end: str) -> dict[str, object]:
        found: dict[str, object] = {}
        while not self.at.accept(end):
            if found:
                self.at.mark(",")
            name = self.at.expect("word")
            self.at.mark("=")
            found[name] = self.item()
        return found

    def item(self) -> object:
        token = self.at.peek
        if token.kind == "number":
            return self.number(self.at.next().text)
        if token.kind == "string":
            return self.at.next().text
        if self.at.accept("["):
            return self.list_or_array()
        if token.kind == "word" and token.text in WORDS:
            return WORDS[self.at.next().text]
        if token.kind == "word" and token.text in RECORDS:
            make = RECORDS[self.at.next().text]
            self.at.mark("(")
            return self.record(make)
        return self.type()

    def record(self, make: Callable[..., object]) -> object:
        """The fields of a record, behind its opening parenthesis."""
        line = self.at.peek.line
        try:
            return make(**self.assignments(")"))
        except TypeError as error:
            raise TextError(f"line {line}: {error}") from None

    def number(self, text: str) -> int | float:
        return int(text) if text.lstrip("-").isdigit() else float(text)

    def list_or_array(self) -> object:
        """`[item, ...]` is a tuple; `[shape] : dense<...>` an int64 array."""
        found: list[object] = []
        while not self.at.accept("]"):
            if found:
                self.at.mark(",")
            found.append(self.item())
        if not self.at.accept(":"):
            return tuple(found)
        return self.array(tuple(size for size in found if isinstance(size, int)), S64)

    def array(self, shape: tuple[int, ...], dtype: IntType) -> IntArray:
        """`dense<1, 2>` or `dense<b64 "...">`, int64 of `shape`."""
        self.at.mark("dense")
        self.at.mark("<")
        if self.at.accept("b64"):
            data = _decode(self.at.expect("string"), dtype)
            self.at.mark(">")
        else:
            data = np.array(self.integers(">"), np.int64)
        if data.size != np.prod(shape, dtype=np.int64):
            raise TextError(f"line {self.at.peek.line}: {data.size} elements do not fill shape {shape}")
        return data.reshape(shape)


def _decode(text: str, dtype: IntType) -> IntArray:
    try:
        return np.frombuffer(base64.b64decode(text, validate=True), word_type(dtype)).astype(np.int64)
    except (binascii.Error, ValueError) as error:
        raise TextError(f"a constant's base64: {error}") from None
