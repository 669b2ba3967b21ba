"""The table of operators: which handler reads which operator of the source."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hwcomp.frontends.onnx import (
    affine,
    averages,
    constants,
    dot,
    elementwise,
    movement,
    padding,
    pooling,
    qlinear,
    qonnx,
    quantise,
    resize,
    softmax,
)
from hwcomp.frontends.onnx.elementwise import binary, unary
from hwcomp.frontends.onnx.source import Node
from hwcomp.frontends.onnx.walk import Walk
from hwcomp.prove.functions_onnx import Kind
from hwcomp.prove.terms_onnx import Operator

Handler = Callable[[Walk, Node], None]

_FUNCTIONS = (
    Kind.SIGMOID, Kind.TANH, Kind.HARD_SIGMOID, Kind.HARD_SWISH, Kind.LEAKY_RELU, Kind.ELU, Kind.CELU, Kind.SELU,
    Kind.ERF, Kind.SOFTPLUS, Kind.SOFTSIGN, Kind.MISH, Kind.THRESHOLDED_RELU, Kind.EXP, Kind.LOG, Kind.SQRT,
    Kind.RECIPROCAL, Kind.ABS, Kind.NEG, Kind.SIGN, Kind.FLOOR, Kind.CEIL, Kind.ROUND, Kind.SIN, Kind.COS,
    Kind.SWISH, Kind.SHRINK, Kind.TAN, Kind.ASIN, Kind.ACOS, Kind.ATAN, Kind.SINH, Kind.COSH, Kind.ASINH, Kind.ACOSH,
    Kind.ATANH,
)  # fmt: skip

_QONNX: Mapping[str, Handler] = {
    "Quant": qonnx.quant,
    "IntQuant": qonnx.quant,
    "BipolarQuant": qonnx.bipolar_quant,
    "Trunc": qonnx.trunc,
    "FloatQuant": qonnx.float_quant,
}

QUANTISERS: Mapping[str, str] = {f"{domain}:{name}".lstrip(":"): name for domain in qonnx.DOMAINS for name in _QONNX}
"""The operators of QONNX under every domain's name."""

HANDLERS: Mapping[str, Handler] = {
    "QuantizeLinear": quantise.quantize_linear,
    "DequantizeLinear": quantise.dequantize_linear,
    "Conv": dot.conv,
    "Gemm": dot.gemm,
    "MatMul": dot.matmul,
    "Relu": elementwise.relu,
    "Clip": elementwise.clip,
    "PRelu": elementwise.prelu,
    "Gelu": elementwise.gelu,
    "Pow": elementwise.power,
    "Add": binary(Operator.ADD),
    "Sum": binary(Operator.ADD),
    "Sub": binary(Operator.SUB),
    "Mul": binary(Operator.MUL),
    "Div": binary(Operator.DIV),
    "Min": binary(Operator.MIN),
    "Max": binary(Operator.MAX),
    "BatchNormalization": affine.batch_normalization,
    "Identity": elementwise.identity,
    "Dropout": elementwise.identity,
    "Cast": elementwise.cast,
    "Softmax": softmax.softmax(log=False),
    "LogSoftmax": softmax.softmax(log=True),
    "MaxPool": pooling.max_pool,
    "GlobalMaxPool": pooling.global_max_pool,
    "AveragePool": averages.average_pool,
    "GlobalAveragePool": averages.global_average_pool,
    "ReduceMean": pooling.reduce_sum(True),
    "ReduceSum": pooling.reduce_sum(False),
    "ReduceMax": pooling.reduce_extreme(least=False),
    "ReduceMin": pooling.reduce_extreme(least=True),
    "ArgMax": pooling.arg_extreme(least=False),
    "ArgMin": pooling.arg_extreme(least=True),
    "Reshape": movement.reshape,
    "Flatten": movement.flatten,
    "Squeeze": movement.squeeze,
    "Unsqueeze": movement.unsqueeze,
    "Transpose": movement.transpose,
    "Slice": movement.slice_,
    "Split": movement.split,
    "Gather": movement.gather,
    "Expand": movement.expand,
    "Concat": movement.concat,
    "DepthToSpace": movement.depth_to_space,
    "SpaceToDepth": movement.space_to_depth,
    "Pad": padding.pad,
    "Resize": resize.resize,
    "Upsample": resize.resize,
    "Tile": constants.tile,
    "Constant": constants.constant,
    "Shape": constants.shape,
    "Size": constants.size,
    "ConstantOfShape": constants.constant_of_shape,
    "Range": constants.range_,
    "ReduceProd": constants.reduce_prod,
    "QLinearConv": qlinear.qlinear_conv,
    "QLinearMatMul": qlinear.qlinear_matmul,
    "ConvInteger": qlinear.conv_integer,
    "MatMulInteger": qlinear.matmul_integer,
    "com.microsoft:QuantizeLinear": quantise.quantize_linear,
    "com.microsoft:DequantizeLinear": quantise.dequantize_linear,
    "com.microsoft:Gelu": unary(Kind.GELU),
    "com.microsoft:QuickGelu": unary(Kind.QUICK_GELU),
    "com.microsoft:QGemm": qlinear.qgemm,
    "com.microsoft:QLinearAdd": qlinear.qlinear_binary(Operator.ADD),
    "com.microsoft:QLinearMul": qlinear.qlinear_binary(Operator.MUL),
    "com.microsoft:QLinearSigmoid": qlinear.qlinear_unary(Kind.SIGMOID),
    "com.microsoft:QLinearLeakyRelu": qlinear.qlinear_unary(Kind.LEAKY_RELU),
    "com.microsoft:QLinearConcat": qlinear.qlinear_concat,
    "com.microsoft:QLinearSoftmax": qlinear.qlinear_softmax,
    "com.microsoft:QLinearAveragePool": qlinear.qlinear_average_pool,
    "com.microsoft:QLinearGlobalAveragePool": qlinear.qlinear_global_average_pool,
    **{kind.value: unary(kind) for kind in _FUNCTIONS},
    **{key: _QONNX[name] for key, name in QUANTISERS.items()},
}
