"""Operators whose result is known while importing: constants, shapes, and arithmetic on them."""

from __future__ import annotations

import numpy as np

from hwcomp.frontends.onnx.expressions import Constant
from hwcomp.frontends.onnx.parameters import axis_in
from hwcomp.frontends.onnx.source import Node
from hwcomp.frontends.onnx.walk import Walk

_REPEAT = "export the model again"
MAX_RANGE = 1 << 20


def constant(walk: Walk, node: Node) -> None:
    """Constant: a tensor, or numbers as attributes."""
    names = [n for n in ("value", "value_float", "value_floats", "value_int", "value_ints") if n in node.attributes]
    if len(names) != 1:
        raise node.fail("HWC219", "it holds no value, or several", _REPEAT)
    dtype = {"value_float": np.float32, "value_floats": np.float32}.get(names[0], np.int64)
    given = node.attributes[names[0]]
    if isinstance(given, str) or (names[0] == "value") != isinstance(given, np.ndarray):
        raise node.fail("HWC219", f"attribute '{names[0]}' has the wrong type", _REPEAT)
    walk.put(node, Constant(given if isinstance(given, np.ndarray) else np.array(given, dtype)))


def shape(walk: Walk, node: Node) -> None:
    """Shape: static here, symbolic dimensions are 1."""
    found = walk.tensor(node, 0).shape
    rank = len(found)
    start = min(max(node.integer("start", 0) + (rank if node.integer("start", 0) < 0 else 0), 0), rank)
    end = node.integer("end", rank)
    walk.put(node, Constant(np.array(found[start : end + rank if end < 0 else end], np.int64), "INT64"))


def size(walk: Walk, node: Node) -> None:
    walk.put(node, Constant(np.array(int(np.prod(walk.tensor(node, 0).shape, dtype=np.int64)), np.int64), "INT64"))


def constant_of_shape(walk: Walk, node: Node) -> None:
    wanted = walk.integers(node, 0)
    value = node.attributes.get("value", np.zeros(1, np.float32))
    if not isinstance(value, np.ndarray) or value.size != 1:
        raise node.fail("HWC219", "attribute 'value' is not one element", _REPEAT)
    if any(s < 0 for s in wanted):
        raise node.fail("HWC208", f"its shape is {list(wanted)}", _REPEAT)
    if 0 not in wanted:
        walk.check_size(node, wanted)
    walk.put(node, Constant(np.full(wanted, value.reshape(-1)[0])))


def range_(walk: Walk, node: Node) -> None:
    start, limit, delta = (walk.constant(node, i).reshape(-1) for i in range(3))
    if any(a.size != 1 or a.dtype.kind not in "if" or not np.isfinite(a).all() for a in (start, limit, delta)):
        raise node.fail("HWC219", "its bounds are not numbers", _REPEAT)
    first, last, step = (a[0] for a in (start, limit, delta))
    if step == 0 or abs(float(last) - float(first)) / abs(float(step)) > MAX_RANGE:
        raise node.fail("HWC209", "it is too long", _REPEAT)
    walk.put(node, Constant(np.arange(first, last, step, dtype=start.dtype)))


def tile(walk: Walk, node: Node) -> None:
    """Tile of constants, and of tensors along single axes."""
    from hwcomp.frontends.onnx.padding import taken

    x = walk.tensor(node, 0)
    repeats = walk.integers(node, 1)
    if len(repeats) != len(x.shape) or min(repeats, default=1) < 1:
        raise node.fail("HWC214", f"repeats {list(repeats)} of shape {list(x.shape)}", _REPEAT)
    walk.check_size(node, [s * r for s, r in zip(x.shape, repeats, strict=True)])
    for axis, count in enumerate(repeats):
        if count > 1:
            x = taken(walk, node, x, axis, np.tile(np.arange(x.shape[axis]), count))
    walk.put(node, x)


def reduce_prod(walk: Walk, node: Node) -> None:
    """ReduceProd of constants."""
    x = walk.constant(node, 0)
    axes = node.integers("axes") if node.version < 18 or not walk.has(node, 1) else walk.integers(node, 1)
    over = tuple(axis_in(node, a, x.ndim) for a in axes) if axes else None
    walk.put(
        node, Constant(np.asarray(np.prod(x, axis=over, keepdims=bool(node.integer("keepdims", 1)), dtype=x.dtype)))
    )
