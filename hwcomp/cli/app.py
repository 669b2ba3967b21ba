"""The `hwcomp` program: the table of its commands."""

from __future__ import annotations

from typing import Annotated

import typer

from hwcomp import __version__
from hwcomp.cli.build import build
from hwcomp.cli.doctor import doctor
from hwcomp.cli.explain import explain
from hwcomp.cli.inspect import inspect
from hwcomp.cli.plan import plan
from hwcomp.cli.regress import regress
from hwcomp.cli.report import report
from hwcomp.cli.run import run
from hwcomp.cli.target_flags import TargetFlagsCommand
from hwcomp.cli.targets import targets
from hwcomp.cli.verify import verify

_EPILOG = "Exit codes: 0 good, 1 the model can't be built, 2 usage, 3 a mismatch, 4 a tool is missing."

app = typer.Typer(
    name="hwcomp",
    help="Compile quantised neural networks into integer-only code that is proved equal to the model, bit for bit.",
    epilog=_EPILOG,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)
app.command(cls=TargetFlagsCommand)(build)
app.command(cls=TargetFlagsCommand)(plan)
for _command in (inspect, run, verify, report, regress, targets, explain, doctor):
    app.command()(_command)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hwcomp {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Compile quantised neural networks into integer-only code that is proved equal to the model, bit for bit."""


def main() -> None:
    """The entry point of the installed program."""
    app()
