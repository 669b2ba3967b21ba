"""Keeps what was estimated and what Yosys made in `hwcomp/targets/dataflow/estimate/calibration.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable

from hwcomp.targets.dataflow.estimate.calibration import PATH
from hwcomp.targets.dataflow.estimate.cost import Resources
from hwcomp.targets.dataflow.estimate.family import Family
from hwcomp.targets.dataflow.network import Instance, Memory

MOST_BITS = 2048
"""Instances with larger memories whose words count are not kept."""

READ = frozenset({"AmountFile", "BiasFile", "InitFile", "MultFile", "OffsetFile"})
"""Memories whose words estimates read: `contents_of`."""

_Record = dict[str, object]


def record_design(name: str, family: Family, interval: int, how: str, estimate: Resources, real: Resources) -> None:
    """A design; one of the same name, family and way replaces the older."""
    kept = _read()
    others = [d for d in kept["designs"] if (d["name"], d["family"], d["how"]) != (name, family.value, how)]
    made: _Record = {"name": name, "family": family.value, "interval_cycles": interval, "how": how}
    made |= {"estimate": _numbers(estimate), "yosys": _numbers(real)}
    kept["designs"] = sorted([*others, made], key=lambda d: (str(d["family"]), str(d["name"]), str(d["how"])))
    _write(kept)


def record_modules(family: Family, module: str, found: Iterable[tuple[Instance, Resources, Resources]]) -> None:
    """The points of one module and family, instead of those that were there: instance, estimate, cells."""
    kept = _read()
    others = [m for m in kept["modules"] if (m["module"], m["family"]) != (module, family.value)]
    made: list[_Record] = [
        {
            "module": module,
            "family": family.value,
            "parameters": {name: v if isinstance(v, int | str) else str(v) for name, v in i.parameters.items()},
            "memories": [_memory(memory) for memory in i.memories],
            "estimate": _numbers(estimate),
            "yosys": _numbers(real),
        }
        for i, estimate, real in found
    ]
    kept["modules"] = sorted([*others, *made], key=lambda m: (str(m["family"]), str(m["module"])))
    _write(kept)


def _memory(memory: Memory) -> _Record:
    """With its words where estimates read them."""
    found: _Record = {"parameter": memory.parameter, "width": memory.width, "depth": memory.depth}
    return found | ({"words": [f"{word:x}" for word in memory.make()]} if memory.parameter in READ else {})


def _numbers(resources: Resources) -> list[int]:
    return [resources.lut, resources.ff, resources.dsp, resources.bram]


def _read() -> dict[str, list[_Record]]:
    kept: dict[str, list[_Record]] = json.loads(PATH.read_text(encoding="utf-8"))
    return kept


def _write(kept: dict[str, list[_Record]]) -> None:
    parts = [
        f'  "{name}": [\n' + ",\n".join(f"    {json.dumps(one)}" for one in kept[name]) + "\n  ]"
        for name in ("designs", "modules")
    ]
    PATH.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")
