"""state_read and state_write: what one inference leaves is what the next one finds."""

from __future__ import annotations

import numpy as np

from hwcomp.ir.builder import Builder
from hwcomp.ir.graph import Graph, Interpreter, Level, State
from hwcomp.ir.ops import Add, Concat, Reshape, Slice, StateRead, StateWrite
from hwcomp.ir.spec import find_problems
from hwcomp.ir.types import S8, S16, Range, TensorType
from tests.ops.ladder import LOC, fields

TYPE = TensorType((1, 3), S8)


def delay(initial: tuple[int, ...]) -> Graph:
    """y(t) = x(t) + x(t-1): the read comes after the write in order and still sees the last inference."""
    b = Builder("delay", "none")
    x = b.input("x", TYPE)
    b.state(State("last", TYPE, initial))
    b.add(StateWrite(name="w", inputs=(x,), outputs=(), loc=LOC, state="last"))
    old = b.add1(StateRead(name="r", inputs=(), outputs=("old",), loc=LOC, state="last", type=TYPE))
    b.output("y", b.add1(Add(**fields(x, old))))
    return b.finish(Level.INTEGER)


def test_a_state_is_one_inference_late_and_reset_brings_it_back() -> None:
    graph = delay((7,))
    assert find_problems(graph) == []
    machine = Interpreter(graph)
    x = [np.array([[1, 2, 3]]), np.array([[-128, 127, 0]])]
    assert machine.run({"x": x[0]})["y"].tolist() == [[8, 9, 10]]
    assert machine.run({"x": x[1]})["y"].tolist() == [[-127, 129, 3]]
    machine.reset()
    assert machine.run({"x": x[1]})["y"].tolist() == [[-121, 134, 7]]


def test_initial_values_may_differ_for_each_element() -> None:
    assert Interpreter(delay((1, 2, 3))).run({"x": np.zeros((1, 3))})["y"].tolist() == [[1, 2, 3]]


def test_a_read_may_be_anything_of_its_type() -> None:
    read = StateRead(name="r", inputs=(), outputs=("y",), loc=LOC, state="s", type=TYPE)
    assert read.infer([])[0].range == Range.of_type(S8)
    assert StateWrite(name="w", inputs=("x",), outputs=(), loc=LOC, state="s").infer([]) == ()


def test_states_are_verified() -> None:
    b = Builder("bad", "none")
    x = b.input("x", TYPE)
    b.state(State("never", TYPE, (0,)))
    b.state(State("twice", TYPE, (200,)))
    b.state(State("other", TensorType((1, 3), S16), (0, 0)))
    for state in ("twice", "twice", "other", "unknown"):
        b.add(StateWrite(name="w", inputs=(x,), outputs=(), loc=LOC, state=state))
    text = "\n".join(find_problems(b.finish()))
    for words in (
        "'never' is written 0 times",
        "'twice' is written 2 times",
        "starts outside of s8",
        "2 initial values for 3 elements",
        "moves s8[1,3], state 'other' is s16",
        "undeclared state 'unknown'",
    ):
        assert words in text


def test_a_window_slides_over_the_inferences() -> None:
    """The streaming pattern: the last two inputs are kept, the oldest drops out."""
    kept = TensorType((2, 1), S8)
    b = Builder("window", "none")
    x = b.input("x", TensorType((1, 1), S8))
    b.state(State("kept", kept, (0,)))
    old = b.add1(StateRead(name="r", inputs=(), outputs=("old",), loc=LOC, state="kept", type=kept))
    tail = b.add1(Slice(**fields(old, outputs=["tail"]), starts=(1, 0), sizes=(1, 1), steps=(1, 1)))
    new = b.add1(Concat(**fields(tail, x, outputs=["new"]), axis=0))
    b.add(StateWrite(name="w", inputs=(new,), outputs=(), loc=LOC, state="kept"))
    b.output("y", b.add1(Reshape(**fields(new), shape=(2,))))
    machine = Interpreter(b.finish(Level.INTEGER))
    assert [machine.run({"x": np.array([[v]])})["y"].tolist() for v in (1, 2, 3)] == [[0, 1], [1, 2], [2, 3]]
