"""`hwcomp run BUNDLE --inputs x.npz`: run the emitted code on your own inputs."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwcomp.cli.options import BundleFolder, Json
from hwcomp.cli.output import reporting, say, say_json, say_table, warn
from hwcomp.support.errors import HwcompError

if TYPE_CHECKING:
    import numpy as np


def run(
    bundle: BundleFolder,
    inputs: Annotated[
        Path, typer.Option(metavar="NPZ", help="The inputs, by their names in the model; a single one may have any.")
    ],
    outputs: Annotated[Path | None, typer.Option(metavar="NPZ", help="Where the outputs go.")] = None,
    on: Annotated[
        str | None,
        typer.Option(metavar="MACHINE", help="host, cortex-m4 (emulated), verilator, hls. Default: the target's."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Compile BUNDLE's code and run it on your own inputs."""
    with reporting(as_json):
        from hwcomp.support.manifest import read_manifest

        loaded, manifest = _load(inputs), read_manifest(bundle)
        arrays = _chosen(loaded, [port.name for port in manifest.inputs], inputs)
        from hwcomp.verify.run import PLACES, run_bundle

        on = on or PLACES.get(manifest.target, PLACES["mcu"])[0]
        result = run_bundle(bundle, arrays, on)
        if outputs is not None:
            _save(outputs, result.outputs)
    if as_json:
        shapes = {name: list(value.shape) for name, value in result.outputs.items()}
        counts = None if result.instructions is None else list(result.instructions)
        say_json({"bundle": str(bundle), "on": on, "outputs": shapes, "instructions": counts})
        return
    rows = [(name, str(list(value.shape)), str(value.dtype)) for name, value in result.outputs.items()]
    say_table(f"outputs on {on}", ("name", "shape", "type"), rows)
    if result.instructions:
        least, most = min(result.instructions), max(result.instructions)
        say(f"instructions of one run: {least:,} to {most:,} over {len(result.instructions):,} runs")
    if outputs is not None:
        say(f"written to {outputs}")


def _load(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an .npz file; pickled objects are refused, since they could run code."""
    import numpy as np

    fix = "save the inputs by name: numpy.savez('inputs.npz', image=array)"
    try:
        with path.open("rb") as file:  # numpy would leave a damaged file open
            archive = np.load(file, allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise HwcompError("HWC009", "this is one array without a name, not an .npz archive", str(path), fix)
            return {name: archive[name] for name in archive.files}
    except FileNotFoundError:
        raise HwcompError("HWC001", "there is no such file", str(path), "check the path") from None
    except OSError as error:
        raise HwcompError("HWC009", f"the file cannot be read: {error.strerror or error}", str(path), fix) from error
    except (ValueError, EOFError, RuntimeError, zlib.error, zipfile.BadZipFile) as error:
        what = "it is no .npz archive of plain arrays (pickled objects are not read)"
        raise HwcompError("HWC009", what, str(path), fix) from error


def _chosen(arrays: dict[str, np.ndarray], wanted: Sequence[str], path: Path) -> dict[str, np.ndarray]:
    """The arrays that the model takes. Others (labels, say) are left out aloud, unless an input is missing.

    Where the model has one input and the file one array, that is meant whatever it is called.
    """
    if len(wanted) == len(arrays) == 1:
        return dict(zip(wanted, arrays.values(), strict=True))
    others = sorted(set(arrays) - set(wanted))
    if not others or not set(wanted) <= set(arrays):
        return arrays
    warn(f"{path}: no input is named {', '.join(repr(name) for name in others)}: left out")
    return {name: arrays[name] for name in wanted}


def _save(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    import numpy as np

    try:
        with path.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise HwcompError("HWC004", f"it cannot be written: {reason}", str(path), "give another file") from error
