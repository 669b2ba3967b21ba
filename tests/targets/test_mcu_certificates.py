"""A bundle's proofs are checked by the bundle itself, without hwcomp; whatever is changed in them is found."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hwcomp.driver import BuildOptions, build
from hwcomp.support import resources

Record = dict[str, list[list[object]] | int | str]


@pytest.fixture(scope="module", params=["listed", "fast"])
def bundle(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The digits model: wholly proved under "listed", with counted exceptions under "fast"; it has a residual add."""
    folder = tmp_path_factory.mktemp("digits") / "bundle"
    build(resources.models() / "digits_qdq.onnx", "mcu", folder, BuildOptions(exact=request.param))
    return folder


def check(folder: Path) -> tuple[int, str]:
    script = folder / "check_certificates.py"
    done = subprocess.run([sys.executable, "-I", str(script)], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_all_proofs_hold(bundle: Path) -> None:
    code, said = check(bundle)
    assert code == 0
    assert said.endswith(" 0 problems\n")
    assert "import hwcomp" not in (bundle / "check_certificates.py").read_text("utf-8")


def first_row(record: Record) -> list[object]:
    rows = record["rows"]
    assert isinstance(rows, list)
    return rows[0]


def change_multiplier(record: Record) -> None:
    row = first_row(record)
    assert isinstance(row[0], int)
    row[0] += 1 + (row[0] >> 6)


def change_threshold(record: Record) -> None:
    thresholds = first_row(record)[6]
    assert isinstance(thresholds, list)
    thresholds[0] += 1


def drop_level(record: Record) -> None:
    thresholds = first_row(record)[6]
    assert isinstance(thresholds, list)
    thresholds.pop()


def change_count(record: Record) -> None:
    assert isinstance(record["exceptions"], int)
    record["exceptions"] += 1


@pytest.mark.parametrize("change", [change_multiplier, change_threshold, drop_level, change_count])
def test_changes_are_found(bundle: Path, tmp_path: Path, change: Callable[[Record], None]) -> None:
    for name in ("check_certificates.py", "certificates.json.gz"):
        (tmp_path / name).write_bytes((bundle / name).read_bytes())
    path = tmp_path / "certificates.json.gz"
    document = json.loads(gzip.decompress(path.read_bytes()))
    record = document["requants"][0]
    change(record)
    path.write_bytes(gzip.compress(json.dumps(document).encode()))
    code, said = check(tmp_path)
    assert code == 1
    assert record["name"] in said
