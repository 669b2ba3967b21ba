"""House rules that a machine can see. `CONTRIBUTING.md` says why each stands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYTHON_FOLDERS = ("hwcomp", "tests", "models", "bench")
TEXT_FOLDERS = (*PYTHON_FOLDERS, "templates", "firmware", "docs", ".ci")
TEXT_SUFFIXES = {".py", ".c", ".h", ".ld", ".jinja", ".md", ".toml", ".hwc", ".expected", ""}
MAX_LINES = 400
BAD_FILE_NAMES = {"utils", "util", "helpers", "helper", "misc", "common"}

# Built from parts, so that this file does not hold what it forbids.
_MARKS = ("TO" + "DO", "FIX" + "ME", "XX" + "X")
FORBIDDEN_WORDS = re.compile(rf"\b(?:{'|'.join(_MARKS)})\b")
MACHINE_PATHS = re.compile("|".join((r"/wo" + r"rk/", r"/ho" + r"me/[a-z]", r"/tm" + r"p/env", r"\.libr" + r"ary\b")))

# Where integers alone compute. The printer and the parser carry the floats of a source's rescale as text.
INTEGER_FOLDERS = ("hwcomp/ir",)
CARRIERS = {"hwcomp/ir/printer.py", "hwcomp/ir/parser.py"}

# Copied as it is into every bundle, where any Python runs it: no imports, no annotations.
STANDALONE = {"hwcomp/ir/recheck.py"}


def files(folders: tuple[str, ...], suffixes: set[str]) -> list[Path]:
    found = (path for folder in folders for path in (ROOT / folder).rglob("*"))
    return sorted(
        path for path in found if path.is_file() and path.suffix in suffixes and "__pycache__" not in path.parts
    )


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


PYTHON = files(PYTHON_FOLDERS, {".py"})
SOURCES = files(TEXT_FOLDERS, TEXT_SUFFIXES) + sorted(ROOT.glob("*.md")) + [ROOT / "pyproject.toml", ROOT / "Makefile"]


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), filename=str(path))


def test_the_lists_are_not_empty() -> None:
    assert len(PYTHON) > 20 and len(SOURCES) > len(PYTHON)


def test_no_file_is_longer_than_400_lines() -> None:
    code = files((*PYTHON_FOLDERS, "templates", "firmware"), {".py", ".c", ".h", ".jinja"})
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in code}
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


def test_files_that_rtl_speaks_of_are_there() -> None:
    named = re.compile(r"\b(?:hwcomp|rtl|tests)/[\w/]+\.(?:py|sv)\b")
    places = {path: named.findall(path.read_text("utf-8")) for path in sorted((ROOT / "rtl").rglob("*.sv"))}
    assert sum(map(len, places.values())) > 20
    missing = [(name_of(p), name) for p, names in places.items() for name in names if not (ROOT / name).exists()]
    assert missing == []


def test_no_file_is_named_after_nothing() -> None:
    bad = [p for p in PYTHON if p.stem in BAD_FILE_NAMES or p.stem.startswith("new_") or re.search(r"_v\d+$", p.stem)]
    assert [name_of(path) for path in bad] == []


def found(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    lines = (
        (path, number, line) for path in paths for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
    )
    return [f"{name_of(path)}:{number}: {line.strip()}" for path, number, line in lines if pattern.search(line)]


def test_nothing_is_left_to_do_in_comments() -> None:
    assert found(FORBIDDEN_WORDS, SOURCES) == []


def test_nothing_names_the_machine_it_was_written_on() -> None:
    assert found(MACHINE_PATHS, SOURCES) == []


def calls_of(path: Path, name: str) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            yield f"{name_of(path)}:{node.lineno}"


def test_print_stands_only_in_the_command_line() -> None:
    library = [
        path for path in PYTHON if name_of(path).startswith("hwcomp/") and not name_of(path).startswith("hwcomp/cli/")
    ]
    assert [place for path in library for place in calls_of(path, "print")] == []


def float_uses(path: Path) -> Iterator[str]:
    """Float literals, true divisions and calls of `float` in `path`."""
    for node in ast.walk(tree(path)):
        literal = isinstance(node, ast.Constant) and isinstance(node.value, float | complex)
        division = isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)
        call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
        if literal or division or call:
            yield f"{name_of(path)}:{node.lineno}: {ast.unparse(node)}"


@pytest.mark.parametrize("folder", INTEGER_FOLDERS)
def test_integers_alone_compute(folder: str) -> None:
    computing = [path for path in files((folder,), {".py"}) if name_of(path) not in CARRIERS]
    assert [use for path in computing for use in float_uses(path)] == []


def test_every_module_says_what_it_is() -> None:
    silent = [name_of(path) for path in files(("hwcomp",), {".py"}) if not ast.get_docstring(tree(path))]
    assert silent == []


def test_annotations_are_never_evaluated_at_import() -> None:
    missing = [path for path in PYTHON if "from __future__ import annotations" not in path.read_text("utf-8")]
    bare = [path for path in missing if len(tree(path).body) > 1]
    assert [name for path in bare if (name := name_of(path)) not in STANDALONE] == []


def test_no_star_imports_and_no_bare_excepts() -> None:
    bad = [
        f"{name_of(path)}:{node.lineno}"
        for path in PYTHON
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names))
        or (isinstance(node, ast.ExceptHandler) and node.type is None)
    ]
    assert bad == []


def test_every_silenced_warning_names_its_rule() -> None:
    bare = re.compile(r"#\s*(?:noqa(?!:)|type:\s*ignore(?!\[)|pyright:\s*ignore(?!\[))")
    assert found(bare, [path for path in PYTHON if path != Path(__file__)]) == []
