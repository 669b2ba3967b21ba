"""What the user asks for, against what can be had."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hwcomp.ir.graph import Graph
from hwcomp.ir.ops.state import StateWrite
from hwcomp.support.errors import HwcompError
from hwcomp.targets.dataflow.boards import Device
from hwcomp.targets.dataflow.estimate.cost import Resources
from hwcomp.targets.dataflow.folding.search import UNLIMITED, Search
from hwcomp.targets.dataflow.folding.solver import LIMITED, Budget
from hwcomp.targets.dataflow.folding.trial import Trial
from hwcomp.targets.dataflow.options import BOARDS_OWN, DesignOptions

_MICRO = 1_000_000
_UNIT = 16
"""The price of a LUT: prices are whole numbers, and a flip-flop's is less."""

_SCARCITY = 8
"""How many times more of its LUTs than of its other blocks a design may take before a block is dearer than they."""

_TITLES = {"lut": "LUTs", "dsp": "multipliers", "bram": "block RAMs"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. goal: clocks between frames, 0 where there is no such goal."""

    graph: Graph
    options: DesignOptions
    device: Device
    clock_mhz: int
    goal: int

    def place(self, index: int) -> str:
        """The user's name of the operator `index`."""
        return str(self.graph.ops[index].loc)

    def owner(self, name: str) -> str:
        """Who limits a resource: the user, or the device."""
        limit = _given(self.options, name)
        return self.device.title if limit == BOARDS_OWN else f"'max-{name}={limit}'"


def choose(asked: Asked, search: Search) -> Trial:
    """The cheapest design that meets the goals; without a goal about the fastest that fits.

    Raises:
        HwcompError: HWC420 no folding is as fast as asked; HWC421 those that are need more than there is; HWC422 the
            latency asked for is not reached within the limits.
    """
    found = _for_interval(asked, search)
    wanted = asked.clock_mhz * asked.options.latency_us
    if wanted and (asked.goal == 0 or found.schedule.latency > wanted):
        return _for_latency(asked, search, wanted)
    return found


def goal_clocks(options: DesignOptions, clock_mhz: int) -> int:
    """The interval asked for in clocks, the strictest of all goals; 0 where there is none."""
    goals = [options.interval]
    if options.fps:
        goals.append(max(clock_mhz * _MICRO // options.fps, 1))
    return min((goal for goal in goals if goal), default=0)


def budget_of(options: DesignOptions, device: Device) -> Budget:
    """The limits: the user's, or what of the device is usable. The prices: one block of a kind is worth the LUTs that
    the device has for it, divided by `_SCARCITY`; one that the user grants is worth one LUT."""
    own = replace(device.limits, lut=device.limits.lut * device.usable_percent // 100)
    limits, prices = {"ff": own.ff}, {"lut": _UNIT, "ff": 1}
    for name in LIMITED:
        given = _given(options, name)
        limits[name] = own.of(name) if given == BOARDS_OWN else given
        block = _UNIT * device.limits.lut // (max(device.limits.of(name), 1) * _SCARCITY)
        prices.setdefault(name, block if given == BOARDS_OWN else _UNIT)
    return Budget(Resources(**limits), Resources(**prices))


def _given(options: DesignOptions, name: str) -> int:
    return {"lut": options.max_lut, "dsp": options.max_dsp, "bram": options.max_bram}[name]


def _for_interval(asked: Asked, search: Search) -> Trial:
    if asked.goal == 0:
        best = search.balanced()
        if best is None:
            raise too_large(asked, search)
        return best
    least = search.intervals()[0]
    if asked.goal < least:
        raise too_fast(asked, search, least)
    found = search.smallest(asked.goal)
    if found is None:
        raise too_large(asked, search)
    return search.bargain(found)


def _for_latency(asked: Asked, search: Search, wanted: int) -> Trial:
    """The slowest folding with a latency of at most `wanted` clocks, by bisection: faster is sooner."""
    best = search.fastest()
    assert best is not None, "a folding was found before"
    least = best.schedule.latency
    if least > wanted:
        soonest = -(-least // asked.clock_mhz)
        raise HwcompError(
            "HWC422",
            f"{wanted} clocks from beat to result are asked for, the fastest design that fits takes {least}, "
            f"{least - wanted} more",
            asked.place(best.folding.bound_by),
            f"ask for 'latency-us={soonest}' or more, a faster clock than {asked.clock_mhz} MHz or a larger board",
        )
    intervals = [i for i in search.intervals() if i >= best.interval and (asked.goal == 0 or i <= asked.goal)]
    low, high = 0, len(intervals)
    while high - low > 1:
        middle = (low + high) // 2
        trial = search.smallest(intervals[middle])
        if trial is not None and trial.schedule.latency <= wanted:
            low, best = middle, trial
        else:
            high = middle
    return best


def too_fast(asked: Asked, search: Search, least: int) -> HwcompError:
    """HWC420: even unfolded, a layer or a loop through states takes longer."""
    menu = search.menu
    bound = max(menu, key=lambda i: min(c.interval for c in menu[i]))
    is_loop = min(c.interval for c in menu[bound]) < least
    if is_loop:
        bound = next(i for i, op in enumerate(asked.graph.ops) if isinstance(op, StateWrite))
    what = "what is written to this state is read by the next frame and" if is_loop else "this layer"
    fps = asked.clock_mhz * _MICRO // least
    return HwcompError(
        "HWC420",
        f"{_said(asked)} asked for, but {what} takes at least {least}, {least - asked.goal} more",
        asked.place(bound),
        f"ask for 'interval={least}' or more ({fps} frames a second at {asked.clock_mhz} MHz), or a faster clock",
    )


def _said(asked: Asked) -> str:
    """The goal, as clocks and as the user put it."""
    if asked.options.fps and asked.goal != asked.options.interval:
        return f"{asked.options.fps} frames a second at {asked.clock_mhz} MHz, {asked.goal} clocks a frame, are"
    return f"{asked.goal} clocks a frame are"


def too_large(asked: Asked, search: Search) -> HwcompError:
    """HWC421: no folding that is fast enough is within the limits. Says which limit alone is in the way, and by how
    much; where that is more than one, what the design takes that is cheapest without limits."""
    goal = asked.goal or search.intervals()[-1]
    needs = [need for name in LIMITED if (need := _need(search, goal, name)) is not None]
    free = search.smallest(goal, UNLIMITED)
    assert free is not None, "without limits every reachable interval has a folding"
    if needs:
        name, amount, bound = min(needs, key=lambda need: need[1] / max(search.budget.limits.of(need[0]), 1))
        said, largest = _excess(asked, search, name, amount), {name: amount}
    else:
        largest = {name: free.cost.of(name) for name in search.budget.missing(free.cost)}
        said = "; ".join(_excess(asked, search, name, amount) for name, amount in largest.items())
        bound = _hungriest(search, free, next(iter(largest)))
    nearest = search.fastest() if asked.goal else None
    wanted = " ".join(f"'max-{name}={amount}'" for name, amount in largest.items())
    is_own = any(_given(asked.options, name) == BOARDS_OWN for name in largest)
    more = f"take a larger board (or say {wanted} for one)" if is_own else f"give {wanted}"
    other = "build a smaller model" if nearest is None else f"ask for 'interval={nearest.interval}', which fits"
    design = f"{asked.goal} clocks a frame" if asked.goal else "the smallest design"
    return HwcompError("HWC421", f"{design}: {said}", asked.place(bound), f"{other}, or {more}")


def _need(search: Search, goal: int, name: str) -> tuple[str, int, int] | None:
    """The resource, the least of it with which a design meets the goal while the other limits hold, and the operator
    that takes most of it; None where more of it alone does not help."""
    trial = search.least_of(name, goal, search.relaxed(name))
    if trial is None or trial.cost.of(name) <= search.budget.limits.of(name):
        return None
    return name, trial.cost.of(name), _hungriest(search, trial, name)


def _hungriest(search: Search, trial: Trial, name: str) -> int:
    def taken(index: int) -> int:
        choice = trial.folding.choices[index]
        return next(c.cost.of(name) for c in search.menu[index] if c.choice == choice)

    return max(search.menu, key=taken)


def _excess(asked: Asked, search: Search, name: str, amount: int) -> str:
    limit = search.budget.limits.of(name)
    return f"it needs {amount:,} {_TITLES[name]}, {amount - limit:,} more than the {limit:,} of {asked.owner(name)}"
