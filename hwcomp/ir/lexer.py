"""The words of a graph's text."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<skip>[ \t\r\n]+|//[^\n]*)
      | (?P<value>[%@](?:[A-Za-z0-9_.]+|"(?:[^"\\]|\\.)*"))
      | (?P<string>"(?:[^"\\]|\\.)*")
      | (?P<number>-?(?:[0-9]+\.(?!\.)[0-9]*(?:e[+-]?[0-9]+)?|[0-9]+e[+-]?[0-9]+|[0-9]+|inf\b)|nan\b)
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<mark>\.\.|[{}()\[\]<>=,:])""",
    re.VERBOSE,
)


class TextError(ValueError):
    """The text is no graph: what is wrong, and in which line."""


@dataclass(frozen=True, slots=True)
class Token:
    """kind: value, string, number, word, mark or end; text: for values and strings without sigil and quotes."""

    kind: str
    text: str
    line: int


def tokens(text: str) -> list[Token]:
    """Split `text`; comments are dropped; the last token is `end`."""
    found: list[Token] = []
    at, line = 0, 1
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise TextError(f"line {line}: cannot read {text[at : at + 20]!r}")
        kind, word = match.lastgroup or "skip", match.group()
        if kind != "skip":
            found.append(Token(kind, _content(kind, word), line))
        line += word.count("\n")
        at = match.end()
    return [*found, Token("end", "", line)]


def _content(kind: str, word: str) -> str:
    body = word[1:] if kind == "value" else word
    return str(json.loads(body)) if body.startswith('"') else body


class Cursor:
    """A place in a list of tokens."""

    def __init__(self, text: str) -> None:
        self._tokens = tokens(text)
        self._at = 0

    @property
    def peek(self) -> Token:
        return self._tokens[self._at]

    def next(self) -> Token:
        token = self.peek
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def fail(self, wanted: str) -> TextError:
        return TextError(f"line {self.peek.line}: {wanted} wanted, {self.peek.text or self.peek.kind!r} found")

    def expect(self, kind: str) -> str:
        """The text of the next token, which must be of `kind`."""
        if self.peek.kind != kind:
            raise self.fail(f"a {kind}")
        return self.next().text

    def mark(self, text: str) -> None:
        """Skip one mark or word that must be `text`."""
        if not self.accept(text):
            raise self.fail(f"'{text}'")

    def accept(self, text: str) -> bool:
        """Skip `text` where it is next; whether it was."""
        if self.peek.kind in ("mark", "word") and self.peek.text == text:
            self.next()
            return True
        return False

    def integer(self) -> int:
        text = self.expect("number")
        try:
            return int(text)
        except ValueError:
            raise TextError(f"line {self.peek.line}: {text} is no integer") from None
