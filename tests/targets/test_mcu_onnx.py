"""ONNX models whose integers take Thresholds, weighted averages or a wide LogSoftmax: the C computes the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hwcomp import driver
from hwcomp.ir.ops import OPS
from hwcomp.prove.synthesize import Policy, ShiftPreference
from hwcomp.verify.run import RunOptions, run_bundle
from tests.frontends.onnx_build import Net, read
from tests.targets.test_mcu_run import STRICT, compare, emit, rows_of, write


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HWCOMP_CACHE", str(tmp_path / "cache"))


def convolution(function: str) -> Net:
    """Conv, a function on its accumulators, Q."""
    net, rng = Net(), np.random.default_rng(4)
    scales = rng.uniform(0.001, 0.01, 5).astype(np.float32)
    w = net.weights(rng.integers(-128, 128, (5, 8, 3, 3), dtype=np.int8), scales)
    y = net.node("Conv", [net.active((1, 8, 6, 7), 0.071, 3), w], pads=[1, 1, 1, 1])
    net.output(net.q(net.node(function, [y]), 1 / 128, -20))
    return net


def average() -> Net:
    net = Net()
    y = net.node("AveragePool", [net.active((1, 3, 9, 8), 0.31, -5)], kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    net.output(net.q(y, 0.17, 3))
    return net


def logarithm() -> Net:
    net = Net()
    net.output(net.q(net.node("LogSoftmax", [net.active((4, 33), 0.11, 5)]), 0.05, 120))
    return net


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: convolution("Sigmoid"), "thresholds"),
        (average, "mul"),
        (logarithm, "wide_log_softmax"),
    ],
    ids=["sigmoid", "average", "log-softmax"],
)
def test_the_c_computes_the_integers(tmp_path: Path, make: Callable[[], Net], kind: str) -> None:
    lowered = driver.lower(read(make(), tmp_path), Policy.LISTED, ShiftPreference())
    assert any(isinstance(op, OPS[kind]) for op in lowered.ops)
    graph, bundle = emit(lowered)
    folder = write(bundle, tmp_path / "out")
    rows = rows_of(graph, 7)
    joined = {key: np.concatenate([row[key] for row in rows]) for key in rows[0]}
    options = RunOptions(compiler="gcc", flags=STRICT, sanitize=True, raw=True)
    compare(graph, rows, run_bundle(folder, joined, "host", trace=True, options=options))
