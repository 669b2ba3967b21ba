"""What an instance costs: LUTs, flip-flops, multipliers and blocks of memory, as Yosys makes them for a family.

`estimate/` counts what a module is made of; `estimate/coefficients.json` has what a unit of each count takes.
`python -m bench.fpga_cost` compares and fits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hwcomp.targets.dataflow.estimate.bill import Bill
from hwcomp.targets.dataflow.estimate.coefficients import Prices, coefficients
from hwcomp.targets.dataflow.estimate.family import Family as Family
from hwcomp.targets.dataflow.estimate.memories import blocks as blocks
from hwcomp.targets.dataflow.estimate.modules import bill_of
from hwcomp.targets.dataflow.modules.spec import Parameter
from hwcomp.targets.dataflow.network import Instance, Network, Stream

_UNKNOWN: Prices = {"lut": {"one": 12, "beat": 0.5}, "ff": {"one": 16, "beat": 1}}
"""Of a module that no points were synthesised of."""

_LIKE = {
    Family.ECP5: (Family.ECP5,),
    Family.XC7: (Family.XC7, Family.ECP5),
    Family.XCUP: (Family.XCUP, Family.XC7, Family.ECP5),
}
"""Families whose prices are taken. UltraScale+ has its own where there are multiplier blocks."""


@dataclass(frozen=True, slots=True)
class Resources:
    """lut: LUTs (of 4 inputs on ECP5, with carry cells; of 6 on AMD's); ff: flip-flops; dsp: multiplier blocks; bram:
    blocks of 18 kbit."""

    lut: int = 0
    ff: int = 0
    dsp: int = 0
    bram: int = 0

    def of(self, name: str) -> int:
        """The count of "lut", "ff", "dsp" or "bram"."""
        return {"lut": self.lut, "ff": self.ff, "dsp": self.dsp, "bram": self.bram}[name]

    def __add__(self, other: Resources) -> Resources:
        return Resources(self.lut + other.lut, self.ff + other.ff, self.dsp + other.dsp, self.bram + other.bram)


def total(parts: Iterable[Resources]) -> Resources:
    """The sum."""
    result = Resources()
    for part in parts:
        result += part
    return result


def cost_of(instance: Instance, network: Network, family: Family = Family.ECP5) -> Resources:
    """The estimate for one instance, with the prices of the first family that has points of its module."""
    found = (coefficients().get(like, {}).get(instance.module) for like in _LIKE[family])
    prices = next((prices for prices in found if prices is not None), _UNKNOWN)
    return priced(bill_of(instance, network, family), prices)


def network_cost(network: Network, family: Family = Family.ECP5) -> Resources:
    """The estimate for all instances."""
    return total(cost_of(instance, network, family) for instance in network.instances)


def edges_cost(network: Network, family: Family = Family.ECP5) -> Resources:
    """The estimate for what the top has beside the network: AXI4-Stream edges and the registers."""
    return total(cost_of(instance, network, family) for instance in edges_of(network))


def top_cost(network: Network, family: Family = Family.ECP5) -> Resources:
    """The estimate for the top as it is synthesised."""
    return network_cost(network, family) + edges_cost(network, family)


def edges_of(network: Network) -> list[Instance]:
    """The modules of the top's edges."""
    sides = [("hwc_axis_in", network.inputs), ("hwc_axis_out", network.outputs)]
    edges = [
        Instance(module, f"u_{edge.port}", _edge_parameters(network.streams[edge.stream]), ())
        for module, own in sides
        for edge in own
    ]
    return [*edges, Instance("hwc_axil", "u_axil", {}, ())]


def _edge_parameters(stream: Stream) -> dict[str, Parameter]:
    return {"Width": stream.element.bits, "Lanes": stream.lanes, "Beats": stream.beats}


def priced(bill: Bill, prices: Prices) -> Resources:
    """The bill in resources."""
    lut = sum(number * prices["lut"].get(name, 0.0) for name, number in bill.lut.items())
    ff = sum(number * prices["ff"].get(name, 0.0) for name, number in bill.ff.items())
    return Resources(round(lut), round(ff), bill.dsp, bill.bram)
