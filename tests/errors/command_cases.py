"""For each code of the command line, the bundles and the tools (0xx, 5xx, 6xx) what fails with it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np

from hwcomp import driver
from hwcomp.driver import BuildOptions
from hwcomp.verify import toolchain
from tests.errors.case import BUILD, Bench, Case
from tests.frontends.test_onnx_hostile import conv_net

RUN = ["run", "bundle", "--inputs", "inputs.npz"]


def command(*arguments: str) -> Case:
    """A command that needs no file."""
    return lambda bench: list(arguments)


def model(bench: Bench) -> Path:
    return conv_net().save(bench.folder)


def with_model(*arguments: str) -> Case:
    def case(bench: Bench) -> list[str]:
        model(bench)
        return list(arguments)

    return case


def bundle(bench: Bench) -> Path:
    """The folder `bundle`, built from a convolution, and `inputs.npz` beside it."""
    found = bench.folder / "bundle"
    driver.build(model(bench), "mcu", found, BuildOptions())
    np.savez(bench.folder / "inputs.npz", x5=np.zeros((1, 2, 6, 6), np.int8))
    return found


def tampered(old: str, new: str, name: str = "src/net.c") -> Callable[[Bench], None]:
    """Build a bundle and replace in one of its files the first text that matches."""

    def change(bench: Bench) -> None:
        path = bundle(bench) / name
        text, count = re.subn(old, new, path.read_text("utf-8"), count=1)
        assert count == 1, f"{name} has no {old}"
        path.write_text(text, "utf-8")

    return change


def then(prepare: Callable[[Bench], object], *arguments: str) -> Case:
    def case(bench: Bench) -> list[str]:
        prepare(bench)
        return list(arguments)

    return case


def no_format(bench: Bench) -> list[str]:
    (bench.folder / "net.pb").write_bytes(b"a frozen graph")
    return ["build", "net.pb", "-o", "out"]


def foreign_folder(bench: Bench) -> list[str]:
    model(bench)
    (bench.folder / "out").mkdir()
    (bench.folder / "out" / "thesis.txt").write_text("years of work")
    return BUILD


def below_a_file(bench: Bench) -> list[str]:
    model(bench)
    (bench.folder / "file").write_text("")
    return ["build", "net.onnx", "-o", "file/out"]


def empty_folder(bench: Bench) -> list[str]:
    (bench.folder / "empty").mkdir()
    return ["report", "empty"]


def wrong_shape(bench: Bench) -> None:
    bundle(bench)
    np.savez(bench.folder / "inputs.npz", x5=np.zeros((1, 2, 5, 6), np.int8))


def no_archive(bench: Bench) -> None:
    bundle(bench)
    (bench.folder / "inputs.npz").write_text("1 2 3")


def wrong_policy(bench: Bench) -> Callable[[], object]:
    path = model(bench)
    return lambda: driver.choose_policy(Path(path.name), "roughly")


def no_compiler(bench: Bench) -> None:
    bundle(bench)
    bench.patch.setenv("HWCOMP_CC", "no-such-compiler")


def suite(bench: Bench, text: str) -> None:
    (bench.folder / "suite.toml").write_text(text, "utf-8")


def suite_of_nonsense(bench: Bench) -> list[str]:
    suite(bench, '[suite]\nrungs = ["flight"]\n[[model]]\n[[target]]\nnmae = "mcu"\nname = "mcu"\n')
    return ["regress", "suite.toml"]


def good_suite(bench: Bench) -> None:
    suite(bench, '[[model]]\npath = "net.onnx"\n[[target]]\nname = "mcu"\n')


def newer_history(bench: Bench) -> list[str]:
    good_suite(bench)
    with closing(sqlite3.connect(bench.folder / "history.sqlite")) as connection:
        connection.execute("PRAGMA user_version = 1000")
    return ["regress", "suite.toml", "--history", "history.sqlite"]


def no_liberty(bench: Bench) -> None:
    """The folder `chip`, an asic bundle, and a file that is no library."""
    driver.build(model(bench), "asic", bench.folder / "chip", BuildOptions())
    (bench.folder / "cells.lib").write_text("VERSION 5.8 ;")


def no_emulator(bench: Bench) -> None:
    bundle(bench)
    found = toolchain.has_package
    bench.patch.setattr(toolchain, "has_package", lambda name: name != "unicorn" and found(name))


other_weight = tampered(r"(weights\[\d+\][^{]*\{\s*)-?\d+", r"\g<1>99", "src/net_weights.c")

COMMAND_CASES: dict[str, Case] = {
    "HWC001": command("build", "gone.onnx", "-o", "out"),
    "HWC002": no_format,
    "HWC003": foreign_folder,
    "HWC004": below_a_file,
    "HWC005": with_model("build", "net.onnx", "-o", "out", "--target", "abacus"),
    "HWC006": with_model("build", "net.onnx", "-o", "out", "-O", "arch=z80", "-O", "speed=high"),
    "HWC007": empty_folder,
    "HWC008": then(wrong_shape, *RUN),
    "HWC009": then(no_archive, *RUN),
    "HWC010": command("explain", "HWC999"),
    "HWC011": wrong_policy,
    "HWC012": suite_of_nonsense,
    "HWC013": newer_history,
    "HWC014": then(good_suite, "regress", "suite.toml", "--only", "fpga"),
    "HWC016": command("build", "net.onnx", "-o", "out", "--input", "image=u8:1/0"),
    "HWC015": then(no_liberty, "report", "chip", "--liberty", "cells.lib"),
    "HWC501": then(other_weight, "verify", "bundle", "--on", "host"),
    "HWC502": then(tampered(r"\A", "#error broken\n"), *RUN),
    "HWC503": then(tampered(r"return run_checked\(inputs", "return 1 + 0 * run_checked(inputs"), *RUN),
    "HWC601": then(no_compiler, *RUN),
    "HWC602": then(no_emulator, *RUN, "--on", "cortex-m4"),
}
