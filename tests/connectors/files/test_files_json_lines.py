"""JSON lines: native types, and what is refused with its line."""

from __future__ import annotations

import pytest

from okr_sync.connector import DataError, FieldType, SettingsError
from tests.connectors.files.conftest import Desk


def test_native_types_are_kept(desk: Desk) -> None:
    """Values keep their JSON type; a type is found over all lines, whichever comes first."""
    desk.write(
        "a.jsonl",
        '{"id": 1, "points": null, "done": false, "labels": ["web"], "Client": {"tên": "A"}, "hours": 0}\n'
        '{"id": 2, "points": 0, "labels": [], "hours": 1.5, "Client": "B"}\n',
    )
    stream = desk.connected(path="a.jsonl")
    assert {field.name: field.type for field in stream.fields} == {
        "id": FieldType.INTEGER,
        "points": FieldType.INTEGER,
        "done": FieldType.BOOLEAN,
        "labels": FieldType.LIST,
        "client": FieldType.TEXT,
        "hours": FieldType.NUMBER,
    }
    assert desk.read(path="a.jsonl") == [
        {"id": 1, "points": None, "done": False, "labels": ["web"], "client": '{"tên": "A"}', "hours": 0.0},
        {"id": 2, "points": 0, "done": None, "labels": [], "client": "B", "hours": 1.5},
    ]


def test_declared_types_and_missing_marks(desk: Desk) -> None:
    """Declared fields are converted, from texts and from native values; marks of missing values are None."""
    desk.write("a.ndjson", '{"id": "1", "n": "12"}\n\n{"id": "2", "n": 3.0}\n{"id": "3", "n": "?"}\n')
    fields = {"n": "integer", "id": "text"}
    assert [one["n"] for one in desk.read(path="a.ndjson", fields=fields, missing="?")] == [12, 3, None]


def test_field_that_is_missing_everywhere_is_text(desk: Desk) -> None:
    """A member that is null in every line has no type of its own."""
    desk.write("a.jsonl", '{"id": "1", "x": null}\n')
    field = desk.connected(path="a.jsonl").field("x")
    assert field is not None
    assert field.type is FieldType.TEXT


def test_list_that_is_declared(desk: Desk) -> None:
    """A declared list holds texts only."""
    desk.write("a.jsonl", '{"id": "1", "labels": ["web", 2]}\n')
    message = desk.refusal(DataError, path="a.jsonl", fields={"labels": "list"})
    assert "a.jsonl, line 1: column 'labels': \"['web', 2]\" is not a list of texts" in message
    assert desk.read(path="a.jsonl")[0]["labels"] == '["web", 2]'


def test_declared_field_may_be_absent_from_a_file_but_not_from_all(desk: Desk) -> None:
    """Writers leave out what is null, so one file may lack a field that another has; none at all is an error."""
    desk.write("1.jsonl", '{"id": "1"}\n')
    desk.write("2.jsonl", '{"id": "2", "n": 0}\n')
    records = desk.read(path="*.jsonl", fields={"n": "integer"})
    assert [record.get("n") for record in records] == [None, 0]
    message = desk.refusal(SettingsError, path="1.jsonl", fields={"n": "integer"})
    assert message.startswith("desk.incidents: 1.jsonl: there is no column 'n'")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "a.jsonl: the file is empty; every line must be one JSON object"),
        ("\n", "a.jsonl: the file is empty"),
        ('{"id": 1}\n{"id": 2\n', "a.jsonl, line 2: Expecting ',' delimiter"),
        ('{"id": 1}\n\n[1]\n', "a.jsonl, line 3: a JSON list; every line must be one whole JSON object"),
        ('{"id": 1} {"id": 2}\n', "a.jsonl, line 1: Extra data"),
        ('{"id": 1}\n{"id": 2, "id": 3}\n', "a.jsonl, line 2: the name 'id' stands twice in one object"),
        ('{"id": 1}\n{"id": NaN}\n', "a.jsonl, line 2: NaN is not JSON"),
        ('{"id": 1}\n{"n": 0}\n', "a.jsonl, line 2: column 'id' has no value"),
        ('{"id": 1}\n{"id": null}\n', "a.jsonl, line 2: column 'id' has no value"),
        ('{"id": "cut \\ud83d"}\n', "a.jsonl, line 1: 'utf-8' codec can't encode character"),
        ("[" * 5000 + "\n", "a.jsonl, line 1: "),
    ],
)
def test_bad_line_is_refused(desk: Desk, content: str, message: str) -> None:
    """Whatever is not one JSON object a line is an error with its line."""
    desk.write("a.jsonl", content)
    assert message in desk.refusal(DataError, path="a.jsonl")


def test_letters_in_two_halves_are_text(desk: Desk) -> None:
    """An emoji that JSON writes as two escapes is one letter."""
    desk.write("a.jsonl", '{"id": "\\ud83d\\ude00"}\n')
    assert desk.read(path="a.jsonl") == [{"id": "😀"}]


def test_count_is_known(desk: Desk) -> None:
    """The number of records is told beforehand, for a progress bar."""
    desk.write("a.jsonl", '{"id": 1}\n{"id": 2}\n')
    with desk.connector(path="a.jsonl") as files:
        (stream,) = files.connect()
        assert [page.expected_count for page in files.read(stream, None)] == [2]
