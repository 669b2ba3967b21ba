"""Names of the model that try to break out of comments, strings and identifiers: the bundle compiles without a warning,
runs equal, and holds the names as they were in its JSON alone."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from hwcomp import driver
from hwcomp.driver import BuildOptions
from hwcomp.support.errors import HwcompError
from hwcomp.support.naming import RESERVED
from hwcomp.verify.ladder import verify_bundle
from hwcomp.verify.run import RunOptions, run_bundle
from hwcomp.verify.toolchain import host_compiler
from tests.frontends.onnx_build import Net

WARNINGS = ("-std=c99", "-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Wsign-conversion", "-Wshadow", "-Werror")
NAMES = (
    "int", "module", "n/1", "n_1", "N.1", "", "*/ #error out", "/* in", "// line\n#error next", 'q"uo\'te', "back\\",
    "??/", "é中文😀", "\u202eright", "__FILE__", "1st", "endmodule", "NULL", "%s%n", "../../etc", "a" * 300,
    "a" * 299 + "b", "{{ view }}", "${HOME}", "`id`", "\x01\x07\x1b[31m", "main", "memory", "hwc_dense",
)  # fmt: skip


def hostile_net() -> Net:
    """A chain of convolutions, one for each name, with the name on its node, its value and its constants."""
    net = Net()
    x = net.active((1, 2, 4, 4), 0.5, 3)
    rng = np.random.default_rng(3)
    for _ in NAMES:
        weights = net.weights(rng.integers(-99, 100, (2, 2, 1, 1), np.int8), np.array([0.01, 0.02], np.float32))
        x = net.dq(net.q(net.node("Conv", [x, weights]), 0.5, 3), 0.5, 3)
    net.output(net.q(x, 0.5, 3))
    return net


def renamed(net: Net, folder: Path) -> Path:
    """Every name in the model replaced; unique by a number of spaces, so that cleaned names collide."""
    model = net.model()
    given: dict[str, str] = {}

    def rename(name: str) -> str:
        if name and name not in given:
            place = len(given)
            given[name] = NAMES[place % len(NAMES)] + " " * (place // len(NAMES) + 1)
        return given.get(name, "")

    graph = model.graph
    graph.name = NAMES[6]
    for item in (*graph.input, *graph.output, *graph.initializer):
        item.name = rename(item.name)
    for number, node in enumerate(graph.node):
        node.name = NAMES[number % len(NAMES)]
        node.input[:] = [rename(name) for name in node.input]
        node.output[:] = [rename(name) for name in node.output]
    path = folder / "int -1st*.onnx"
    path.write_bytes(model.SerializeToString())
    return path


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("names")
    driver.build(renamed(hostile_net(), folder), "mcu", folder / "bundle", BuildOptions())
    return folder / "bundle"


def test_it_compiles_without_a_warning(bundle: Path, tmp_path: Path) -> None:
    compiler = host_compiler()
    for source in sorted(bundle.glob("src/*.c")):
        command = [
            *compiler.command,
            *WARNINGS,
            "-O1",
            f"-I{bundle / 'src'}",
            "-c",
            str(source),
            "-o",
            str(tmp_path / "o"),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_it_runs_equal_on_every_value(bundle: Path) -> None:
    (result,) = verify_bundle(bundle, ["host"])
    assert result.verdict == "equal", result


def test_outputs_equal_those_of_the_model_with_plain_names(bundle: Path, tmp_path: Path) -> None:
    net = hostile_net()
    driver.build(net.save(tmp_path), "mcu", tmp_path / "plain", BuildOptions())
    data = np.random.default_rng(4).integers(-128, 128, (3, 2, 4, 4), np.int8)
    found = []
    for folder in (bundle, tmp_path / "plain"):
        (port,) = json.loads((folder / "manifest.json").read_text("utf-8"))["inputs"]
        (output,) = run_bundle(folder, {port["name"]: data}, "host", options=RunOptions(raw=True)).outputs.values()
        found.append(output)
    assert np.array_equal(*found)


def test_only_json_has_the_names_as_they_were(bundle: Path) -> None:
    breaking = ("*/", "/*", "//", "\\", "??", "\n")
    hard = [n for n in NAMES if not n.isascii() or not n.isprintable() or any(text in n for text in breaking)]
    assert len(hard) > 7
    for path in (p for p in bundle.rglob("*") if p.suffix in {".c", ".h", ".txt", ".properties", ".yml"}):
        text = path.read_text("utf-8")
        assert text.isascii(), path.name
        assert [name for name in hard if name in text] == [], path.name
    manifest = json.dumps(json.loads((bundle / "manifest.json").read_text("utf-8")), ensure_ascii=False)
    assert "中文" in manifest


def test_identifiers_are_legal_and_unique(bundle: Path) -> None:
    manifest = json.loads((bundle / "manifest.json").read_text("utf-8"))
    assert manifest["c_name"].isidentifier() and manifest["c_name"] not in RESERVED
    assert len({value["name"] for value in manifest["values"]}) == len(manifest["values"])


@pytest.mark.parametrize(
    "name", ["a\x00b", "../../x", "", "a\nb", "*/", "a" * 10_000, "a" * 10_001, "/etc/passwd", "日本"]
)
def test_ports_of_any_name_have_their_vectors(name: str, tmp_path: Path) -> None:
    net = hostile_net()
    model = net.model()
    old = model.graph.input[0].name
    model.graph.input[0].name = name
    for node in model.graph.node:
        node.input[:] = [name if each == old else each for each in node.input]
    path = tmp_path / "net.onnx"
    path.write_bytes(model.SerializeToString())
    if name in ("", "a\x00b", "a" * 10_001):
        with pytest.raises(HwcompError):
            driver.build(path, "mcu", tmp_path / "bundle", BuildOptions())
        return
    driver.build(path, "mcu", tmp_path / "bundle", BuildOptions())
    results = verify_bundle(tmp_path / "bundle", ["evaluate"])
    assert [result.verdict for result in results] == ["equal"]
