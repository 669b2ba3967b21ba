"""Weights of 4 bits, two a byte: where the option and its rule pack them, and every value of what unpacks them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwcomp.ir.graph import Graph
from hwcomp.ir.ops.dot import Dense
from hwcomp.ir.types import S16, U8
from hwcomp.targets.tvm.ops.nibbles import fits, packed_rows, pairs
from tests.targets.int4_graphs import int4_graph
from tests.targets.mcu_graphs import Maker
from tests.targets.tvm_bundles import problem_of, rendered, run_all, written

SEEDS = range(5)
MACHINES = ("x86-vnni", "x86", "c")


def dense_graph(channels: int, features: int, rows: int = 1, most: int = 7) -> Graph:
    m = Maker("dense")
    x = m.op(Dense, m.input("x", (rows, channels), U8), *m.weights((features, channels), -8, most))
    return m.finish(y=m.requant(x, divide=200, channels=features))


def is_packed(graph: Graph, **options: str) -> bool:
    """Whether the weights of the only dense layer take less than a byte each."""
    weights = next(value for value in graph.constants() if len(value.shape) == 2)
    assert weights.data is not None
    return len(rendered(graph, **options)[0]["params.bin"]) < weights.data.size


@pytest.mark.parametrize(
    ("given", "machine", "int4", "wanted"),
    [
        ((256, 256), "x86-vnni", "auto", True),
        ((256, 256), "x86-vnni", "never", False),
        ((128, 256), "x86-vnni", "auto", False),
        ((128, 256), "x86-vnni", "always", True),
        ((256, 256, 4), "x86-vnni", "auto", True),
        ((256, 256, 16), "x86-vnni", "auto", False),
        ((256, 256, 1, 8), "x86-vnni", "always", False),
        ((256, 256), "x86", "auto", False),
        ((256, 256), "x86", "always", True),
        ((256, 256), "arm64", "auto", False),
        ((256, 256), "arm64", "always", True),
    ],
)
def test_the_rule(given: tuple[int, ...], machine: str, int4: str, wanted: bool) -> None:
    assert is_packed(dense_graph(*given), tvm_target=machine, int4=int4) == wanted


def test_pairs_hold_both() -> None:
    rows = np.random.default_rng(0).integers(-8, 8, (3, 7))
    packed = packed_rows(rows).astype(np.int32)
    low, high = packed << 28 >> 28, packed >> 4
    assert packed.shape == (3, 4)
    assert (np.stack([low, high], axis=-1).reshape(3, 8)[:, :7] == rows).all() and (high[:, -1] == 0).all()
    assert (pairs(np.array([-8]), np.array([7])).view(np.uint8) == 0x78).all()


def test_no_room_for_sixteen_times_the_sums() -> None:
    assert fits(np.array([-8, 7]), (1 << 27) - 1) and not fits(np.array([-8, 7]), 1 << 27)
    assert not fits(np.array([8])) and not fits(np.array([-9])) and not fits(np.array([], np.int64))


def wide_graph() -> Graph:
    """int16 by weights of 4 bits: no dot product has it, plain loops do."""
    m = Maker("wide")
    x = m.op(Dense, m.input("x", (2, 31), S16), *m.weights((9, 31), -8, 7))
    return m.finish(y=m.requant(x, divide=3000, channels=9))


@pytest.mark.slow
def test_every_value(tmp_path: Path) -> None:
    """By the CPU's instructions, by plain loops, in C: equal to `evaluate`."""
    graphs = {f"int4_{seed}": int4_graph(seed) for seed in SEEDS} | {"wide": wide_graph()}
    folders = [
        written(rendered(graph, tvm_target=machine, int4="always")[0], tmp_path / f"{name}.{machine}")
        for name, graph in graphs.items()
        for machine in MACHINES
    ]
    rule = written(rendered(dense_graph(300, 300, 3), tvm_target="x86-vnni")[0], tmp_path / "rule")
    assert run_all("build.py", [*folders, rule]) == {}
    assert {folder.name: problem_of(folder) for folder in (*folders, rule)} == {f.name: "" for f in (*folders, rule)}
    assert "vpdpbusd" in (rule / "lib" / "net_kernels.s").read_text("utf-8")


@pytest.mark.slow
def test_other_machines_have_objects(tmp_path: Path) -> None:
    """arm64 unpacks by its own instructions; a Cortex-M by shifts."""
    made = {
        machine: written(rendered(int4_graph(1), tvm_target=machine, int4="always")[0], tmp_path / machine)
        for machine in ("arm64", "cortex-m4")
    }
    assert run_all("build.py", list(made.values())) == {}
    assert "sdot" in (made["arm64"] / "lib" / "net_kernels.s").read_text("utf-8")
    assert "sbfx" in (made["cortex-m4"] / "lib" / "net_kernels.s").read_text("utf-8")
