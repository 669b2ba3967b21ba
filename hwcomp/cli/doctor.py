"""`hwcomp doctor`: which outside tools are there, what each is for, and how to get the missing ones."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from hwcomp.cli.options import Json
from hwcomp.cli.output import reporting, say, say_json, say_table
from hwcomp.support.errors import HwcompError, Problem, raise_all

Probe = Callable[[str], "str | None"]


def _host_compiler(name: str) -> str | None:
    from hwcomp.verify.toolchain import host_compiler

    return host_compiler(name).version


def _cxx_compiler(name: str) -> str | None:
    from hwcomp.verify.toolchain import cxx_compiler

    return cxx_compiler(name).version


def _hls_headers(name: str) -> str | None:
    from hwcomp.verify.hls import hls_headers

    return str(hls_headers(name.removesuffix("_int")))


def _arm_compiler(name: str) -> str | None:
    from hwcomp.verify.toolchain import arm_compiler

    return arm_compiler(name).version


def _qemu(name: str) -> str | None:
    from hwcomp.verify.toolchain import qemu_system_arm

    return qemu_system_arm()


def _verilator(name: str) -> str | None:
    from hwcomp.verify.verilator import find_verilator

    return str(find_verilator().program)


def _program(name: str) -> str | None:
    """On PATH, or beside this Python."""
    return shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))


def _nextpnr(name: str) -> str | None:
    return _program(name) or _program(f"yowasp-{name}")


def _package(name: str) -> str | None:
    from importlib import metadata

    try:
        return f"Python package {metadata.version(name)}"
    except metadata.PackageNotFoundError:
        return None


def _tvm(name: str) -> str | None:
    from hwcomp.targets.tvm.compile import check_installed

    check_installed((name,))
    return _package(name)


@dataclass(frozen=True, slots=True)
class Tool:
    """An outside tool. `probe` is given `name` and returns what was found; None or HWC601 says that it is missing."""

    name: str
    probe: Probe
    purpose: str
    get: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found: `found` is a version or a path, and None if the tool is missing."""

    name: str
    status: str
    found: str | None
    purpose: str
    get: str


_MCU = "pip install 'hwcomp[mcu]'"
_RTL = "pip install 'hwcomp[rtl]'"
_SYNTH = "pip install 'hwcomp[synth]'"
_TVM = "pip install 'hwcomp[tvm]'"

TOOLS: tuple[Tool, ...] = (
    Tool("gcc", _host_compiler, "compile and run a bundle on this machine", "apt-get install gcc, or zig"),
    Tool("clang", _host_compiler, "the same, with another compiler's sanitizers", "apt-get install clang"),
    Tool("g++", _cxx_compiler, "compile and run hls bundles and simulations", "apt-get install g++, or zig"),
    Tool("clang++", _cxx_compiler, "run hls bundles with another compiler", "apt-get install clang"),
    Tool("ap_int", _hls_headers, "run hls bundles with the vendors' types", "scripts/install_hls_headers.sh"),
    Tool("arm-none-eabi-gcc", _arm_compiler, "compile for Cortex-M", "apt-get install gcc-arm-none-eabi, or zig"),
    Tool("qemu-system-arm", _qemu, "run on an emulated Cortex-M board", "apt-get install qemu-system-arm, or unicorn"),
    Tool("ziglang", _package, "compile for this machine and for Cortex-M", _MCU),
    Tool("unicorn", _package, "run Cortex-M code and count its instructions", _MCU),
    Tool("pyelftools", _package, "read flash and RAM sizes from linked images", _MCU),
    Tool("verilator", _verilator, "simulate bundles of RTL", _RTL),
    Tool("cocotb", _package, "run a bundle's bench in Python", _RTL),
    Tool("iverilog", _program, "the same with another simulator", "apt-get install iverilog"),
    Tool("pyosys", _package, "count the cells of a bundle of RTL", _SYNTH),
    Tool("nextpnr-ecp5", _nextpnr, "place and route for ECP5", _SYNTH),
    Tool("sta", _program, "timing and power of asic bundles", "apt-get install opensta"),
    Tool("apache-tvm", _tvm, "compile tvm bundles, with exactly this version", _TVM),
    Tool("apache-tvm-ffi", _tvm, "the same: the version that pip picks by itself crashes", _TVM),
    Tool("onnxruntime", _package, "compare with the runtime of .onnx models", "pip install onnxruntime"),
    Tool("ai-edge-litert", _package, "compare with the runtime of .tflite models", "pip install ai-edge-litert"),
)


def doctor(
    require: Annotated[
        list[str] | None, typer.Option("--require", metavar="TOOL", help="Exit with 4 if TOOL is missing.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say which outside tools are there, and how to get the missing ones."""
    with reporting(as_json):
        required = _known(require or [])
        findings = [find(tool) for tool in TOOLS]
        if as_json:
            say_json({"tools": [asdict(finding) for finding in findings]})
        else:
            _print(findings)
        raise_all(_missing(findings, required))


def find(tool: Tool) -> Finding:
    """Look for `tool`; packages are not imported."""
    try:
        found = tool.probe(tool.name)
    except HwcompError:
        found = None
    return Finding(tool.name, "missing" if found is None else "found", found, tool.purpose, tool.get)


def _known(required: Sequence[str]) -> frozenset[str]:
    names = [tool.name for tool in TOOLS]
    for name in required:
        if name not in names:
            raise HwcompError("HWC005", f"there is no tool '{name}'", "--require", f"name one of: {', '.join(names)}")
    return frozenset(required)


def _missing(findings: Sequence[Finding], required: frozenset[str]) -> list[Problem]:
    return [
        Problem("HWC601", "it is missing", f"tool '{finding.name}'", f"get it by: {finding.get}")
        for finding in findings
        if finding.name in required and finding.status == "missing"
    ]


def _print(findings: Sequence[Finding]) -> None:
    rows = [(f.name, f.status, f.found, f.purpose) for f in findings]
    say_table("outside tools", ("tool", "status", "what", "for"), rows)
    for finding in findings:
        if finding.status == "missing":
            say(f"get {finding.name}: {finding.get}")
