"""What a rescale means before it is proved: a monotone step function of the accumulator."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from hwcomp.ir.types import IntArray


@runtime_checkable
class Step(Protocol):
    """A source model's own rescale, bit for bit; implementations are frozen dataclasses in `prove/`.

    Called with one int64 array [channels, n] for each input, gives the levels, int64 [channels, n], clamp included.
    `channels` is 1 where all channels share the parameters.
    """

    @property
    def reference(self) -> str: ...

    @property
    def channels(self) -> int: ...

    @property
    def lo(self) -> int: ...

    @property
    def hi(self) -> int: ...

    def __call__(self, *accumulators: IntArray) -> IntArray: ...
