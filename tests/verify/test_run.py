"""The hand-written bundles of data/ give what numpy says, on every machine and compiler that is there."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hwcomp.support.errors import HwcompError
from hwcomp.verify import qemu_emulator
from hwcomp.verify.run import Emulator, RunOptions, RunResult, count_instructions, run_bundle
from hwcomp.verify.toolchain import has_package

DATA = Path(__file__).parent / "data"
DENSE = DATA / "dense_net"
COUNTER = DATA / "counter"


def needs(*, programs: tuple[str, ...] = (), packages: tuple[str, ...] = ()) -> pytest.MarkDecorator:
    missing = [p for p in programs if shutil.which(p) is None] + [p for p in packages if not has_package(p)]
    return pytest.mark.skipif(bool(missing), reason=f"missing: {', '.join(missing)}")


ARM_GCC, QEMU = "arm-none-eabi-gcc", "qemu-system-arm"
HOSTS = [
    pytest.param("host", RunOptions(compiler="gcc", raw=True), id="gcc", marks=needs(programs=("gcc",))),
    pytest.param("host", RunOptions(compiler="gcc", flags=("-O3",), raw=True), id="O3", marks=needs(programs=("gcc",))),
    pytest.param("host", RunOptions(compiler="clang", raw=True), id="clang", marks=needs(programs=("clang",))),
    pytest.param(
        "host", RunOptions(compiler="gcc", sanitize=True, raw=True), id="asan", marks=needs(programs=("gcc",))
    ),
]
EMULATED = [
    pytest.param(
        "cortex-m4", RunOptions(compiler=compiler, emulator=emulator, raw=True), id=f"{emulator.value}-{name}",
        marks=needs(
            programs=(*((ARM_GCC,) if name == "gcc" else ()), *((QEMU,) if emulator is Emulator.QEMU else ())),
            packages=(("ziglang",) * (name == "zig") + ("unicorn",) * (emulator is Emulator.UNICORN)),
        ),
    )
    for name, compiler in (("gcc", ARM_GCC), ("zig", "zig"))
    for emulator in Emulator
]  # fmt: skip


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HWCOMP_CACHE", str(tmp_path_factory.getbasetemp().parent / "hwcomp-cache"))
        yield


def constants(name: str) -> np.ndarray:
    """A constant of the weights file, as one row of integers."""
    text = (DENSE / "src" / "dense_net_weights.c").read_text("utf-8")
    body = text[text.index(f"dense_net_{name}[") :]
    body = body[body.index("=") : body.index(";")]
    return np.array(re.findall(r"-?[0-9]+", body), dtype=np.int64)


def dense_reference(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    def layer(a: np.ndarray, number: int, mult: int, low: int, high: int) -> np.ndarray:
        bias = constants(f"bias{number}")
        acc = a.astype(np.int64) @ constants(f"weight{number}").reshape(len(bias), -1).T + bias
        clamped: np.ndarray = np.clip((acc * mult + 32768) >> 16, low, high)
        return clamped

    hidden = layer(x, 0, 400, 0, 255)
    return hidden, layer(hidden, 1, 150, -128, 127)


def dense_rows(count: int = 6) -> np.ndarray:
    rows = np.random.default_rng(3).integers(-128, 128, (count, 16)).astype(np.int8)
    rows[0], rows[1] = -128, 127
    return rows


def counter_rows() -> dict[str, np.ndarray]:
    values = np.array([[1, 2, 3], [-32767, 32767, 5], [7, 9, -11], [0, 0, 0]], np.int16)
    return {"values": values, "gain": np.array([1, -128, 127, 5], np.int8)}


def run_dense(on: str, options: RunOptions, *, trace: bool = False) -> RunResult:
    return run_bundle(DENSE, {"x": dense_rows()}, on, trace=trace, options=options)


@pytest.mark.parametrize(("on", "options"), HOSTS + EMULATED)
def test_dense_equals_numpy(on: str, options: RunOptions) -> None:
    result = run_dense(on, options)
    assert result.outputs["y"].dtype == np.int8
    assert np.array_equal(result.outputs["y"], dense_reference(dense_rows())[1])


@pytest.mark.parametrize(("on", "options"), HOSTS + EMULATED)
def test_state_is_kept_between_rows(on: str, options: RunOptions) -> None:
    rows = counter_rows()
    result = run_bundle(COUNTER, rows, on, options=options)
    values = rows["values"].astype(np.int32)
    terms = np.where(values & 1, values * rows["gain"].astype(np.int32)[:, None], 0)
    assert np.array_equal(result.outputs["sums"], np.cumsum(terms, axis=0))
    assert result.outputs["steps"].tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(("on", "options"), [*HOSTS[:1], *HOSTS[3:], *EMULATED[:2]])
def test_traces_hold_every_intermediate(on: str, options: RunOptions) -> None:
    result = run_dense(on, options, trace=True)
    hidden, outputs = dense_reference(dense_rows())
    assert result.traces is not None and len(result.traces) == 6
    assert np.array_equal(np.concatenate([trace["hidden"] for trace in result.traces]), hidden)
    assert np.array_equal(np.concatenate([trace["y"] for trace in result.traces]), outputs)
    assert result.instructions is None


@pytest.mark.parametrize(("on", "options"), EMULATED)
def test_counts_repeat_and_add_up(on: str, options: RunOptions) -> None:
    first, second = run_dense(on, options), run_dense(on, options)
    assert first.instructions is not None and len(first.instructions) == 6
    assert first.instructions == second.instructions
    assert sum(first.functions.values()) == sum(first.instructions) > 6 * (16 * 8 + 8 * 4)
    assert first.stack_bytes is not None and 0 < first.stack_bytes < 512
    assert first.sections is not None
    assert (first.sections.rodata, first.sections.data, first.sections.bss) == (8 * 16 + 8 * 4 + 4 * 8 + 4 * 4, 0, 0)
    assert first.sections.flash == first.sections.text + first.sections.rodata


@pytest.mark.parametrize(("bundle", "rows"), [(DENSE, {"x": dense_rows()}), (COUNTER, counter_rows())])
@needs(programs=(ARM_GCC, QEMU), packages=("unicorn",))
def test_both_emulators_count_the_same(bundle: Path, rows: dict[str, np.ndarray]) -> None:
    """The counter's odd rows skip instructions in IT blocks: both count each as one."""
    unicorn = run_bundle(bundle, rows, "cortex-m4", options=RunOptions(compiler=ARM_GCC, raw=True))
    qemu = count_instructions(bundle, rows)
    assert unicorn.instructions == qemu.instructions
    assert unicorn.functions == qemu.functions
    assert unicorn.stack_bytes == qemu.stack_bytes


@pytest.mark.parametrize(("on", "options"), [HOSTS[3], *EMULATED[:2]])
def test_a_write_behind_the_arena_is_found(on: str, options: RunOptions) -> None:
    broken = RunOptions(options.compiler, ("-O1", "-DBREAK_ARENA=1"), options.sanitize, options.emulator)
    with pytest.raises(HwcompError, match=r"outside of buffer|AddressSanitizer") as caught:
        run_dense(on, broken)
    assert caught.value.code == "HWC503"


@pytest.mark.parametrize(("on", "options"), [HOSTS[0], *EMULATED[:2]])
def test_a_failing_model_is_reported(on: str, options: RunOptions) -> None:
    with pytest.raises(HwcompError, match="row 0: the model's run function returned 7"):
        run_dense(on, RunOptions(options.compiler, ("-O1", "-DFAIL_WITH=7"), emulator=options.emulator))


def fault(on: str, options: RunOptions, statement: str, timeout_seconds: float) -> HwcompError:
    flags = ("-O1", f"-DFAIL_WITH={statement}")
    with pytest.raises(HwcompError) as caught:
        run_dense(on, RunOptions(options.compiler, flags, emulator=options.emulator, timeout_seconds=timeout_seconds))
    return caught.value


@pytest.mark.parametrize(("on", "options"), EMULATED[:2])
def test_a_fault_names_the_function_or_the_code(on: str, options: RunOptions) -> None:
    error = fault(on, options, "*(volatile int *)0xF0000000", 20.0)
    assert error.code == "HWC503"
    assert "in dense_net_run" in error.what or "code 99" in error.what


@pytest.mark.parametrize(("on", "options"), [HOSTS[0], *EMULATED[:2]])
def test_an_endless_loop_is_stopped(on: str, options: RunOptions) -> None:
    error = fault(on, options, "({ for (volatile int i = 0; i == 0;) {} 0; })", 0.5)
    assert error.code == "HWC503" and "did not end" in error.what


@needs(programs=("gcc",))
def test_floats_cross_the_border() -> None:
    x = np.array([[-6.25, 6.25, 0.075, 0.025, -0.025, 100.0, -100.0, np.inf, *([0.0] * 8)]], np.float32)
    q = np.array([[-128, 122, -1, -3, -3, 127, -128, 127, *([-3] * 8)]], np.int8)
    floats = run_bundle(DENSE, {"x": x}, "host", options=RunOptions(compiler="gcc")).outputs["y"]
    integers = run_bundle(DENSE, {"x": q}, "host", options=RunOptions(compiler="gcc", raw=True)).outputs["y"]
    assert floats.dtype == np.float32
    assert np.array_equal(floats, (integers.astype(np.float32) - 5) * np.float32(0.125))


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({}, "the inputs given are"),
        ({"x": np.zeros((1, 15), np.int8)}, r"not \[N, 16\]"),
        ({"x": np.zeros((0, 16), np.int8)}, r"not \[N, 16\]"),
        ({"x": np.full((1, 16), 128)}, "outside -128..127"),
        ({"x": np.full((1, 16), np.nan)}, "NaN"),
        ({"x": np.full((1, 16), "a")}, "give integers"),
    ],
)
def test_unfit_inputs_are_refused(inputs: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(HwcompError, match=message) as caught:
        run_bundle(DENSE, inputs, "host")
    assert caught.value.code == "HWC008"


def test_an_unknown_place_is_refused() -> None:
    with pytest.raises(HwcompError, match="no place 'moon'") as caught:
        run_bundle(DENSE, {"x": dense_rows()}, "moon")
    assert caught.value.code == "HWC005"


def test_runs_must_agree() -> None:
    rows = counter_rows()
    with pytest.raises(HwcompError, match="different numbers of runs"):
        run_bundle(COUNTER, rows | {"gain": rows["gain"][:3]}, "host")


@needs(programs=(ARM_GCC, QEMU))
def test_blocks_count_as_single_steps_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """With -singlestep each block is one instruction: nothing is left to the count of instructions within a block."""
    by_blocks = count_instructions(DENSE, {"x": dense_rows()})
    machine = qemu_emulator._machine
    monkeypatch.setattr(qemu_emulator, "_machine", lambda image: [*machine(image), "-singlestep"])
    by_steps = count_instructions(DENSE, {"x": dense_rows()})
    assert by_steps.instructions == by_blocks.instructions
    assert by_steps.functions == by_blocks.functions
