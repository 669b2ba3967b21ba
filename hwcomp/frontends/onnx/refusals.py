"""What to do about operators and outputs that have no integer form: the fixes of HWC102 and HWC103."""

from __future__ import annotations

from collections.abc import Mapping

from hwcomp.frontends.onnx.source import Model, Node

_LISTED = "replace it: docs/formats.md lists the operators that are read"
_STATIC = "quantise statically: onnxruntime.quantization.quantize_static, with samples of the input"
_FINN = "export before FINN's or qonnx's hardware transformations: Quant, BipolarQuant, MatMul and Conv are read"
MINIFLOATS = "quantise to integers: float8 and float4 are on the road map (docs/status.md)"
_RECURRENT = "unroll it into MatMul, Add, Sigmoid and Tanh before quantising, or convert it to TFLite (int8 LSTM)"
_AFTERWARDS = "end the model before it, and do it on the outputs"
_FLOW = "export the model without control flow: the shapes and counts fixed"
_NORMALISE = "use BatchNormalization, or leave it in float outside of the model"

_FIXES: Mapping[str, str] = {
    **dict.fromkeys(("MultiThreshold", "XnorPopcountMatMul", "QuantAvgPool2d", "Im2Col", "MaxPoolNHWC"), _FINN),
    **dict.fromkeys(("DynamicQuantizeLinear", "DynamicQuantizeMatMul", "DynamicQuantizeLSTM", "MatMulIntegerToFloat"),
                    _STATIC),
    **dict.fromkeys(("LSTM", "GRU", "RNN"), _RECURRENT),
    **dict.fromkeys(("If", "Loop", "Scan", "SequenceMap"), _FLOW),
    **dict.fromkeys(("NonMaxSuppression", "TopK", "NonZero", "Where", "Compress", "Unique"), _AFTERWARDS),
    **dict.fromkeys(("LayerNormalization", "InstanceNormalization", "GroupNormalization", "LRN",
                     "RMSNormalization"), _NORMALISE),
    "ConvTranspose": "use Resize (nearest) and Conv in its place, and train again",
}  # fmt: skip


def fix_of_operator(op_type: str) -> str:
    """What to do about an operator without a handler."""
    return _FIXES.get(op_type, _LISTED)


_OUTPUTS: Mapping[str, str] = {
    "Softmax": "scale 1/256, zero point -128, int8",
    "Sigmoid": "scale 1/256, zero point -128, int8",
    "HardSigmoid": "scale 1/256, zero point -128, int8",
    "LogSoftmax": "scale 1/16, zero point 127, int8",
    "Tanh": "scale 1/128, zero point 0, int8",
}
"""Quantisations that hold every value of a function."""


def float_output(model: Model, node: Node) -> tuple[str, str]:
    """What is wrong with a float output that integers do not give, and the fix. `node` stands for the output."""
    maker = next((n for n in model.nodes if node.inputs[0] in n.outputs), None)
    if maker is None:
        return "this output is not quantised", "put QuantizeLinear and DequantizeLinear before it"
    form = _OUTPUTS.get(maker.op_type)
    hint = f" ({form})" if form else ""
    what = f"this output is the float result of {maker.op_type} '{maker.loc.node}', not quantised"
    return what, f"append QuantizeLinear{hint} and DequantizeLinear to it"
