"""A run as JUnit XML: a mismatch is a failure; what could not be built, run or finished is an error."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence

from hwcomp.regress.changes import Change
from hwcomp.regress.outcome import Status
from hwcomp.regress.run import Report, Row

# What XML 1.0 cannot hold, even escaped.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(report: Report) -> bytes:
    """The document: one `testsuite`; each job a `testcase` with its figures as properties and its changes as output."""
    failures = sum(row.outcome.status is Status.MISMATCH for row in report.rows)
    errors = sum(not row.outcome.is_green for row in report.rows) - failures
    counts = {
        "tests": str(len(report.rows)),
        "failures": str(failures),
        "errors": str(errors),
        "skipped": "0",
        "time": _seconds(sum(row.outcome.milliseconds for row in report.rows)),
    }
    root = ElementTree.Element("testsuites", {"name": "hwcomp regress", **counts})
    suite = ElementTree.SubElement(root, "testsuite", {"name": _legal(report.suite), **counts})
    for row in report.rows:
        _case(suite, report, row)
    ElementTree.indent(root)
    text: str = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _case(suite: ElementTree.Element, report: Report, row: Row) -> None:
    outcome = row.outcome
    case = ElementTree.SubElement(
        suite,
        "testcase",
        {"classname": _legal(f"{report.suite}.{row.job.target}"), "name": _legal(row.job.name),
         "time": _seconds(outcome.milliseconds)},
    )  # fmt: skip
    if outcome.figures:
        properties = ElementTree.SubElement(case, "properties")
        for name, value in outcome.figures.items():
            ElementTree.SubElement(properties, "property", {"name": name, "value": str(value)})
    if not outcome.is_green:
        kind = "failure" if outcome.status is Status.MISMATCH else "error"
        first = (outcome.message.splitlines() or [""])[0]
        found = ElementTree.SubElement(case, kind, {"type": outcome.status.value, "message": _legal(first)})
        found.text = _legal(outcome.message)
    said = _said(row, [change for change in report.changes if change.job == row.job.name])
    if said:
        ElementTree.SubElement(case, "system-out").text = _legal(said)


def _said(row: Row, changes: Sequence[Change]) -> str:
    rungs = [f"{rung.name}: {rung.verdict}; {rung.note}" for rung in row.outcome.rungs]
    return "\n".join([*rungs, *(str(change) for change in changes)])


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds // 1000}.{milliseconds % 1000:03}"


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)
