"""Bit-accurate models of source rescales. Each is a frozen, picklable, monotone `Step` (`ir/step.py`)."""

from __future__ import annotations

from hwcomp.ir.step import Step
from hwcomp.prove.definition import Definition, PairStep
from hwcomp.prove.steps_onnx import (
    DyadicStep,
    OnnxReferenceQLinear,
    OrtQLinear,
    OrtQLinearMul,
    QdqFloat32,
    qlinear_scale,
)
from hwcomp.prove.steps_pair import OrtQLinearAdd, QdqAdd, TfliteAdd, tflite_add
from hwcomp.prove.steps_tflite import (
    TfliteAverage,
    TfliteDouble,
    TfliteSingle,
    TfliteWide,
    mean_multiplier,
    quantize_multiplier,
)

__all__ = [
    "Definition",
    "DyadicStep",
    "OnnxReferenceQLinear",
    "OrtQLinear",
    "OrtQLinearAdd",
    "OrtQLinearMul",
    "PairStep",
    "QdqAdd",
    "QdqFloat32",
    "Step",
    "TfliteAdd",
    "TfliteAverage",
    "TfliteDouble",
    "TfliteSingle",
    "TfliteWide",
    "mean_multiplier",
    "qlinear_scale",
    "quantize_multiplier",
    "tflite_add",
]
