"""`hwcomp build MODEL --target T -o OUT`: compile a model into a bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwcomp.cli.options import Exact, ExactPolicy, InputForms, Json, Model, Reference, key_values, names
from hwcomp.cli.output import progress_bar, reporting, say, say_json
from hwcomp.cli.plan import print_plan


def build(
    model: Model,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where the bundle goes.")],
    target: Annotated[
        str, typer.Option("--target", "-t", help="What to build for, such as mcu or mcu,fpga: see 'hwcomp targets'.")
    ] = "mcu",
    reference: Reference = None,
    exact: ExactPolicy = Exact.LISTED,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", "-O", metavar="KEY=VALUE", help="An option of the target; or as --KEY VALUE."),
    ] = None,
    inputs: InputForms = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the folder even if hwcomp did not write it.")] = False,
    as_json: Json = False,
) -> None:
    """Compile MODEL into a folder of code that stands by itself; for several targets, a folder of such folders.

    Example: hwcomp build model.onnx --target mcu -o out/
    """
    with reporting(as_json), progress_bar(as_json) as progress:
        options = key_values(option or [])
        from hwcomp import driver
        from hwcomp.frontends.input_form import input_forms

        wanted = driver.BuildOptions(
            reference, exact.value, target_options=options, force=force, inputs=input_forms(inputs or [])
        )
        announce = None if as_json else print_plan
        targets = names(target)
        if len(targets) > 1:
            several = driver.build_several(model, targets, out, wanted, progress, announce)
        else:
            several = {target: driver.build(model, target, out, wanted, progress, announce)}
    if as_json:
        files = {name: sorted(bundle.files) for name, bundle in several.items()}
        say_json({"bundle": str(out), "target": target, "files": files if len(files) > 1 else files[target]})
        return
    for name, bundle in several.items():
        folder = out if len(several) == 1 else out / name
        say(f"{folder}: {len(bundle.files)} files for target '{name}'")
    say(f"next: hwcomp {'verify' if len(several) == 1 else 'report'} {out}")
