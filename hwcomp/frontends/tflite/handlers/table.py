"""The operators that are read, and who reads them."""

from __future__ import annotations

from collections.abc import Callable

from hwcomp.frontends.tflite.context import Context
from hwcomp.frontends.tflite.handlers import (
    activation,
    arithmetic,
    dot,
    layout,
    lstm,
    pooling,
    reduce,
    requantize,
    slicing,
    softmax,
    variable,
)
from hwcomp.frontends.tflite.records import SourceOp

Handler = Callable[[Context, SourceOp], None]

HANDLERS: dict[str, Handler] = {
    "ADD": arithmetic.convert_add,
    "ARG_MAX": reduce.convert_arg_max,
    "ASSIGN_VARIABLE": variable.convert_assign_variable,
    "AVERAGE_POOL_2D": pooling.convert_average_pool,
    "CALL_ONCE": variable.convert_call_once,
    "CONCATENATION": layout.convert_concatenation,
    "CONV_2D": dot.convert_conv,
    "DEPTHWISE_CONV_2D": dot.convert_depthwise,
    "DEPTH_TO_SPACE": layout.convert_depth_to_space,
    "DEQUANTIZE": requantize.convert_dequantize,
    "EXPAND_DIMS": layout.convert_reshape,
    "FULLY_CONNECTED": dot.convert_dense,
    "GATHER": layout.convert_gather,
    "HARD_SWISH": activation.convert_hard_swish,
    "LEAKY_RELU": activation.convert_leaky_relu,
    "LOGISTIC": activation.convert_logistic,
    "LOG_SOFTMAX": softmax.convert_log_softmax,
    "MAXIMUM": arithmetic.convert_maximum,
    "MAX_POOL_2D": pooling.convert_max_pool,
    "MEAN": reduce.convert_mean,
    "MINIMUM": arithmetic.convert_minimum,
    "MUL": arithmetic.convert_mul,
    "PAD": layout.convert_pad,
    "PADV2": layout.convert_pad,
    "PRELU": activation.convert_prelu,
    "QUANTIZE": requantize.convert_quantize,
    "READ_VARIABLE": variable.convert_read_variable,
    "REDUCE_MAX": reduce.convert_reduce_max,
    "RELU": activation.convert_relu,
    "RELU6": activation.convert_relu6,
    "RELU_N1_TO_1": activation.convert_relu1,
    "RESHAPE": layout.convert_reshape,
    "RESIZE_NEAREST_NEIGHBOR": layout.convert_resize_nearest,
    "SLICE": slicing.convert_slice,
    "SOFTMAX": softmax.convert_softmax,
    "SPACE_TO_DEPTH": layout.convert_space_to_depth,
    "SPLIT": slicing.convert_split,
    "SPLIT_V": slicing.convert_split_v,
    "SQUEEZE": layout.convert_reshape,
    "STRIDED_SLICE": slicing.convert_strided_slice,
    "SUB": arithmetic.convert_sub,
    "SUM": reduce.convert_sum,
    "TANH": activation.convert_tanh,
    "TRANSPOSE": layout.convert_transpose,
    "UNIDIRECTIONAL_SEQUENCE_LSTM": lstm.convert_lstm,
    "VAR_HANDLE": variable.convert_var_handle,
}
