"""CUDA source: tensor-core instructions in its text; the text, run by emulated warps, gives every value."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hwcomp.ir.graph import Graph
from hwcomp.ir.ops.dot import Conv2d, Dense
from hwcomp.ir.types import S8, U8
from hwcomp.verify.ladder import verify_bundle
from tests.resources import program
from tests.targets.cuda_warps import emulated
from tests.targets.int4_graphs import S4, U4, int4_graph
from tests.targets.mcu_graphs import Maker
from tests.targets.tvm_bundles import needs_tvm, problem_of, rendered, run_all, written

SEEDS = range(4)
FORMS = {
    ("u8", "auto"): "mma.sync.aligned.m8n8k16.row.col.s32.u8.s8.s32",
    ("s8", "always"): "mma.sync.aligned.m8n8k16.row.col.s32.s8.s8.s32",
    ("u4", "auto"): "mma.sync.aligned.m8n8k32.row.col.s32.u4.s4.s32",
    ("s4", "always"): "mma.sync.aligned.m8n8k32.row.col.s32.s4.s4.s32",
    ("u4", "never"): "mma.sync.aligned.m8n8k16.row.col.s32.u8.s8.s32",
}
KINDS = {"u8": U8, "s8": S8, "u4": U4, "s4": S4}


def one_of_each(kind: str) -> Graph:
    """A dense layer and a convolution of weights of 4 bits."""
    m = Maker("one")
    x, image = m.input("x", (3, 128), KINDS[kind]), m.input("image", (1, 5, 6, 32), KINDS[kind])
    dense = m.requant(m.op(Dense, x, *m.weights((20, 128), -8, 7)), divide=50, channels=20)
    conv = m.op(Conv2d, image, *m.weights((9, 3, 3, 32), -8, 7), padding=(1, 1, 1, 1))
    return m.finish(dense=dense, conv=conv)


def test_the_forms_need_no_tvm() -> None:
    """Weights of 4 bits take half the bytes; the manifest says that nothing was run."""
    for int4, form in (("never", "m8n8k16"), ("always", "m8n8k16 of weights of 4 bits")):
        files, manifest = rendered(one_of_each("u8"), tvm_target="cuda", int4=int4)
        layers = manifest.extra["layers"]
        assert [layer["what"].split(": ")[1] for layer in layers] == [form] * 2  # type: ignore[attr-defined]
        assert manifest.extra["machine"]["status"] == "emitted, not run"  # type: ignore[index]
        assert "It was not run" in files["README.md"].decode("utf-8")
    sizes = [len(rendered(one_of_each("u8"), tvm_target="cuda", int4=i)[0]["params.bin"]) for i in ("never", "always")]
    assert sizes[1] < 0.7 * sizes[0]


@pytest.mark.slow
def test_tensor_cores_in_the_source(tmp_path: Path) -> None:
    needs_tvm()
    folders = {
        key: written(rendered(one_of_each(key[0]), tvm_target="cuda", int4=key[1])[0], tmp_path / "_".join(key))
        for key in FORMS
    }
    assert run_all("build.py", list(folders.values())) == {}
    for key, folder in folders.items():
        text = (folder / "lib" / "net_kernels.cu").read_text("utf-8")
        report = json.loads((folder / "lib" / "gpu.json").read_text("utf-8"))
        assert report["status"] == "emitted, not run" and "never run" in text.splitlines()[0]
        assert [kernel["instructions"] for kernel in report["kernels"].values()] == [[FORMS[key]]] * 2
        assert text.count(f'"{FORMS[key]}"') >= 2
        assert verify_bundle(folder, ["tvm"])[0].verdict == "skipped"
        program("c++")
        assert problem_of(emulated(folder)) == ""


@pytest.mark.slow
@pytest.mark.parametrize("least", [-8, -128])
def test_the_text_gives_every_value(least: int, tmp_path: Path) -> None:
    """By an emulation of warps, against `evaluate`: every form, weights of 4 and of 8 bits."""
    needs_tvm()
    program("c++")
    folders = [
        written(rendered(int4_graph(seed, least, -least - 1), tvm_target="cuda", int4="always")[0],
                tmp_path / f"net{seed}")
        for seed in SEEDS
    ]  # fmt: skip
    assert run_all("build.py", folders) == {}
    assert {folder.name: problem_of(emulated(folder)) for folder in folders} == {f"net{seed}": "" for seed in SEEDS}
