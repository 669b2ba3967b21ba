"""What qonnx itself computes, for `bench/qonnx.py`: run by a Python that has qonnx installed, hwcomp need not be there.

    python -P bench/qonnx_reference.py MODEL.onnx INPUTS.npz OUTPUTS.npz [--factor 0.9]

OUTPUTS has a row for each row of `x`: `y`, the model's output (what goes into the Softmax where one ends the model),
and q0, q1 ..., the quantised activations in order. --factor multiplies the scale of every quantiser.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

_QUANTISERS = ("Quant", "IntQuant", "BipolarQuant", "Trunc")


def scaled(model: Any, factor: float) -> None:
    """Multiply every scale that a quantiser reads by `factor`, in float32, in place; each initialiser once."""
    from onnx import numpy_helper

    names = {node.input[1] for node in model.graph.node if node.op_type in _QUANTISERS}
    for item in model.graph.initializer:
        if item.name in names:
            value = (numpy_helper.to_array(item).astype(np.float64) * factor).astype(np.float32)
            item.CopyFrom(numpy_helper.from_array(value, item.name))


def main() -> None:
    import onnx
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx
    from qonnx.util.cleanup import cleanup_model

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("inputs", type=Path)
    parser.add_argument("outputs", type=Path)
    parser.add_argument("--factor", type=float, default=1.0)
    given = parser.parse_args()
    proto = onnx.load(given.model)
    if given.factor != 1.0:
        scaled(proto, given.factor)
    model = cleanup_model(ModelWrapper(proto))
    rows = np.load(given.inputs)["x"]
    port, last = model.graph.input[0].name, model.graph.node[-1]
    result = last.input[0] if last.op_type == "Softmax" else last.output[0]
    shape = model.get_tensor_shape(port)
    kept = [
        n.output[0] for n in model.graph.node if n.op_type in _QUANTISERS and model.get_initializer(n.input[0]) is None
    ]
    found: dict[str, list[Any]] = {}
    for row in rows:
        context = execute_onnx(model, {port: row.reshape(shape).astype(np.float32)}, True)
        found.setdefault("y", []).append(context[result])
        for i, name in enumerate(kept):
            found.setdefault(f"q{i}", []).append(context[name])
    stacked: dict[str, Any] = {name: np.stack(values) for name, values in found.items()}
    np.savez_compressed(given.outputs, **stacked)


if __name__ == "__main__":
    main()
