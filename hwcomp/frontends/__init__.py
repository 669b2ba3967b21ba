"""Front ends: a model file becomes a graph at Level.QUANT. Only here are onnx and tflite imported."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

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


def read_graph(model: Path, format_: Format, reference: str) -> Graph:
    """Read a model with its format's front end; heavy packages are imported here and not before."""
    if format_ is Format.TFLITE:
        from hwcomp.frontends import tflite

        return tflite.read(model, reference)
    from hwcomp.frontends import onnx

    return onnx.read(model, reference)
