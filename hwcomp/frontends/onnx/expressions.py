"""What a tensor of the source is while the importer walks: integers of the graph, or a float32 function of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwcomp.frontends.onnx.source import Array
from hwcomp.ir.types import IntArray, IntType
from hwcomp.prove.terms_onnx import Term
from hwcomp.support.border import BorderStep


@dataclass(frozen=True, slots=True)
class Held:
    """An integer tensor of source shape `shape`: axis j of value `name` is axis `perm[j]` of the source's tensor."""

    name: str
    shape: tuple[int, ...]
    perm: tuple[int, ...]

    @staticmethod
    def plain(name: str, shape: tuple[int, ...]) -> Held:
        return Held(name, shape, tuple(range(len(shape))))

    @property
    def held_shape(self) -> tuple[int, ...]:
        return tuple(self.shape[axis] for axis in self.perm)


@dataclass(frozen=True, slots=True)
class Quantization:
    """Scales (float32 numbers) and zero points, one each or as many as `axis` (of the source) has elements."""

    scales: tuple[float, ...]
    zeros: tuple[int, ...]
    axis: int | None
    dtype: IntType

    @property
    def per_tensor(self) -> bool:
        return len(self.scales) == 1


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """An array known now."""

    array: Array
    type_name: str = ""

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape


@dataclass(frozen=True, slots=True, eq=False)
class QuantConstant:
    """DequantizeLinear of integers known now."""

    levels: IntArray
    quantization: Quantization

    @property
    def shape(self) -> tuple[int, ...]:
        return self.levels.shape

    def along(self, values: tuple[float, ...] | tuple[int, ...], dtype: type[np.generic]) -> Array:
        """Scales or zero points, shaped to broadcast with the levels."""
        axis, rank = self.quantization.axis, self.levels.ndim
        shape = [1] * rank
        if axis is not None and len(values) > 1:
            shape[axis] = len(values)
        return np.array(values, dtype).reshape(shape)

    @property
    def centred(self) -> IntArray:
        """Levels minus zero points."""
        return self.levels - self.along(self.quantization.zeros, np.int64)

    @property
    def reals(self) -> NDArray[np.float64]:
        """The exact products of levels and scales."""
        return np.asarray(self.centred * self.along(self.quantization.scales, np.float64), np.float64)

    @property
    def floats(self) -> NDArray[np.float32]:
        """The float32 values."""
        scales = self.along(self.quantization.scales, np.float32)
        return np.asarray(self.centred.astype(np.float32) * scales, np.float32)


@dataclass(frozen=True, slots=True)
class Elementwise:
    """A float tensor: `term` of the sources, which have one shape; channels of the term lie along `axis` of it.

    `weight` counts the operators in the term: `Walk.put` bounds it, as a term is evaluated by recursion.
    """

    term: Term
    sources: tuple[Held, ...]
    axis: int | None = None
    weight: int = 1

    @property
    def shape(self) -> tuple[int, ...]:
        return self.sources[0].shape


@dataclass(frozen=True, slots=True, eq=False)
class Deferred:
    """A float tensor made of parts by a move or a choice that commutes with quantising: quantise them, then `join`.

    `elementwise`: any function of an element commutes too; choosing the greatest commutes with non-decreasing ones.
    """

    parts: tuple[FloatTensor, ...]
    join: Callable[[tuple[Held, ...]], Held]
    shape: tuple[int, ...]
    elementwise: bool
    weight: int = 1


@dataclass(frozen=True, slots=True)
class FloatInput:
    """A float input of the model after the float32 `steps`, not quantised yet."""

    port: str
    shape: tuple[int, ...]
    steps: tuple[BorderStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Finished:
    """A float tensor that nothing quantises: the float32 `steps` after a term; an output of the model may be one."""

    before: Elementwise
    steps: tuple[BorderStep, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.before.shape


@dataclass(frozen=True, slots=True)
class Normalised:
    """Softmax over `axis` of a dequantised tensor; `log`: its logarithm."""

    source: Held
    scale: float
    axis: int
    log: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        return self.source.shape


def weight(*tensors: AnyTensor) -> int:
    """Operators that the expressions of these tensors hold together."""
    return sum(x.weight for x in tensors if isinstance(x, (Elementwise, Deferred)))


MANY = -1


def varying_axis(array: Array, rank: int) -> int | None:
    """The one axis (of `rank`, aligned at the end) along which the array has several elements; None, or MANY."""
    wide = [axis + rank - array.ndim for axis, size in enumerate(array.shape) if size > 1]
    return None if not wide else wide[0] if len(wide) == 1 else MANY


FloatTensor = Elementwise | Deferred | FloatInput | Normalised | Finished
Known = Constant | QuantConstant
AnyTensor = Held | FloatTensor | Known
