"""The certificate's checker as text, for the bundle's own `check_certificates.py`."""

from __future__ import annotations

import inspect

from hwcomp.ir import recheck


def source() -> str:
    """The functions of `ir/recheck.py`: they import nothing."""
    parts = (inspect.getsource(recheck.requant), inspect.getsource(recheck.recheck))
    return "\n\n".join(part.replace("  # type: ignore[no-untyped-def]", "").rstrip() + "\n" for part in parts)
