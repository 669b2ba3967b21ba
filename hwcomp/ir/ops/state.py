"""Reading and writing of state kept from one inference to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hwcomp.ir.op import Op
from hwcomp.ir.types import Range, Result, TensorType, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRead(Op):
    """The state as the last inference left it (or as reset); no inputs. `type` is the state's."""

    state: str
    type: TensorType

    def infer(self, operands: Sequence[Value]) -> tuple[Result, ...]:
        return (Result(self.type, Range.of_type(self.type.dtype)),)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateWrite(Op):
    """Keep the input as the state for the next inference; no outputs. A state is written once an inference."""

    state: str

    def infer(self, operands: Sequence[Value]) -> tuple[Result, ...]:
        return ()
