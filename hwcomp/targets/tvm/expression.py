"""Integer expressions of 32 or 64 bits, as TVMScript spells them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_INT32 = 1 << 31


@dataclass(frozen=True, slots=True)
class Term:
    """An expression of type int64 (`wide`) or int32; Python's operators write TVMScript.

    An int beside a term gets the term's type; of two terms the narrower is cast.
    """

    text: str
    wide: bool = False

    def widened(self) -> Term:
        """The same value in int64."""
        return self if self.wide else Term(f'T.Cast("int64", {self.text})', True)

    def narrowed(self) -> Term:
        """The same value in int32; its range must allow it."""
        return Term(f'T.Cast("int32", {self.text})') if self.wide else self

    def __add__(self, other: Term | int) -> Term:
        return self if other == 0 else self._with(other, "+")

    def __sub__(self, other: Term | int) -> Term:
        return self if other == 0 else self._with(other, "-")

    def __mul__(self, other: Term | int) -> Term:
        return self if other == 1 else self._with(other, "*")

    def __and__(self, other: Term | int) -> Term:
        return self._call("T.bitwise_and", other)

    def __rshift__(self, other: Term | int) -> Term:
        """Arithmetic shift."""
        return self if other == 0 else self._call("T.shift_right", other)

    def __lshift__(self, other: Term | int) -> Term:
        return self if other == 0 else self._call("T.shift_left", other)

    def at_least(self, other: Term | int) -> Term:
        """max(self, other)."""
        return self._call("T.max", other)

    def at_most(self, other: Term | int) -> Term:
        """min(self, other)."""
        return self._call("T.min", other)

    def compared(self, sign: str, other: Term | int) -> str:
        """A condition, such as `self < other`."""
        a, b = _alike(self, other)
        return f"({a.text} {sign} {b.text})"

    def _with(self, other: Term | int, sign: str) -> Term:
        a, b = _alike(self, other)
        return Term(f"({a.text} {sign} {b.text})", a.wide)

    def _call(self, function: str, other: Term | int) -> Term:
        a, b = _alike(self, other)
        return Term(f"{function}({a.text}, {b.text})", a.wide)


def literal(value: int, wide: bool) -> Term:
    """A constant."""
    assert wide or -_INT32 <= value < _INT32, value
    kind = "int64" if wide else "int32"
    return Term(f"T.{kind}({value})", wide)


def select(condition: str, a: Term | int, b: Term | int, wide: bool = False) -> Term:
    """`a` where `condition` holds, else `b`; both are computed."""
    left = a if isinstance(a, Term) else literal(a, b.wide if isinstance(b, Term) else wide)
    one, two = _alike(left, b)
    return Term(f"T.Select({condition}, {one.text}, {two.text})", one.wide)


def either(condition: str, a: Term, b: Term | int) -> Term:
    """`a` where `condition` holds, else `b`; `a` is not computed (nor read) elsewhere."""
    one, two = _alike(a, b)
    return Term(f"T.if_then_else({condition}, {one.text}, {two.text})", one.wide)


def both(*conditions: str) -> str:
    """The conjunction; "" of none."""
    kept = [c for c in conditions if c]
    text = kept[0] if kept else ""
    for condition in kept[1:]:
        text = f"T.And({text}, {condition})"
    return text


def _alike(a: Term, b: Term | int) -> tuple[Term, Term]:
    if isinstance(b, int):
        return a, literal(b, a.wide)
    return (a.widened(), b.widened()) if a.wide != b.wide else (a, b)


Let = Callable[[str, Term], Term]
"""Gives an expression a name: `let("p", term)` is a term of one word."""
