"""Bundles are written whole or not at all: into a temporary folder beside the goal, which is renamed at the end."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from hwcomp.support.errors import HwcompError

MANIFEST = "manifest.json"
# The manifest's key that makes a folder a bundle: the version of hwcomp that wrote it.
MANIFEST_KEY = "hwcomp"


def is_bundle(folder: Path) -> bool:
    """Whether `folder` holds a manifest that hwcomp wrote."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and MANIFEST_KEY in manifest


def check_output(out: Path, *, force: bool) -> None:
    """Refuse, before any work is done, an output folder whose replacement would destroy what is not ours.

    A missing or empty folder and an earlier bundle are fine. `force` also allows a folder with other files in it, but
    never the home folder, or one that the current folder lies in.

    Raises:
        HwcompError: HWC003 something else is there.
    """
    goal = out.resolve()
    if not goal.exists():
        return
    if not goal.is_dir():
        raise HwcompError("HWC003", "this is a file, not a folder", str(out), "give another folder with '-o'")
    if any(goal == kept or goal in kept.parents for kept in (Path.cwd().resolve(), Path.home().resolve())):
        raise HwcompError(
            "HWC003", "your current or home folder lies here", str(out), "give a folder of the bundle's own with '-o'"
        )
    if force or is_bundle(goal) or not any(goal.iterdir()):
        return
    raise HwcompError(
        "HWC003",
        "the folder holds files that hwcomp did not write",
        str(out),
        "give an empty or a new folder, or '--force' to replace this one",
    )


@contextmanager
def bundle_folder(out: Path, *, force: bool = False) -> Generator[Path]:
    """A temporary folder to fill; at the end of the block it becomes `out`, after an error nothing is left of it.

    Raises:
        HwcompError: HWC003 as `check_output`; HWC004 the place cannot be written.
    """
    check_output(out, force=force)
    goal = out.resolve()
    try:
        goal.parent.mkdir(parents=True, exist_ok=True)
        holder = Path(tempfile.mkdtemp(prefix=f".{goal.name}.", dir=goal.parent))
    except OSError as error:
        raise _unwritable(out, error) from error
    try:
        fresh = holder / "fresh"
        fresh.mkdir()
        yield fresh
        _swap(fresh, goal, holder / "replaced")
    except OSError as error:
        raise _unwritable(out, error) from error
    finally:
        shutil.rmtree(holder, ignore_errors=True)


def write_text(folder: Path, name: str, text: str) -> None:
    """Write `text` as UTF-8 with `\\n` line ends to `folder/name`, making the folders between."""
    write_bytes(folder, name, text.encode("utf-8"))


def write_bytes(folder: Path, name: str, data: bytes) -> None:
    """Write `data` to `folder/name`, which must lie inside `folder`, making the folders between."""
    path = folder / name
    assert path.resolve().is_relative_to(folder.resolve()), f"{name} lies outside the bundle"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _swap(fresh: Path, goal: Path, replaced: Path) -> None:
    """Put `fresh` at `goal`; should that fail, what was at `goal` is put back."""
    if not goal.exists():
        fresh.rename(goal)
        return
    goal.rename(replaced)
    try:
        fresh.rename(goal)
    except OSError:
        replaced.rename(goal)
        raise


def _unwritable(out: Path, error: OSError) -> HwcompError:
    reason = error.strerror or type(error).__name__
    return HwcompError("HWC004", f"it cannot be written: {reason}", str(out), "give a folder you may write with '-o'")
