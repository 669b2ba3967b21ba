"""The command line: what needs no model. Whole builds are in `tests/e2e/`."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from hwcomp.cli.app import app
from hwcomp.cli.doctor import TOOLS
from hwcomp.cli.options import key_values, names
from hwcomp.cli.target_flags import as_options, option_names
from hwcomp.support.codes import CODES
from hwcomp.support.errors import HwcompError

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = ("build", "plan", "inspect", "run", "verify", "report", "regress", "targets", "explain", "doctor")
HELP_CPU_SECONDS = 0.3


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"})


def test_the_commands_are_these() -> None:
    assert sorted(command.callback.__name__ for command in app.registered_commands if command.callback) == sorted(
        COMMANDS
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_json(command: str) -> None:
    answer = invoke(command, "--help")
    assert answer.exit_code == 0
    assert "--json" in answer.output


def test_the_readme_lists_every_command() -> None:
    listed = re.findall(r"^\| `hwcomp (\w+)", (ROOT / "README.md").read_text("utf-8"), flags=re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS)


def test_usage_errors_exit_with_2() -> None:
    assert invoke("build").exit_code == 2
    assert invoke("build", "m.onnx", "-o", "out", "--exact", "roughly").exit_code == 2
    assert invoke("nothing").exit_code == 2


@pytest.mark.parametrize("spelling", ["HWC203", "hwc203", "203", "[HWC203]"])
def test_explain_takes_a_code_in_any_spelling(spelling: str) -> None:
    answer = invoke("explain", spelling)
    assert answer.exit_code == 0
    assert answer.output.splitlines()[0] == f"HWC203: {CODES['HWC203']}"
    assert [line.split(":")[0] for line in answer.output.splitlines()[1:]] == ["  cause", "  fix"]


def test_explain_lists_all_codes() -> None:
    assert json.loads(invoke("explain", "--json").output) == {"codes": CODES}
    assert all(code in invoke("explain").output for code in CODES)


def test_an_unknown_code_says_what_to_do() -> None:
    answer = invoke("explain", "HWC999")
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr == (
        "[HWC010] 'HWC999': there is no such code\n  fix: run 'hwcomp explain' for the list of codes\n"
    )


def test_errors_are_json_when_json_is_wanted() -> None:
    answer = invoke("explain", "HWC999", "--json")
    assert answer.exit_code == 2
    assert [error["code"] for error in json.loads(answer.stdout)["errors"]] == ["HWC010"]


def test_doctor_speaks_of_every_tool() -> None:
    tools = json.loads(invoke("doctor", "--json").stdout)["tools"]
    assert [tool["name"] for tool in tools] == [tool.name for tool in TOOLS]
    assert all((tool["found"] is None) == (tool["status"] == "missing") and tool["get"] for tool in tools)


def test_doctor_fails_only_for_what_is_required(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HWCOMP_QEMU", "")
    assert invoke("doctor").exit_code == 0
    answer = invoke("doctor", "--require", "qemu-system-arm")
    assert answer.exit_code == 4
    assert answer.stderr.startswith("[HWC601] tool 'qemu-system-arm': it is missing\n  fix: get it by: apt-get install")
    assert invoke("doctor", "--require", "abacus").exit_code == 2


def test_key_values_are_read_and_refused() -> None:
    assert key_values(["a=1", "b=x=y", "c="]) == {"a": "1", "b": "x=y", "c": ""}
    for bad in (["a"], ["=1"], ["a=1", "a=2"]):
        with pytest.raises(HwcompError, match="HWC006"):
            key_values(bad)


def test_options_of_targets_are_flags_too() -> None:
    own, known = {"--out", "--json"}, {"fps", "tvm-target", "vectors"}
    given = ["--fps", "100", "m.onnx", "--tvm-target=c", "--out", "x", "--json", "-t", "fpga", "--", "--fps", "3"]
    wanted = ["--option", "fps=100", "m.onnx", "--option", "tvm-target=c", *given[4:]]
    assert as_options(given, own, known) == wanted
    assert as_options(["--out", "--vectors", "--fpss", "3"], {"--out"}, {"fps"}) == [
        "--out",
        "--vectors",
        "--fpss",
        "3",
    ]
    assert as_options(["--fps"], own, known) == ["--option", "fps"]


def test_an_option_of_no_target_is_a_usage_error() -> None:
    answer = invoke("plan", "models/digits_qdq.onnx", "--frames", "100")
    assert answer.exit_code == 2
    assert "--frames" in answer.output


def test_plan_takes_an_option_of_its_target_as_a_flag() -> None:
    model = str(ROOT / "models" / "digits_qdq.onnx")
    plain, flagged = invoke("plan", model, "-O", "fps=5000", "--json"), invoke("plan", "--fps", "5000", model, "--json")
    assert plain.exit_code == 0
    assert flagged.output == plain.output
    assert invoke("plan", model, "--fps").exit_code == 2


def test_no_option_of_a_target_hides_behind_one_of_a_command() -> None:
    import typer

    group = typer.main.get_command(app)
    for name in ("build", "plan"):
        taken = {flag.removeprefix("--") for param in group.commands[name].params for flag in param.opts}  # type: ignore[attr-defined]
        assert not taken & option_names()


def test_names_are_split_in_order_each_once() -> None:
    assert names(" host, cortex-m4,host,,") == ("host", "cortex-m4")


def test_run_refuses_what_is_no_archive(tmp_path: Path) -> None:
    text = tmp_path / "inputs.npz"
    assert "HWC001" in invoke("run", str(tmp_path), "--inputs", str(text)).stderr
    text.write_text("not an archive")
    answer = invoke("run", str(tmp_path), "--inputs", str(text))
    assert answer.exit_code == 2
    assert answer.stderr.startswith("[HWC009]")


def test_run_refuses_an_array_without_a_name(tmp_path: Path) -> None:
    path = tmp_path / "inputs.npy"
    np.save(path, np.zeros(3))
    answer = invoke("run", str(tmp_path), "--inputs", str(path))
    assert answer.exit_code == 2
    assert answer.stderr.startswith("[HWC009]") and "one array without a name" in answer.stderr


@pytest.mark.parametrize("command", ["report", "verify"])
def test_a_folder_that_is_no_bundle_is_refused(command: str, tmp_path: Path) -> None:
    answer = invoke(command, str(tmp_path))
    assert answer.exit_code == 2
    assert answer.stderr.startswith("[HWC007]")


def test_a_missing_model_is_a_usage_error(tmp_path: Path) -> None:
    answer = invoke("build", str(tmp_path / "none.onnx"), "-o", str(tmp_path / "out"))
    assert answer.exit_code == 2
    assert answer.stderr.startswith("[HWC001]")
    assert not (tmp_path / "out").exists()


def test_help_starts_at_once() -> None:
    def cpu_of_children() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    used: list[float] = []
    for _ in range(3):
        before = cpu_of_children()
        subprocess.run([sys.executable, "-m", "hwcomp.cli", "--help"], cwd=ROOT, capture_output=True, check=True)
        used.append(cpu_of_children() - before)
    assert min(used) < HELP_CPU_SECONDS
