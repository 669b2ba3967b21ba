"""`hwcomp build MODEL --target T -o OUT`: compile a model into a bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwcomp.cli.options import Exact, ExactPolicy, Json, Model, Reference, key_values
from hwcomp.cli.output import progress_bar, reporting, say, say_json
from hwcomp.cli.plan import print_plan


def build(
    model: Model,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where the bundle goes.")],
    target: Annotated[str, typer.Option("--target", "-t", help="What to build for: see 'hwcomp targets'.")] = "mcu",
    reference: Reference = None,
    exact: ExactPolicy = Exact.LISTED,
    option: Annotated[
        list[str] | None, typer.Option("--option", "-O", metavar="KEY=VALUE", help="An option of the target.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the folder even if hwcomp did not write it.")] = False,
    as_json: Json = False,
) -> None:
    """Compile MODEL into a folder of code that stands by itself.

    Example: hwcomp build model.onnx --target mcu -o out/
    """
    with reporting(as_json), progress_bar(as_json) as progress:
        options = key_values(option or [])
        from hwcomp import driver

        wanted = driver.BuildOptions(reference=reference, exact=exact.value, target_options=options, force=force)
        built = driver.build(model, target, out, wanted, progress, None if as_json else print_plan)
    if as_json:
        say_json({"bundle": str(out), "target": target, "files": sorted(built.files)})
        return
    say(f"{out}: {len(built.files)} files for target '{target}'")
    say(f"next: hwcomp verify {out}")
