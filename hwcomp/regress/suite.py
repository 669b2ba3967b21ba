"""`suite.toml`: the models, the targets with their options, and what is left out of the product. docs/regress.md."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hwcomp.driver import REFERENCES
from hwcomp.frontends.input_form import input_forms
from hwcomp.prove.synthesize import Policy
from hwcomp.regress.toml_table import CODE, TomlTable
from hwcomp.support.errors import HwcompError, Problem, raise_all
from hwcomp.targets import TARGETS
from hwcomp.verify.ladder import RUNGS

SECONDS = 600
FIGURES = ("arena", "flash", "instructions", "cycles", "resources", "exceptions")
"""The groups of figures that a suite can ask for; `figures.py` says what is in each."""
FREE_FIGURES = ("arena", "cycles", "resources", "exceptions")
"""Those that the bundle and the rungs give without a further run: the default."""
_POLICIES = tuple(policy.value for policy in Policy)
_REFERENCES = tuple(name for names in REFERENCES.values() for name in names)
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_NAME = re.compile(r"[A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A `[[model]]`. references, exacts: axes of the matrix, () for the defaults; seconds: 0 for the target's; inputs:
    how float inputs are quantised, as `--input` of `build` has it."""

    name: str
    path: Path
    references: tuple[str, ...]
    exacts: tuple[str, ...]
    seconds: int
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TargetEntry:
    """A `[[target]]`. label: its name in the jobs; options: each with all of its values; rungs: () for the suite's."""

    label: str
    name: str
    options: tuple[tuple[str, tuple[str, ...]], ...]
    rungs: tuple[str, ...]
    figures: tuple[str, ...]
    seconds: int


@dataclass(frozen=True, slots=True)
class Suite:
    """A whole suite. exacts: policies of the models that name none; only, skip: patterns of jobs."""

    name: str
    file: Path
    seconds: int
    rungs: tuple[str, ...]
    figures: tuple[str, ...]
    exacts: tuple[str, ...]
    models: tuple[ModelEntry, ...]
    targets: tuple[TargetEntry, ...]
    only: tuple[str, ...]
    skip: tuple[str, ...]


def read_suite(file: Path) -> Suite:
    """The suite in `file`.

    Raises:
        HwcompError: HWC001 no such file; HWC012 no TOML, or wrong keys, all of them at once.
    """
    try:
        document = tomllib.loads(file.read_bytes().decode("utf-8"))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise HwcompError("HWC001", f"it cannot be read: {reason}", str(file), "check the path") from error
    except (ValueError, RecursionError) as error:
        raise HwcompError(CODE, f"it is no TOML: {error}", str(file), "correct that line") from error
    problems: list[Problem] = []
    suite = _suite(file, TomlTable(document, str(file), problems))
    raise_all(problems)
    return suite


def _suite(file: Path, top: TomlTable) -> Suite:
    head, matrix = top.table("suite"), top.table("matrix")
    folder = file.parent / _expanded(head, head.text("folder"))
    suite = Suite(
        name=head.text("name", file.stem),
        file=file,
        seconds=head.seconds("timeout-seconds", SECONDS),
        rungs=_among(head, "rungs", tuple(RUNGS)),
        figures=_among(head, "figures", FIGURES, FREE_FIGURES),
        exacts=_among(head, "exact", _POLICIES),
        models=tuple(_model(table, folder) for table in top.tables("model")),
        targets=tuple(_target(table) for table in top.tables("target")),
        only=matrix.texts("only"),
        skip=matrix.texts("skip"),
    )
    if not suite.models:
        top.wrong("it has no model", 'add [[model]] with path = "..."')
    if not suite.targets:
        top.wrong("it has no target", 'add [[target]] with name = "mcu"')
    _check_names(top, "model", [model.name for model in suite.models], "name")
    _check_names(top, "target", [target.label for target in suite.targets], "label")
    for table in (head, matrix, top):
        table.finish()
    return suite


def _model(table: TomlTable, folder: Path) -> ModelEntry:
    path = folder / _expanded(table, table.needed_text("path"))
    name = table.text("name", path.stem)
    _check_name(table, "name", name)
    references = _among(table, "reference", _REFERENCES)
    exacts, seconds = _among(table, "exact", _POLICIES), table.seconds("timeout-seconds", 0)
    entry = ModelEntry(name, path, references, exacts, seconds, _inputs(table))
    table.finish()
    return entry


def _inputs(table: TomlTable) -> tuple[str, ...]:
    found = table.texts("input")
    try:
        input_forms(found)
    except HwcompError as error:
        for problem in error.problems:
            table.wrong(f"'input': {problem.what}", 'write it as input = "s8:2^-5", or ["x=u8:1/255"]')
    return found


def _target(table: TomlTable) -> TargetEntry:
    name = table.needed_text("name")
    if name and name not in TARGETS:
        table.wrong(f"no target '{name}'", f"use one of: {', '.join(TARGETS)}")
    label = table.text("label", name)
    _check_name(table, "label", label)
    entry = TargetEntry(
        label=label,
        name=name,
        options=table.axes("option"),
        rungs=_among(table, "rungs", tuple(RUNGS)),
        figures=_among(table, "figures", FIGURES),
        seconds=table.seconds("timeout-seconds", 0),
    )
    table.finish()
    return entry


def _among(table: TomlTable, key: str, offered: Sequence[str], default: Sequence[str] = ()) -> tuple[str, ...]:
    found = table.texts(key, default)
    for name in found:
        if name not in offered:
            table.wrong(f"'{key}' has no '{name}'", f"use some of: {', '.join(offered)}")
    return found


def _check_name(table: TomlTable, key: str, name: str) -> None:
    if name and not _NAME.fullmatch(name):
        table.wrong(f"the {key} '{name}' has other signs than letters, digits and _.-", f'add {key} = "..."')


def _check_names(top: TomlTable, kind: str, names: Sequence[str], key: str) -> None:
    for name in dict.fromkeys(names):
        if name and names.count(name) > 1:
            top.wrong(f"{names.count(name)} [[{kind}]] are named '{name}'", f"give each its own '{key}'")


def _expanded(table: TomlTable, text: str, environment: Mapping[str, str] = os.environ) -> str:
    """`text` with `${NAME}` and `${NAME:-default}` replaced."""

    def value(match: re.Match[str]) -> str:
        found: str | None = environment.get(match[1]) or match[2]
        if found is None:
            table.wrong(f"the environment has no {match[1]}", f"set it, or write ${{{match[1]}:-default}}")
        return found or ""

    return _VARIABLE.sub(value, text)
