"""What a float input that the model does not quantise is quantised to: `u8:1/255`, `x=s8:2^-5:0`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hwcomp.ir.types import IntType
from hwcomp.support.errors import HwcompError

MAX_BITS = 32
_FORM = re.compile(r"([su][0-9]{1,2}):([^:]+)(?::([-+]?[0-9]{1,10}))?")
_POWER = re.compile(r"2\^(-?[0-9]{1,3})")
_FIX = "write [NAME=]TYPE:SCALE[:ZERO], such as --input u8:1/255 or --input 'x=s8:2^-5'"


@dataclass(frozen=True, slots=True)
class InputForm:
    """Integers of `dtype` for (q - zero) * scale, scale a float32 number."""

    dtype: IntType
    scale: float
    zero: int


def input_forms(texts: Sequence[str]) -> Mapping[str, InputForm]:
    """The forms by the inputs' names; '' for one without a name.

    Raises: HWC016 a text that is none, or an input named twice.
    """
    found: dict[str, InputForm] = {}
    for text in texts:
        name, equals, form = text.rpartition("=")
        if name in found:
            raise HwcompError("HWC016", f"input '{name}' is given twice", f"--input {text}", _FIX)
        if equals and not name:
            raise HwcompError("HWC016", "the input has no name", f"--input {text}", _FIX)
        found[name] = _form(form, text)
    return found


def _form(form: str, text: str) -> InputForm:
    match = _FORM.fullmatch(form)
    if match is None or not 1 <= int(match[1][1:]) <= MAX_BITS:
        raise HwcompError(
            "HWC016", f"'{form}' is no type of 1 to {MAX_BITS} bits with a scale", f"--input {text}", _FIX
        )
    dtype, scale, zero = IntType.parse(match[1]), _scale(match[2]), int(match[3] or 0)
    if scale is None:
        raise HwcompError("HWC016", f"'{match[2]}' is no positive scale", f"--input {text}", _FIX)
    if not dtype.min <= zero <= dtype.max:
        raise HwcompError("HWC016", f"the zero point {zero} is no {dtype}", f"--input {text}", _FIX)
    return InputForm(dtype, scale, zero)


def _scale(text: str) -> float | None:
    """A decimal number, a fraction `1/255` or a power `2^-5`, as float32; None where it is no positive normal one."""
    power = _POWER.fullmatch(text)
    try:
        if power is not None:
            value = 2.0 ** int(power[1])
        else:
            above, slash, below = text.partition("/")
            value = float(above) / float(below) if slash else float(above)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    with np.errstate(over="ignore", under="ignore"):
        scale = float(np.float32(value))
    return scale if np.finfo(np.float32).tiny <= scale < float("inf") else None
