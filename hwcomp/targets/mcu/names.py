"""The prefix of the C interface."""

from __future__ import annotations

import re
from pathlib import PurePath

from hwcomp.support.errors import HwcompError
from hwcomp.support.keywords import RESERVED
from hwcomp.support.naming import Namer
from hwcomp.targets.mcu.options import McuOptions

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_MAX_LENGTH = 48


def c_name_of(options: McuOptions, model_name: str) -> str:
    """The option's, or one from the model's file name, in lower case.

    Raises:
        HwcompError: HWC006 the option is no C identifier, or begins with the kernels' own prefix.
    """
    given = options.c_name
    if not given:
        return Namer(("hwc",)).name(PurePath(model_name).stem).lower()
    bad = not _IDENTIFIER.fullmatch(given) or given in RESERVED or given.lower().startswith("hwc_")
    if bad or len(given) > _MAX_LENGTH or "__" in given:
        raise HwcompError(
            "HWC006",
            f"'{given}' cannot be the prefix of C names",
            "option 'c-name'",
            "give a C identifier that is no keyword and does not begin with hwc_",
        )
    return given
