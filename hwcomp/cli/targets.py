"""`hwcomp targets`: what can be built for, with which options, and which references a model can be held to."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from hwcomp.cli.options import Json
from hwcomp.cli.output import reporting, say_json, say_table

if TYPE_CHECKING:
    from hwcomp.targets.base import OptionHelp


def targets(as_json: Json = False) -> None:
    """List the targets with their options, and the references that a model can be held to."""
    with reporting(as_json):
        from hwcomp.driver import REFERENCES
        from hwcomp.targets import TARGETS, load_target
        from hwcomp.targets.base import describe_options

        found = {name: load_target(name) for name in TARGETS}
        options = {name: describe_options(target.options_type) for name, target in found.items()}
        references = {format_.value: names for format_, names in REFERENCES.items()}
    if as_json:
        listed = {name: {"summary": found[name].summary, "options": _plain(options[name])} for name in found}
        say_json({"targets": listed, "references": references})
        return
    for name, target in found.items():
        rows = [(option.name, option.values, option.default or "-", option.help) for option in options[name]]
        say_table(f"target '{name}': {target.summary}", ("option", "values", "default", "what it does"), rows)
    say_table(
        "references, the default first", ("model", "--reference"), [(f, ", ".join(r)) for f, r in references.items()]
    )


def _plain(options: list[OptionHelp]) -> list[dict[str, object]]:
    return [asdict(option) for option in options]
