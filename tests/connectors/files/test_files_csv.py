"""CSV and TSV: what is read, and what is refused with its line."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from okr_sync.connector import DataError, FieldType, IncompleteError, SettingsError
from tests.connectors.files.conftest import Desk


def test_declared_types_missing_marks_and_times(desk: Desk) -> None:
    """Cells become values of the declared types; texts under `missing` become None, and 0 stays 0."""
    desk.write(
        "a.csv",
        "number,made_sla,reopen_count,opened_at,cost\n"
        "INC1,TRUE,0,29-02-2016 01:16,?\n"
        'INC2,false,,01-03-2016 00:00,"-1.5"\n',
    )
    opened_at = {"type": "timestamp", "format": "%d-%m-%Y %H:%M"}
    fields = {"made_sla": "boolean", "reopen_count": "int", "opened_at": opened_at, "cost": "float"}
    assert desk.read(key="number", fields=fields, missing=["?", ""]) == [
        # Hanoi is seven hours ahead: 01:16 is 18:16 of the day before, midnight is 17:00.
        {
            "number": "INC1",
            "made_sla": True,
            "reopen_count": 0,
            "opened_at": datetime(2016, 2, 28, 18, 16, tzinfo=UTC),
            "cost": None,
        },
        {
            "number": "INC2",
            "made_sla": False,
            "reopen_count": None,
            "opened_at": datetime(2016, 2, 29, 17, 0, tzinfo=UTC),
            "cost": -1.5,
        },
    ]


def test_timezone_of_the_stream(desk: Desk) -> None:
    """`timezone` stands in for the project's zone."""
    desk.write("a.csv", "id,at\n1,2026-10-01 00:00\n")
    (record,) = desk.read(fields={"at": "timestamp"}, timezone="America/New_York")
    assert record["at"] == datetime(2026, 10, 1, 4, 0, tzinfo=UTC)


def test_versions_keep_the_order_of_the_file(desk: Desk) -> None:
    """Lines with one key are versions of one record, given in their order, repeated ones too."""
    desk.write("a.csv", "id,state\n1,new\n2,new\n1,done\n1,done\n")
    assert [record["state"] for record in desk.read() if record["id"] == "1"] == ["new", "done", "done"]


@pytest.mark.parametrize(
    ("name", "content", "settings"),
    [
        ("a.csv", b"id,site\n1,H\xc3\xa0\n", {}),
        ("a.csv", b"\xef\xbb\xbfid,site\n1,H\xc3\xa0\n", {}),
        ("a.csv", b"id,site\r\n1,H\xc3\xa0\r\n", {}),
        ("a.csv", b"id,site\r1,H\xc3\xa0\r", {}),
        ("a.csv", b"id,site\n1,H\xc3\xa0", {}),
        ("a.csv", b"\n\nid,site\n\n1,H\xc3\xa0\n\n\n", {}),
        ("a.csv", b"id,site\n1,H\xe0\n", {"encoding": "windows-1258"}),
        ("a.csv", "id,site\n1,Hà\n".encode("utf-16"), {"encoding": "utf-16"}),
        ("a.tsv", b"id\tsite\n1\tH\xc3\xa0\n", {}),
        ("a.TSV", b"id\tsite\n1\tH\xc3\xa0\n", {}),
        ("export", b"id|site\n1|H\xc3\xa0\n", {"format": "csv", "delimiter": "|"}),
    ],
)
def test_ways_to_write_the_same(desk: Desk, name: str, content: bytes, settings: dict[str, object]) -> None:
    """Marks, line ends, blank lines, encodings and delimiters make no difference to the records."""
    desk.write(name, content)
    assert desk.read(path=name, **settings) == [{"id": "1", "site": "Hà"}]


def test_quoted_cells(desk: Desk) -> None:
    """A quoted cell may hold delimiters, line breaks and quotes."""
    desk.write("a.csv", 'id,note\n1,"a, ""b""\nc"\n2,\n')
    assert desk.read() == [{"id": "1", "note": 'a, "b"\nc'}, {"id": "2", "note": None}]


def test_long_cell(desk: Desk) -> None:
    """A cell may be as long as a ticket with all its comments."""
    desk.write("a.csv", f"id,note\n1,{'x' * 1_000_000}\n")
    (record,) = desk.read()
    assert record["note"] == "x" * 1_000_000


def test_header_alone_is_a_complete_read(desk: Desk) -> None:
    """A file with a header and no more lines has no records, which is not an error."""
    desk.write("a.csv", "id,site\n")
    assert desk.read() == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "a.csv: the file is empty; its first line must hold the names of the columns"),
        ("\n\n", "a.csv: the file is empty"),
        ("id,n\n1\n", "a.csv, line 2: 1 cells where the header has 2"),
        ("id,n\n1,2\n1,2,3\n", "a.csv, line 3: 3 cells where the header has 2"),
        ('id,n\n"1\n2",3\n\n4\n', "a.csv, line 5: 1 cells where the header has 2"),
        ('id,n\n1,2\n2,"x\n3,4\n', "a.csv, line 3: unexpected end of data; a cell that begins with a double quote"),
        ('id,n\n1,"a"b\n', "a.csv, line 2: ',' expected after '\"'"),
        ("id,n\n1,2\n2,\0\n", "a.csv, line 3: a NUL character"),
        ("id,n\n1,2\n,3\n", "a.csv, line 3: column 'id' has no value, but every record needs one there"),
        ("id,n\n?,3\n", "a.csv, line 2: column 'id' has no value"),
        ("id,n\n1,2\n2,x\n", "a.csv, line 3: column 'n': 'x' is not a whole number such as 42, of 64 bits at most;"),
        ('id,n\n"1\n1",2\n2,1.5\n', "a.csv, line 4: column 'n': '1.5' is not a whole number"),
        ("id,n\n1," + "9" * 99 + "\n", "column 'n': '" + "9" * 79 + "… is not a whole number"),
    ],
)
def test_bad_line_is_refused(desk: Desk, content: str, message: str) -> None:
    """Whatever cannot be read is an error with its line as an editor counts; nothing is left out."""
    desk.write("a.csv", content)
    seen = desk.refusal(DataError, fields={"n": "integer"}, missing=["", "?"])
    assert seen.startswith("desk.incidents: a.csv")
    assert message in seen


def test_bad_cell_far_down(desk: Desk) -> None:
    """The line of a bad cell is exact beyond the first batch; records before it were given already."""
    lines = [f"{number},0" for number in range(2, 5000)]
    desk.write("a.csv", "\n".join(["id,n", *lines, "x,1.2.3"]))
    assert "a.csv, line 5000: column 'n': '1.2.3' is not a number" in desk.refusal(DataError, fields={"n": "number"})


def test_message_names_the_column_as_the_file_does(desk: Desk) -> None:
    """A message uses the name that the reader of the file sees, and says which format was expected."""
    desk.write("a.csv", "id,Ngày mở\n1,2016/02/29\n")
    fields = {"opened_on": {"type": "date", "from": "Ngày mở", "format": "%d/%m/%Y"}}
    message = desk.refusal(DataError, fields=fields)
    assert "line 2: column 'Ngày mở': '2016/02/29' is not a date written as %d/%m/%Y" in message


@pytest.mark.parametrize(
    ("content", "encoding", "place"),
    [
        # The header has 8 bytes, then come 3: 0xe0 is byte 11, counted from 0. Lines count from 1.
        (b"id,site\n1,H\xe0\n", "utf-8", "byte 11 (line 2) cannot be read as utf-8"),
        # Decoders read in chunks; the position counts from the beginning of the file. A line has 4 bytes.
        (b"id,n\n" + b"1,2\n" * 50_000 + b"\xff,2\n", "utf-8", "byte 200005 (line 50002) cannot be read as utf-8"),
        (b"id,n\n1,\xc3", "utf-8", "the end (line 2) cannot be read as utf-8"),
        (b"id,n\n1,2\n", "utf-16", "its beginning cannot be read as utf-16"),
    ],
)
def test_wrong_encoding_is_refused(desk: Desk, content: bytes, encoding: str, place: str) -> None:
    """A file in another encoding is an error with the position and the setting that repairs it."""
    desk.write("a.csv", content)
    message = desk.refusal(DataError, encoding=encoding)
    assert place in message
    assert "`encoding:`" in message


def test_missing_version_time_is_refused(desk: Desk) -> None:
    """A record without its time of change cannot be placed, so it is an error; a creation time may be missing."""
    desk.write("a.csv", "id,changed_at,made_at\n1,2026-10-01,\n2,,2026-10-01\n")
    settings = {"fields": {"changed_at": "timestamp", "made_at": "date"}, "version_at": "changed_at"}
    message = desk.refusal(DataError, **settings, created_at="made_at")
    assert "a.csv, line 3: column 'changed_at' has no value" in message


def test_version_time_must_be_a_time(desk: Desk) -> None:
    """`version_at` of a column without declaration is text, which cannot order changes."""
    desk.write("a.csv", "id,changed_at\n1,2026-10-01\n")
    message = desk.refusal(SettingsError, version_at="changed_at")
    assert message == (
        "desk.incidents: version_at names changed_at, which is text; declare it as a timestamp or a date"
    )


def test_file_that_changes_while_it_is_read(desk: Desk) -> None:
    """A file that is still being written is not taken for a whole one."""
    desk.write("a.csv", "id\n" + "1\n" * 3000)
    with desk.connector() as files:
        (stream,) = files.connect()
        pages = files.read(stream, None)
        next(pages)
        desk.write("a.csv", "id\n1\n")
        with pytest.raises(IncompleteError, match=r"a\.csv: changed while it was being read"):
            list(pages)


def test_line_that_is_still_being_written(desk: Desk) -> None:
    """A line that is not whole yet is no bad line: the file has changed, and is read when it is written."""
    path = desk.write("a.csv", "id,n\n" + "1,0\n" * 3000)
    with desk.connector() as files:
        (stream,) = files.connect()
        pages = files.read(stream, None)
        next(pages)
        with path.open("a") as file:
            file.write("1")
        with pytest.raises(IncompleteError, match="changed while it was being read"):
            list(pages)


def test_stream_says_how_it_is_read(desk: Desk) -> None:
    """Every read lists all records, whatever the checkpoint; a stream that was connected has no unknown fields."""
    desk.write("a.csv", "id,at\n1,2026-10-01\n")
    with desk.connector(fields={"at": "datetime"}, version_at="at", created_at="at") as files:
        (stream,) = files.connect()
        assert (stream.name, stream.key, stream.version_at, stream.created_at) == ("incidents", ("id",), "at", "at")
        assert stream.is_full_read
        assert not stream.is_open
        assert [field.type for field in stream.fields] == [FieldType.TEXT, FieldType.TIMESTAMP]
        (page,) = files.read(stream, {"files": "of an older version"})
        assert page.checkpoint == {}
        assert files.request_count == 0
