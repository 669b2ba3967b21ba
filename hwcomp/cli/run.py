"""`hwcomp run BUNDLE --inputs x.npz`: run the emitted code on your own inputs."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwcomp.cli.options import BundleFolder, Json
from hwcomp.cli.output import reporting, say, say_json, say_table
from hwcomp.support.errors import HwcompError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hwcomp.support.arrays import Numbers


def run(
    bundle: BundleFolder,
    inputs: Annotated[Path, typer.Option(metavar="NPZ", help="The inputs, by their names in the model.")],
    outputs: Annotated[Path | None, typer.Option(metavar="NPZ", help="Where the outputs go.")] = None,
    on: Annotated[str, typer.Option(metavar="MACHINE", help="host, or an emulated one such as cortex-m4.")] = "host",
    as_json: Json = False,
) -> None:
    """Compile BUNDLE's code and run it on your own inputs."""
    with reporting(as_json):
        arrays = _load(inputs)
        from hwcomp.verify.run import run_bundle

        result = run_bundle(bundle, arrays, on)
        if outputs is not None:
            _save(outputs, result.outputs)
    if as_json:
        shapes = {name: list(value.shape) for name, value in result.outputs.items()}
        say_json({"bundle": str(bundle), "on": on, "outputs": shapes, "instructions": result.instructions})
        return
    rows = [(name, str(list(value.shape)), str(value.dtype)) for name, value in result.outputs.items()]
    say_table(f"outputs on {on}", ("name", "shape", "type"), rows)
    if result.instructions is not None:
        say(f"instructions: {result.instructions:,}")
    if outputs is not None:
        say(f"written to {outputs}")
