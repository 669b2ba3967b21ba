"""`hwcomp verify BUNDLE`: climb the ladder of runs that must be equal, bit for bit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from hwcomp.cli.options import BundleFolder, Json, names
from hwcomp.cli.output import progress_bar, reporting, say, say_json, say_table
from hwcomp.support.errors import EXIT_GOOD, EXIT_MISMATCH, EXIT_TOOL

if TYPE_CHECKING:
    from hwcomp.verify.ladder import RungResult


def verify(
    bundle: BundleFolder,
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="RUNGS", help="Such as host,cortex-m4. Default: all that can run here."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Run BUNDLE's code and compare every value with the integer graph, bit for bit.

    A rung that is named by --on and cannot run is an error (4); without --on it is skipped, and the table says why.
    """
    with reporting(as_json), progress_bar(as_json) as progress:
        from hwcomp.verify.ladder import verify_bundle

        results = verify_bundle(bundle, names(on) if on else (), progress)
    code = _exit_code(results, named=on is not None)
    if as_json:
        say_json({"bundle": str(bundle), "verdict": _verdict(code), "rungs": [asdict(result) for result in results]})
    else:
        _print(results, code)
    raise typer.Exit(code)


def _exit_code(results: Sequence[RungResult], *, named: bool) -> int:
    verdicts = [result.verdict for result in results]
    if "mismatch" in verdicts:
        return EXIT_MISMATCH
    if "equal" not in verdicts or (named and "skipped" in verdicts):
        return EXIT_TOOL
    return EXIT_GOOD


def _verdict(code: int) -> str:
    return {EXIT_GOOD: "equal", EXIT_MISMATCH: "mismatch"}.get(code, "not verified")


def _print(results: Sequence[RungResult], code: int) -> None:
    say_table("", ("rung", "verdict", "note"), [(result.name, result.verdict, result.reason) for result in results])
    for result in results:
        if result.mismatch is not None:
            say(f"[HWC501] {result.name}: {result.mismatch}", style="red")
    lines = {
        EXIT_GOOD: ("verdict: equal, bit for bit", "bold green"),
        EXIT_MISMATCH: ("verdict: MISMATCH", "bold red"),
    }
    text, style = lines.get(code, ("verdict: not verified, a tool is missing (see 'hwcomp doctor')", "bold yellow"))
    say(text, style=style)
