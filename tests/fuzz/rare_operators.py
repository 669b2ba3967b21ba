"""The rest of what the front end lowers, for graphs of their own: functions, choices, reductions, rarer moves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.fuzz.generator import Drawer
from tests.fuzz.operators import FAMILIES, is_image

FUNCTIONS = (
    "Elu", "Celu", "Selu", "Erf", "Softplus", "Softsign", "ThresholdedRelu", "Exp", "Abs", "Neg", "Sign", "Floor",
    "Ceil", "Round", "Sin", "Cos", "Identity",
)  # fmt: skip
"""Elementwise functions that are defined for every number."""

POSITIVE = ("Sqrt", "Log")


def function(d: Drawer) -> bool:
    x = d.pick()
    assert x is not None
    op = str(d.rng.choice(FUNCTIONS))
    attributes: dict[str, object] = {}
    if op in ("Elu", "Celu", "ThresholdedRelu"):
        attributes["alpha"] = float(d.rng.uniform(0.2, 1.5))
    d.apply(op, [x], **attributes)
    return True


def positive_function(d: Drawer) -> bool:
    """Of a tensor whose zero point is the least level, as others give NaN."""
    x = d.pick(lambda t: t.zero == int(np.iinfo(t.dtype).min))
    if x is None:
        return False
    d.apply(str(d.rng.choice(POSITIVE)), [x])
    return True


def power(d: Drawer) -> bool:
    x = d.pick()
    assert x is not None
    d.apply("Pow", [x], [np.float32(d.integer(2, 3))])
    return True


def choice(d: Drawer) -> bool:
    """Min, Max or Sum of two tensors of one shape."""
    a = d.pick()
    assert a is not None
    b = d.pick(lambda t: t.shape == a.shape) or a
    d.apply(str(d.rng.choice(["Min", "Max", "Sum"])), [a, b])
    return True


def with_constant(d: Drawer) -> bool:
    """An operator with a float constant: a scalar, or one for each channel."""
    x = d.pick()
    assert x is not None
    op = str(d.rng.choice(["Add", "Sub", "Mul", "Div", "Min", "Max"]))
    wide = is_image(x) and d.chance(0.5)
    values = d.rng.uniform(0.3, 2.0, (x.shape[1], 1, 1) if wide else ())
    d.apply(op, [x], [np.asarray(values, np.float32)])
    return True


def broadcast(d: Drawer) -> bool:
    """A tensor and its own global average, or greatest: one operand is broadcast."""
    x = d.pick(lambda t: is_image(t) and max(t.shape[2:]) > 1)
    if x is None:
        return False
    d.apply(str(d.rng.choice(["GlobalAveragePool", "GlobalMaxPool"])), [x])
    y = d.pool[-1]
    operands = [x, y] if d.chance(0.7) else [y, x]
    d.apply(str(d.rng.choice(["Add", "Sub", "Mul"])), operands)
    return True


def batch_normalization(d: Drawer) -> bool:
    x = d.pick(is_image)
    if x is None:
        return False
    parameters = [np.asarray(d.rng.uniform(0.4, 1.5, x.shape[1]), np.float32) for _ in range(4)]
    d.apply("BatchNormalization", [x], [*parameters])
    return True


def reduce(d: Drawer) -> bool:
    x = d.pick(is_image)
    if x is None:
        return False
    op = str(d.rng.choice(["ReduceMax", "ReduceSum", "ReduceMean"]))
    axes = d.rng.choice([1, 2, 3], d.integer(1, 3), replace=False)
    d.apply(op, [x], [np.sort(axes).astype(np.int64)], keepdims=d.integer(0, 1) if axes.size < 3 else 1)
    return True


def global_max(d: Drawer) -> bool:
    x = d.pick(is_image)
    if x is None:
        return False
    d.apply("GlobalMaxPool", [x])
    return True


def space_to_depth(d: Drawer) -> bool:
    x = d.pick(lambda t: is_image(t) and t.shape[2] % 2 == 0 and t.shape[3] % 2 == 0)
    if x is None:
        return False
    d.apply("SpaceToDepth", [x], blocksize=2)
    return True


def gather(d: Drawer) -> bool:
    x = d.pick(lambda t: len(t.shape) > 1)
    if x is None:
        return False
    axis = d.integer(1, len(x.shape) - 1)
    count = x.shape[axis]
    d.apply("Gather", [x], [d.rng.integers(-count, count, d.integer(1, 4)).astype(np.int64)], axis=axis)
    return True


def ranks(d: Drawer) -> bool:
    """Unsqueeze or Squeeze; a Conv over one spatial dimension behind it."""
    x = d.pick(lambda t: len(t.shape) == 2)
    if x is not None:
        d.apply("Unsqueeze", [x], [np.array([d.integer(1, 2)], np.int64)])
        return True
    x = d.pick(lambda t: len(t.shape) == 4 and t.shape[3] == 1)
    if x is None:
        return False
    d.apply("Squeeze", [x], [np.array([3], np.int64)])
    return True


def conv1d(d: Drawer) -> bool:
    x = d.pick(lambda t: len(t.shape) == 3)
    if x is None:
        return False
    oc, kernel = d.integer(1, 4), d.integer(1, min(3, x.shape[2]))
    pads = [d.integer(0, kernel - 1), d.integer(0, kernel - 1)]
    attributes: dict[str, object] = {"kernel_shape": [kernel], "pads": pads, "strides": [d.integer(1, 2)]}
    w_name, b_name, w_real, b_real = d.weights((oc, x.shape[1], kernel), x.scale, 0)
    out = d.node("Conv", [d.dequantize(x), w_name, b_name], **attributes)[0]
    real = d.evaluate("Conv", [("x", x.real()), ("w", w_real), ("b", b_real)], 1, **attributes)[0]
    d.quantize("Conv", out, real, [x])
    return True


def live_matmul(d: Drawer) -> bool:
    """Two activations."""
    a = d.pick(is_image)
    if a is None:
        return False
    b = d.pick(lambda t: is_image(t) and t.shape[:2] == a.shape[:2] and t.shape[2] == a.shape[3])
    if b is None:
        return False
    d.apply("MatMul", [a, b])
    return True


def softmax(d: Drawer) -> bool:
    """Over any axis."""
    x = d.pick(lambda t: len(t.shape) > 1 and max(t.shape[1:]) > 1)
    if x is None:
        return False
    d.apply("Softmax", [x], axis=int(d.rng.choice([i for i in range(1, len(x.shape)) if x.shape[i] > 1])))
    return True


RARE: tuple[Callable[[Drawer], bool], ...] = (
    function, function, function, positive_function, power, choice, choice, with_constant, with_constant, broadcast,
    batch_normalization, reduce, reduce, global_max, space_to_depth, gather, ranks, conv1d, conv1d, live_matmul,
    softmax,
)  # fmt: skip
RARE_FAMILIES = (*RARE, *FAMILIES)
