"""What the generator can add to a graph: one function an operator family. Each returns whether it could."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from onnx import TensorProto, helper

from tests.fuzz.generator import ELEMENT, OPSET, Drawer, Drawn, Tensor

UNARY = ("Relu", "LeakyRelu", "HardSwish", "Sigmoid", "Tanh", "HardSigmoid")
MAX_ELEMENTS = 6000


def is_image(t: Tensor) -> bool:
    return len(t.shape) == 4


def conv(d: Drawer) -> bool:
    x = d.pick(is_image)
    if x is None:
        return False
    _, c, h, w = x.shape
    kind = d.rng.choice(["plain", "depthwise", "grouped"])
    groups = c if kind == "depthwise" else (2 if kind == "grouped" and c % 2 == 0 else 1)
    oc = groups * d.integer(1, 2 if kind == "depthwise" else 4)
    kernel = [d.integer(1, min(3, h)), d.integer(1, min(3, w))]
    dilations = [d.integer(1, 2) if (k - 1) * 2 < s else 1 for k, s in zip(kernel, (h, w), strict=True)]
    attributes: dict[str, object] = {
        "group": groups,
        "strides": [d.integer(1, 2), d.integer(1, 2)],
        "dilations": dilations,
        "kernel_shape": kernel,
    }
    if d.chance(0.25):
        attributes["auto_pad"] = str(d.rng.choice(["SAME_UPPER", "SAME_LOWER", "VALID"]))
        if attributes["auto_pad"] != "VALID":
            attributes["dilations"] = [1, 1]
    else:
        attributes["pads"] = [d.integer(0, k - 1) for k in kernel] + [d.integer(0, k - 1) for k in kernel]
    w_name, b_name, w_real, b_real = d.weights((oc, c // groups, *kernel), x.scale, 0)
    inputs = [d.dequantize(x), w_name] + ([b_name] if d.chance(0.8) else [])
    feeds = [("x", x.real()), ("w", w_real)] + ([("b", b_real)] if len(inputs) == 3 else [])
    out = d.node("Conv", inputs, **attributes)[0]
    real = d.evaluate("Conv", feeds, 1, **attributes)[0]
    if d.chance(0.4):
        out, real = d.activate(out, real)
    d.quantize("Conv", out, real, [x])
    return True


def dense(d: Drawer) -> bool:
    x = d.pick(lambda t: len(t.shape) == 2)
    if x is None:
        return False
    k, oc = x.shape[1], d.integer(1, 9)
    gemm = d.chance(0.6)
    transposed = gemm and d.chance(0.5)
    w_name, b_name, w_real, b_real = d.weights((oc, k) if transposed else (k, oc), x.scale, 0 if transposed else 1)
    name = d.dequantize(x)
    matrix = w_real.T if transposed else w_real
    real = x.real() @ matrix
    if gemm:
        bias = [b_name] if d.chance(0.8) else []
        out = d.node("Gemm", [name, w_name, *bias], transB=int(transposed))[0]
        real = real + b_real if bias else real
    else:
        out = d.node("MatMul", [name, w_name])[0]
    if d.chance(0.3):
        out, real = d.activate(out, real)
    d.quantize("Gemm", out, real.astype(np.float32), [x])
    return True


def binary(d: Drawer) -> bool:
    a = d.pick()
    assert a is not None
    b = d.pick(lambda t: t.shape == a.shape)
    d.apply(str(d.rng.choice(["Add", "Sub", "Mul"])), [a, b if b is not None else a])
    return True


def unary(d: Drawer) -> bool:
    x = d.pick()
    assert x is not None
    op = str(d.rng.choice(UNARY))
    attributes: dict[str, object] = {"alpha": float(d.rng.uniform(0.01, 0.4))} if op == "LeakyRelu" else {}
    d.apply(op, [x], **attributes)
    return True


def prelu(d: Drawer) -> bool:
    x = d.pick(is_image)
    if x is None:
        return False
    d.apply("PRelu", [x], [d.rng.uniform(0, 0.5, (x.shape[1], 1, 1)).astype(np.float32)])
    return True


def clip(d: Drawer) -> bool:
    x = d.pick()
    assert x is not None
    d.apply("Clip", [x], [np.float32(0.0), np.float32(6.0)])
    return True


def softmax(d: Drawer) -> bool:
    x = d.pick(lambda t: len(t.shape) == 2 and t.shape[1] > 1)
    if x is None:
        return False
    d.apply("Softmax", [x], axis=1)
    return True


def pool(d: Drawer) -> bool:
    x = d.pick(is_image)
    if x is None or min(x.shape[2:]) < 2:
        return False
    kernel = [d.integer(1, 2), d.integer(2, 3 if x.shape[3] > 2 else 2)]
    pads = [d.integer(0, k // 2) for k in kernel] * 2
    attributes: dict[str, object] = {
        "kernel_shape": kernel,
        "strides": [d.integer(1, 2), d.integer(1, 2)],
        "pads": pads,
    }
    if d.chance(0.5):
        d.apply("MaxPool", [x], **attributes)
    else:
        # Windows that average fewer elements at the border are refused (HWC101).
        d.apply("AveragePool", [x], count_include_pad=1 if any(pads) else d.integer(0, 1), **attributes)
    return True


def mean(d: Drawer) -> bool:
    x = d.pick(is_image)
    if x is None:
        return False
    if d.chance(0.5):
        d.apply("GlobalAveragePool", [x])
    else:
        d.apply("ReduceMean", [x], [np.array([2, 3], np.int64)], keepdims=d.integer(0, 1))
    return True


def pad(d: Drawer) -> bool:
    x = d.pick(is_image)
    if x is None:
        return False
    d.apply("Pad", [x], [np.array([0, 0, d.integer(0, 2), 1, 0, 0, 1, d.integer(0, 2)], np.int64)])
    return True


def concat(d: Drawer) -> bool:
    a = d.pick(lambda t: len(t.shape) > 1)
    if a is None:
        return False
    b = d.pick(lambda t: t.shape == a.shape) or a
    d.apply("Concat", [a, b], axis=1)
    return True


def slicing(d: Drawer) -> bool:
    x = d.pick(lambda t: len(t.shape) > 1 and t.shape[1] > 1)
    if x is None:
        return False
    if d.chance(0.5):
        stop = d.integer(1, x.shape[1])
        start, step = (d.integer(0, stop - 1), 1) if d.chance(0.7) else (x.shape[1] - 1, -1)
        stop = stop if step == 1 else -x.shape[1] - 1
        d.apply("Slice", [x], [np.array([v], np.int64) for v in (start, stop, 1, step)])
    else:
        first = d.integer(1, x.shape[1] - 1)
        d.apply("Split", [x], [np.array([first, x.shape[1] - first], np.int64)], outputs=2, axis=1)
    return True


def reshape(d: Drawer) -> bool:
    x = d.pick()
    assert x is not None
    if d.chance(0.7):
        d.apply("Flatten", [x], axis=1)
    elif len(x.shape) == 2:
        d.apply("Reshape", [x], [np.array([1, x.shape[1], 1, 1], np.int64)])
    else:
        d.apply("Reshape", [x], [np.array([x.shape[0], -1], np.int64)])
    return True


def transpose(d: Drawer) -> bool:
    x = d.pick(is_image)
    if x is None:
        return False
    d.apply("Transpose", [x], perm=[0, *(1 + d.rng.permutation(3)).tolist()])
    return True


def resize(d: Drawer) -> bool:
    x = d.pick(is_image)
    if x is None:
        return False
    scales = np.array([1, 1, d.integer(1, 2), d.integer(1, 3)], np.float32)
    mode = str(d.rng.choice(["asymmetric", "half_pixel"]))
    d.apply(
        "Resize",
        [x],
        [None, scales],
        mode="nearest",
        coordinate_transformation_mode=mode,
        nearest_mode="floor" if mode == "asymmetric" else "round_prefer_floor",
    )
    return True


def depth_to_space(d: Drawer) -> bool:
    x = d.pick(lambda t: is_image(t) and t.shape[1] % 4 == 0)
    if x is None:
        return False
    d.apply("DepthToSpace", [x], blocksize=2, mode=str(d.rng.choice(["DCR", "CRD"])))
    return True


def requantize(d: Drawer) -> bool:
    x = d.pick()
    assert x is not None
    d.quantize("QuantizeLinear", d.dequantize(x), x.real(), [x])
    return True


FAMILIES: tuple[Callable[[Drawer], bool], ...] = (
    conv, conv, conv, conv, dense, dense, binary, binary, unary, unary, prelu, clip, softmax, pool, pool, mean, pad,
    concat, slicing, reshape, reshape, transpose, resize, depth_to_space, requantize,
)  # fmt: skip


def draw(seed: int, families: tuple[Callable[[Drawer], bool], ...] = FAMILIES) -> Drawn:
    """The graph of a seed: an image of odd size, one to seven operators."""
    rng = np.random.default_rng(seed)
    d = Drawer(rng, exact_float=bool(seed % 2))
    shape = (1, d.integer(1, 6), d.integer(1, 9), d.integer(1, 9))
    dtype, zero = d.draw_type()
    info = np.iinfo(dtype)
    sample = rng.integers(info.min, info.max + 1, shape).astype(dtype)
    scale = np.float32(2.0 ** d.integer(-6, -2)) if d.exact_float else np.float32(rng.uniform(0.01, 0.2))
    d.pool.append(Tensor("input", scale, zero, dtype, sample))
    wanted, tries = d.integer(1, 7), 0
    while wanted and tries < 60:
        tries += 1
        done = families[d.integer(0, len(families) - 1)](d)
        wanted -= int(done)
        if done and d.pool[-1].sample.size > MAX_ELEMENTS:
            break
    if not d.made_by:
        unary(d)
    outputs = [t for t in d.pool if t.name != "input"]
    graph = helper.make_graph(
        d.nodes,
        f"fuzz_{seed}",
        [helper.make_tensor_value_info("input", ELEMENT[dtype], ["N" if seed % 5 == 0 else 1, *shape[1:]])],
        [helper.make_tensor_value_info(t.name, ELEMENT[t.dtype], None) for t in outputs],
        d.initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    assert TensorProto.INT8 in ELEMENT.values()
    return Drawn(model, {"input": sample}, d.made_by, d.parents, d.exact_float)
