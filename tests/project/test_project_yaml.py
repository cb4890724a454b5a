"""YAML to data with lines: scalars, anchors, and files that are none."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from okr_sync.errors import ProjectError
from okr_sync.project.yaml import Data, content_of, parse

TEN = ",".join(["*{0}"] * 10)
BOMB = "a: &a [1]\n" + "".join(
    f"{after}: &{after} [{TEN.format(name)}]\n" for name, after in zip("abcdef", "bcdefg", strict=True)
)
"""Each line holds the one before ten times: a million values in seven lines."""


def _problem(content: str | bytes) -> str:
    with pytest.raises(ProjectError) as caught:
        parse(content.encode() if isinstance(content, str) else content, "a.yaml")
    (problem,) = caught.value.problems
    return str(problem)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("null", None),
        ("~", None),
        ("", None),
        ("''", ""),
        ("0", 0),
        ("-0", 0),
        ("-7", -7),
        ("1_000", 1000),
        ("0.0", 0.0),
        ("-0.25", -0.25),
        ("1_000.5", 1000.5),
        ("+300", "+300"),
        ("12:30", "12:30"),
        ("1:2:3", "1:2:3"),
        ("007", "007"),
        ("0x1F", "0x1F"),
        ("1e5", "1e5"),
        ("1.", "1."),
        (".5", ".5"),
        (".inf", ".inf"),
        ("9" * 18, 999_999_999_999_999_999),
        ("9" * 19, "9" * 19),
        ("25%", "25%"),
        ("2026-10-01", date(2026, 10, 1)),
        ("'2026-10-01'", "2026-10-01"),
        ("2026-10-01 08:00", "2026-10-01 08:00"),
        ("2026-1-1", "2026-1-1"),
        ("!!str 30", "30"),
        ("dự án", "dự án"),
        ("=", "="),
    ],
)
def test_a_scalar_is_what_yaml_1_2_says(text: str, value: Data) -> None:
    """Only what looks like one thing alone is a number, a day or a boolean; all else is text."""
    found = parse(f"x: {text}".encode(), "a.yaml").data["x"]
    assert (found, type(found)) == (value, type(value))


def test_keys_are_text_as_written() -> None:
    """A key that looks like a number, a day or a boolean stays text."""
    data = parse(b"on: 1\ntrue: 2\n2026-10-01: 3\n10: 4\n~: 5\n", "a.yaml").data
    assert data == {"on": 1, "true": 2, "2026-10-01": 3, "10": 4, "~": 5}


def test_every_key_and_every_entry_knows_its_line() -> None:
    """A part that was not written is where the part around it is."""
    text = "# a comment\nname: A\nlist:\n  - {id: a,\n     to: 1}\n  -\n    id: b\nflow: [x,\n  y]\n"
    document = parse(text.encode(), "a.yaml")
    lines = {steps: place.line for steps in document.lines for place in [document.place(steps)]}
    assert lines == {
        (): 2,
        ("name",): 2,
        ("list",): 3,
        ("list", 0): 4,
        ("list", 0, "id"): 4,
        ("list", 0, "to"): 5,
        ("list", 1): 7,  # YAML begins the entry with its first key, not with the '-'
        ("list", 1, "id"): 7,
        ("flow",): 8,
        ("flow", 0): 8,
        ("flow", 1): 9,
    }
    assert str(document.place(("list", 1, "to"))) == "a.yaml:7"
    assert str(document.place(("nothing", 3))) == "a.yaml:2"


def test_anchors_and_merge_keys_work() -> None:
    """A mapping's own keys win over merged ones, and the ones merged first over others; they keep their lines."""
    text = "b: &b {x: 1, y: 2}\nc: &c {y: 3, z: 4}\nd:\n  z: 5\n  <<: [*b, *c]\ne:\n  <<: *c\nf: *b\n'<<': text\n"
    document = parse(text.encode(), "a.yaml")
    assert document.data == {
        "b": {"x": 1, "y": 2},
        "c": {"y": 3, "z": 4},
        "d": {"x": 1, "y": 2, "z": 5},
        "e": {"y": 3, "z": 4},
        "f": {"x": 1, "y": 2},
        "<<": "text",
    }
    assert [document.place(("d", key)).line for key in ("x", "y", "z")] == [1, 1, 4]


def test_a_byte_order_mark_is_no_text() -> None:
    """Files that Windows editors save are read."""
    assert parse(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n", "a.yaml").data == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "a.yaml:1: the file is empty"),
        ("# nothing yet\n", "a.yaml:1: the file is empty"),
        ("\n- a\n- b\n", "a.yaml:2: write a mapping (name: value), not a list"),
        ("text", "a.yaml:1: write a mapping (name: value), not a single value"),
        (b"a: 1\nb: Ti\xean\n", "a.yaml:2: byte 0xEA is not UTF-8; save the file with the encoding UTF-8"),
        ("a: 1".encode("utf-16"), "a.yaml:1: byte 0xFF is not UTF-8; save the file with the encoding UTF-8"),
        ("a: 1\nb: \x07\n", "a.yaml:2: a control character; write it in double quotes as an escape (\\x1b)"),
        ("a:\n\tb: 1\n", "a.yaml:2: a tab at the start of the line; indent with spaces"),
        ("a:\n  - b\n \t- c\n", "a.yaml:3: a tab at the start of the line; indent with spaces"),
        ("a: 1\nb: 2\na: 3\n", "a.yaml:3: 'a' is written twice; the first is in line 1"),
        ("a:\n  - {b: 1, b: 2}\n", "a.yaml:2: 'b' is written twice; the first is in line 2"),
        ("a: 1\nb: c: d\n", "a.yaml:2: a second ': ' in one line; put text that holds ': ' in quotes"),
        ("a: 1\n  b: 2\n", "a.yaml:2: the indentation does not fit the line above, or the line above lacks its ':'"),
        ("a\nb: 2\n", "a.yaml:2: the indentation does not fit the line above, or the line above lacks its ':'"),
        ("a:\n  b: 1\n c: 2\n", "a.yaml:3: the indentation, or the '-', does not fit the lines above"),
        (" a: 1\nb: 2\n", "a.yaml:2: the indentation does not fit the lines above"),
        ("a: 1\nb\n", "a.yaml:3: a key without its ':'"),
        ("a: 1\nb: 'x\nc: 2\n", "a.yaml:2: a quote is not closed"),
        ("a: 1\nb: [x\nc: 2\n", "a.yaml:2: '[' is not closed, or a comma is missing"),
        ("a: {b: 1\nc: 2\n", "a.yaml:1: '{' is not closed, or a comma is missing"),
        ("a: @x\n", "a.yaml:1: text that begins with '@' must be in quotes"),
        ("a: 1\nb: *x\n", "a.yaml:2: an alias without its anchor; text that begins with '*' must be in quotes"),
        ('a: "\\q"\n', "a.yaml:1: unknown escape after a backslash; write text with backslashes in single quotes"),
        ("a: 1\n---\nb: 2\n", "a.yaml:2: a second document after '---'; write one file for each"),
        ("a: 2026-02-30\n", "a.yaml:1: '2026-02-30' is no day of the calendar; put it in quotes if it is text"),
        ("a: !x 1\n", "a.yaml:1: the tag !x is not allowed; put text that begins with '!' in quotes"),
        ("a: !!int 1\n", "a.yaml:1: the tag !!int is not allowed; put text that begins with '!' in quotes"),
        (
            "a: !!python/object/apply:os.system [x]\n",
            "a.yaml:1: the tag !!python/object/apply:os.system is not allowed; put text that begins with '!' in quotes",
        ),
        ("{{a}}: 1\n", "a.yaml:1: a key is text, not a mapping; put text that begins with '{' in quotes"),
        ("a: {<<: 1}\n", "a.yaml:1: '<<' merges mappings only; write '<<: *name'"),
    ],
)
def test_what_is_not_valid_gets_one_clear_problem(content: str | bytes, problem: str) -> None:
    """The problem names the line and the repair, and quotes nothing that may be a secret."""
    assert _problem(content) == problem


@pytest.mark.parametrize("text", [BOMB, "a: &a [*a]", "a: &a {<<: *a}", "a: " + "[" * 60 + "]" * 60])
def test_a_small_file_cannot_become_endless(text: str) -> None:
    """Anchors that repeat each other, or hold themselves, are refused and not followed."""
    assert "more than 200,000 values or 50 levels" in _problem(text)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A folder in a file's place, say."""
    with pytest.raises(ProjectError, match=r"^okrs/a\.yaml: cannot be read: Is a directory$"):
        content_of(tmp_path, "okrs/a.yaml")


def test_a_variable_stands_anywhere_without_quotes() -> None:
    """`${NAME}` inside `{…}` and `[…]` is text, not a mapping; its line and what follows stay what they are."""
    text = b"support: {connector: zendesk, subdomain: ${ZENDESK_SUBDOMAIN}, url: 'https://${HOST}'}\nlist: [${A}, b]\n"
    assert parse(text, "a.yaml").data == {
        "support": {"connector": "zendesk", "subdomain": "${ZENDESK_SUBDOMAIN}", "url": "https://${HOST}"},
        "list": ["${A}", "b"],
    }
