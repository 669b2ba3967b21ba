"""What a benchmark needs beside hwcomp is asked for before it starts."""

from __future__ import annotations

import sys
from importlib.util import find_spec


def need(extra: str, *modules: str) -> None:
    """Ends the program where a module is missing, and says how to get it: by an extra of hwcomp."""
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        sys.exit(f"{' and '.join(missing)} missing: pip install -e '.[{extra}]'")
