"""Random graphs from fixed seeds: hwcomp gives what the runtime gives, element for element (see `compare.py`)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.fuzz import qoperator
from tests.fuzz.compare import Tally
from tests.fuzz.operators import draw
from tests.fuzz.run import check_seed

QDQ_SEEDS, RARE_SEEDS, QOPERATOR_SEEDS, CHUNK = 500, 200, 200, 25
MCU_SEEDS = 16
SOFTMAX_SHARE = 1e-4


def run(kind: str, seeds: range) -> Tally:
    """All graphs of the seeds; no problem may be left."""
    total = Tally()
    for seed in seeds:
        total.add(check_seed(seed, kind))
    assert not total.problems, "\n".join(total.problems)
    assert total.softmax_off_by_one <= SOFTMAX_SHARE * total.values
    return total


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HWCOMP_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("first", range(0, QDQ_SEEDS, CHUNK))
def test_qdq(first: int) -> None:
    total = run("qdq", range(first, first + CHUNK))
    assert total.tensors > 50
    # Of seeds this few no float32 sum comes near a boundary: a difference that is explained is worth a look.
    assert total.float_order == 0


@pytest.mark.parametrize("first", range(0, RARE_SEEDS, CHUNK))
def test_rare_operators(first: int) -> None:
    assert run("rare", range(first, first + CHUNK)).tensors > 50


@pytest.mark.parametrize("first", range(0, QOPERATOR_SEEDS, CHUNK))
def test_qoperator(first: int) -> None:
    assert run("qoperator", range(first, first + CHUNK)).tensors > 50


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("gcc") is None, reason="no gcc")
def test_mcu() -> None:
    """Some graphs through the C compiler under sanitizers; `make fuzz` runs more."""
    run("mcu", range(MCU_SEEDS))


# Found by `python -m tests.fuzz.run`: kind, seed, what was wrong.
FOUND = (
    ("qdq", 5720, "ONNX Runtime's polynomial for Tanh beside a tie was taken for a mismatch"),
    ("qdq", 530, "Relu behind a subtraction of two tensors was refused"),
    ("qdq", 683, "Clip behind a subtraction of two tensors was refused"),
    ("rare", 253, "the least of two uint8 tensors was held as s16, and its zero point refused"),
    ("rare", 40, "the least of two uint8 tensors was held as s8, and its zero point refused"),
    ("qoperator", 1, "QLinearAdd of a tensor and itself was refused"),
    ("qoperator", 21, "QLinearMul rounds after adding the zero point: ties of a tensor times itself"),
    ("qoperator", 457, "QLinearMul rounds after adding the zero point: ties of two tensors"),
)


@pytest.mark.parametrize(("kind", "seed", "what"), FOUND)
def test_found(kind: str, seed: int, what: str) -> None:
    problems = check_seed(seed, kind).problems
    assert not problems, f"{what}: {problems}"


def test_same_seed_same_graph() -> None:
    for seed in (3, 4):
        assert draw(seed).model == draw(seed).model
        assert qoperator.draw(seed).model == qoperator.draw(seed).model
