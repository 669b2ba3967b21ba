"""Errors that a user can cause. Each has a stable code, a place in the user's model, what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hwcomp.support.codes import CODES

EXIT_GOOD = 0
EXIT_MODEL = 1
EXIT_USAGE = 2
EXIT_MISMATCH = 3
EXIT_TOOL = 4

# The digit after "HWC" decides: 0xx usage, 5xx mismatch, 6xx tool; else the model can't be built.
_EXIT_BY_RANGE = {"0": EXIT_USAGE, "5": EXIT_MISMATCH, "6": EXIT_TOOL}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    code: a key of `CODES`; at: the user's file and operator (`net.onnx: Conv '/layer1/conv2'`); what: what is wrong
    with the numbers; fix: what the user can do.
    """

    code: str
    what: str
    at: str
    fix: str

    def __post_init__(self) -> None:
        assert self.code in CODES, f"{self.code} is not in hwcomp/support/codes.py"

    @property
    def exit_code(self) -> int:
        """The process exit code of this problem's range: 1 model, 2 usage, 3 mismatch, 4 missing tool."""
        return _EXIT_BY_RANGE.get(self.code[3], EXIT_MODEL)

    def __str__(self) -> str:
        """`[HWC101] <at>: <what>` and, on its own line, the fix."""
        return f"[{self.code}] {self.at}: {self.what}\n  fix: {self.fix}"


class HwcompError(Exception):
    """One or several problems, raised once. `code`, `what`, `at`, `fix` are those of the first."""

    problems: tuple[Problem, ...]

    def __init__(self, code: str, what: str, at: str, fix: str) -> None:
        """A single problem; for several use `HwcompError.of`."""
        self._hold((Problem(code, what, at, fix),))

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> HwcompError:
        """The error of all `problems`, in their order, without repetitions; there must be at least one."""
        error = cls.__new__(cls)
        error._hold(tuple(dict.fromkeys(problems)))
        return error

    def _hold(self, problems: tuple[Problem, ...]) -> None:
        assert problems, "an error needs a problem"
        self.problems = problems
        super().__init__(problems)

    def __reduce__(self) -> tuple[object, ...]:
        """Errors cross process boundaries (pytest-xdist, multiprocessing) by their problems."""
        return (HwcompError.of, (self.problems,))

    @property
    def code(self) -> str:
        return self.problems[0].code

    @property
    def what(self) -> str:
        return self.problems[0].what

    @property
    def at(self) -> str:
        return self.problems[0].at

    @property
    def fix(self) -> str:
        return self.problems[0].fix

    @property
    def exit_code(self) -> int:
        """The exit code of the first problem."""
        return self.problems[0].exit_code

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


def raise_all(problems: Iterable[Problem]) -> None:
    """Raise the collected problems as one error; do nothing if there are none."""
    found = tuple(problems)
    if found:
        raise HwcompError.of(found)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The first difference between emitted code and the integer graph.

    value: the graph's name of the tensor; index: position in it; expected: from `evaluate`; got: from the emitted code;
    first_op: the operator of the user's model that computes it; reproduce: a command that shows the difference again.
    """

    value: str
    index: tuple[int, ...]
    expected: int
    got: int
    first_op: str
    reproduce: str

    def __str__(self) -> str:
        place = ", ".join(str(i) for i in self.index)
        return (
            f"first difference at {self.first_op}: {self.value}[{place}] is {self.got}, expected {self.expected}\n"
            f"  reproduce: {self.reproduce}"
        )
