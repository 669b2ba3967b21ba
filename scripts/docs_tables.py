"""Writes the docs that are tables of the sources (docs/errors.md, parts of docs/formats.md): run it, then commit."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

from hwcomp.frontends.onnx.handlers import HANDLERS as ONNX
from hwcomp.frontends.onnx.handlers import QUANTISERS
from hwcomp.frontends.onnx.load import OPSETS
from hwcomp.frontends.tflite.handlers.table import HANDLERS as TFLITE
from hwcomp.support.advice import advice
from hwcomp.support.causes import cause
from hwcomp.support.codes import CODES
from hwcomp.support.errors import Problem

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
RANGES = {
    "0": "Usage and files",
    "1": "Unsupported models",
    "2": "Malformed and hostile models",
    "3": "Exactness",
    "4": "The targets",
    "5": "Verification",
    "6": "Missing tools",
}
BEGIN, END = "<!-- {name}: written by scripts/docs_tables.py -->", "<!-- end of {name} -->"

_HEAD = """# Error codes

Written by `python scripts/docs_tables.py`; `tests/test_docs.py` compares. Each code has a minimal case in
`tests/errors/`, whose command and output stand here.

A code keeps its meaning for ever. `hwcomp explain CODE` prints an entry; `--json` gives it to a program. The exit code
of a command follows from the first problem's range.
"""


def errors_page() -> str:
    """docs/errors.md."""
    parts = [_HEAD]
    for digit, title in RANGES.items():
        codes = [code for code in sorted(CODES) if code[3] == digit]
        parts.append(f"\n## {title}: {digit}xx, exit code {Problem(codes[0], '', '', '').exit_code}\n")
        parts += [_entry(code) for code in codes]
    return "".join(parts)


def _entry(code: str) -> str:
    lines = (f"### {code}", "", f"{_sentence(CODES[code])}", "")
    points = (f"- Typical cause: {cause(code)}.", f"- Fix: {advice(code)}.", "", *_example(code))
    return "\n" + "\n".join((*lines, *points)) + "\n"


def _example(code: str) -> Iterable[str]:
    """The golden of the code's case, as it is."""
    text = (ROOT / "tests" / "errors" / f"{code}.expected").read_text(encoding="utf-8").rstrip()
    return "```text", *text.splitlines(), "```"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def operators(names: Iterable[str]) -> str:
    """Names in a paragraph, sorted, each as code."""
    return ", ".join(f"`{name}`" for name in sorted(names, key=str.lower)) + "."


def refusals(folder: Path) -> str:
    """The messages of HWC101 in the sources of a front end, a list for each file; what is filled in is `...`."""
    lines = []
    for path in sorted(folder.rglob("*.py")):
        found = sorted(set(_messages(ast.parse(path.read_text(encoding="utf-8")))))
        if found:
            subject = path.stem.replace("_", " ")
            lines.append(f"- {subject}: " + "; ".join(found))
    return "\n".join(lines)


def _messages(tree: ast.Module) -> Iterable[str]:
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        named = {
            node.targets[0].id: node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            codes = [i for i, a in enumerate(call.args) if isinstance(a, ast.Constant) and a.value == "HWC101"]
            if codes and len(call.args) > codes[0] + 1:
                message = call.args[codes[0] + 1]
                yield _plain(named.get(message.id, message) if isinstance(message, ast.Name) else message)


def _plain(message: ast.expr) -> str:
    parts = message.values if isinstance(message, ast.JoinedStr) else [message]
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "..." for part in parts)


def sections() -> dict[str, str]:
    """The written parts of docs/formats.md by name."""
    qonnx = sorted(set(QUANTISERS.values()) - {"FloatQuant"})
    standard = [name for name in ONNX if ":" not in name and name not in QUANTISERS]
    microsoft = [name.split(":")[1] for name in ONNX if name.startswith("com.microsoft:")]
    return {
        "opsets": f"Operator sets {OPSETS.start} to {OPSETS.stop - 1} of the default domain are read.",
        "onnx": f"{len(standard)} operators: {operators(standard)}",
        "com.microsoft": f"{len(microsoft)} operators: {operators(microsoft)}",
        "qonnx": f"{len(qonnx)} operators: {operators(qonnx)}",
        "onnx forms": refusals(ROOT / "hwcomp" / "frontends" / "onnx"),
        "tflite forms": refusals(ROOT / "hwcomp" / "frontends" / "tflite"),
        "tflite": f"{len(TFLITE)} operators: {operators(TFLITE)}",
    }


def with_sections(text: str) -> str:
    """`text` with what stands between each section's marks replaced."""
    for name, body in sections().items():
        begin, end = BEGIN.format(name=name), END.format(name=name)
        before, rest = text.split(begin)
        text = f"{before}{begin}\n\n{body}\n\n{end}{rest.split(end)[1]}"
    return text


def pages() -> dict[Path, str]:
    """What the written pages should hold."""
    formats = DOCS / "formats.md"
    return {DOCS / "errors.md": errors_page(), formats: with_sections(formats.read_text(encoding="utf-8"))}


def main() -> None:
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
