"""The texts of a tvm bundle, which need no TVM: golden, the same each time; what is said where TVM is missing."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from hwcomp.cli.doctor import TOOLS, find
from hwcomp.ir.graph import Graph
from hwcomp.support.errors import EXIT_TOOL, HwcompError
from hwcomp.targets.tvm import compile as compiling
from hwcomp.targets.tvm.compile import VERSIONS, check_installed
from hwcomp.targets.tvm.kernel import ALIGNMENT
from hwcomp.targets.tvm.target import TARGET
from tests.resources import ROOT
from tests.targets.mcu_graphs import GRAPHS, Maker
from tests.targets.tvm_bundles import INFO, rendered

GOLDEN = Path(__file__).parent / "golden_tvm_kernels.txt"


def tiny_graph() -> Graph:
    m = Maker("tiny")
    x = m.requant(m.op_dense(m.input("features", (1, 6)), 4), divide=99, channels=4)
    return m.finish(scores=x)


def test_golden_kernels(update_golden: bool) -> None:
    """The PrimFunc and its schedule, as a user reads them."""
    files, _ = rendered(tiny_graph(), schedule="portable")
    text = "".join(files[name].decode("utf-8") for name in ("kernels.tvmscript.py", "schedules.py", "run.tvmscript.py"))
    if update_golden:
        GOLDEN.write_text(text, "utf-8")
    assert text == GOLDEN.read_text("utf-8")


def test_rendering_needs_no_tvm() -> None:
    code = (
        "import sys; sys.modules['tvm'] = sys.modules['tvm_ffi'] = None\n"
        "from tests.targets.tvm_bundles import rendered\n"
        "from tests.targets.mcu_graphs import GRAPHS\n"
        "print(len(rendered(GRAPHS['products']())[0]))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 15


@pytest.mark.parametrize("name", GRAPHS)
def test_same_input_same_bytes(name: str) -> None:
    files = rendered(GRAPHS[name]())[0]
    assert files == rendered(GRAPHS[name]())[0]
    for path, data in files.items():
        if path.endswith(".py"):
            ast.parse(data)


@pytest.mark.parametrize("machine", ["x86-vnni", "arm64", "cortex-m4", "cortex-m55", "riscv32", "c", "cuda"])
def test_every_machine_has_texts(machine: str) -> None:
    files, manifest = rendered(GRAPHS["convolutions"](), tvm_target=machine)
    assert f"`{machine}`" in files["README.md"].decode("utf-8")
    assert manifest.extra["machine"]["name"] == machine  # type: ignore[index]


def test_parameters_are_aligned() -> None:
    files, manifest = rendered(GRAPHS["elementwise"]())
    offsets = [
        index
        for step in manifest.extra["steps"]  # type: ignore[union-attr]
        for kind, index in step["arguments"]
        if kind in ("params", "arena")
    ]
    assert offsets and all(offset % ALIGNMENT == 0 for offset in offsets)
    assert len(files["params.bin"]) == manifest.extra["parameter_bytes"]


def test_the_c_parameters_are_the_same_bytes() -> None:
    files, _ = rendered(GRAPHS["products"]())
    words = [
        int(word[:-3], 16) for word in files["src/net_params.c"].decode().replace(",", " ").split() if "ULL" in word
    ]
    data = np.array(words, "<u8").tobytes()
    assert data[: len(files["params.bin"])] == files["params.bin"]


def test_the_manifest_names_what_is_there() -> None:
    files, manifest = rendered(GRAPHS["products"]())
    assert json.loads(files["manifest.json"])["target"] == "tvm"
    kernels = files["kernels.tvmscript.py"].decode()
    for layer in manifest.extra["layers"]:  # type: ignore[union-attr]
        assert f"def {layer['kernel']}(" in kernels


def raise_missing(package: str) -> str:
    raise metadata.PackageNotFoundError(package)


@pytest.mark.parametrize(
    ("version", "said"),
    [
        (raise_missing, "apache-tvm is not installed"),
        ({**VERSIONS, "apache-tvm": "0.26.0"}.__getitem__, "apache-tvm is 0.26.0, hwcomp needs 0.27.0.post1"),
        ({**VERSIONS, "apache-tvm-ffi": "0.1.15.post2"}.__getitem__, "apache-tvm-ffi is 0.1.15.post2, hwcomp needs"),
    ],
)
def test_tvm_missing_or_wrong(version: object, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling.metadata, "version", version)
    for call in (check_installed, lambda: TARGET.emit(tiny_graph(), TARGET.parse_options({"tvm-target": "x86"}), INFO)):
        with pytest.raises(HwcompError, match="HWC601") as caught:
            call()
        assert said in caught.value.what
        assert caught.value.problems[0].exit_code == EXIT_TOOL
        assert "pip install 'hwcomp[tvm]'" in caught.value.problems[0].fix


def test_the_doctor_knows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    tools = [tool for tool in TOOLS if tool.name.startswith("apache-tvm")]
    assert [tool.name for tool in tools] == list(VERSIONS)
    monkeypatch.setattr(compiling.metadata, "version", {**VERSIONS, "apache-tvm-ffi": "0.1.15.post2"}.__getitem__)
    assert [find(tool).status for tool in tools] == ["found", "missing"]


def test_the_extra_pins_what_the_target_wants() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    for package, version in VERSIONS.items():
        assert f'"{package}=={version}"' in text


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"tvm_target": "z80"}, "is no machine"),
        ({"tvm_target": '{"mcpu": "znver4"}'}, "is no machine"),
        ({"replay": "/nowhere"}, "there is no trace"),
    ],
)
def test_refused_options(options: dict[str, str], said: str) -> None:
    with pytest.raises(HwcompError, match="HWC006") as caught:
        rendered(tiny_graph(), **options)
    assert said in caught.value.what


def test_a_trace_of_another_kernel_is_not_replayed(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"function": "k", "key": "0" * 32, "trace": [[], []]}))
    (tmp_path / "b.json").write_text("not JSON")
    with pytest.raises(HwcompError, match="HWC006") as caught:
        rendered(tiny_graph(), replay=str(tmp_path))
    assert "of a kernel of this model" in caught.value.what
    key = rendered(tiny_graph())[1].extra["layers"][0]["key"]  # type: ignore[index]
    (tmp_path / "c.json").write_text(json.dumps({"function": "other", "key": key, "trace": [[], []]}))
    files, manifest = rendered(tiny_graph(), replay=str(tmp_path))
    name = manifest.extra["layers"][0]["kernel"]  # type: ignore[index]
    assert json.loads(files[f"tuned/{name}.json"])["function"] == name
