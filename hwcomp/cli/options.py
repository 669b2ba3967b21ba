"""Options that several commands share, so that they read the same everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from hwcomp.support.errors import HwcompError


class Exact(StrEnum):
    """What happens where no multiplier equals the reference on every reachable value."""

    STRICT = "strict"
    LISTED = "listed"
    FAST = "fast"


Model = Annotated[Path, typer.Argument(metavar="MODEL", help="The quantised model: .onnx or .tflite.")]
BundleFolder = Annotated[Path, typer.Argument(metavar="BUNDLE", help="A folder that 'hwcomp build' wrote.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
Reference = Annotated[
    str | None,
    typer.Option(
        help="Whose arithmetic the integers must equal: onnx, onnxruntime, qonnx, tflm, litert. "
        "Default: onnx for .onnx (qonnx of a QONNX model), tflm for .tflite.",
    ),
]
InputForms = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        metavar="[NAME=]TYPE:SCALE[:ZERO]",
        help="What a float input that the model does not quantise is quantised to, such as u8:1/255 or x=s8:2^-5.",
    ),
]
ExactPolicy = Annotated[
    Exact,
    typer.Option(help="strict: refuse what is not proved; listed: print the exceptions; fast: narrow multipliers."),
]


def key_values(pairs: Sequence[str]) -> dict[str, str]:
    """Turn `["arch=cortex-m4"]` into `{"arch": "cortex-m4"}`.

    Raises:
        HwcompError: HWC006 a text without `=`, or a key given twice.
    """
    options: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key or key in options:
            what = f"the key {key!r} is given twice" if key in options else f"{pair!r} is not KEY=VALUE"
            raise HwcompError("HWC006", what, "--option", "write each option once, as '--option arch=cortex-m4'")
        options[key] = value
    return options


def names(text: str) -> tuple[str, ...]:
    """Split `"host, cortex-m4"` into its names, in order, each once."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
