"""The bundle's files: deterministic, safe from hostile names, without floats or division, usable by CMake alone."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hwcomp.ir.graph import Graph
from hwcomp.ir.op import Op
from hwcomp.ir.parser import parse
from hwcomp.ir.types import S8, S32, Location
from hwcomp.support.errors import HwcompError
from hwcomp.support.manifest import read_manifest
from hwcomp.targets import load_target
from hwcomp.targets.base import describe_options
from hwcomp.targets.c_text import forbidden_in
from tests.resources import missing
from tests.targets.mcu_graphs import GRAPHS, Maker
from tests.targets.test_mcu_run import INFO, STRICT, TARGET, emit, write

GOLDEN = Path(__file__).parent / "golden_mcu_model.c"
HOSTILE = (
    "*/ int main(void) {",
    'a"b\\',
    "two\nlines",
    "ünï/日本",
    "for",
    "*/",
    "-1",
    "x" * 300,
    "${VAR}",
    "??/",
    "|`",
)


def dense_graph() -> Graph:
    m = Maker("tiny")
    x = m.requant(m.op_dense(m.input("features", (1, 6)), 4), divide=99, channels=4)
    return m.finish(scores=x)


def compiled(folder: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    sources = [str(path) for path in sorted((folder / "src").glob("*.c"))]
    command = ["gcc", *STRICT, *flags, f"-I{folder / 'src'}", *sources, "-o", str(folder / "program")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_golden_model_c(update_golden: bool) -> None:
    text = emit(dense_graph())[1].files["src/net.c"].decode()
    if update_golden:
        GOLDEN.write_text(text, "utf-8")
    assert text == GOLDEN.read_text("utf-8")


def test_emitted_text_is_formatted(tmp_path: Path) -> None:
    formatter = shutil.which("clang-format") or str(Path(sys.executable).parent / "clang-format")
    if not Path(formatter).exists():
        missing("clang-format", "pip install clang-format")
    (tmp_path / ".clang-format").write_text("BasedOnStyle: LLVM\nColumnLimit: 100\nInsertBraces: true\n")
    for name in ("products", "states", "layouts"):
        folder = write(emit(GRAPHS[name]())[1], tmp_path / name)
        files = [str(path) for path in sorted((folder / "src").glob("net*"))]
        done = subprocess.run([formatter, "--dry-run", "-Werror", *files], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[:2000]


@pytest.mark.parametrize("name", GRAPHS)
def test_same_input_same_bytes(name: str) -> None:
    assert dict(emit(GRAPHS[name]())[1].files) == dict(emit(GRAPHS[name]())[1].files)


@pytest.mark.parametrize("name", GRAPHS)
def test_no_floats_no_division(name: str) -> None:
    for path, data in emit(GRAPHS[name]())[1].files.items():
        if path.endswith((".c", ".h")):
            assert forbidden_in(data.decode()) == [], path


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("int a = b / c;", ["/"]),
        ("int a = b % 3;", ["%"]),
        ("float a;", ["float"]),
        ("x = 1.5;", ["1.5"]),
        ("p = malloc(4);", ["malloc"]),
        ("a = b / 2U; /* c / d, 1.5 */ // e / f", []),
        ('__asm__("%0 / %1");', []),
        ("int floating = 1;", []),
    ],
)
def test_forbidden_text_is_found(text: str, found: list[str]) -> None:
    assert forbidden_in(text) == found


def test_the_graph_and_the_manifest_can_be_read_back(tmp_path: Path) -> None:
    graph, bundle = emit(GRAPHS["elementwise"]())
    folder = write(bundle, tmp_path)
    assert parse((folder / "graph.hwc").read_text("utf-8")) == graph
    assert read_manifest(folder) == bundle.manifest
    names = {value.name for value in bundle.manifest.values}
    with np.load(folder / "vectors" / "vectors.npz") as vectors:
        assert names | {"a", "b"} == set(vectors.files)
        assert all(len(vectors[name]) == 3 for name in vectors.files)


def test_only_the_kernels_used_are_copied() -> None:
    files = emit(dense_graph(), arch="generic")[1].files
    assert {path for path in files if path.startswith("src/hwc_") and path.endswith(".c")} == {
        "src/hwc_dense.c",
        "src/hwc_requant.c",
    }


def hostile_graph() -> Graph:
    """Every name that a user can choose is hostile."""
    m = Maker("hostile */ /*")
    x = m.b.input(HOSTILE[0], m.b.value(m.input("plain", (1, 4))).type)
    for name in HOSTILE:
        op = m.make_requant(x, divide=2)
        x = m.b.add1(replace(op, name=name, outputs=(name,), loc=Location("*/\n", name, 'Op"*/')))
    m.b.output("*/ out", x)
    m.b.output("\\", x)
    return m.finish()


def test_hostile_names(tmp_path: Path) -> None:
    info = replace(INFO, model_name='*/ ${x} "evil"\n.onnx', command="hwcomp build '*/\n#error'")
    graph, options = hostile_graph(), TARGET.parse_options({})
    folder = write(TARGET.emit(graph, options, info), tmp_path)
    c_name = read_manifest(folder).c_name
    assert re.fullmatch(r"[a-z][a-z0-9_]*", c_name)
    assert compiled(folder, "-DHWC_SELFTEST_MAIN", "-DHWC_TRACE").stderr == ""
    assert subprocess.run([str(folder / "program")], check=False).returncode == 0
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert [port["name"] for port in manifest["outputs"]] == ["*/ out", "\\"]
    for line in (folder / "CMakeLists.txt").read_text("utf-8").splitlines()[:3]:
        assert line.startswith("#")


def test_self_test_fails_where_a_weight_differs(tmp_path: Path) -> None:
    folder = write(emit(dense_graph())[1], tmp_path)
    assert compiled(folder, "-DHWC_SELFTEST_MAIN").stderr == ""
    assert subprocess.run([str(folder / "program")], check=False).returncode == 0
    weights = folder / "src" / "net_weights.c"
    changed = re.sub(r"(bias\[4\] ALIGNED = \{\n +)(-?\d+)", r"\g<1>-70000", weights.read_text("utf-8"))
    assert changed != weights.read_text("utf-8")
    weights.write_text(changed, "utf-8")
    assert compiled(folder, "-DHWC_SELFTEST_MAIN").stderr == ""
    assert subprocess.run([str(folder / "program")], check=False).returncode == 1


def test_wrong_pointers_are_refused(tmp_path: Path) -> None:
    folder = write(emit(GRAPHS["states"]())[1], tmp_path)
    (folder / "src" / "main.c").write_text(
        '#include "net.h"\n#include <stddef.h>\nstatic net_state_t s;\nstatic uint32_t a[1024];\n'
        "int main(void) {\n  int8_t x[4] = {0};\n  int32_t y[3][16];\n"
        "  const void *const in[] = {x};\n  void *const out[] = {y[0], y[1], y[2]};\n  net_reset(&s);\n"
        "  return (net_run(&s, in, out, a) == 0 && net_run(NULL, in, out, a) == 1 &&\n"
        "          net_run(&s, NULL, out, a) == 1 && net_run(&s, in, out, (uint8_t *)a + 1) == 1) ? 0 : 1;\n}\n",
        "utf-8",
    )
    assert compiled(folder).stderr == ""
    assert subprocess.run([str(folder / "program")], check=False).returncode == 0


def test_c_name() -> None:
    parsed = TARGET.parse_options({"c-name": "my_net"})
    files = TARGET.emit(dense_graph(), parsed, INFO).files
    assert b"int my_net_run(const void *const inputs[]" in files["src/my_net.h"]
    for bad in ("1x", "a b", "int", "hwc_x", "a__b", "*/"):
        with pytest.raises(HwcompError, match="HWC006"):
            TARGET.emit(dense_graph(), TARGET.parse_options({"c_name": bad}), INFO)


def test_options() -> None:
    assert {option.name for option in describe_options(TARGET.options_type)} >= {"arch", "c-name", "optimise"}
    assert all(option.help for option in describe_options(TARGET.options_type))
    with pytest.raises(HwcompError) as caught:
        TARGET.parse_options({"arch": "vax", "speed": "1", "vectors": "-1"})
    assert [problem.code for problem in caught.value.problems] == ["HWC006"] * 3
    with pytest.raises(HwcompError, match="HWC005"):
        load_target("toaster")


def test_memory_limit() -> None:
    with pytest.raises(HwcompError, match="HWC401"):
        emit(GRAPHS["convolutions"](), ram_bytes="64")


def test_samples_are_vectors_too(tmp_path: Path) -> None:
    own = np.arange(12, dtype=np.int8).reshape(2, 6)
    bundle = TARGET.emit(dense_graph(), TARGET.parse_options({}), replace(INFO, samples={"features": own}))
    with np.load(write(bundle, tmp_path) / "vectors" / "vectors.npz") as vectors:
        np.testing.assert_array_equal(vectors["features"][3:].reshape(2, 6), own)
    for bad in ({"other": own}, {"features": own[:, :5]}, {"features": own * 1.0}, {"features": own + np.int64(300)}):
        with pytest.raises(HwcompError, match="HWC008"):
            TARGET.emit(dense_graph(), TARGET.parse_options({}), replace(INFO, samples=bad))


def test_check_names_every_operator_that_does_not_fit() -> None:
    m = Maker("unfit")
    wide = m.op_dense(m.input("x", (1, 4)), 3)
    twice = m.op_dense(wide, 2)
    far = m.requant(wide, divide=9, shift=31, mult=((1 << 32,),))
    lut = m.op_lut(m.requant(wide, divide=99, dtype=S32, lo=0, hi=10))
    graph = m.finish(twice=twice, far=far, lut=lut)
    problems = TARGET.check(graph, TARGET.parse_options({}))
    assert [problem.code for problem in problems] == ["HWC403", "HWC402", "HWC403"]
    assert "Dense" in problems[0].at
    assert "Requant" in problems[1].at


def test_an_operator_without_a_kernel_is_said() -> None:
    class Strange(Op):
        """No target has it."""

    graph = dense_graph()
    odd = Strange(name="odd", inputs=(), outputs=("odd",), loc=Location("net.onnx", "odd", "Strange"))
    value = replace(graph.values["features"], name="odd", type=replace(graph.values["features"].type, dtype=S8))
    changed = replace(graph, ops=(*graph.ops, odd), values={**graph.values, "odd": value})
    [problem] = TARGET.check(changed, TARGET.parse_options({}))
    assert (problem.code, problem.at) == ("HWC106", "net.onnx: Strange 'odd'")


CONSUMER = """\
cmake_minimum_required(VERSION 3.13)
project(consumer C)
find_package(net 0.1 REQUIRED)
add_executable(consumer main.c)
target_link_libraries(consumer PRIVATE net::net)
"""


def test_cmake_build_test_install_and_find_package(tmp_path: Path) -> None:
    if shutil.which("cmake") is None:
        pytest.skip("cmake is missing")
    folder = write(emit(dense_graph())[1], tmp_path / "bundle")
    build, installed, user = tmp_path / "build", tmp_path / "installed", tmp_path / "user"
    run("cmake", "-S", folder, "-B", build, f"-DCMAKE_INSTALL_PREFIX={installed}", "-DCMAKE_C_FLAGS=-Wall -Werror")
    run("cmake", "--build", build)
    assert "100% tests passed" in run("ctest", "--test-dir", build)
    run("cmake", "--install", build)
    user.mkdir()
    (user / "CMakeLists.txt").write_text(CONSUMER)
    (user / "main.c").write_text(
        '#include "net_selftest.h"\n#include <stdint.h>\nstatic uint32_t memory[(NET_SELFTEST_BYTES + 3) >> 2];\n'
        "int main(void) { return net_selftest(memory); }\n"
    )
    run("cmake", "-S", user, "-B", user / "build", f"-DCMAKE_PREFIX_PATH={installed}")
    run("cmake", "--build", user / "build")
    run(user / "build" / "consumer")


def run(*command: object) -> str:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_package_files(tmp_path: Path) -> None:
    files = emit(dense_graph())[1].files
    assert json.loads(files["library.json"])["name"] == "net"
    properties = dict(line.split("=", 1) for line in files["library.properties"].decode().splitlines())
    assert properties["includes"] == "net.h"
    zephyr = files["zephyr/CMakeLists.txt"].decode()
    listed = re.findall(r"\b(\w+\.c)$", zephyr, re.MULTILINE)
    kernels = {path.removeprefix("src/") for path in files if re.fullmatch(r"src/hwc_\w+\.c", path)}
    assert set(listed) == {"net.c", "net_weights.c", *kernels}


TWO_MODELS = """\
cmake_minimum_required(VERSION 3.13)
project(two C)
add_subdirectory(one)
add_subdirectory(other)
add_executable(two main.c)
target_link_libraries(two PRIVATE one::one other::other)
"""


def test_two_models_in_one_program(tmp_path: Path) -> None:
    if shutil.which("cmake") is None:
        pytest.skip("cmake is missing")
    write(emit(dense_graph(), c_name="one")[1], tmp_path / "one")
    write(emit(GRAPHS["products"](), c_name="other")[1], tmp_path / "other")
    (tmp_path / "CMakeLists.txt").write_text(TWO_MODELS)
    (tmp_path / "main.c").write_text(
        '#include "one_selftest.h"\n#include "other_selftest.h"\n#include <stdint.h>\nstatic uint32_t memory[4096];\n'
        "int main(void) { return one_selftest(memory) + other_selftest(memory); }\n"
    )
    run("cmake", "-S", tmp_path, "-B", tmp_path / "build")
    run("cmake", "--build", tmp_path / "build")
    run(tmp_path / "build" / "two")


def test_headers_are_cpp_too(tmp_path: Path) -> None:
    if shutil.which("g++") is None:
        pytest.skip("g++ is missing")
    folder = write(emit(GRAPHS["states"]())[1], tmp_path)
    (folder / "main.cpp").write_text('#include "net.h"\n#include "net_selftest.h"\nint main() { return 0; }\n')
    flags = ("-std=c++11", "-Wall", "-Wextra", "-pedantic", "-Werror", "-DHWC_TRACE", "-fsyntax-only")
    run("g++", *flags, f"-I{folder / 'src'}", folder / "main.cpp")
