"""`hwcomp inspect MODEL`: the integer graph, and what was proved about every rescale."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from hwcomp.cli.options import Exact, ExactPolicy, Json, Model, Reference
from hwcomp.cli.output import reporting, say, say_json, say_table


def inspect(
    model: Model,
    reference: Reference = None,
    exact: ExactPolicy = Exact.LISTED,
    rescales: Annotated[bool, typer.Option("--rescales", help="Only the table of rescales, without the graph.")] = False,
    as_json: Json = False,
) -> None:
    """Print MODEL as hwcomp understands it: integers only, with the proof of every rescale."""
    with reporting(as_json):
        from hwcomp import driver
        from hwcomp.ir.printer import print_graph
        from hwcomp.report.exactness import summarise

        graph = driver.inspect(model, reference, exact.value)
        rows = [asdict(row) for row in summarise(graph)]
    if as_json:
        say_json({"model": str(model), "graph": print_graph(graph), "rescales": rows})
        return
    if not rescales:
        say(print_graph(graph))
    say_table("rescales", tuple(rows[0]) if rows else ("node",), [tuple(row.values()) for row in rows])
