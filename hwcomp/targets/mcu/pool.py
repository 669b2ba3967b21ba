"""The constants of a bundle: named arrays, each content once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hwcomp.support.naming import Namer, clean


@dataclass(frozen=True, slots=True)
class Table:
    """A constant array: `const c_type name[len(data)]`; note: what it is, safe in a comment."""

    name: str
    c_type: str
    data: npt.NDArray[np.int64]
    note: str

    @property
    def bytes(self) -> int:
        return int(self.data.size) * np.dtype(self.c_type.removesuffix("_t")).itemsize


@dataclass(slots=True)
class Pool:
    """Collects tables; an array of the same type and content as an earlier one gets the earlier one's name."""

    prefix: str
    names: Namer = field(default_factory=Namer)
    tables: list[Table] = field(default_factory=list)
    _by_content: dict[tuple[str, bytes], str] = field(default_factory=dict)

    def add(self, layer: str, role: str, c_type: str, data: Sequence[int] | npt.NDArray[np.integer], note: str) -> str:
        """The name of a table of `data`, flattened. `layer` and `role` make the name."""
        flat = np.asarray(data, np.int64).reshape(-1)
        key = (c_type, flat.tobytes())
        if key not in self._by_content:
            name = self.names.name(f"{self.prefix}_{clean(layer)}_{role}".lower())
            self._by_content[key] = name
            self.tables.append(Table(name, c_type, flat, note))
        return self._by_content[key]

    @property
    def bytes(self) -> int:
        """Flash that the tables take."""
        return sum(table.bytes for table in self.tables)
