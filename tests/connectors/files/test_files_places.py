"""Which files a stream has."""

from __future__ import annotations

from pathlib import Path

import pytest

from okr_sync.connector import Field, FieldType, SettingsError, UnavailableError
from tests.connectors.files.conftest import Desk


def ids(desk: Desk, *paths: str) -> list[object]:
    return [record["id"] for record in desk.read(path=list(paths))]


@pytest.fixture
def three(desk: Desk) -> Desk:
    for name in ("data/b.csv", "data/a.csv", "data/old/c.csv"):
        desk.write(name, f"id\n{name}\n")
    return desk


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["data/a.csv"], ["data/a.csv"]),
        (["data/*.csv"], ["data/a.csv", "data/b.csv"]),
        (["data/**/*.csv"], ["data/a.csv", "data/b.csv", "data/old/c.csv"]),
        (["data/*"], ["data/a.csv", "data/b.csv"]),
        (["data/old/*.csv", "data/b.csv"], ["data/old/c.csv", "data/b.csv"]),
        (["data/b.csv", "data/*.csv"], ["data/b.csv", "data/a.csv"]),
    ],
)
def test_files_of_a_path(three: Desk, paths: list[str], names: list[str]) -> None:
    """Paths in their order, the files of a pattern in the order of their names, each file once, no folders."""
    assert ids(three, *paths) == names


def test_absolute_paths(three: Desk) -> None:
    """A path may lie outside the project's folder."""
    assert ids(three, str(three.folder / "data" / "a.csv")) == ["data/a.csv"]
    assert ids(three, str(three.folder / "data" / "*.csv")) == ["data/a.csv", "data/b.csv"]


def test_name_with_signs_of_a_pattern(desk: Desk) -> None:
    """A file whose name looks like a pattern is found by its name."""
    desk.write("export [1].csv", "id\n1\n")
    assert ids(desk, "export [1].csv") == ["1"]


def test_note_of_an_open_workbook_is_no_file(desk: Desk) -> None:
    """Excel's own note beside an open workbook fits a pattern, but holds no records."""
    desk.write("a.csv", "id\n1\n")
    desk.write("~$a.csv", b"\x05owner\0")
    assert ids(desk, "*.csv") == ["1"]


@pytest.mark.parametrize("path", ["gone.csv", "data/*.csv", "gone/deep/*.csv"])
def test_nothing_there_is_an_error(desk: Desk, path: str) -> None:
    """A file that vanished, or a pattern that nothing fits, is never a stream without records."""
    desk.write("a.csv", "id\n1\n")
    message = desk.refusal(UnavailableError, path=["a.csv", path])
    assert message == (
        f"desk.incidents: no file fits '{path}' in the project's folder;"
        " check `path:`, or put the file back and sync again"
    )


def test_stream_that_cannot_be_described_is_offered(desk: Desk) -> None:
    """Of a stream that is lost only what the settings say is known, the rest is open, and reading gives the reason."""
    desk.write("good.csv", "id\n1\n")
    streams = {"good": {"path": "good.csv"}, "lost": {"path": "lost.csv", "fields": {"n": "integer"}}}
    with desk.connector_of(streams) as files:
        good, lost = files.connect()
        assert good.fields == (Field("id", FieldType.TEXT),)
        assert (lost.fields, lost.is_open) == ((Field("n", FieldType.INTEGER),), True)
        for ask in (lambda: files.read(lost, None), lambda: files.count(lost)):
            with pytest.raises(UnavailableError, match=r"desk\.lost: no file fits 'lost\.csv'"):
                ask()


def test_count_is_of_keys(desk: Desk) -> None:
    """Lines with one key are versions of one record, in whichever file they stand; nobody is who we are to a file."""
    desk.write("1.csv", "id,site\n1,a\n1,b\n1,a\n2,a\n")
    desk.write("2.csv", "id,site\n2,a\n3,a\n")
    for key, count in (("id", 3), (["id", "site"], 4)):
        with desk.connector(path="*.csv", key=key) as files:
            (stream,) = files.connect()
            assert files.count(stream) == count
            assert files.identity() is None
    desk.write("empty.csv", "id,site\n")
    with desk.connector(path="empty.csv") as files:
        assert files.count(files.connect()[0]) == 0


def test_folder_is_refused(three: Desk) -> None:
    """A folder alone does not say which of its files are meant."""
    message = three.refusal(SettingsError, path="data")
    assert message == "desk.incidents: data is a folder; write a pattern for the files in it, such as data/*.csv"


def test_unknown_ending_is_refused(desk: Desk) -> None:
    """A file whose name does not tell its format needs `format`."""
    desk.write("a.txt", "id\n1\n")
    message = desk.refusal(SettingsError, path="a.txt")
    assert message.startswith("desk.incidents: a.txt: the name's ending does not tell the format; write `format:`")
    assert desk.read(path="a.txt", format="csv") == [{"id": "1"}]


def test_files_with_other_columns(desk: Desk) -> None:
    """Files need not have the same columns, or the same order; what one lacks is missing in its records."""
    desk.write("1.csv", "id,n\n1,0\n")
    desk.write("2.csv", "site,id\nHanoi,2\n")
    assert [field.name for field in desk.connected(path="*.csv").fields] == ["id", "n", "site"]
    assert desk.read(path="*.csv") == [{"id": "1", "n": "0"}, {"site": "Hanoi", "id": "2"}]


def test_required_column_is_needed_in_every_file(desk: Desk) -> None:
    """A file without a declared column is not read as one whose values are missing."""
    desk.write("1.csv", "id,n\n1,0\n")
    desk.write("2.csv", "id\n2\n")
    message = desk.refusal(SettingsError, path="*.csv", fields={"n": "integer"})
    assert message == "desk.incidents: 2.csv: there is no column 'n'; the only column is 'id': check `delimiter:`"


def test_declared_streams_look_into_local_files(desk: Desk) -> None:
    """Offline, the columns of a file that is there are known, so formulas can be checked against them."""
    desk.write("a.csv", "id,n,Site\n1,0,Hanoi\n")
    stream = desk.declared(fields={"n": "integer"})
    assert stream == desk.connected(fields={"n": "integer"})
    assert not stream.is_open


def test_declared_streams_of_json_lines_stay_open(desk: Desk) -> None:
    """Of JSON lines only the beginning is looked at: more fields may exist, and a type may not be known yet."""
    desk.write("a.jsonl", '{"id": "1", "n": null}\n' * 100 + '{"id": "2", "n": 1, "late": true}\n')
    stream = desk.declared(path="a.jsonl")
    assert stream.fields == (Field("id", FieldType.TEXT), Field("n", FieldType.UNKNOWN))
    assert stream.is_open
    assert [field.name for field in desk.connected(path="a.jsonl").fields] == ["id", "n", "late"]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("a.csv", None),
        ("*.csv", None),
        ("https://nobody.invalid/a.csv", None),
        ("${FOLDER}/a.csv", None),
        ("a.csv", ""),
        ("a.csv", "another,header\n"),
        ("a.xlsx", "no workbook"),
    ],
)
def test_declared_streams_never_fail(desk: Desk, path: str, content: str | None) -> None:
    """Where a file cannot be read offline, the stream has the fields that the settings name, and is open."""
    if content is not None:
        desk.write(path, content)
    stream = desk.declared(path=path, fields={"n": "integer", "at": "date"}, version_at="at", created_at="made_at")
    assert stream.fields == (
        Field("n", FieldType.INTEGER),
        Field("at", FieldType.DATE),
        Field("id", FieldType.UNKNOWN),
        Field("made_at", FieldType.UNKNOWN),
    )
    assert (stream.key, stream.version_at, stream.created_at) == (("id",), "at", "made_at")
    assert stream.is_open
    assert stream.is_full_read


def test_looking_leaves_nothing_behind(desk: Desk, tmp_path: Path) -> None:
    """A connector of local files asks nobody and writes nothing."""
    desk.write("a.csv", "id\n1\n")
    desk.read()
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
