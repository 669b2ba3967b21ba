"""`Pass`, a rewrite with a name, and `Pipeline`, which verifies the graph after each."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from hwcomp.ir.graph import Graph
from hwcomp.ir.spec import require_valid

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pass:
    """A function from graph to graph; `name` is a verb, `summary` one line for `--help` and logs."""

    name: str
    summary: str
    run: Callable[[Graph], Graph]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Passes in order. `certificates = False` allows Requants that nobody proved (graphs read from text)."""

    passes: tuple[Pass, ...]
    certificates: bool = True

    def run(self, graph: Graph, watch: Callable[[str, Graph], None] | None = None) -> Graph:
        """Run all passes; `watch(name, graph)` is called with the input ("input") and after each pass.

        Raises:
            InvalidGraph: the input or a pass's result breaks the rules of `ir/spec.py`.
            HwcompError: the model cannot be built as asked.
        """
        require_valid(graph, "the front end", self.certificates)
        if watch is not None:
            watch("input", graph)
        for item in self.passes:
            before = len(graph.ops)
            graph = item.run(graph)
            require_valid(graph, item.name, self.certificates)
            logger.debug("%s: %d ops -> %d", item.name, before, len(graph.ops))
            if watch is not None:
                watch(item.name, graph)
        return graph
