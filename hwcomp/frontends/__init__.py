"""Front ends: a model file becomes a graph at Level.QUANT. Only here are onnx and tflite imported."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from pathlib import Path

from hwcomp.frontends.input_form import InputForm
from hwcomp.ir.graph import Graph
from hwcomp.support.errors import HwcompError

TFLITE_MAGIC = b"TFL3"  # the file identifier, bytes 4 to 8 of a flatbuffer


class Format(Enum):
    """The files that hwcomp reads."""

    ONNX = "onnx"
    TFLITE = "tflite"


def detect(model: Path) -> Format:
    """The format of a file: by its content where that is certain, else by its suffix.

    Raises:
        HwcompError: HWC001 no such file; HWC002 neither format.
    """
    try:
        with model.open("rb") as file:
            head = file.read(8)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise HwcompError("HWC001", f"it cannot be read: {reason}", str(model), "check the path") from error
    if head[4:8] == TFLITE_MAGIC or model.suffix.lower() == ".tflite":
        return Format.TFLITE
    if model.suffix.lower() == ".onnx":
        return Format.ONNX
    raise HwcompError(
        "HWC002", f"suffix '{model.suffix}' is neither .onnx nor .tflite", str(model), "rename it, or export it again"
    )


def read_graph(model: Path, format_: Format, reference: str | None, inputs: Mapping[str, InputForm]) -> Graph:
    """Read a model with its format's front end; heavy packages are imported here and not before.

    Raises:
        HwcompError: HWC016 inputs of a TFLite model, which are quantised; and what the front ends raise.
    """
    if format_ is Format.TFLITE:
        from hwcomp.frontends import tflite

        if inputs:
            fix = "leave --input out: TFLite models say how their inputs are quantised"
            raise HwcompError("HWC016", "a TFLite model has no float input to quantise", model.name, fix)
        return tflite.read(model, reference or "tflm")
    from hwcomp.frontends import onnx

    return onnx.read(model, reference, inputs)
