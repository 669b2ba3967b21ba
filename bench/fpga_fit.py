"""Fits `estimate/coefficients.py` to modules synthesised alone: least squares of the relative errors, no negative ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import nnls

from hwcomp.targets.fpga.cost import Resources
from hwcomp.targets.fpga.estimate.bill import Bill
from hwcomp.targets.fpga.family import Family

TARGET = Path(__file__).resolve().parent.parent / "hwcomp" / "targets" / "fpga" / "estimate" / "coefficients.py"
_LEAST = 40.0
"""Errors are weighed as shares of the number, but of no less than this."""

_PULL = 0.15
"""How much a price far from what is expected counts, as a share of the term's part of one module."""

_PRIOR = {"acc": 2.0, "booth": 2.0, "booth_first": 1.0, "count": 2.0, "ring": 1.5, "one": 10.0, "lane": 20.0, "greater": 2.0}
"""LUTs of a unit that are expected; one where nothing is said."""

_HEAD = '''"""LUTs and flip-flops of a unit of each count in a module's bill, by family. Written by `python -m bench.fpga_cost fit`."""

from __future__ import annotations

from collections.abc import Mapping

from hwcomp.targets.fpga.family import Family

Prices = Mapping[str, Mapping[str, float]]

'''


def fitted(bills: Sequence[Bill], reals: Sequence[Resources], name: str) -> dict[str, float]:
    """The price of each count of `name` ("lut" or "ff")."""
    counts: list[Mapping[str, float]] = [bill.lut if name == "lut" else bill.ff for bill in bills]
    terms = sorted({term for count in counts for term, number in count.items() if number})
    wanted = np.array([real.of(name) for real in reals], float)
    weights = 1 / np.maximum(wanted, _LEAST)
    rows = np.array([[float(count.get(term, 0)) for term in terms] for count in counts])
    scaled, aims = rows * weights[:, None], wanted * weights
    # A term that the points hardly tell apart stays near what its cells say: one register, one LUT a bit.
    pull = _PULL * scaled.max(axis=0)
    prior = np.array([_PRIOR.get(term, 1.0) if name == "lut" else float(term != "one") for term in terms])
    found, _ = nnls(np.vstack([scaled, np.diag(pull)]), np.concatenate([aims, pull * prior]))
    return {term: float(f"{price:.3g}") for term, price in zip(terms, found, strict=True) if price > 0}


def written(tables: Mapping[Family, Mapping[str, Mapping[str, Mapping[str, float]]]]) -> str:
    """The text of the module."""
    lines = [_HEAD + "COEFFICIENTS: dict[Family, dict[str, Prices]] = {"]
    for family, modules in tables.items():
        lines.append(f"    Family.{family.name}: {{")
        for module, prices in sorted(modules.items()):
            lines.append(f'        "{module}": {{')
            for name, terms in prices.items():
                inner = ", ".join(f'"{term}": {price}' for term, price in terms.items())
                whole = f'            "{name}": {{{inner}}},'
                if len(whole) <= 120:
                    lines.append(whole)
                else:
                    lines.append(f'            "{name}": {{')
                    lines += [f'                "{term}": {price},' for term, price in terms.items()]
                    lines.append("            },")
            lines.append("        },")
        lines.append("    },")
    return "\n".join([*lines, "}", '"""By family, module, and "lut" or "ff"."""', ""])
