"""BatchNormalization as the affine chain that it is: two operators."""

from __future__ import annotations

import numpy as np

from hwcomp.frontends.onnx.elementwise import combined
from hwcomp.frontends.onnx.expressions import Constant
from hwcomp.frontends.onnx.source import Node
from hwcomp.frontends.onnx.walk import Walk
from hwcomp.prove.steps_qonnx import REFERENCE
from hwcomp.prove.terms_onnx import Operator


def batch_normalization(walk: Walk, node: Node) -> None:
    """x * slope + (bias - mean * slope), the two numbers of each channel in float32.

    slope: scale / sqrt(variance + epsilon) by onnx.reference; ONNX Runtime, which executes it for qonnx, multiplies by
    the reciprocal: scale * (1 / sqrt(variance + epsilon)). Source: core/providers/cpu/nn/batch_norm.cc.
    """
    x = walk.tensor(node, 0)
    gain, bias, mean, variance = (np.asarray(walk.constant(node, i), np.float32) for i in range(1, 5))
    if len(x.shape) < 2 or any(v.shape != (x.shape[1],) for v in (gain, bias, mean, variance)):
        raise node.fail("HWC214", "its parameters do not agree with the channels", "export in inference mode")
    if node.integer("training_mode", 0):
        raise node.fail("HWC214", "it is in training mode", "export in inference mode")
    with np.errstate(all="ignore"):
        deviation = np.sqrt(variance + np.float32(node.number("epsilon", 1e-5)))
        slope = gain * (np.float32(1) / deviation) if walk.reference == REFERENCE else gain / deviation
        offset = bias - mean * slope
    shape = (-1, *(1,) * (len(x.shape) - 2))
    scaled = combined(walk, node, Operator.MUL, x, Constant(slope.reshape(shape)))
    walk.put(node, combined(walk, node, Operator.ADD, scaled, Constant(offset.reshape(shape))))
