"""Objects for other machines: no undefined symbol that a bare machine lacks; Cortex-M4 runs; C compiles anywhere."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from hwcomp.verify.ladder import verify_bundle
from tests.resources import package, program
from tests.targets.mcu_graphs import GRAPHS
from tests.targets.tvm_bundles import needs_tvm, problem_of, rendered, run_all, written

pytestmark = pytest.mark.slow
NAMES = ("convolutions", "products", "functions", "recurrent", "layouts", "elementwise", "batches", "states")
FEW = ("convolutions", "products", "functions")
PAIRS = [(name, machine) for machine in ("arm64", "cortex-m55", "riscv32", "x86-vnni") for name in FEW]
PAIRS += [(name, "cortex-m4") for name in NAMES]
ALLOWED = {"memcpy", "memset", "memmove"}
BUILTINS = ("__aeabi_", "__divdi3", "__moddi3", "__ashldi3", "__ashrdi3", "__lshrdi3", "__muldi3")


def undefined(data: bytes) -> set[str]:
    """The strong undefined symbols of an ELF object of either class, little-endian."""
    assert data[:4] == b"\x7fELF" and data[5] == 1
    wide = data[4] == 2
    table, entry, count = struct.unpack_from("<Q", data, 40)[0] if wide else struct.unpack_from("<I", data, 32)[0], 0, 0
    entry, count = struct.unpack_from("<HH", data, 58 if wide else 46)
    kinds = "<IIQQQQII" if wide else "<8I"
    sections = [struct.unpack_from(kinds, data, table + i * entry) for i in range(count)]
    found: set[str] = set()
    for _, kind, _, _, offset, size, link, _ in sections:
        for place in range(offset, offset + size, 24 if wide else 16) if kind == 2 else ():
            info, section = (
                data[place + (4 if wide else 12)],
                struct.unpack_from("<H", data, place + (6 if wide else 14))[0],
            )
            start = sections[link][4] + struct.unpack_from("<I", data, place)[0]
            name = data[start : data.index(b"\0", start)].decode()
            if name and section == 0 and info >> 4 == 1:
                found.add(name)
    return found


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    needs_tvm()
    base = tmp_path_factory.mktemp("tvm")
    made = {
        (name, machine): written(rendered(GRAPHS[name](), tvm_target=machine)[0], base / f"{name}.{machine}")
        for name, machine in [*PAIRS, *((name, "c") for name in NAMES)]
    }
    assert run_all("build.py", list(made.values())) == {}
    return made


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HWCOMP_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize(("name", "machine"), PAIRS)
def test_objects_need_nothing(name: str, machine: str, bundles: dict[tuple[str, str], Path]) -> None:
    lib = bundles[name, machine] / "lib"
    strange = {
        symbol
        for path in lib.glob("net_*.o")
        for symbol in undefined(path.read_bytes())
        if not symbol.startswith("net_k_") and symbol not in ALLOWED and not symbol.startswith(BUILTINS)
    }
    assert len(list(lib.glob("net_*.o"))) == 2
    assert strange == set()


@pytest.mark.parametrize("name", NAMES)
def test_cortex_m4_runs(name: str, bundles: dict[tuple[str, str], Path]) -> None:
    package("unicorn")
    result = verify_bundle(bundles[name, "cortex-m4"], ["cortex-m4"])[0]
    assert result.verdict == "equal", result


@pytest.mark.parametrize("name", NAMES)
def test_target_c(name: str, bundles: dict[tuple[str, str], Path]) -> None:
    """The C that TVM writes: as a library, and in the C interface."""
    program("cc")
    assert problem_of(bundles[name, "c"]) == ""
    result = verify_bundle(bundles[name, "c"], ["host"])[0]
    assert result.verdict == "equal", result


def test_objects_of_another_machine_are_not_run(bundles: dict[tuple[str, str], Path]) -> None:
    results = verify_bundle(bundles["products", "riscv32"], ["tvm", "host", "cortex-m4"])
    assert [result.verdict for result in results] == ["skipped"] * 3
    assert all("compiled for 'riscv32'" in result.reason for result in results)


def test_cuda_is_written_and_says_that_it_was_not_run(tmp_path: Path) -> None:
    needs_tvm()
    folder = written(rendered(GRAPHS["products"](), tvm_target="cuda")[0], tmp_path / "bundle")
    assert run_all("build.py", [folder]) == {}
    source = (folder / "lib" / "net_kernels.cu").read_text("utf-8")
    assert "__global__" in source and "never run" in source and "k_dense_1" in source
    assert "It was not run" in (folder / "README.md").read_text("utf-8")
    result = verify_bundle(folder, ["tvm"])[0]
    assert result.verdict == "skipped" and "compiled for 'cuda'" in result.reason
