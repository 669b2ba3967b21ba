"""The manifest of a bundle: `manifest.json`, which names the bundle's sources and what its model takes and gives.

It is read from folders that others may have written, so every field is checked; unknown keys are kept.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import TypeVar

from hwcomp.support.border import BorderOperator, BorderStep, Rounding
from hwcomp.support.errors import HwcompError
from hwcomp.support.files import MANIFEST, MANIFEST_KEY
from hwcomp.support.json_values import is_list, is_record

_T = TypeVar("_T")
_E = TypeVar("_E", bound=Enum)
_TYPE = re.compile(r"(s|u|int|uint)([1-9][0-9]?)")
_HEADER = re.compile(r"[A-Za-z0-9_]+(?:[./-][A-Za-z0-9_]+)*")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KNOWN = (
    MANIFEST_KEY, "target", "c_name", "header", "sources", "include_dirs", "inputs", "outputs", "states_bytes",
    "arena_bytes", "values",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ElementType:
    """How an element is stored: in the least of 1, 2, 4 or 8 bytes. Spelt `s8`, `u4` or `int8`, `uint8`."""

    bits: int
    signed: bool

    @property
    def bytes(self) -> int:
        return next(size for size in (1, 2, 4, 8) if self.bits <= 8 * size)

    @property
    def storage(self) -> str:
        """The numpy and C name of the stored type: `int8`, `uint16`."""
        return f"{'' if self.signed else 'u'}int{8 * self.bytes}"


def element_type(text: str) -> ElementType:
    """Parse `s8`, `u4`, `int16`, `uint32`; 1 to 64 bits.

    Raises:
        ValueError: it is no integer type.
    """
    match = _TYPE.fullmatch(text)
    if match is None or int(match[2]) > 64:
        raise ValueError(f"'{text}' is no integer type")
    return ElementType(int(match[2]), match[1] in ("s", "int"))


@dataclass(frozen=True, slots=True)
class Quantizer:
    """What a port's integers stand for: real = (q - zero_point) * scale, scale in float32.

    source_dtype: the type of the model's own port, such as "int8", or "float32" where the model has floats there.
    steps: what the model computes in float32 before it quantises an input, or after it has dequantised an output.
    rounding, lo, hi: of an input; None where the type's limits clamp.
    """

    scale: float
    zero_point: int
    source_dtype: str = "float32"
    steps: tuple[BorderStep, ...] = ()
    rounding: Rounding = Rounding.LINEAR
    lo: int | None = None
    hi: int | None = None


@dataclass(frozen=True, slots=True)
class Port:
    """An input or an output. bytes = product of `shape` times the bytes of an element; `shape` includes the batch."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    bytes: int
    quantizer: Quantizer | None = None

    @property
    def border(self) -> Quantizer | None:
        """The quantiser, if the source model has floats here; None where it has integers itself."""
        is_float = self.quantizer is not None and self.quantizer.source_dtype.startswith("float")
        return self.quantizer if is_float else None


@dataclass(frozen=True, slots=True)
class TracedValue:
    """An intermediate that the traced run shows, under the number `index`."""

    index: int
    name: str
    shape: tuple[int, ...]
    dtype: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What `manifest.json` holds.

    hwcomp: the version that wrote the bundle; c_name: the prefix of the C interface; header: the file, in one of
    `include_dirs`, that declares it; sources and include_dirs: relative to the bundle; states_bytes: 0 when stateless;
    extra: every other key (model hash, options, versions), as JSON values.
    """

    hwcomp: str
    target: str
    c_name: str
    sources: tuple[str, ...]
    include_dirs: tuple[str, ...]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    arena_bytes: int
    states_bytes: int = 0
    values: tuple[TracedValue, ...] = ()
    header: str = ""
    extra: Mapping[str, object] = field(default_factory=dict[str, object])

    def to_json(self) -> str:
        """The text of the file: keys in a fixed order, one newline at the end. `parse_manifest` inverts it."""
        known: dict[str, object] = {
            MANIFEST_KEY: self.hwcomp,
            "target": self.target,
            "c_name": self.c_name,
            "header": self.header or f"{self.c_name}.h",
            "sources": list(self.sources),
            "include_dirs": list(self.include_dirs),
            "inputs": [_port_json(port) for port in self.inputs],
            "outputs": [_port_json(port) for port in self.outputs],
            "states_bytes": self.states_bytes,
            "arena_bytes": self.arena_bytes,
            "values": [
                {"index": v.index, "name": v.name, "shape": list(v.shape), "dtype": v.dtype, "bytes": v.bytes}
                for v in self.values
            ],
        }
        return json.dumps(known | dict(self.extra), indent=2, ensure_ascii=False) + "\n"


def read_manifest(bundle: Path) -> Manifest:
    """The manifest of the bundle in the folder `bundle`.

    Raises:
        HwcompError: HWC007 it is missing, is no JSON, or a field is missing or wrong.
    """
    path = bundle / MANIFEST
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise HwcompError(
            "HWC007",
            f"it is no bundle: {MANIFEST} cannot be read: {reason}",
            str(bundle),
            "give a folder that 'hwcomp build' wrote",
        ) from error
    return parse_manifest(text, str(path))


def parse_manifest(text: str, at: str) -> Manifest:
    """The manifest that `text` holds; `at` names the file in errors.

    Raises:
        HwcompError: HWC007 as `read_manifest`.
    """
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise HwcompError(
            "HWC007", f"it is not JSON: {error}", at, "build the bundle again with 'hwcomp build'"
        ) from error
    reader = _Reader(document, at, "")
    if "bundles" in reader.fields:
        names = ", ".join(str(name) for name in reader.items("bundles"))
        raise HwcompError("HWC007", f"it holds the bundles of several targets: {names}", at, "give one of its folders")
    manifest = Manifest(
        hwcomp=reader.text(MANIFEST_KEY),
        target=reader.optional("target", _Reader.text, "mcu"),
        c_name=reader.text("c_name"),
        sources=reader.paths("sources"),
        include_dirs=reader.paths("include_dirs"),
        inputs=tuple(_port(item) for item in reader.readers("inputs")),
        outputs=tuple(_port(item) for item in reader.readers("outputs")),
        arena_bytes=reader.count("arena_bytes"),
        states_bytes=reader.optional("states_bytes", _Reader.count, 0),
        values=tuple(_value(item) for item in (reader.readers("values") if "values" in reader.fields else ())),
        header=reader.optional("header", _Reader.text, ""),
        extra={key: value for key, value in reader.fields.items() if key not in _KNOWN},
    )
    _check_whole(manifest, reader)
    return manifest


def set_manifest(version: str, targets: Sequence[str]) -> str:
    """The manifest of a folder that holds a bundle for each of several targets, in folders of their names."""
    return json.dumps({MANIFEST_KEY: version, "bundles": list(targets)}, indent=2) + "\n"


def bundles_in(folder: Path) -> tuple[str, ...]:
    """The targets of a folder that `set_manifest` describes; none where it is a bundle, or no folder of ours."""
    try:
        document: object = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return ()
    names = document.get("bundles") if is_record(document) else None
    return tuple(n for n in names if isinstance(n, str) and n.isidentifier()) if is_list(names) else ()


def _check_whole(manifest: Manifest, reader: _Reader) -> None:
    """What no single field shows: names are usable and given once."""
    if not _IDENTIFIER.fullmatch(manifest.c_name):
        raise reader.error("c_name", f"'{manifest.c_name}' is no C identifier")
    if manifest.header and not _HEADER.fullmatch(manifest.header):
        raise reader.error("header", f"{manifest.header!r} is no name of a header")
    if not manifest.sources:
        raise reader.error("sources", "there is none")
    for key, names in (
        ("inputs", [port.name for port in manifest.inputs]),
        ("outputs", [port.name for port in manifest.outputs]),
        ("values", [str(value.index) for value in manifest.values]),
    ):
        if len(set(names)) != len(names):
            raise reader.error(key, "a name or index is given twice")
        if not names and key != "values":
            raise reader.error(key, "there is none")


def _port_json(port: Port) -> dict[str, object]:
    plain: dict[str, object] = {
        "name": port.name,
        "shape": list(port.shape),
        "dtype": port.dtype,
        "bytes": port.bytes,
    }
    if port.quantizer is not None:
        plain["quantizer"] = {
            "scale": port.quantizer.scale,
            "zero_point": port.quantizer.zero_point,
            "source_dtype": port.quantizer.source_dtype,
            **_border_json(port.quantizer),
        }
    return plain


def _border_json(border: Quantizer) -> dict[str, object]:
    """The fields that differ from what most borders have."""
    plain: dict[str, object] = {}
    if border.steps:
        plain["steps"] = [
            {"operator": step.operator.value, "values": list(step.values), "axis": step.axis} for step in border.steps
        ]
    if border.rounding is not Rounding.LINEAR:
        plain["rounding"] = border.rounding.value
    plain |= {key: value for key, value in (("lo", border.lo), ("hi", border.hi)) if value is not None}
    return plain


def _port(reader: _Reader) -> Port:
    shape, dtype, size = reader.storage()
    return Port(reader.text("name"), shape, dtype, size, reader.optional("quantizer", _quantizer, None))


def _value(reader: _Reader) -> TracedValue:
    shape, dtype, size = reader.storage()
    return TracedValue(reader.count("index"), reader.text("name"), shape, dtype, size)


def _quantizer(parent: _Reader, key: str) -> Quantizer | None:
    if parent.fields[key] is None:
        return None
    reader = _Reader(parent.fields[key], parent.at, f"{parent.prefix}{key}.")
    scale = reader.fields.get("scale")
    if isinstance(scale, bool) or not isinstance(scale, int | float) or not (math.isfinite(scale) and scale > 0):
        raise reader.error("scale", "it is not a positive finite number")
    steps = tuple(_border_step(step) for step in reader.readers("steps")) if "steps" in reader.fields else ()
    lo, hi = (reader.integer(key) if reader.fields.get(key) is not None else None for key in ("lo", "hi"))
    rounding = reader.member("rounding", Rounding) if "rounding" in reader.fields else Rounding.LINEAR
    zero, source = reader.integer("zero_point"), reader.text("source_dtype")
    return Quantizer(float(scale), zero, source, steps, rounding, lo, hi)


def _border_step(reader: _Reader) -> BorderStep:
    values: list[float] = []
    for item in reader.items("values"):
        if isinstance(item, bool) or not isinstance(item, int | float) or not math.isfinite(item):
            raise reader.error("values", f"{item!r} is no finite number")
        values.append(float(item))
    return BorderStep(reader.member("operator", BorderOperator), tuple(values), reader.integer("axis"))


class _Reader:
    """Typed access to the fields of one JSON object; each failure names the field, such as `inputs[0].bytes`."""

    def __init__(self, value: object, at: str, prefix: str) -> None:
        self.at = at
        self.prefix = prefix
        if not is_record(value):
            raise self.error("", "it is not a JSON object")
        self.fields = value

    def error(self, key: str, what: str) -> HwcompError:
        name = f"{self.prefix}{key}".rstrip(".") or "the manifest"
        return HwcompError("HWC007", f"{name}: {what}", self.at, "build the bundle again with 'hwcomp build'")

    def optional(self, key: str, read: Callable[[_Reader, str], _T], otherwise: _T) -> _T:
        return read(self, key) if key in self.fields else otherwise

    def text(self, key: str) -> str:
        value = self.fields.get(key)
        if not isinstance(value, str) or not value:
            raise self.error(key, "it is missing or not a text")
        return value

    def member(self, key: str, kind: type[_E]) -> _E:
        """The member of an enumeration with that text."""
        text = self.text(key)
        found = next((member for member in kind if member.value == text), None)
        if found is None:
            raise self.error(key, f"{text!r} is none of {', '.join(str(member.value) for member in kind)}")
        return found

    def integer(self, key: str) -> int:
        value = self.fields.get(key)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.error(key, "it is missing or not an integer")
        return value

    def count(self, key: str) -> int:
        """A size or number in 0..2^31 - 1: what 32-bit targets can hold."""
        value = self.integer(key)
        if not 0 <= value < 2**31:
            raise self.error(key, f"{value} lies outside 0..2147483647")
        return value

    def items(self, key: str) -> list[object]:
        value = self.fields.get(key)
        if not is_list(value):
            raise self.error(key, "it is missing or not a list")
        return value

    def readers(self, key: str) -> tuple[_Reader, ...]:
        return tuple(_Reader(item, self.at, f"{self.prefix}{key}[{i}].") for i, item in enumerate(self.items(key)))

    def paths(self, key: str) -> tuple[str, ...]:
        """Relative paths that stay inside the bundle."""
        found: list[str] = []
        for item in self.items(key):
            if not isinstance(item, str) or not item or "\\" in item or item.startswith("-"):
                raise self.error(key, f"{item!r} is no relative path")
            path = PurePosixPath(item)
            if path.is_absolute() or ".." in path.parts:
                raise self.error(key, f"'{item}' lies outside the bundle")
            found.append(item)
        return tuple(found)

    def storage(self) -> tuple[tuple[int, ...], str, int]:
        """Shape, type and bytes of a tensor, which agree."""
        shape: list[int] = []
        for size in self.items("shape"):
            if isinstance(size, bool) or not isinstance(size, int) or size < 1:
                raise self.error("shape", f"{size!r} is no positive size")
            shape.append(size)
        dtype, size = self.text("dtype"), self.count("bytes")
        try:
            expected = math.prod(shape) * element_type(dtype).bytes
        except ValueError as error:
            raise self.error("dtype", str(error)) from error
        if size != expected:
            raise self.error("bytes", f"{size}, but shape and type make {expected}")
        return tuple(shape), dtype, size
