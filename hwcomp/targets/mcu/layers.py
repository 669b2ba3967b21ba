"""The lowered form of a graph: layers, each one call of a kernel with one constant struct."""

from __future__ import annotations

from dataclasses import dataclass

from hwcomp.ir.op import Op
from hwcomp.targets.c_text import literal


@dataclass(frozen=True, slots=True)
class Field:
    """A designator of a C struct and its initialiser: `requant.mult`, `kws_conv1_mult`."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Struct:
    """The constant struct of a layer: C type, name, and the fields that are not zero."""

    c_type: str
    name: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """One call's offsets in bytes into each input and the output; a batch takes several calls."""

    inputs: tuple[int, ...]
    output: int = 0


@dataclass(frozen=True, slots=True)
class Layer:
    """What runs between two traces.

    op: the operator whose place in the user's model it has, None for a copy to an output; inputs: the values it reads
    at run time (constants and states too: see storage.py); output: the value it makes or the state it writes; function:
    the kernel, "" for a view that moves nothing; first_argument: what the kernel takes before the pointers;
    gathers_inputs: the inputs go as one array of pointers; scratch_bytes: None where the kernel takes no scratch;
    in_place: positions of the inputs that the output may lie over; macs: multiply-accumulates; more_outputs: values
    whose pointers come behind the output's.
    """

    op: Op | None
    inputs: tuple[str, ...]
    output: str
    function: str
    first_argument: str = ""
    struct: Struct | None = None
    calls: tuple[Call, ...] = ()
    gathers_inputs: bool = False
    scratch_bytes: int | None = None
    in_place: tuple[int, ...] = ()
    macs: int = 0
    is_state_write: bool = False
    more_outputs: tuple[str, ...] = ()

    @property
    def outputs(self) -> tuple[str, ...]:
        """Everything that the layer writes."""
        return (self.output, *self.more_outputs)

    @property
    def is_view(self) -> bool:
        """Whether it moves nothing."""
        return not self.function


def designate(**values: int | str | tuple[int | str, ...]) -> tuple[Field, ...]:
    """Fields from keywords; what is 0 or empty is left out, as C fills it with zero. `a__b` stands for `a.b`."""
    return tuple(
        Field(name.replace("__", "."), literal(value)) for name, value in values.items() if value not in (0, "", ())
    )
