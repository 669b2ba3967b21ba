"""What `tvm-target` takes: a machine by its name, or a TVM target in either of TVM's spellings."""

from __future__ import annotations

import pytest

from hwcomp.support.errors import HwcompError
from hwcomp.targets.tvm.machine import machine_of


def test_a_string_and_an_object_are_one_target() -> None:
    text = "llvm -mcpu=haswell -mattr=+avx2,+fma -num-cores=4"
    document = '{"kind": "llvm", "mcpu": "haswell", "mattr": ["+avx2", "+fma"], "num-cores": 4}'
    assert machine_of(text) == machine_of(document)
    assert machine_of(text).target["num-cores"] == 4
    assert machine_of("llvm").target == {"kind": "llvm"}
    assert not machine_of("llvm -mtriple=aarch64-linux-gnu").is_host


@pytest.mark.parametrize(
    "text", ["", "x68", "llvm -mcpu", "llvm mcpu=haswell", "llvm -=3", "[]", '{"mcpu": "x"}', "1 -a=b"]
)
def test_what_is_no_target_is_refused(text: str) -> None:
    with pytest.raises(HwcompError) as caught:
        machine_of(text)
    assert caught.value.problems[0].code == "HWC006"
    assert "cortex-m55" in caught.value.problems[0].fix
