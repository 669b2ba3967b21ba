"""`hwcomp explain CODE`: what an error code means and what to do about it."""

from __future__ import annotations

from typing import Annotated

import typer

from hwcomp.cli.options import Json
from hwcomp.cli.output import reporting, say, say_json, say_table
from hwcomp.support.advice import advice
from hwcomp.support.causes import cause
from hwcomp.support.codes import CODES
from hwcomp.support.errors import HwcompError


def explain(
    code: Annotated[
        str | None, typer.Argument(metavar="[CODE]", help="Such as HWC101; without it, all are listed.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what an error code means and what to do."""
    with reporting(as_json):
        if code is None:
            _list_all(as_json)
        else:
            _explain_one(_known(code), as_json)


def _known(text: str) -> str:
    """The code that `text` names: `HWC101`, `hwc101` and `101` are one."""
    upper = text.strip().upper().strip("[]")
    code = upper if upper.startswith("HWC") else f"HWC{upper}"
    if code in CODES:
        return code
    raise HwcompError("HWC010", "there is no such code", f"'{text}'", "run 'hwcomp explain' for the list of codes")


def _list_all(as_json: bool) -> None:
    if as_json:
        say_json({"codes": dict(sorted(CODES.items()))})
    else:
        say_table("error codes", ("code", "meaning"), sorted(CODES.items()))


def _explain_one(code: str, as_json: bool) -> None:
    if as_json:
        say_json({"code": code, "meaning": CODES[code], "cause": cause(code), "fix": advice(code)})
    else:
        say(f"{code}: {CODES[code]}")
        say(f"  cause: {cause(code)}")
        say(f"  fix: {advice(code)}")
