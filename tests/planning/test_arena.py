"""The memory planner: valid and optimal plans, checked against brute force."""

from __future__ import annotations

import itertools
import random

import pytest

from hwcomp.planning.arena import lower_bound, overlaps, plan
from hwcomp.planning.buffers import Buffer, InPlace


def brute_force(buffers: list[Buffer], pairs: list[InPlace]) -> int:
    """The least arena over all offsets 0..sum and all choices of pairs."""
    best = sum(b.bytes for b in buffers)
    choices = itertools.chain.from_iterable(itertools.combinations(pairs, n) for n in range(len(pairs) + 1))
    for chosen in choices:
        if len({p.source for p in chosen}) != len(chosen) or len({p.result for p in chosen}) != len(chosen):
            continue
        best = min(best, _search(buffers, {}, {frozenset((p.source, p.result)) for p in chosen}, best))
    return best


def _search(buffers: list[Buffer], placed: dict[str, int], shared: set[frozenset[str]], best: int) -> int:
    if len(placed) == len(buffers):
        return max(placed[b.name] + b.bytes for b in buffers)
    buffer = buffers[len(placed)]
    for offset in range(best - buffer.bytes + 1):
        if all(_compatible(buffer, offset, other, placed[other.name], shared) for other in buffers[: len(placed)]):
            best = min(best, _search(buffers, {**placed, buffer.name: offset}, shared, best))
    return best


def _compatible(a: Buffer, at: int, b: Buffer, bt: int, shared: set[frozenset[str]]) -> bool:
    if frozenset((a.name, b.name)) in shared:
        return at == bt
    apart = a.last < b.first or b.last < a.first
    return apart or at + a.bytes <= bt or bt + b.bytes <= at


def random_case(seed: int) -> tuple[list[Buffer], list[InPlace]]:
    draw = random.Random(seed)
    buffers = []
    for i in range(draw.randint(1, 5)):
        first = draw.randint(0, 4)
        buffers.append(Buffer(f"b{i}", draw.randint(0, 4), first, first + draw.randint(0, 3)))
    pairs = [
        InPlace(a.name, b.name)
        for a, b in itertools.permutations(buffers, 2)
        if a.last == b.first and a.bytes == b.bytes and a.first < a.last
    ]
    return buffers, pairs


@pytest.mark.parametrize("seed", range(60))
def test_plan_equals_brute_force(seed: int) -> None:
    buffers, pairs = random_case(seed)
    made = plan(buffers, pairs, alignment=1)
    assert overlaps(buffers, made) == []
    assert made.optimal
    assert made.arena_bytes == brute_force(buffers, pairs)
    assert made.lower_bound_bytes <= made.arena_bytes


@pytest.mark.parametrize("seed", range(200))
def test_greedy_is_valid(seed: int) -> None:
    buffers, pairs = random_case(1000 + seed)
    made = plan(buffers, pairs, alignment=4, effort=0)
    assert overlaps(buffers, made) == []
    assert all(offset % 4 == 0 for offset in made.offsets.values())
    assert made.arena_bytes >= lower_bound(buffers, pairs)


def test_reaches_the_bound_where_first_fit_does_not() -> None:
    """A chain like MobileNet's whose sizes alternate: whichever order first-fit takes, it wastes bytes."""
    sizes = [27, 18, 36, 9, 18, 18, 36, 12, 24, 24, 9, 30]
    lives = [(0, 1), (1, 3), (2, 4), (3, 8), (4, 6), (5, 7), (7, 9), (8, 10), (9, 11), (10, 12), (11, 13), (12, 13)]
    buffers = [Buffer(f"t{i}", n * 1024, *life) for i, (n, life) in enumerate(zip(sizes, lives, strict=True))]
    greedy, exact = plan(buffers, effort=0), plan(buffers)
    assert exact.arena_bytes < greedy.arena_bytes
    assert exact.optimal
    assert overlaps(buffers, exact) == []


def test_deterministic() -> None:
    buffers, pairs = random_case(7)
    assert plan(buffers, pairs) == plan(buffers, pairs)


def test_a_chain_in_place_is_one_buffer() -> None:
    buffers = [Buffer("a", 100, 0, 1), Buffer("b", 100, 1, 2), Buffer("c", 100, 2, 3)]
    made = plan(buffers, [InPlace("a", "b"), InPlace("b", "c")])
    assert made.arena_bytes == 100
    assert made.in_place == (InPlace("a", "b"), InPlace("b", "c"))


def test_two_results_do_not_share_one_source() -> None:
    buffers = [Buffer("a", 8, 0, 1), Buffer("b", 8, 1, 2), Buffer("c", 8, 1, 2)]
    made = plan(buffers, [InPlace("a", "b"), InPlace("a", "c")])
    assert made.arena_bytes == 16
    assert overlaps(buffers, made) == []


def test_no_buffers() -> None:
    assert plan([]).arena_bytes == 0


def test_wrong_pairs_are_refused() -> None:
    buffers = [Buffer("a", 8, 0, 2), Buffer("b", 8, 1, 2)]
    with pytest.raises(ValueError, match="does not end where"):
        plan(buffers, [InPlace("a", "b")])
