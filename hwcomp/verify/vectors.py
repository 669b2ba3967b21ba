"""The vectors of a bundle: `vectors/vectors.npz`, an array [rows, *shape] for each input port and each traced value."""

from __future__ import annotations

import zipfile
import zlib
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
        with path.open("rb") as file:  # numpy would leave a damaged file open
            arrays = np.load(file, allow_pickle=False)
            if not isinstance(arrays, np.lib.npyio.NpzFile):
                raise ValueError("one array")
            return {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, EOFError, RuntimeError, zlib.error, zipfile.BadZipFile) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "it is no archive of plain arrays"
        raise HwcompError(
            "HWC007", f"{path.name} cannot be read: {reason}", str(bundle), "build the bundle again"
        ) from error
