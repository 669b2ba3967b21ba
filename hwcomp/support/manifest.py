"""The manifest of a bundle: `manifest.json`, which says what the bundle's sources are and what its model takes and gives.

It is read from folders that others may have written, so everything is checked; what this version does not know is kept.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from hwcomp.support.errors import HwcompError
from hwcomp.support.files import MANIFEST, MANIFEST_KEY

type_pattern = re.compile(r"(s|u|int|uint)([1-9][0-9]?)")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FIX = "build the bundle again with 'hwcomp build'"
