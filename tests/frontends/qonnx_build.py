"""Small QONNX models, and their graphs run from the model's floats to the model's floats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hwcomp.ir.graph import Graph, Interpreter, Port
from hwcomp.support import manifest
from hwcomp.targets.bundle.border import border_of
from hwcomp.verify.border import dequantize, to_integers
from tests.frontends.onnx_build import Net

DOMAIN = "qonnx.custom_op.general"


def quant(
    net: Net, x: str, scale: Any, bits: float = 8, zero: Any = 0.0, *, domain: str = DOMAIN, dtype: Any = np.float32,
    **attributes: Any,
) -> str:  # fmt: skip
    """A Quant; signed, narrow and rounding_mode as the node has them."""
    given = {"signed": 1, "narrow": 0, "rounding_mode": "ROUND"} | attributes
    numbers = [net.constant(scale, np.float32), net.constant(zero, dtype), net.constant(bits, np.float32)]
    return str(net.node("Quant", [x, *numbers], domain=domain, **given))


def bipolar(net: Net, x: str, scale: float = 1.0, domain: str = DOMAIN) -> str:
    return str(net.node("BipolarQuant", [x, net.constant(scale, np.float32)], domain=domain))


def batch_norm(net: Net, x: str, channels: int, seed: int = 0) -> str:
    """Trained numbers, some gains negative."""
    rng = np.random.default_rng(seed)
    numbers = (rng.normal(0.3, 1, channels), rng.normal(0, 0.5, channels), rng.normal(0, 2, channels),
               rng.uniform(0.5, 9, channels))  # fmt: skip
    return str(net.node("BatchNormalization", [x, *(net.constant(v, np.float32) for v in numbers)], epsilon=1e-5))


def port_of(graph: Graph, port: Port) -> manifest.Port:
    kind = graph.values[port.value].type
    return manifest.Port(port.name, kind.shape, str(kind.dtype), 0, border_of(port))


def float_outputs(graph: Graph, feeds: Mapping[str, Any]) -> list[Any]:
    """The model's float outputs: its inputs quantised and its outputs dequantised as the ports say."""
    ready = {
        port.value: to_integers(np.asarray(feeds[port.name]), port_of(graph, port)).astype(np.int64)
        for port in graph.inputs
    }
    found = Interpreter(graph, fast=True).run(ready)
    return [dequantize(found[port.value], port_of(graph, port)) for port in graph.outputs]
