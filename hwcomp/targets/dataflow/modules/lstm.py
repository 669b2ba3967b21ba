"""`hwc_lstm` of `rtl/lib`: parameters, latency and interval. `rtl/tb/test_lstm.py` asserts them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from hwcomp.targets.dataflow.modules.compute import levels, mul_latency, product_latency
from hwcomp.targets.dataflow.modules.spec import ModuleSpec, Parameter, pack_fields

HIGH_SHIFT = 31
"""The shift of the first rounding."""

PRODUCT_WIDTH = 34
"""Bits of a product of two gates, or of a gate and a cell state."""

SHIFTS = range(33)
"""Shifts of the second rounding that the module has."""


@dataclass(frozen=True, slots=True)
class Rescales:
    """Constants of `hwc_lstm_rescale`: x * mult / 2^drop, halves up, then / 2^shift, halves away from zero."""

    mults: tuple[int, ...]
    shifts: tuple[int, ...]
    drop: int

    @property
    def mult_width(self) -> int:
        return max(self.mults).bit_length() + 1

    def params(self, name: str) -> dict[str, Parameter]:
        """As `hwc_lstm` names them: `name` is "X", "H", "Forget", "Input" or "Hidden"."""
        plural = "s" if len(self.mults) > 1 else ""
        return {
            f"{name}MultWidth": self.mult_width,
            f"{name}Drop": self.drop,
            f"{name}Mult{plural}": pack_fields(self.mults, 64),
            f"{name}Shift{plural}": pack_fields(self.shifts, 8),
        }


def rescales(scales: Sequence[tuple[int, int]]) -> Rescales:
    """Scales of `hwcomp/ir/ops/lstm.py`; factors of two that all multipliers share are not multiplied.

    A multiplier of 0, which is a shift alone, is one of 2^31: the first rounding then changes nothing.
    """
    mults = [multiplier << max(shift, 0) if multiplier else 1 << HIGH_SHIFT for multiplier, shift in scales]
    shared = min(HIGH_SHIFT, *((m & -m).bit_length() - 1 for m in mults))
    shifts = tuple(max(-shift, 0) for _, shift in scales)
    return Rescales(tuple(m >> shared for m in mults), shifts, HIGH_SHIFT - shared)


def rescale_latency(in_width: int, mult_width: int, style: str) -> int:
    """Operands, the product, two roundings, the clamp."""
    in_luts = style == "lut"
    product = mul_latency(in_width, True, mult_width, "lut") if in_luts else product_latency(in_width, mult_width)
    return 4 + product


@dataclass(frozen=True, slots=True)
class Curve:
    """A table of `hwc_lstm_curve`: direct, of all 16-bit arguments in words of `width` bits; or to be interpolated."""

    is_direct: bool
    width: int

    @property
    def entries(self) -> int:
        return 1 << 16 if self.is_direct else 1 << 8

    def latency(self, style: str) -> int:
        return 2 if self.is_direct else 5 + mul_latency(9, False, 17, style)


INTERPOLATED = Curve(is_direct=False, width=33)


@dataclass(frozen=True, slots=True, kw_only=True)
class LstmShape:
    """What sets the size and speed of `hwc_lstm`. Widths in bits; cell_range: what the cell state is clipped to;
    cell_width: of the states that are given."""

    in_width: int
    acc_width: int
    weight_width: int
    units: int
    simd: int
    steps: int
    x: Rescales
    h: Rescales
    forget: Rescales
    input: Rescales
    hidden: Rescales
    hidden_zero: int
    cell_range: tuple[int, int]
    cell_width: int = 16
    gate: Curve = INTERPOLATED
    cell: Curve = INTERPOLATED
    tanh: tuple[int, int] = (3, 0)
    saturate: bool = True
    weight_style: str = "block"
    mult_style: str = "dsp"

    @property
    def stages(self) -> tuple[int, int, int]:
        """Clocks of the rescales of a gate, of the cell state, of the hidden state."""
        style = self.mult_style
        gate = max(
            rescale_latency(self.in_width, self.x.mult_width, style),
            rescale_latency(self.acc_width, self.h.mult_width, style),
        )
        cell, hidden = (
            max(rescale_latency(PRODUCT_WIDTH, r.mult_width, style) for r in group)
            for group in ((self.forget, self.input), (self.hidden,))
        )
        return gate, cell, hidden

    def params(self) -> dict[str, Parameter]:
        """All but the files."""
        gate, cell, hidden = self.stages
        return {
            "InWidth": self.in_width,
            "AccWidth": self.acc_width,
            "WeightWidth": self.weight_width,
            "Units": self.units,
            "Simd": self.simd,
            "Steps": self.steps,
            **self.x.params("X"),
            **self.h.params("H"),
            "Saturate": int(self.saturate),
            **self.forget.params("Forget"),
            **self.input.params("Input"),
            **self.hidden.params("Hidden"),
            "HiddenZero": self.hidden_zero,
            "CellWidth": self.cell_width,
            "CellMin": self.cell_range[0],
            "CellMax": self.cell_range[1],
            "GateStages": gate,
            "CellStages": cell,
            "HiddenStages": hidden,
            "GateDirect": int(self.gate.is_direct),
            "GateTableWidth": self.gate.width,
            "CellDirect": int(self.cell.is_direct),
            "CellTableWidth": self.cell.width,
            "TanhMult": self.tanh[0],
            "TanhShift": self.tanh[1],
            "WeightStyle": self.weight_style,
            "MultStyle": self.mult_style,
        }


@dataclass(frozen=True, slots=True)
class LstmClocks:
    """rows: clocks of a row of weights; units; to_sum: from a row's last beat to its sum; to_cell, to_hidden: from the
    last gate's sum to the beat of the cell state and of the hidden state."""

    rows: int
    units: int
    to_sum: int
    to_cell: int
    to_hidden: int

    @property
    def step(self) -> int:
        """A time step: all rows, and the last unit through all stages."""
        return 4 * self.units * self.rows - 1 + self.to_sum + self.to_hidden

    def sequence(self, steps: int) -> int:
        """The states, then the steps."""
        return self.units + steps * self.step


def lstm_clocks(params: Mapping[str, Parameter]) -> LstmClocks:
    """By the parameters of an instance."""

    def n(name: str) -> int:
        value = params[name]
        assert isinstance(value, int), name
        return value

    style = str(params["MultStyle"])
    product = mul_latency(17, True, 17, style)
    gate = Curve(bool(n("GateDirect")), 0).latency(style)
    cell = Curve(bool(n("CellDirect")), 0).latency(style)
    multiplier = mul_latency(8, True, n("WeightWidth"), style)
    to_cell = n("GateStages") + 1 + gate + 1 + product + n("CellStages") + 1
    return LstmClocks(
        rows=ceil(n("Units") / n("Simd")),
        units=n("Units"),
        to_sum=2 + multiplier + levels(n("Simd")) + 1,
        to_cell=to_cell,
        to_hidden=to_cell + cell + product + n("HiddenStages") + 1,
    )


def lstm(shape: LstmShape, *, sequences: int, weights: str, bias: str, gate: str, cell: str) -> ModuleSpec:
    """`hwc_lstm` of `sequences` sequences a frame.

    Latency: from the last sum of x of the first unit to its hidden state.
    """
    params: dict[str, Parameter] = shape.params()
    params |= {"WeightFile": weights, "BiasFile": bias, "GateFile": gate, "CellFile": cell}
    clocks = lstm_clocks(params)
    states, values = sequences * shape.units, sequences * shape.steps * shape.units
    interval = sequences * clocks.sequence(shape.steps)
    return ModuleSpec("hwc_lstm", params, clocks.to_hidden, interval, (4 * values, states, states), (values, states), 3)
