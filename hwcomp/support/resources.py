"""Where the files that come with hwcomp are: in `hwcomp/_data/` of a wheel, or in the checkout. Nobody else knows."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def root() -> Path:
    """The folder that holds `templates/`, `firmware/` and `models/`: of the installed wheel, or of the checkout."""
    package = Path(__file__).resolve().parent.parent
    packaged = package / "_data"
    return packaged if packaged.is_dir() else package.parent


def templates() -> Path:
    """`templates/`: one folder a target, `*.jinja`."""
    return root() / "templates"


def firmware_include() -> Path:
    """`firmware/include/`: the headers of the kernels."""
    return root() / "firmware" / "include"


def firmware_kernels() -> Path:
    """`firmware/kernels/`: one folder an architecture, hand-written C99."""
    return root() / "firmware" / "kernels"


def models() -> Path:
    """`models/`: the bundled digits model and its test set."""
    return root() / "models"


def rtl_lib() -> Path:
    """`rtl/lib/`: hand-written SystemVerilog modules."""
    return root() / "rtl" / "lib"


def firmware_runtime() -> Path:
    """`firmware/runtime/`: the harness, and the start-up code and linker scripts of the emulated Cortex-M."""
    return root() / "firmware" / "runtime"
