"""The prefix of the design's modules and files."""

from __future__ import annotations

import re
from pathlib import PurePath

from hwcomp.support.errors import HwcompError
from hwcomp.support.keywords import RESERVED
from hwcomp.support.naming import Namer
from hwcomp.targets.fpga.options import FpgaOptions

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_MAX_LENGTH = 48


def module_prefix(options: FpgaOptions, model_name: str) -> str:
    """The option's, or one from the model's file name, in lower case.

    Raises:
        HwcompError: HWC006 the option is no identifier, or begins with the library's own prefix.
    """
    given = options.name
    if not given:
        return Namer(("hwc",)).name(PurePath(model_name).stem).lower()
    bad = not _IDENTIFIER.fullmatch(given) or given in RESERVED or given.lower().startswith("hwc_")
    if bad or len(given) > _MAX_LENGTH or "__" in given:
        raise HwcompError(
            "HWC006",
            f"'{given}' cannot be the prefix of module names",
            "option 'name'",
            "give a Verilog identifier that is no keyword and does not begin with hwc_",
        )
    return given
