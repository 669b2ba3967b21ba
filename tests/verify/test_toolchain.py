"""Missing tools are errors that say how to get them; instructions are counted by their encodings."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hwcomp.support.errors import EXIT_TOOL, HwcompError
from hwcomp.verify import toolchain
from hwcomp.verify.thumb import instruction_count


@pytest.mark.parametrize(
    ("variable", "locate", "hints"),
    [
        ("HWCOMP_CC", toolchain.host_compiler, ("apt install gcc", "pip install ziglang")),
        ("HWCOMP_ARM_CC", toolchain.arm_compiler, ("apt install gcc-arm-none-eabi", "pip install ziglang")),
        ("HWCOMP_QEMU", toolchain.qemu_system_arm, ("apt install qemu-system-arm", "pip install unicorn")),
    ],
)
def test_a_missing_tool_names_its_package(
    variable: str, locate: Callable[[], object], hints: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "no-such-program")
    with pytest.raises(HwcompError) as caught:
        locate()
    assert (caught.value.code, caught.value.exit_code) == ("HWC601", EXIT_TOOL)
    assert all(hint in caught.value.fix for hint in hints)
    assert variable in caught.value.fix


def test_a_missing_package_names_itself() -> None:
    with pytest.raises(HwcompError, match="pip install no_such_package") as caught:
        toolchain.require_package("no_such_package", "for a test")
    assert (caught.value.code, caught.value.exit_code) == ("HWC602", EXIT_TOOL)


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("", 0),
        ("00bf", 1),  # nop
        ("7047", 1),  # bx lr
        ("ffe7", 1),  # b: 0xe7ff is the last 16-bit encoding
        ("00f0e8e8", 1),  # bl: 0xf000
        ("2de9f041", 1),  # push.w: 0xe92d
        ("fdb10000", 2),
        ("18bf0132 2de9f041 7047".replace(" ", ""), 4),  # it ne; addne; push.w; bx lr
    ],
)
def test_instructions_are_counted_by_their_first_halfword(code: str, count: int) -> None:
    assert instruction_count(bytes.fromhex(code)) == count
