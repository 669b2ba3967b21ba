"""Operators' options as typed records, read from their flatbuffer tables. An absent table means the defaults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import tflite


class Padding(Enum):
    SAME = 0
    VALID = 1


class Activation(Enum):
    """The fused activation of an operator."""

    NONE = 0
    RELU = 1
    RELU_N1_TO_1 = 2
    RELU6 = 3
    TANH = 4
    SIGN_BIT = 5


@dataclass(frozen=True, slots=True)
class NoOptions:
    """Of operators whose options say nothing about their result."""


@dataclass(frozen=True, slots=True)
class ConvOptions:
    padding: Padding
    strides: tuple[int, int]
    dilations: tuple[int, int]
    activation: Activation


@dataclass(frozen=True, slots=True)
class DenseOptions:
    activation: Activation
    shuffled: bool
    keep_dims: bool


@dataclass(frozen=True, slots=True)
class BinaryOptions:
    activation: Activation


@dataclass(frozen=True, slots=True)
class PoolOptions:
    padding: Padding
    kernel: tuple[int, int]
    strides: tuple[int, int]
    activation: Activation


@dataclass(frozen=True, slots=True)
class SoftmaxOptions:
    beta: float


@dataclass(frozen=True, slots=True)
class LeakyReluOptions:
    alpha: float


@dataclass(frozen=True, slots=True)
class ReduceOptions:
    keep_dims: bool


@dataclass(frozen=True, slots=True)
class ConcatOptions:
    axis: int
    activation: Activation


@dataclass(frozen=True, slots=True)
class StridedSliceOptions:
    begin_mask: int
    end_mask: int
    ellipsis_mask: int
    new_axis_mask: int
    shrink_axis_mask: int
    offset: bool


@dataclass(frozen=True, slots=True)
class ResizeOptions:
    align_corners: bool
    half_pixel_centers: bool


@dataclass(frozen=True, slots=True)
class BlockOptions:
    block: int


@dataclass(frozen=True, slots=True)
class GatherOptions:
    axis: int
    batch_dims: int


@dataclass(frozen=True, slots=True)
class LstmOptions:
    activation: Activation
    cell_clip: float
    projection_clip: float
    time_major: bool


@dataclass(frozen=True, slots=True)
class VariableOptions:
    container: str
    shared_name: str


@dataclass(frozen=True, slots=True)
class CallOptions:
    subgraph: int


Options = (
    NoOptions
    | ConvOptions
    | DenseOptions
    | BinaryOptions
    | PoolOptions
    | SoftmaxOptions
    | LeakyReluOptions
    | ReduceOptions
    | ConcatOptions
    | StridedSliceOptions
    | ResizeOptions
    | BlockOptions
    | GatherOptions
    | LstmOptions
    | VariableOptions
    | CallOptions
)


def _conv(o: Any) -> Options:
    return ConvOptions(
        Padding(o.Padding()),
        (o.StrideH(), o.StrideW()),
        (o.DilationHFactor(), o.DilationWFactor()),
        Activation(o.FusedActivationFunction()),
    )


def _dense(o: Any) -> Options:
    return DenseOptions(Activation(o.FusedActivationFunction()), o.WeightsFormat() != 0, bool(o.KeepNumDims()))


def _binary(o: Any) -> Options:
    return BinaryOptions(Activation(o.FusedActivationFunction()))


def _pool(o: Any) -> Options:
    kernel, strides = (o.FilterHeight(), o.FilterWidth()), (o.StrideH(), o.StrideW())
    return PoolOptions(Padding(o.Padding()), kernel, strides, Activation(o.FusedActivationFunction()))


def _strided_slice(o: Any) -> Options:
    return StridedSliceOptions(
        o.BeginMask(), o.EndMask(), o.EllipsisMask(), o.NewAxisMask(), o.ShrinkAxisMask(), bool(o.Offset())
    )


def _lstm(o: Any) -> Options:
    activation = Activation(o.FusedActivationFunction())
    return LstmOptions(activation, float(o.CellClip()), float(o.ProjClip()), bool(o.TimeMajor()))


def _variable(o: Any) -> Options:
    return VariableOptions((o.Container() or b"").decode(), (o.SharedName() or b"").decode())


@dataclass(frozen=True, slots=True)
class OptionsReader:
    """The schema's table that holds an operator's options, and the function that makes the record of it."""

    table: type[Any]
    tag: int
    make: Callable[[Any], Options]


def _of(name: str, make: Callable[[Any], Options]) -> OptionsReader:
    return OptionsReader(getattr(tflite, name), getattr(tflite.BuiltinOptions, name), make)


def _reduce(o: Any) -> Options:
    return ReduceOptions(bool(o.KeepDims()))


def _block(o: Any) -> Options:
    return BlockOptions(o.BlockSize())


READERS: dict[str, OptionsReader] = {
    "CONV_2D": _of("Conv2DOptions", _conv),
    "DEPTHWISE_CONV_2D": _of("DepthwiseConv2DOptions", _conv),
    "FULLY_CONNECTED": _of("FullyConnectedOptions", _dense),
    "ADD": _of("AddOptions", _binary),
    "SUB": _of("SubOptions", _binary),
    "MUL": _of("MulOptions", _binary),
    "MAX_POOL_2D": _of("Pool2DOptions", _pool),
    "AVERAGE_POOL_2D": _of("Pool2DOptions", _pool),
    "SOFTMAX": _of("SoftmaxOptions", lambda o: SoftmaxOptions(float(o.Beta()))),
    "LEAKY_RELU": _of("LeakyReluOptions", lambda o: LeakyReluOptions(float(o.Alpha()))),
    "MEAN": _of("ReducerOptions", _reduce),
    "SUM": _of("ReducerOptions", _reduce),
    "REDUCE_MAX": _of("ReducerOptions", _reduce),
    "CONCATENATION": _of(
        "ConcatenationOptions", lambda o: ConcatOptions(o.Axis(), Activation(o.FusedActivationFunction()))
    ),
    "STRIDED_SLICE": _of("StridedSliceOptions", _strided_slice),
    "RESIZE_NEAREST_NEIGHBOR": _of(
        "ResizeNearestNeighborOptions",
        lambda o: ResizeOptions(bool(o.AlignCorners()), bool(o.HalfPixelCenters())),
    ),
    "DEPTH_TO_SPACE": _of("DepthToSpaceOptions", _block),
    "SPACE_TO_DEPTH": _of("SpaceToDepthOptions", _block),
    "GATHER": _of("GatherOptions", lambda o: GatherOptions(o.Axis(), o.BatchDims())),
    "UNIDIRECTIONAL_SEQUENCE_LSTM": _of("UnidirectionalSequenceLSTMOptions", _lstm),
    "VAR_HANDLE": _of("VarHandleOptions", _variable),
    "CALL_ONCE": _of("CallOnceOptions", lambda o: CallOptions(o.InitSubgraphIndex())),
}
