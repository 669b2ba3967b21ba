"""`Walk`: what the importer knows while it goes through the nodes; handlers read and write it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hwcomp.frontends.onnx.expressions import AnyTensor, Constant, Elementwise, FloatInput, Held, QuantConstant, weight
from hwcomp.frontends.onnx.source import Array, Model, Node
from hwcomp.ir.builder import Builder
from hwcomp.ir.op import Op
from hwcomp.ir.types import IntArray, IntType, Value
from hwcomp.support.errors import HwcompError

MAX_ACTIVATION_ELEMENTS = 1 << 23
MAX_WEIGHT = 256
_QUANTISE = (
    "quantise the model first, as by onnxruntime.quantization.quantize_static with QuantFormat.QDQ: "
    "every operator stands between DequantizeLinear and QuantizeLinear"
)


class Walk:
    """The tensors so far (`tensors`), the graph being built, and the reference whose bits it follows."""

    def __init__(self, model: Model, reference: str) -> None:
        self.model = model
        self.reference = reference
        self.builder = Builder(model.name, reference)
        self.tensors: dict[str, AnyTensor] = {}
        self.failed: set[str] = set()
        self.arranged: dict[tuple[str, tuple[int, ...]], str] = {}
        self.quantised_inputs: dict[str, tuple[object, Held]] = {}
        self.is_quantised = any("Quant" in node.op_type or node.op_type.startswith("QLinear") for node in model.nodes)

    def value(self, x: Held) -> Value:
        return self.builder.value(x.name)

    def has(self, node: Node, index: int) -> bool:
        return index < len(node.inputs) and bool(node.inputs[index])

    def tensor(self, node: Node, index: int) -> AnyTensor:
        """Input number `index`.

        Raises: HWC218 it is absent.
        """
        if not self.has(node, index):
            raise node.fail("HWC218", f"input number {index + 1} is missing", "export the model again")
        return self.tensors[node.inputs[index]]

    def constant(self, node: Node, index: int) -> Array:
        """Input number `index`, which must be known now; a dequantised constant as float32.

        Raises: HWC108.
        """
        found = self.tensor(node, index)
        if isinstance(found, Constant):
            return found.array
        if isinstance(found, QuantConstant):
            return found.floats
        raise node.fail(
            "HWC108", f"input '{node.inputs[index]}' is computed at run time", "export with this input as a constant"
        )

    def integers(self, node: Node, index: int) -> tuple[int, ...]:
        """Input number `index` as constant integers, flattened."""
        array = self.constant(node, index)
        if array.dtype.kind not in "iu":
            raise node.fail("HWC104", f"input '{node.inputs[index]}' is {array.dtype}, not integers", "export it again")
        return tuple(int(v) for v in array.reshape(-1))

    def held(self, node: Node, index: int) -> Held:
        """Input number `index` as integers of the graph.

        Raises: HWC103 it is a float tensor.
        """
        found = self.tensor(node, index)
        if isinstance(found, Held):
            return found
        if isinstance(found, Constant) and found.array.dtype.kind in "iu":
            return self.hold(found.array.astype(np.int64), node.inputs[index], integer_type(found))
        raise self.floating(node, node.inputs[index])

    def elementwise(self, node: Node, index: int) -> Elementwise:
        """Input number `index` as a float function of integers.

        Raises: HWC103 it is anything else.
        """
        found = self.tensor(node, index)
        if isinstance(found, Elementwise):
            return found
        raise self.floating(node, node.inputs[index])

    def floating(self, node: Node, name: str) -> HwcompError:
        """HWC103: a float tensor where integers are wanted."""
        found = self.tensors.get(name)
        if isinstance(found, FloatInput) and self.is_quantised:
            fix = f"quantise it in the model, or say how it is quantised: --input '{found.port}=s8:2^-5'"
            return node.fail("HWC103", f"the model's input '{found.port}' reaches it as floats", fix)
        return node.fail("HWC103", f"its input '{name}' is not quantised", _QUANTISE)

    def hold(self, levels: IntArray, name: str, dtype: IntType) -> Held:
        """A constant of the graph."""
        return Held.plain(self.builder.constant(name, levels, dtype), tuple(levels.shape))

    def put(self, node: Node, *results: AnyTensor) -> None:
        """The node's outputs.

        Raises: HWC103 an expression without end, HWC209 a constant without bounds.
        """
        for name, result in zip(node.outputs, results, strict=False):
            if weight(result) > MAX_WEIGHT:
                raise node.fail("HWC103", f"more than {MAX_WEIGHT} operators follow without a quantisation", _QUANTISE)
            if isinstance(result, Constant):
                self.check_bound(node, result.shape)
            if name:
                self.tensors[name] = result

    def emit(self, node: Node, op: Op) -> str:
        """Add an operator of one output; `op.outputs` holds the wanted name.

        Raises: HWC214 the operator refuses its operands, HWC303 its accumulator leaves 64 bits.
        """
        try:
            return self.builder.add1(op)
        except ValueError as error:
            raise node.fail("HWC214", str(error).removeprefix(f"{node.loc}: "), "export the model again") from error
        except OverflowError as error:
            raise node.fail("HWC303", str(error), "make the layer smaller") from error

    def settle(self, node: Node, first: int) -> None:
        """Give each output's value the source's own name where an accumulator of the node (op `first` on) took it."""
        for output in node.outputs:
            found = self.tensors.get(output)
            if isinstance(found, Held) and found.name != output:
                made = {name for op in self.builder.ops[first:] for name in op.outputs}
                if {found.name, output} <= made:
                    self._swap(found.name, output, first)
                    self.tensors[output] = replace(found, name=output)

    def _swap(self, a: str, b: str, first: int) -> None:
        """Exchange the names of two values that operators from `first` on made."""
        other = {a: b, b: a}
        builder = self.builder
        for i, op in enumerate(builder.ops[first:], start=first):
            inputs, outputs = (tuple(other.get(name, name) for name in names) for names in (op.inputs, op.outputs))
            builder.ops[i] = replace(op, inputs=inputs, outputs=outputs)
        values = builder.values
        values[a], values[b] = replace(values[b], name=a), replace(values[a], name=b)
        self.arranged = {key: name for key, name in self.arranged.items() if key[0] not in other and name not in other}

    def check_size(self, node: Node, shape: Sequence[int]) -> tuple[int, ...]:
        """Raises: HWC208 an empty or negative dimension, HWC209 too many elements."""
        if any(size < 1 for size in shape):
            raise node.fail("HWC208", f"its result would have shape {list(shape)}", "export the model again")
        self.check_bound(node, shape)
        return tuple(int(size) for size in shape)

    def check_bound(self, node: Node, shape: Sequence[int]) -> None:
        """Raises: HWC209 too many elements."""
        if math.prod(shape) > MAX_ACTIVATION_ELEMENTS:
            raise node.fail(
                "HWC209",
                f"its result of shape {list(shape)} has more than {MAX_ACTIVATION_ELEMENTS} elements",
                "export the model with a smaller input",
            )


_INTEGER_TYPES = {
    "INT8": IntType(8, True), "UINT8": IntType(8, False), "INT16": IntType(16, True), "UINT16": IntType(16, False),
    "INT32": IntType(32, True), "INT4": IntType(4, True), "UINT4": IntType(4, False), "INT64": IntType(64, True),
    "INT2": IntType(2, True), "UINT2": IntType(2, False), "UINT32": IntType(32, False),
}  # fmt: skip


def type_named(name: str) -> IntType | None:
    """The integer type of an ONNX element type name."""
    return _INTEGER_TYPES.get(name)


def integer_type(constant: Constant) -> IntType:
    """The integer type of a constant array."""
    found = type_named(constant.type_name or constant.array.dtype.name.upper())
    return found or IntType(64, True)
