"""The docs tell the truth: their examples run, their written parts are up to date, their links lead somewhere."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from tests.resources import program

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
LONG_PAGES = ["cli.md"]
PAGES = [
    "cli.md",
    "exactness.md",
    "mcu.md",
    "hls.md",
    "tvm.md",
    "formats.md",
    "add-an-operator.md",
    "add-a-pass.md",
    "add-a-target.md",
    "regress.md",
]
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
SECONDS = 300


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the rest of its first line, its text."""

    language: str
    info: str
    text: str


def blocks(page: str) -> Iterator[Block]:
    for match in BLOCK.finditer((DOCS / page).read_text("utf-8")):
        yield Block(match[1], match[2].strip(), match[3])


def shim(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the bundled models, and `hwcomp` and `python` on its own PATH."""
    (tmp_path / "bin").mkdir()
    shim(tmp_path / "bin" / "python", f'exec "{sys.executable}" "$@"')
    shim(tmp_path / "bin" / "hwcomp", f'exec "{sys.executable}" -m hwcomp.cli "$@"')
    shutil.copytree(ROOT / "models", tmp_path / "models", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def ran(project: Path, commands: str) -> str:
    """What the commands print; the first that fails ends them."""
    environment = os.environ | {
        "PATH": f"{project / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "NO_COLOR": "1",
    }
    done = subprocess.run(
        ["sh", "-e", "-c", commands], cwd=project, env=environment, capture_output=True, text=True, timeout=SECONDS,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{commands}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def squeezed(text: str) -> str:
    return " ".join(text.split())


def run_page(project: Path, page: str, *, slow: bool) -> int:
    """Write the files and run the commands of a page, in order; the number of blocks that ran."""
    count, said = 0, ""
    for block in blocks(page):
        if block.info.startswith("file="):
            (project / block.info.removeprefix("file=")).write_text(block.text, "utf-8")
        elif block.language == "sh" and (block.info == "" or (slow and block.info == "slow")):
            said, count = ran(project, block.text), count + 1
        elif block.language == "output":
            for line in block.text.splitlines():
                assert squeezed(line) in squeezed(said), f"{page}: not printed: {line}\n{said}"
    return count


@pytest.mark.parametrize("page", [page for page in PAGES if page not in LONG_PAGES])
def test_examples_run(page: str, project: Path) -> None:
    if page == "mcu.md":
        program("cc")
    assert run_page(project, page, slow=False) > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [page for page in PAGES if page in LONG_PAGES or any(b.info == "slow" for b in blocks(page))]
)
def test_long_examples_run(page: str, project: Path) -> None:
    if page == "mcu.md":
        program("cmake")
    assert run_page(project, page, slow=True) > 0


def test_blocks_are_of_known_kinds() -> None:
    for page in PAGES:
        for block in blocks(page):
            assert block.info in ("", "slow", "manual") or block.info.startswith("file="), (page, block.info)
            assert block.info != "manual" or block.language == "sh"


def test_every_command_has_an_example() -> None:
    commands = re.findall(r"^\| `hwcomp (\w+)", (ROOT / "README.md").read_text("utf-8"), flags=re.MULTILINE)
    examples = "\n".join(block.text for block in blocks("cli.md") if block.language == "sh")
    assert [name for name in commands if not re.search(rf"^hwcomp {name}\b", examples, flags=re.MULTILINE)] == []


def writer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_tables", ROOT / "scripts" / "docs_tables.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_written_parts_are_up_to_date(update_golden: bool) -> None:
    pages: dict[Path, str] = writer().pages()
    if update_golden:
        for path, text in pages.items():
            path.write_text(text, "utf-8")
    stale = [path.name for path, text in pages.items() if path.read_text("utf-8") != text]
    assert stale == [], "run: python scripts/docs_tables.py"


@pytest.mark.parametrize("page", sorted([*DOCS.glob("*.md"), *ROOT.glob("*.md")]), ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    assert [link for link in LINK.findall(text) if not (page.parent / link).exists()] == []


def test_the_index_names_every_page_and_every_folder_of_the_package() -> None:
    index = (DOCS / "index.md").read_text("utf-8")
    pages = {page.name for page in DOCS.glob("*.md")} - {"index.md"}
    assert [name for name in pages if f"]({name})" not in index] == []
    folders = [path.name for path in (ROOT / "hwcomp").iterdir() if path.is_dir() and path.name[0] not in "_."]
    assert [name for name in folders if f"`hwcomp/{name}/`" not in index] == []
