"""One plot of `bench.low_bit`: every figure of a width as a share of that of 8 bits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path


def shares(figures: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """Each row as shares of its first number; rows that begin with 0 are left out."""
    return {name: [number / row[0] for number in row] for name, row in figures.items() if row[0]}


def plot(bits: Sequence[int], figures: Mapping[str, Sequence[float]], path: Path) -> None:
    """A page of plotly; `figures` has a number for each width, the widest first."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for name, row in shares(figures).items():
        figure.add_scatter(x=[str(b) for b in bits], y=row, mode="lines+markers", name=name)
    figure.update_xaxes(title="bits of a weight", type="category")
    figure.update_yaxes(title=f"share of that at {bits[0]} bits")
    figure.update_layout(title="one network, trained at each width")
    figure.write_html(path, include_plotlyjs="directory")
