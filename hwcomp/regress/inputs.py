"""What decides a job's result: the model's bytes, the job's options, and hwcomp itself, all in one hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from hwcomp import __version__
from hwcomp.regress.matrix import Job
from hwcomp.support import resources

_PACKAGE = Path(__file__).resolve().parent.parent
_SKIPPED = {"__pycache__", "_data"}


@dataclass(frozen=True, slots=True)
class Inputs:
    """model: the SHA-256 of the model's files, "" where it cannot be read; source: of hwcomp's own; all: of everything
    that decides the result, the tools outside (compilers, emulators) excepted."""

    model: str
    source: str
    all: str


def inputs_of(job: Job) -> Inputs:
    """The hashes of a job as things are now."""
    model = model_hash(Path(job.model))
    source = source_hash()
    fields = {name: value for name, value in asdict(job).items() if name not in ("name", "model", "seconds")}
    text = json.dumps([model, source, __version__, fields], sort_keys=True)
    return Inputs(model, source, hashlib.sha256(text.encode()).hexdigest())


def model_hash(model: Path) -> str:
    """SHA-256 over the model and the data files beside it, whose names begin with the model's: `net.onnx.data`."""
    try:
        beside = sorted(p for p in model.parent.iterdir() if p.name.startswith(model.name) and p.is_file())
        return _hash((path.name, path) for path in beside) if model.is_file() else ""
    except OSError:
        return ""


@cache
def source_hash() -> str:
    """SHA-256 over hwcomp's Python files, its templates, C and Verilog."""
    folders = {
        "hwcomp": _PACKAGE,
        "templates": resources.templates(),
        "firmware": resources.firmware_include().parent,
        "rtl": resources.rtl_lib(),
    }
    return _hash(
        (f"{name}/{path.relative_to(folder).as_posix()}", path)
        for name, folder in folders.items()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not _SKIPPED & set(path.relative_to(folder).parts)
    )


def _hash(files: Iterable[tuple[str, Path]]) -> str:
    digest = hashlib.sha256()
    for name, path in files:
        digest.update(f"{name}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
