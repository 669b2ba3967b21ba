"""Node tests of the onnx package: exactly the wanted output, or refused by code; never wrong, never a crash."""

from __future__ import annotations

import pytest

from tests.conformance.onnx_nodes import NodeTest, check, node_tests

KNOWN = {
    ("integers", "Add"): (0, 6),
    ("integers", "Clip"): (0, 3),
    ("integers", "Mul"): (0, 6),
    ("integers", "Sub"): (0, 6),
    ("moves", "ArgMax"): (16, 16),
    ("moves", "Concat"): (12, 12),
    ("moves", "DepthToSpace"): (2, 2),
    ("moves", "Expand"): (2, 2),
    ("moves", "Flatten"): (9, 9),
    ("moves", "Gather"): (4, 4),
    ("moves", "GlobalMaxPool"): (2, 2),
    ("moves", "Identity"): (3, 3),
    ("moves", "Max"): (12, 14),
    ("moves", "MaxPool"): (13, 19),
    ("moves", "Min"): (12, 14),
    ("moves", "Pad"): (6, 6),
    ("moves", "ReduceMax"): (8, 9),
    ("moves", "Reshape"): (9, 10),
    ("moves", "Resize"): (11, 15),
    ("moves", "Slice"): (7, 8),
    ("moves", "SpaceToDepth"): (2, 4),
    ("moves", "Split"): (14, 16),
    ("moves", "Squeeze"): (2, 2),
    ("moves", "Tile"): (2, 2),
    ("moves", "Transpose"): (7, 7),
    ("moves", "Unsqueeze"): (7, 7),
    ("moves", "Upsample"): (1, 1),
    ("quantised", "Constant"): (0, 3),
    ("quantised", "ConvInteger"): (2, 2),
    ("quantised", "DequantizeLinear"): (7, 14),
    ("quantised", "DynamicQuantizeLinear"): (0, 3),
    ("quantised", "MatMulInteger"): (1, 1),
    ("quantised", "QLinearConv"): (1, 1),
    ("quantised", "QLinearMatMul"): (4, 8),
    ("quantised", "QuantizeLinear"): (3, 13),
}
"""(group, operator): the tests that pass, and how many there are, with onnx 1.23. Fewer passed is a regression.

The rest is refused: other element types (float8, float16, 64 bits), empty tensors, rank 5, DynamicQuantizeLinear, the
indices of MaxPool, integer arithmetic that wraps."""


@pytest.fixture(scope="module")
def tests_by_operator() -> dict[tuple[str, str], list[NodeTest]]:
    """All node tests selected."""
    grouped: dict[tuple[str, str], list[NodeTest]] = {}
    for test in node_tests():
        grouped.setdefault((test.group, test.operator), []).append(test)
    return grouped


def test_every_operator_is_known(tests_by_operator: dict[tuple[str, str], list[NodeTest]]) -> None:
    assert set(KNOWN) <= set(tests_by_operator)


@pytest.mark.parametrize(("group", "operator"), KNOWN)
def test_operator(
    group: str, operator: str, tests_by_operator: dict[tuple[str, str], list[NodeTest]], subtests: pytest.Subtests
) -> None:
    passed, refused = 0, []
    for test in tests_by_operator[group, operator]:
        with subtests.test(msg=test.name):
            outcome = check(test)
            assert outcome.verdict in ("passed", "refused"), f"{outcome.verdict}: {outcome.detail}"
            passed += outcome.verdict == "passed"
            refused += [f"{test.name} {outcome.detail} {outcome.message}"] * (outcome.verdict == "refused")
    assert passed >= KNOWN[group, operator][0], refused
