"""cocotb tests on Verilator with flags of our own, and results that are always looked at.

cocotb's runner passes --public-flat-rw (two to four times slower) and returns without a word when the test module
cannot be imported. Here the ports of the top alone are public, and the number of tests that ran is compared with the
number expected.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from cocotb_tools import config
from cocotb_tools.runner import Verilator as CocotbVerilator

from hwcomp.support.errors import HwcompError
from hwcomp.verify import verilator
from hwcomp.verify.verilator import Parameter

_SHOWN_LINES = 30
FLAGS = ("--assert", "--x-assign", "unique", "--x-initial", "unique", "-Wno-fatal", "-Wno-lint")


class _Runner(CocotbVerilator):
    """The same build with our flags in one command."""

    def _build_command(self) -> list[list[str]]:
        libraries = f"-Wl,-rpath,{config.libs_dir} -L{config.libs_dir} -lcocotbvpi_verilator"
        return [
            [
                "verilator",
                "--cc",
                "--exe",
                "--build",
                "-j",
                "1",
                "--vpi",
                "--Mdir",
                str(self.build_dir),
                "--prefix",
                verilator.PREFIX,
                "-o",
                str(self.hdl_toplevel),
                "--top-module",
                str(self.hdl_toplevel),
                "-LDFLAGS",
                libraries,
                "--timescale",
                "1ns/1ps",
                *FLAGS,
                *self.build_args,
                *(str(source) for source in self.sources),
                str(config.share_dir / "lib" / "verilator" / "verilator.cpp"),
            ]
        ]


def run_cocotb(
    sources: Sequence[Path],
    top: str,
    test_module: str,
    tests: int,
    folder: Path,
    parameters: Mapping[str, Parameter] | None = None,
    *,
    library: Path | None = None,
    extra_env: Mapping[str, str] | None = None,
) -> None:
    """Build `top` and run the cocotb tests of `test_module`, which `sys.path` must reach; exactly `tests` must run.

    library: a folder in which modules that `sources` instantiate are found by their names.

    Raises:
        HwcompError: HWC601 a tool is missing; HWC502 it does not compile; HWC503 a test failed, or another number ran.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ports = folder / "public_ports.vlt"
    ports.write_text(f'`verilator_config\npublic_flat_rw -module "{top}" -port "*"\n', encoding="ascii")
    searched = ["-y", str(library)] if library else []
    flags = [*searched, *verilator.parameter_flags(parameters or {})]
    results = folder / "results.xml"
    results.unlink(missing_ok=True)
    runner, log = _Runner(), folder / "cocotb.log"
    kept = dict(os.environ)
    os.environ.update(verilator.environment(verilator.find_verilator()))
    # Outside pytest's sight the runner leaves the results to us.
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    try:
        runner.build(
            sources=[ports, *sources],
            hdl_toplevel=top,
            build_dir=folder,
            build_args=flags,
            always=True,
            log_file=log,
        )
        runner.test(
            hdl_toplevel=top,
            test_module=test_module,
            build_dir=folder,
            test_dir=folder,
            results_xml=str(results),
            log_file=log,
            hdl_toplevel_lang="verilog",
            extra_env={"PYTHONPATH": os.pathsep.join(sys.path), **(extra_env or {})},
        )
    except (RuntimeError, SystemExit) as error:
        # A failed build and a failed simulation look alike; results tell them apart.
        code = "HWC503" if results.exists() else "HWC502"
        raise HwcompError(code, f"cocotb: {error}\n{_tail(log)}", top, "see the messages") from error
    finally:
        os.environ.clear()
        os.environ.update(kept)
    _check_results(results, tests, top, log)


def _check_results(results: Path, tests: int, top: str, log: Path) -> None:
    """All of `tests` tests ran, and none failed or was skipped."""
    cases = list(ElementTree.parse(results).iter("testcase")) if results.is_file() else []
    bad = [str(c.get("name")) for c in cases if any(c.find(tag) is not None for tag in ("failure", "error", "skipped"))]
    if bad or len(cases) != tests:
        what = f"cocotb ran {len(cases)} of {tests} tests; failed or skipped: {', '.join(bad) or 'none'}\n{_tail(log)}"
        raise HwcompError("HWC503", what, top, "see the messages")


def _tail(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.is_file() else []
    return "\n".join(lines[-_SHOWN_LINES:])
