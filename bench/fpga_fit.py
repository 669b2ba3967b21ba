"""Fits `estimate/coefficients.json` to modules synthesised alone: least relative squares, nothing negative."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hwcomp.targets.dataflow.estimate.bill import Bill
from hwcomp.targets.dataflow.estimate.coefficients import PATH, Prices, coefficients
from hwcomp.targets.dataflow.estimate.cost import Resources
from hwcomp.targets.dataflow.estimate.family import Family

_LEAST = 40.0
"""Errors are weighed as shares of the number, but of no less than this."""

_PULL = {"rom": 1.0, "deep_rom": 0.5, "ram": 1.0}
_PULL_OTHERS = 0.3
"""How much a price far from what is expected counts, as a share of the term's part of one module."""

_LUTS = {
    Family.ECP5: {
        "acc": 2.0, "booth": 2.5, "booth_first": 1.0, "count": 2.0, "ring": 1.5, "one": 10.0, "lane": 20.0,
        "greater": 2.0, "soft": 1.5,
    },
    Family.XC7: {
        "booth": 1.3, "booth_first": 0.8, "count": 1.5, "ring": 1.3, "one": 10.0, "lane": 10.0, "greater": 1.5,
        "deep_rom": 1.3, "block_acc": 0.2, "block_tree": 0.5, "block_mux": 0.5,
    },
    Family.XCUP: {
        "booth": 1.3, "booth_first": 0.8, "count": 1.5, "ring": 1.3, "one": 10.0, "lane": 10.0, "greater": 1.5,
        "deep_rom": 1.3, "block_mux": 0.5,
    },
}  # fmt: skip
"""LUTs of a unit that are expected; one where nothing is said."""

_REGISTERS = {
    Family.ECP5: {"one": 0.0},
    Family.XC7: {"one": 0.0, "product": 0.0, "block_acc": 0.2, "block_tree": 0.5, "own": 0.0},
    Family.XCUP: {"one": 0.0},
}
"""As _LUTS, for flip-flops: the blocks of the 7 series have registers of their own, which Yosys uses; it does not use
those of UltraScale+."""

_ROUNDS = 3000
_NOTHING = 0.001


def fitted(bills: Sequence[Bill], reals: Sequence[Resources], name: str) -> dict[str, float]:
    """The price of each count of `name` ("lut" or "ff")."""
    counts: list[Mapping[str, float]] = [bill.lut if name == "lut" else bill.ff for bill in bills]
    terms = sorted({term for count in counts for term, number in count.items() if number})
    wanted = np.array([real.of(name) for real in reals], float)
    weights = 1 / np.maximum(wanted, _LEAST)
    rows = np.array([[float(count.get(term, 0)) for term in terms] for count in counts])
    scaled, aims = rows * weights[:, None], wanted * weights
    # A term that the points hardly tell apart stays near what its cells say: one register, one LUT a bit.
    pull = np.array([_PULL.get(term, _PULL_OTHERS) for term in terms]) * scaled.max(axis=0)
    expected = (_LUTS if name == "lut" else _REGISTERS)[bills[0].family]
    prior = np.array([expected.get(term, 1.0) for term in terms])
    found = _least_squares(np.vstack([scaled, np.diag(pull)]), np.concatenate([aims, pull * prior]))
    return {term: float(f"{price:.3g}") for term, price in zip(terms, found, strict=True) if price > _NOTHING}


def _least_squares(a: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """x >= 0 of the least |a x - y|, by coordinates; every column has something of its own, so it is the only one."""
    square, aim = a.T @ a, a.T @ y
    x: NDArray[np.float64] = np.zeros(len(aim))
    for _ in range(_ROUNDS):
        for k in range(len(x)):
            x[k] = max(0.0, x[k] + (aim[k] - square[k] @ x) / square[k, k])
    return x


def keep(family: Family, module: str, prices: Prices) -> None:
    """Writes the module's prices into the file."""
    tables = {kept.value: dict(modules) for kept, modules in coefficients().items()}
    tables.setdefault(family.value, {})[module] = prices
    families = [f'  "{name}": {{\n{_rows(modules)}\n  }}' for name, modules in tables.items()]
    PATH.write_text("{\n" + ",\n".join(families) + "\n}\n", encoding="utf-8")
    coefficients.cache_clear()


def _rows(modules: Mapping[str, Prices]) -> str:
    """A module a line."""
    return ",\n".join(f'    "{module}": {json.dumps(prices)}' for module, prices in sorted(modules.items()))
