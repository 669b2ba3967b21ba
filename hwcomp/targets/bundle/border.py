"""A port's border for the manifest, and in a sentence for the headers."""

from __future__ import annotations

from hwcomp.ir.graph import Port, Quantizer
from hwcomp.support import manifest
from hwcomp.support.border import BorderOperator, BorderStep, Rounding

_MAX_VALUES = 4


def border_of(port: Port) -> manifest.Quantizer | None:
    """The border as the manifest holds it."""
    q = port.quantizer
    if q is None:
        return None
    return manifest.Quantizer(q.scale, q.zero_point, q.source_dtype, q.steps, q.rounding, q.lo, q.hi)


def meaning_of(border: Quantizer, is_input: bool) -> str:
    """What the integers q stand for, as a formula of one line."""
    plain = f"(q - {border.zero_point}) * {border.scale!r}"
    if is_input and border.rounding is Rounding.SIGN:
        return f"q = {_through('real', border.steps)} >= 0"
    if is_input and border.steps:
        return f"{_through('real', border.steps)} = {plain}"
    return f"real = {_through(plain, () if is_input else border.steps)}"


def _through(text: str, steps: tuple[BorderStep, ...]) -> str:
    for step in steps:
        text = _shown(text, step)
    return text


def _shown(x: str, step: BorderStep) -> str:
    signs = {BorderOperator.ADD: "+", BorderOperator.SUB: "-", BorderOperator.MUL: "*", BorderOperator.DIV: "/"}
    few = step.values[:_MAX_VALUES]
    value = repr(few[0]) if len(step.values) == 1 else f"[{', '.join(map(repr, few))}, ...][axis {step.axis}]"
    if step.operator in signs:
        return f"({x} {signs[step.operator]} {value})"
    match step.operator:
        case BorderOperator.RSUB:
            return f"({value} - {x})"
        case BorderOperator.RDIV:
            return f"({value} / {x})"
        case BorderOperator.MAX | BorderOperator.MIN:
            return f"{'max' if step.operator is BorderOperator.MAX else 'min'}({x}, {value})"
        case _:
            return f"{step.operator.value}({x})"
