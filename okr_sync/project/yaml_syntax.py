"""What libyaml says of broken YAML, in words that name the repair."""

from __future__ import annotations

from yaml import MarkedYAMLError

_UNCLOSED = ("found unexpected end of stream", "did not find expected ',' or '}'", "did not find expected ',' or ']'")
_WORDS = {
    "found unexpected end of stream": "a quote is not closed",
    "did not find expected ',' or '}'": "'{' is not closed, or a comma is missing",
    "did not find expected ',' or ']'": "'[' is not closed, or a comma is missing",
    "did not find expected key": "the indentation, or the '-', does not fit the lines above",
    "did not find expected '-' indicator": "the indentation, or the '-', does not fit the lines above",
    "did not find expected <document start>": "the indentation does not fit the lines above",
    "could not find expected ':'": "a key without its ':'",
    "found undefined alias": "an alias without its anchor; text that begins with '*' must be in quotes",
    "but found another document": "a second document after '---'; write one file for each",
    "found unknown escape character": "unknown escape after a backslash; write text with backslashes in single quotes",
}


def syntax_problem(error: MarkedYAMLError, text: str) -> tuple[int, str]:
    """The line (from 1) and the message for text that libyaml could not read.

    The message quotes no text of the file, which may hold a secret.
    """
    said = error.problem or error.context or "not valid YAML"
    unclosed = said in _UNCLOSED and error.context_mark is not None
    mark = error.context_mark if unclosed else error.problem_mark or error.context_mark
    if mark is None:
        return 1, said
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return mark.line + 1, "a tab at the start of the line; indent with spaces"
    return mark.line + 1, _in_words(said, line, mark.column)


def _in_words(said: str, line: str, column: int) -> str:
    if said == "mapping values are not allowed in this context":
        if ": " in line[:column]:
            return "a second ': ' in one line; put text that holds ': ' in quotes"
        return "the indentation does not fit the line above, or the line above lacks its ':'"
    if said.startswith("found character") and "cannot start any token" in said and column < len(line):
        return f"text that begins with {line[column]!r} must be in quotes"
    return _WORDS.get(said, f"not valid YAML: {said}")
