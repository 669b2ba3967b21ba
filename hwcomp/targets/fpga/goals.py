"""What the user asks for, against what can be had."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hwcomp.ir.graph import Graph
from hwcomp.support.errors import HwcompError
from hwcomp.targets.fpga.boards import Device
from hwcomp.targets.fpga.cost import Resources
from hwcomp.targets.fpga.folding import Folding, Menu, fastest, intervals_of, menu_of, smallest
from hwcomp.targets.fpga.options import FpgaOptions

_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another folding: "cheaper" and slower, or "faster" and larger."""

    kind: str
    interval: int
    cost: Resources


def choose_folding(
    graph: Graph,
    options: FpgaOptions,
    device: Device,
    clock_mhz: int,
    latency_of: Callable[[Folding], int],
) -> tuple[Folding, tuple[Alternative, ...]]:
    """The cheapest folding that meets the goals, or the fastest that fits where there is none; and its neighbours.

    latency_of: the latency in clocks of the design that a folding makes.

    Raises:
        HwcompError: HWC420 no folding is as fast as asked; HWC421 those that are need more than there is; HWC422 the
            latency asked for is not reached within the limits.
    """
    menu = menu_of(graph)
    limits = limits_of(options, device)
    found = _for_interval(graph, options, device, clock_mhz, menu, limits)
    wanted = clock_mhz * options.latency_us
    goal = goal_clocks(options, clock_mhz)
    if wanted and (goal == 0 or latency_of(found) > wanted):
        intervals = [i for i in intervals_of(menu) if goal == 0 or i <= goal]
        found = _for_latency(graph, menu, limits, intervals, wanted, clock_mhz, latency_of)
    return found, alternatives(menu, found, limits)


def _for_latency(
    graph: Graph,
    menu: Menu,
    limits: Resources,
    intervals: list[int],
    wanted: int,
    clock_mhz: int,
    latency_of: Callable[[Folding], int],
) -> Folding:
    """The slowest folding of `intervals` with a latency of at most `wanted` clocks, by bisection: faster is sooner."""
    best = fastest(menu, limits)
    assert best is not None, "a folding was found before"
    least = latency_of(best)
    if least > wanted:
        raise HwcompError(
            "HWC422",
            f"{wanted} clocks from beat to result are asked for, the fastest design that fits takes {least}, "
            f"{least - wanted} more",
            str(graph.ops[best.bound_by].loc),
            f"ask for 'latency-us={-(-least // clock_mhz)}' or more, a faster clock or a larger board",
        )
    intervals = [i for i in intervals if i >= best.interval]
    low, high = 0, len(intervals)
    while high - low > 1:
        middle = (low + high) // 2
        folding = smallest(menu, intervals[middle], limits)
        if folding is not None and latency_of(folding) <= wanted:
            low, best = middle, folding
        else:
            high = middle
    return best


def _for_interval(
    graph: Graph, options: FpgaOptions, device: Device, clock_mhz: int, menu: Menu, limits: Resources
) -> Folding:
    goal = goal_clocks(options, clock_mhz)
    if goal == 0:
        best = fastest(menu, limits)
        if best is None:
            raise too_large(graph, menu, limits, device, None)
        return best
    least = intervals_of(menu)[0]
    if goal < least:
        raise too_fast(graph, menu, goal, least, clock_mhz)
    found = smallest(menu, goal, limits)
    if found is None:
        raise too_large(graph, menu, limits, device, goal)
    return found


def limits_of(options: FpgaOptions, device: Device) -> Resources:
    """The user's limits, or what of the device is usable."""
    usable = device.limits.lut * device.usable_percent // 100
    return Resources(
        options.max_lut or usable,
        device.limits.ff,
        options.max_dsp or device.limits.dsp,
        options.max_bram or device.limits.bram,
    )


def goal_clocks(options: FpgaOptions, clock_mhz: int) -> int:
    """The interval asked for in clocks, the strictest of all goals; 0 where there is none."""
    goals = [options.interval]
    if options.fps:
        goals.append(clock_mhz * _MICRO // options.fps)
    asked = [goal for goal in goals if goal]
    return min(asked, default=0)


def alternatives(menu: Menu, chosen: Folding, limits: Resources) -> tuple[Alternative, ...]:
    """A folding of about half the speed, and one twice as fast if it fits."""
    found: list[Alternative] = []
    intervals = intervals_of(menu)
    slower = next((i for i in intervals if i >= 2 * chosen.interval), None)
    quicker = next((i for i in reversed(intervals) if 2 * i <= chosen.interval), None)
    for kind, interval in (("cheaper", slower), ("faster", quicker)):
        other = smallest(menu, interval, limits) if interval is not None else None
        if other is not None:
            found.append(Alternative(kind, other.interval, other.cost))
    return tuple(found)


def too_fast(graph: Graph, menu: Menu, goal: int, least: int, clock_mhz: int) -> HwcompError:
    """HWC420: even unfolded, a layer takes longer."""
    bound = max(menu, key=lambda i: min(c.interval for c in menu[i]))
    fps = clock_mhz * _MICRO // least
    return HwcompError(
        "HWC420",
        f"{goal} clocks a frame are asked for, but this layer takes at least {least}, {least - goal} more",
        str(graph.ops[bound].loc),
        f"ask for 'interval={least}' or more ({fps} frames a second at {clock_mhz} MHz), or a faster clock",
    )


def too_large(graph: Graph, menu: Menu, limits: Resources, device: Device, goal: int | None) -> HwcompError:
    """HWC421: the cheapest folding that is fast enough needs more than there is."""
    unlimited = Resources(*(10**9,) * 4)
    needed = smallest(menu, goal if goal is not None else max(intervals_of(menu)), unlimited)
    assert needed is not None, "without limits every reachable interval has a folding"
    missing = [
        f"{needed.cost.of(name) - limits.of(name)} {title} too many ({needed.cost.of(name)} of {limits.of(name)})"
        for name, title in (("lut", "LUTs"), ("dsp", "multipliers"), ("bram", "block RAMs"))
        if needed.cost.of(name) * 100 > limits.of(name) * 90
    ]
    nearest = fastest(menu, limits) if goal is not None else None
    asked = f"{goal} clocks a frame" if goal is not None else "the smallest design"
    fix = (
        f"ask for 'interval={nearest.interval}', which fits, or give more of it"
        if nearest is not None
        else "take a larger board or a smaller model"
    )
    return HwcompError(
        "HWC421",
        f"{asked} on {device.title}: {'; '.join(missing) or 'the limits together are too tight'}",
        str(graph.ops[needed.bound_by].loc),
        fix,
    )
