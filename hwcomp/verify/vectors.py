"""The vectors of a bundle: `vectors/vectors.npz`, an array [rows, *shape] for each input port and each traced value."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from hwcomp.support.errors import HwcompError
from hwcomp.verify.protocol import IntArray


def read_vectors(bundle: Path) -> dict[str, IntArray]:
    """All arrays by name.

    Raises:
        HwcompError: HWC007 there are none, or they cannot be read.
    """
    path = bundle / "vectors" / "vectors.npz"
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise HwcompError(
            "HWC007", f"{path.name} cannot be read: {error}", str(bundle), "build the bundle again"
        ) from error
