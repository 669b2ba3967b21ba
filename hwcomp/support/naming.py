"""Names of the model become identifiers of generated code: legal in C, C++ and Verilog, unique, recognisable."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePath

from hwcomp.support.errors import HwcompError
from hwcomp.support.keywords import RESERVED

MAX_LENGTH = 48
_DIGEST_LENGTH = 8
_ILLEGAL = re.compile(r"[^A-Za-z0-9]+")
_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


def _ascii(text: str) -> str:
    """ASCII for every character: accents go, a letter of another script becomes `u` and its hexadecimal code."""
    parts: list[str] = []
    for char in unicodedata.normalize("NFKD", text):
        if char.isascii():
            parts.append(char)
        elif char.isalnum():
            parts.append(f"_u{ord(char):x}_")
        elif not unicodedata.combining(char):
            parts.append("_")
    return "".join(parts)


def _shorten(name: str, source: str) -> str:
    """Keep the end of a long name (its most telling part) and put a digest of the whole `source` before it."""
    if len(name) <= MAX_LENGTH:
        return name
    digest = hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_LENGTH]
    tail = name[-(MAX_LENGTH - _DIGEST_LENGTH - 2) :].lstrip("_")
    return f"n{digest}_{tail}"


def clean(source: str) -> str:
    """A legal identifier that resembles `source`; two sources may get the same one (`Namer` keeps them apart).

    Letters and digits stay; every run of other characters becomes one `_`; none stands at either end or twice, since C
    and C++ reserve such names. At most `MAX_LENGTH` characters.
    """
    name = _ILLEGAL.sub("_", _ascii(source)).strip("_") or "unnamed"
    if name[0].isdigit():
        name = f"n{name}"
    return _shorten(name, source)


class Namer:
    """Gives every source name its identifier. The same sources in the same order get the same identifiers in every run.

    Names differ without regard to case, because files and some linkers do not tell `A` from `a`.
    """

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        """`reserved`: names the generated code uses itself; keywords and library names are always refused."""
        self._taken = {name.lower() for name in RESERVED} | {name.lower() for name in reserved}
        self._given: dict[str, str] = {}

    def name(self, source: str) -> str:
        """The identifier of `source`: the same whenever the same `source` is asked for."""
        if source not in self._given:
            self._given[source] = self._fresh(clean(source))
        return self._given[source]

    def _fresh(self, base: str) -> str:
        candidate, number = base, 2
        while candidate.lower() in self._taken:
            candidate, number = f"{base}_{number}", number + 1
        self._taken.add(candidate.lower())
        return candidate


def prefix_of(given: str, model_name: str, option: str, language: str, what: str) -> str:
    """The prefix of all `what` of a bundle: `given` by the user, or from the model's file name, in lower case.

    Raises:
        HwcompError: HWC006 `given` is no identifier of `language`, or begins with the library's own prefix.
    """
    if not given:
        return Namer(("hwc",)).name(PurePath(model_name).stem).lower()
    bad = not _PREFIX.fullmatch(given) or given in RESERVED or given.lower().startswith("hwc_")
    if bad or len(given) > MAX_LENGTH or "__" in given:
        fix = f"give a {language} identifier that is no keyword and does not begin with hwc_"
        raise HwcompError("HWC006", f"'{given}' cannot be the prefix of {what}", f"option '{option}'", fix)
    return given


def package_version(version: str) -> str:
    """Three numbers, as package managers want them; 0.0.0 for what is no version."""
    match = _VERSION.match(version)
    return ".".join(part or "0" for part in match.groups()) if match else "0.0.0"


def comment(text: str, limit: int = 160) -> str:
    """`text` made safe for one line of a C or Verilog comment: it cannot end the comment or the line.

    Control characters and line ends become spaces; `*/`, `/*` and `//` are split by a space; backslashes and question
    marks (line continuation, trigraphs) become `_`; characters beyond ASCII become `<u4e2d>` with their code.
    """
    spaced = "".join(char if char.isprintable() else " " for char in text)
    ascii_only = "".join(char if char.isascii() else f"<u{ord(char):x}>" for char in spaced)
    plain = ascii_only.replace("\\", "_").replace("?", "_")
    split = re.sub(r"(?<=[*/])(?=[*/])", " ", " ".join(plain.split()))
    return split if len(split) <= limit else f"{split[: limit - 3]}..."
