"""Float inputs that the model does not quantise, but the user does (`--input`)."""

from __future__ import annotations

from collections.abc import Mapping

from hwcomp.frontends.input_form import InputForm
from hwcomp.frontends.onnx.expressions import Elementwise, Held
from hwcomp.frontends.onnx.source import Model, PortInfo
from hwcomp.frontends.onnx.walk import Walk
from hwcomp.ir.graph import Quantizer
from hwcomp.ir.types import TensorType
from hwcomp.prove.terms_onnx import Dequantised
from hwcomp.support.errors import HwcompError

HOW_TO_DECLARE = "say how it is quantised: --input NAME=s8:2^-5"


def forms_of(model: Model, given: Mapping[str, InputForm]) -> Mapping[str, InputForm]:
    """The forms by the names of the model's float inputs.

    Raises: HWC016 a name that no float input has.
    """
    floats = [port.name for port in model.inputs if port.type_name == "FLOAT"]
    found: dict[str, InputForm] = {}
    for name, form in given.items():
        wanted = floats[0] if not name and len(floats) == 1 else name
        if wanted not in floats:
            shown = ", ".join(floats) or "it has none"
            what = f"no float input '{name}'" if name else f"{len(floats)} float inputs, and the form names none"
            fix = f"the model's float inputs: {shown}" if name or not floats else f"write --input '{floats[0]}=s8:2^-5'"
            raise HwcompError("HWC016", what, model.name, fix)
        found[wanted] = form
    return found


def declared(walk: Walk, port: PortInfo, form: InputForm) -> Elementwise:
    """The input as integers of the form given, dequantised."""
    border = Quantizer(form.scale, form.zero, "float32")
    name = walk.builder.input(port.name, TensorType(port.shape, form.dtype), border)
    return Elementwise(Dequantised(0, (form.zero,), (form.scale,)), (Held.plain(name, port.shape),))
