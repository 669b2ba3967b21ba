"""The search for a folding: what the solver finds, held to what the whole design takes; and what lies around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from hwcomp.targets.dataflow.estimate.cost import Resources
from hwcomp.targets.dataflow.folding.solver import (
    LIMITED,
    PRICED,
    Budget,
    Folding,
    Menu,
    fastest,
    intervals_of,
    smallest,
)
from hwcomp.targets.dataflow.folding.trial import Trial

_ATTEMPTS = 8
_STEP_PERCENT = 10
"""A neighbour is so much faster, or so much cheaper."""

_SLACK_PERCENT = 125
"""How much slower than the fastest a design may be that gives more for what it takes."""

_BARGAINS = 2
"""How many faster designs are looked at."""

_DEAR = 1000
"""How much dearer than all others a resource is that is to be spared."""

UNLIMITED = Resources(*(10**9,) * 4)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another design: "cheaper" and slower, or "faster" and larger. fits: it is within the limits."""

    kind: str
    trial: Trial
    fits: bool = True


@dataclass(slots=True)
class Search:
    """Solves over one menu. `try_out` makes the design of a folding; each is made once. has_loop: what is written to
    a state is read in the next frame, so that a design may be slower than each of its layers."""

    menu: Menu
    budget: Budget
    try_out: Callable[[Folding], Trial]
    has_loop: bool = False
    _known: dict[tuple[object, ...], Trial] = field(default_factory=dict[tuple[object, ...], Trial])
    _loop: int = 0

    def fastest(self) -> Trial | None:
        """The fastest that fits, by bisection: layers that fit alone may not fit with what stands between them."""
        alone = fastest(self.menu, self.budget)
        if alone is None:
            return None
        intervals = [i for i in self.intervals() if i >= alone.interval] or self.intervals()
        best = self.smallest(intervals[0])
        if best is not None:
            return best
        low, high = 0, len(intervals)
        while high - low > 1:
            middle = (low + high) // 2
            trial = self.smallest(intervals[middle])
            if trial is None:
                low = middle
            else:
                best, high = trial, middle
        return best

    def balanced(self) -> Trial | None:
        """Of the designs at most a quarter slower than the fastest, that of the least worth times interval."""
        best = self.fastest()
        if best is None:
            return None
        most = best.interval * _SLACK_PERCENT // 100
        others = [self.smallest(i) for i in self.intervals() if best.interval < i <= most]
        found = [best, *(trial for trial in others if trial is not None)]
        return min(found, key=lambda trial: self.budget.worth(trial.cost) * trial.interval)

    def smallest(self, interval: int, limits: Resources | None = None) -> Trial | None:
        """The least worth of all no slower than `interval`; within other limits than the budget's where they are given.

        Where that does not fit with what stands between the layers, the one that takes least of some resource may.
        """
        limits = limits or self.budget.limits
        trial = self._fitted(interval, Budget(limits, self.budget.prices))
        return trial or next((t for name in LIMITED if (t := self.least_of(name, interval, limits)) is not None), None)

    def least_of(self, name: str, interval: int, limits: Resources) -> Trial | None:
        """The design no slower than `interval` that takes least of one resource."""
        prices = replace(self.budget.prices, **{name: _DEAR * max(self.budget.prices.of(n) for n in PRICED)})
        return self._fitted(interval, Budget(limits, prices))

    def _fitted(self, interval: int, budget: Budget) -> Trial | None:
        """Where a loop makes a design slower than its layers, layers that are faster than asked."""
        quicker = [i for i in reversed(intervals_of(self.menu)) if i < interval] if self.has_loop else []
        step = max(len(quicker) // _ATTEMPTS, 1)
        for layers in (interval, *quicker[step - 1 :: step]):
            trial = self._within(layers, budget)
            if trial is None or trial.interval <= interval or not self.has_loop:
                return trial
        return None

    def _within(self, interval: int, budget: Budget) -> Trial | None:
        """Converters and FIFOs are known when a folding is: what they take too much is taken from the layers' room."""
        room = budget.limits
        for _ in range(_ATTEMPTS):
            found = smallest(self.menu, interval, Budget(room, budget.prices))
            if found is None:
                return None
            trial = self._tried(found)
            missing = budget.missing(trial.cost)
            if not missing:
                return trial
            room = Resources(**{name: _less(room, found.cost, name, missing) for name in (*LIMITED, "ff")})
        return None

    def bargain(self, chosen: Trial) -> Trial:
        """Of a design and the next faster ones, that of the least worth: the solver sees layers alone, and what stands
        between those of a faster design may take less."""
        faster = [i for i in self.intervals() if i < chosen.interval][-_BARGAINS:]
        trials = [trial for i in faster if (trial := self.smallest(i)) is not None]
        return min([chosen, *reversed(trials)], key=lambda trial: self.budget.worth(trial.cost))

    def _cheaper(self, interval: int, worth: int) -> Trial | None:
        """The design of `smallest` if it is worth no more than `worth`; layers are worth no more than all of it."""
        layers = smallest(self.menu, interval, self.budget)
        if layers is None or self.budget.worth(layers.cost) > worth:
            return None
        trial = self.smallest(interval)
        return trial if trial is not None and self.budget.worth(trial.cost) <= worth else None

    def relaxed(self, name: str) -> Resources:
        """The limits, but for that of one resource."""
        own = self.budget.limits
        return Resources(**{n: UNLIMITED.of(n) if n == name else own.of(n) for n in (*LIMITED, "ff")})

    def intervals(self) -> list[int]:
        """Every interval that the design can have, ascending."""
        return sorted({max(interval, self.least()) for interval in intervals_of(self.menu)})

    def least(self) -> int:
        """The least interval without limits: that of the slowest layer, or of a slower loop through states."""
        if not self._loop:
            self._loop = intervals_of(self.menu)[0]
            trial = self._within(self._loop, Budget(UNLIMITED, self.budget.prices)) if self.has_loop else None
            self._loop = max(self._loop, trial.interval if trial is not None else 0)
        return self._loop

    def neighbours(self, chosen: Trial) -> tuple[Neighbour, ...]:
        """The next design that is a tenth cheaper, and the next that is a tenth faster.

        If none that is faster fits, one that does not, within as many of the limits as can be.
        """
        worth = self.budget.worth(chosen.cost) * (100 - _STEP_PERCENT) // 100
        slower = (self._cheaper(i, worth) for i in self.intervals() if i > chosen.interval)
        cheaper = next((trial for trial in slower if trial is not None), None)
        most = chosen.interval * 100 // (100 + _STEP_PERCENT)
        quicker = [i for i in reversed(self.intervals()) if i <= most]
        found = [Neighbour("cheaper", cheaper)] if cheaper is not None else []
        faster = self.smallest(quicker[0]) if quicker else None
        if faster is not None:
            found.append(Neighbour("faster", faster))
        elif quicker:
            limits = [*(self.relaxed(name) for name in LIMITED), UNLIMITED]
            beyond = next((t for t in (self.smallest(quicker[0], each) for each in limits) if t is not None), None)
            found += [Neighbour("faster", beyond, fits=False)] if beyond is not None else []
        return tuple(found)

    def frontier(self) -> list[Trial]:
        """Every design that fits and that none is both as fast and cheaper than, fastest first."""
        best = self.fastest()
        if best is None:
            return []
        slower = (self.smallest(i) for i in self.intervals() if i > best.interval)
        return self._undominated([best, *(trial for trial in slower if trial is not None)])

    def _undominated(self, trials: Iterable[Trial]) -> list[Trial]:
        kept: list[Trial] = []
        for trial in sorted(trials, key=lambda t: (t.interval, self.budget.worth(t.cost))):
            if not kept or self.budget.worth(trial.cost) < self.budget.worth(kept[-1].cost):
                kept.append(trial)
        return kept

    def _tried(self, folding: Folding) -> Trial:
        key = tuple(folding.choices.items())
        if key not in self._known:
            self._known[key] = self.try_out(folding)
        return self._known[key]


def _less(room: Resources, used: Resources, name: str, missing: dict[str, int]) -> int:
    """What is left of the room for layers that took `used` when `missing` was too much."""
    return min(room.of(name), used.of(name)) - missing[name] if name in missing else room.of(name)
