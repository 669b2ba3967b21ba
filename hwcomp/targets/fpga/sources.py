"""Which files of `rtl/lib` a design needs: the modules it instantiates, and what those instantiate."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from hwcomp.support import resources

_INSTANCE = re.compile(r"^\s*(hwc_\w+)\s*(?:#\s*\(|\w+\s*\()", re.MULTILINE)
_COMMENT = re.compile(r"//[^\n]*")


def needed_files(modules: Iterable[str]) -> dict[str, str]:
    """The text of each file that a design with `modules` needs, by file name, sorted.

    Raises:
        KeyError: there is no such module (a mistake of ours).
    """
    texts = _library()
    chosen: set[str] = set()
    waiting = sorted(set(modules))
    while waiting:
        module = waiting.pop()
        if module in chosen:
            continue
        chosen.add(module)
        waiting += sorted(set(_INSTANCE.findall(_COMMENT.sub("", texts[module]))) - chosen)
    return {f"{module}.sv": texts[module] for module in sorted(chosen)}


@cache
def _library() -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(resources.rtl_lib().glob("hwc_*.sv"))}
