"""Several weights in one multiplier block: what fits is offered, taken where blocks are scarce, never elsewhere."""

from __future__ import annotations

import pytest

from hwcomp.targets.asic.options import AsicOptions
from hwcomp.targets.dataflow.boards import DEVICES, Board
from hwcomp.targets.dataflow.choice import Choice, Fabric, MultStyle, WeightStyle
from hwcomp.targets.dataflow.design import Design, make_design
from hwcomp.targets.dataflow.estimate.cost import Family, network_cost
from hwcomp.targets.dataflow.lower import isolated
from hwcomp.targets.dataflow.options import DesignOptions
from hwcomp.targets.dataflow.timing.interval import network_interval
from hwcomp.targets.fpga.options import FpgaOptions
from hwcomp.targets.hls.options import HlsOptions
from tests.targets.mcu_graphs import Maker

XC7, XCUP, ECP5 = (DEVICES[b].mult_bits for b in (Board.ZYNQ7020, Board.ZU3EG, Board.ECP5))


@pytest.mark.parametrize(
    ("bits", "x", "signed", "weight", "pe", "wanted"),
    [
        (XC7, 8, True, 8, 4, 2),
        (XC7, 8, False, 8, 4, 2),
        (XCUP, 8, True, 8, 4, 2),
        (ECP5, 8, True, 8, 4, 1),
        (XC7, 4, True, 4, 12, 3),
        (XCUP, 4, True, 4, 4, 4),
        (XCUP, 4, False, 4, 8, 4),
        (XC7, 4, True, 4, 4, 2),
        (XCUP, 4, False, 2, 10, 5),
        (ECP5, 4, True, 4, 4, 2),
        (ECP5, 8, False, 4, 4, 2),
        (ECP5, 4, False, 2, 6, 3),
        (XC7, 8, True, 8, 3, 1),
        (XC7, 18, False, 2, 4, 1),
        (XC7, 8, True, 9, 4, 1),
    ],
)
def test_what_fits(bits: tuple[int, int], x: int, signed: bool, weight: int, pe: int, wanted: int) -> None:
    assert Fabric(bits, packs=True).pack(x, signed, weight, pe) == wanted
    assert Fabric(bits).pack(x, signed, weight, pe) == 1


def test_the_extremes_fit_the_operand() -> None:
    """Of all widths: the packed word of the lowest weights, and that products stay in their fields."""
    for wide, x, weight in ((w, a, b) for w in (18, 25, 27) for a in range(1, 18) for b in range(1, 17)):
        pack = Fabric((wide, 18), packs=True).pack(x, True, weight, 720720)
        lowest = sum(-(1 << (weight - 1)) << (i * (x + weight - 1)) for i in range(pack))
        assert pack == 1 or -(1 << (wide - 1)) <= lowest


def layer() -> tuple[Maker, str]:
    m = Maker("packed")
    return m, m.input("x", (1, 16))


def dense(options: DesignOptions) -> Design:
    m, x = layer()
    return make_design(m.finish(y=m.op_dense(x, 16)), "net", options)


def styles(design: Design) -> list[object]:
    return [i.parameters["MultStyle"] for i in design.network.instances if i.module == "hwc_mvu"]


def test_half_the_blocks_for_the_same_clocks() -> None:
    m, x = layer()
    graph, fabric = m.finish(y=m.op_dense(x, 16)), Fabric(XC7, packs=True)
    plain, packed = (
        isolated(graph, 0, graph.ops[0], Choice(1, 16, 2, WeightStyle.BLOCK, mults), fabric)
        for mults in (MultStyle.DSP, MultStyle.PACKED)
    )
    assert network_interval(plain)[0] == network_interval(packed)[0] == 8
    one, other = (network_cost(made, Family.XC7) for made in (plain, packed))
    assert (one.dsp, other.dsp) == (32, 16)
    assert other.lut > one.lut


def test_the_solver_packs_where_blocks_are_scarce() -> None:
    options = FpgaOptions(Board.ZYNQ7020, interval=16, max_dsp=8, adder_levels=0)
    design = dense(options)
    assert styles(design) == ["packed"]
    assert design.cost.dsp == 8


def test_other_targets_are_never_offered_it() -> None:
    assert styles(dense(HlsOptions(interval=16, max_dsp=8, adder_levels=0))) == ["lut"]
    asic = AsicOptions(interval=16, max_multipliers=8)
    m, x = layer()
    design = make_design(m.finish(y=m.op_dense(x, 16)), "net", asic.as_fpga(), asic.device())
    assert "packed" not in styles(design)
