"""Schedules that were found before: traces of other bundles, for kernels that are the same to the letter."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from hwcomp.support.errors import HwcompError
from hwcomp.support.json_values import is_record
from hwcomp.targets.tvm.kernel import Kernel
from hwcomp.targets.tvm.machine import Machine
from hwcomp.targets.tvm.script import function_lines

FOLDER = "tuned"


def key_of(kernel: Kernel, machine: Machine) -> str:
    """What a trace belongs to: the PrimFunc without its name and comments, and the machine."""
    lines = [line for line in function_lines(kernel) if not line.lstrip().startswith(("def ", "#"))]
    text = "\n".join([*lines, json.dumps(machine.target, sort_keys=True)])
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:32]


def replayed_files(given: str, kernels: Sequence[Kernel], machine: Machine) -> dict[str, bytes]:
    """`tuned/<function>.json` for every kernel that has a trace in the bundle or folder `given`.

    Raises:
        HwcompError: HWC006 there is no trace, or none for a kernel of this model.
    """
    traces = _traces(Path(given))
    found: dict[str, bytes] = {}
    for kernel in kernels:
        known = traces.get(key_of(kernel, machine)) if kernel.function else None
        if known is not None:
            text = json.dumps({**known, "function": kernel.function}, indent=1) + "\n"
            found[f"{FOLDER}/{kernel.function}.json"] = text.encode("utf-8")
    if not found:
        what = f"no trace in {given} is of a kernel of this model for this machine"
        raise HwcompError("HWC006", what, "option 'replay'", "give traces of the same 'tvm-target' and schedule")
    return found


def _traces(given: Path) -> dict[str, dict[str, object]]:
    """By key; of several with the same one the first."""
    folder = given / FOLDER if (given / FOLDER).is_dir() else given
    traces: dict[str, dict[str, object]] = {}
    for path in sorted(folder.glob("*.json")):
        try:
            document: object = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            continue
        if is_record(document) and isinstance(document.get("key"), str) and isinstance(document.get("trace"), list):
            traces.setdefault(str(document["key"]), dict(document))
    if not traces:
        raise HwcompError(
            "HWC006", f"there is no trace in {given}", "option 'replay'", "name a folder with traces for these kernels"
        )
    return traces
