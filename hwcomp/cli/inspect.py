"""`hwcomp inspect MODEL`: the integer graph, and what was proved about every rescale."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from hwcomp.cli.options import Exact, ExactPolicy, InputForms, Json, Model, Reference
from hwcomp.cli.output import reporting, say, say_json, say_table

if TYPE_CHECKING:
    from hwcomp.report.exactness import RescaleRow


def inspect(
    model: Model,
    reference: Reference = None,
    exact: ExactPolicy = Exact.LISTED,
    inputs: InputForms = None,
    rescales: Annotated[
        bool, typer.Option("--rescales", help="Only the table of rescales, without the graph.")
    ] = False,
    constants: Annotated[
        bool, typer.Option("--constants", help="Print large constants too: such a text parses.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Print MODEL as hwcomp understands it: integers only, with the proof of every rescale."""
    with reporting(as_json):
        from hwcomp import driver
        from hwcomp.frontends.input_form import input_forms
        from hwcomp.ir.printer import PrintOptions, to_text
        from hwcomp.report.exactness import summarise

        graph = driver.inspect(model, reference, exact.value, input_forms(inputs or []))
        rows = summarise(graph)
        text = to_text(graph, PrintOptions(elide=not constants))
    if as_json:
        say_json({"model": str(model), "graph": text, "rescales": [asdict(row) for row in rows]})
        return
    if not rescales:
        say(text)
    say_table(
        f"rescales, reference '{graph.reference}'",
        ("node", "op", "channels", "b bits", "c", "r", "verdict", "exceptions"),
        [
            (row.node, row.op_type, row.channels, row.mult_bits, row.shift, _offset(row), row.verdict, row.exceptions)
            for row in rows
        ],
    )


def _offset(row: RescaleRow) -> str:
    """The offsets r in words: half is 2^(c-1), plain rounding half up."""
    if row.half:
        return "half"
    return str(row.offset_min) if row.offset_min == row.offset_max else f"{row.offset_min}..{row.offset_max}"
