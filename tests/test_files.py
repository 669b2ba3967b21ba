"""Bundles appear whole or not at all, and nobody's files are lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwcomp.support.errors import HwcompError
from hwcomp.support.files import MANIFEST, bundle_folder, check_output, is_bundle, write_text


def write_bundle(out: Path, text: str, *, force: bool = False) -> None:
    with bundle_folder(out, force=force) as folder:
        write_text(folder, MANIFEST, '{"hwcomp": "0.1.0"}\n')
        write_text(folder, "src/model.c", text)


def test_a_bundle_appears_and_is_replaced(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    write_bundle(out, "one")
    assert is_bundle(out)
    write_bundle(out, "two")
    assert (out / "src" / "model.c").read_text() == "two"
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_after_an_error_the_old_bundle_stands_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_bundle(out, "one")
    with pytest.raises(RuntimeError, match="half"), bundle_folder(out) as folder:
        write_text(folder, "model.c", "half")
        raise RuntimeError("half")
    assert (out / "src" / "model.c").read_text() == "one"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_strangers_folder_is_refused_without_force(tmp_path: Path) -> None:
    out = tmp_path / "thesis"
    write_text(out, "thesis.tex", "years of work")
    with pytest.raises(HwcompError, match="HWC003"):
        write_bundle(out, "one")
    assert (out / "thesis.tex").exists()
    write_bundle(out, "one", force=True)
    assert is_bundle(out) and not (out / "thesis.tex").exists()


def test_an_empty_folder_is_fine(tmp_path: Path) -> None:
    write_bundle(tmp_path / "out", "one")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"name": "x"}', "\x00"])
def test_another_manifest_makes_no_bundle(tmp_path: Path, text: str) -> None:
    write_text(tmp_path, MANIFEST, text)
    assert not is_bundle(tmp_path)


def test_force_never_takes_the_current_or_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "project" / "src"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    monkeypatch.setenv("HOME", str(tmp_path / "project" / "home"))
    for out in (Path(), Path(".."), tmp_path / "project"):
        with pytest.raises(HwcompError, match="HWC003"):
            check_output(out, force=True)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(HwcompError, match="not a folder"):
        check_output(tmp_path / "out", force=True)
    with pytest.raises(HwcompError, match="HWC004"):
        write_bundle(tmp_path / "out" / "below", "one")
