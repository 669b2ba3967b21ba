"""LUTs and flip-flops of a unit of each count in a module's bill.

`coefficients.json` has them by family, module and "lut" or "ff". `python -m bench.fpga_cost --fit` writes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from hwcomp.support.json_values import fraction, record
from hwcomp.targets.dataflow.estimate.family import Family

Prices = Mapping[str, Mapping[str, float]]
"""Of one module: by "lut" or "ff", and the name of a count."""

PATH = Path(__file__).parent / "coefficients.json"


@cache
def coefficients() -> Mapping[Family, Mapping[str, Prices]]:
    """By family and module. A module that no points of the family were synthesised of is not there."""
    read = record(json.loads(PATH.read_text(encoding="utf-8")))
    return {
        Family(family): {module: _prices(record(prices)) for module, prices in record(modules).items()}
        for family, modules in read.items()
    }


def _prices(read: Mapping[str, object]) -> Prices:
    return {kind: {term: fraction(price) for term, price in record(terms).items()} for kind, terms in read.items()}
