"""A table of a TOML file, read key by key; everything that is wrong is collected, with its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hwcomp.support.errors import Problem
from hwcomp.support.json_values import is_list, is_record

CODE = "HWC012"


class TomlTable:
    """Reads `fields`; a wrong one gives a Problem in `problems` and counts as absent. `at`: the file and the table."""

    def __init__(self, fields: Mapping[str, object], at: str, problems: list[Problem]) -> None:
        self.at = at
        self._fields = fields
        self._problems = problems
        self._known: list[str] = []

    def wrong(self, what: str, fix: str) -> None:
        """Note that something is wrong with this table."""
        self._problems.append(Problem(CODE, what, self.at, fix))

    def text(self, key: str, default: str = "") -> str:
        value = self._take(key)
        if value is None or isinstance(value, str):
            return default if value is None else value
        self.wrong(f"'{key}' is no text", f'write it as {key} = "..."')
        return default

    def needed_text(self, key: str) -> str:
        """A text that must be there and not be empty."""
        if key not in self._fields or self._fields[key] == "":
            self.wrong(f"'{key}' is missing", f'add {key} = "..."')
        return self.text(key)

    def texts(self, key: str, default: Sequence[str] = ()) -> tuple[str, ...]:
        """A list of texts; a single text is a list of one."""
        value = self._take(key)
        if value is None:
            return tuple(default)
        items = [value] if isinstance(value, str) else value
        if is_list(items):
            found = [item for item in items if isinstance(item, str)]
            if len(found) == len(items):
                return tuple(dict.fromkeys(found))
        self.wrong(f"'{key}' is no list of texts", f'write it as {key} = ["...", "..."]')
        return tuple(default)

    def seconds(self, key: str, default: int) -> int:
        """A whole number of seconds, at least 1."""
        value = self._take(key)
        if value is None:
            return default
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        self.wrong(f"'{key}' is {value!r}, no whole number above 0", f"write it as {key} = 600")
        return default

    def axes(self, key: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """A table of options, each with one value or a list of them, as texts: `{arch = ["generic", "cortex-m"]}`."""
        value = self._take(key)
        if value is None:
            return ()
        if not is_record(value):
            self.wrong(f"'{key}' is no table", f"write it as {key} = {{ vectors = 2 }}")
            return ()
        return tuple((name, self._values(f"{key}.{name}", given)) for name, given in value.items())

    def _values(self, key: str, given: object) -> tuple[str, ...]:
        items = given if is_list(given) else [given]
        if not items or any(not isinstance(item, str | int) for item in items):
            self.wrong(f"'{key}' is no text, integer or boolean, and no list of them", f"write it as {key} = 2")
            return ()
        texts = [str(item).lower() if isinstance(item, bool) else str(item) for item in items]
        return tuple(dict.fromkeys(texts))

    def tables(self, key: str) -> list[TomlTable]:
        """The tables `[[key]]`, which are named by their place, from 1."""
        value = self._take(key)
        if value is None:
            return []
        if not is_list(value) or not all(is_record(item) for item in value):
            self.wrong(f"'{key}' is no list of tables", f"write each under its own [[{key}]]")
            return []
        return [
            TomlTable(item, f"{self.at}: [[{key}]] {place}", self._problems)
            for place, item in enumerate(value, 1)
            if is_record(item)
        ]

    def table(self, key: str) -> TomlTable:
        """The table `[key]`; empty where it is missing."""
        value = self._take(key)
        if value is not None and not is_record(value):
            self.wrong(f"'{key}' is no table", f"write it under [{key}]")
        return TomlTable(value if is_record(value) else {}, f"{self.at}: [{key}]", self._problems)

    def finish(self) -> None:
        """Note every key that was never asked for."""
        for key in self._fields:
            if key not in self._known:
                self.wrong(f"'{key}' is no key of this table", f"use some of: {', '.join(self._known)}")

    def _take(self, key: str) -> object:
        self._known.append(key)
        return self._fields.get(key)
