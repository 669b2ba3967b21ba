"""Where values lie: views, in-place results, outputs by their producers, states that outlive their readers."""

from __future__ import annotations

import itertools

import pytest

from hwcomp.ir.graph import Graph, State
from hwcomp.ir.ops.elementwise import Add
from hwcomp.ir.ops.layout import Reshape
from hwcomp.ir.ops.state import StateRead, StateWrite
from hwcomp.ir.types import S8, Location, TensorType
from hwcomp.targets.mcu.legalize import axis_groups, legalize
from hwcomp.targets.mcu.lower import lower
from hwcomp.targets.mcu.options import Arch, McuOptions
from hwcomp.targets.mcu.storage import Memory, Storage, assign
from hwcomp.targets.mcu.strides import merge_dims, row_major
from tests.targets.mcu_graphs import GRAPHS, Maker


def stored(graph: Graph) -> Storage:
    return assign(lower(legalize(graph), McuOptions(arch=Arch.GENERIC), "net"))


def test_a_chain_of_elementwise_layers_takes_one_buffer() -> None:
    m = Maker("chain")
    x = m.input("x", (1, 64))
    first = m.requant(x, divide=2)
    second = m.requant(first, divide=2)
    third = m.op(Reshape, second, shape=(64,))
    storage = stored(m.finish(out=m.requant(third, divide=2)))
    assert storage.arena_bytes == 64
    assert storage.places[first] == storage.places[second] == storage.places[third]


def test_a_value_that_is_read_again_is_not_overwritten() -> None:
    m = Maker("kept")
    first = m.requant(m.input("x", (1, 64)), divide=2)
    second = m.requant(first, divide=2)
    storage = stored(m.finish(out=m.op(Add, first, second)))
    assert storage.places[first] != storage.places[second]
    assert storage.arena_bytes == 128


def test_outputs_are_written_by_their_producers() -> None:
    m = Maker("direct")
    y = m.requant(m.input("x", (1, 8)), divide=2)
    storage = stored(m.finish(out=y))
    assert storage.places[y].memory is Memory.OUTPUT
    assert [layer.function for layer in storage.steps] == ["hwc_rescale"]


def test_a_state_is_written_behind_its_last_reader() -> None:
    m = Maker("late")
    type_ = TensorType((1, 4), S8)
    m.b.state(State("kept", type_, (0,)))
    x, old = m.input("x", (1, 4)), m.op(StateRead, state="kept", type=type_)
    write = StateWrite(name="w", inputs=(x,), outputs=(), loc=Location("net", "w", "Write"), state="kept")
    m.b.add(write)
    storage = stored(m.finish(out=m.op(Add, old, old)))
    assert [layer.function for layer in storage.steps] == ["", "hwc_binary", "hwc_copy"]
    assert storage.places[old].memory is Memory.STATE


@pytest.mark.parametrize("name", GRAPHS)
def test_nothing_alive_is_overwritten(name: str) -> None:
    """Replay the layers: whatever a layer reads was written last by the layer that made it."""
    storage = stored(GRAPHS[name]())
    owner: dict[int, str] = {}
    views = {layer.output: layer.inputs[0] for layer in storage.steps if not layer.function and layer.inputs}
    graph = legalize(GRAPHS[name]())

    def root(value: str) -> str:
        return root(views[value]) if value in views else value

    def span(value: str) -> range:
        start = storage.places[value].index
        return range(start, start + graph.values[value].type.bytes)

    for layer in storage.steps:
        for value in layer.inputs:
            if value in graph.values and storage.places[value].memory is Memory.ARENA:
                assert {owner[byte] for byte in span(value)} == {root(value)}, layer
        for value in layer.outputs if layer.function else ():
            if value in graph.values and storage.places[value].memory is Memory.ARENA:
                owner |= dict.fromkeys(span(value), value)


def test_axis_groups() -> None:
    assert axis_groups((1, 2, 4)) == [(1, 2), (4,)]
    assert axis_groups(()) == []
    assert axis_groups((0, 1)) == [(0, 1)]


@pytest.mark.parametrize("permutation", list(itertools.permutations(range(4))))
def test_merged_axes_visit_the_same_elements_in_the_same_order(permutation: tuple[int, ...]) -> None:
    shape, steps = (2, 1, 3, 4), row_major((2, 1, 3, 4))
    dims = tuple(shape[axis] for axis in permutation)
    strides = tuple(steps[axis] for axis in permutation)

    def order(sizes: tuple[int, ...], steps: tuple[int, ...]) -> list[int]:
        places = itertools.product(*(range(size) for size in sizes))
        return [sum(i * step for i, step in zip(place, steps, strict=True)) for place in places]

    merged, (source, target) = merge_dims(dims, (strides, row_major(dims)))
    assert order(merged, source) == order(dims, strides)
    assert order(merged, target) == list(range(24))
    assert len(merged) <= 3
