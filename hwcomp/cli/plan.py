"""`hwcomp plan MODEL`: what a target could build, and what each would cost, before anything is built."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from hwcomp.cli.options import Exact, ExactPolicy, InputForms, Json, Model, Reference, key_values
from hwcomp.cli.output import progress_bar, reporting, say, say_json, say_table

if TYPE_CHECKING:
    from hwcomp.targets.base import Plan

COLUMNS = (
    "design", "clocks a frame", "frames a second", "latency", "LUTs", "flip-flops", "multipliers", "block RAMs",
    "MACs a multiplier and clock",
)  # fmt: skip


def plan(
    model: Model,
    target: Annotated[str, typer.Option("--target", "-t", help="What to plan for: see 'hwcomp targets'.")] = "fpga",
    reference: Reference = None,
    exact: ExactPolicy = Exact.LISTED,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", "-O", metavar="KEY=VALUE", help="An option of the target; or as --KEY VALUE."),
    ] = None,
    inputs: InputForms = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Designs of all speeds that fit, not only the chosen one's neighbours.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Print what 'hwcomp build' would choose for MODEL, and what cheaper and faster designs would cost.

    Example: hwcomp plan model.onnx --target fpga --fps 100
    """
    with reporting(as_json), progress_bar(as_json) as progress:
        options = key_values(option or [])
        from hwcomp import driver
        from hwcomp.frontends.input_form import input_forms

        forms = input_forms(inputs or [])
        wanted = driver.BuildOptions(reference, exact.value, target_options=options, inputs=forms)
        found = driver.plan(model, target, wanted, progress, everything=everything)
    if as_json:
        designs: dict[str, object] = {"designs": []} if found is None else asdict(found)
        say_json({"target": target, **designs})
    elif found is None:
        say(f"target '{target}' builds one design: there is nothing to choose")
    else:
        print_plan(found)


def print_plan(found: Plan) -> None:
    """The table of designs."""
    rows = [
        (
            d.kind,
            d.interval_cycles,
            d.frames_a_second,
            d.latency_cycles,
            d.lut,
            d.ff,
            d.dsp,
            d.bram,
            "-" if d.macs_per_multiplier is None else f"{d.macs_per_multiplier:.3f}",
        )
        for d in found.designs
    ]
    say_table(f"designs for {found.device} at {found.clock_mhz} MHz, estimated", COLUMNS, rows)
