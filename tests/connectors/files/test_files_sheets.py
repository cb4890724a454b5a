"""Google Sheets, over real HTTP: a proxy on the loopback stands for Google's hosts, under their own names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from connectors.files.sheets import export_address
from okr_sync.connector import AccessError, DataError, IncompleteError, SettingsError, SourceError, UnavailableError
from tests.connectors.files.conftest import Desk
from tests.loopback import Answer, Loopback, loopback

SHEET = "http://docs.google.com/spreadsheets/d/1AbC/edit?gid=7#gid=7"
CONTENT = "http://doc-0s-sheets.googleusercontent.com/export/xyz"


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    with loopback() as proxy:
        for name in ("http_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        yield proxy


def csv(*lines: str) -> Answer:
    return Answer(text="\r\n".join(lines), content_type="text/csv")


def redirect(location: str) -> Answer:
    return Answer(status=307, headers={"Location": location, "Set-Cookie": "NID=secret"}, text="")


def hosts(google: Loopback) -> list[str]:
    return [one.headers["host"] for one in google.asked]


@pytest.mark.parametrize(
    ("address", "export"),
    [
        ("edit#gid=7", "export?format=csv&gid=7"),
        ("edit?gid=7#gid=8", "export?format=csv&gid=8"),
        ("edit?gid=7", "export?format=csv&gid=7"),
        ("edit#gid=7&range=A1:B2", "export?format=csv&gid=7"),
        ("edit?usp=sharing", "export?format=csv"),
        ("", "export?format=csv"),
        ("view?resourcekey=0-x#gid=7", "export?format=csv&gid=7&resourcekey=0-x"),
        ("export?format=xlsx&gid=7", "export?format=csv&gid=7"),
    ],
)
def test_address_of_a_browser_gives_csv(address: str, export: str) -> None:
    """Whatever a browser shows behind the id, the sheet in view is asked for; without a gid, the first one.

    The first sheet need not have gid 0 (glific/glific#4252), so none is made up.
    """
    base = "https://docs.google.com/spreadsheets/d/1AbC/"
    assert export_address(base + address) == base + export
    assert export_address(f"https://docs.google.com/spreadsheets/u/1/d/1AbC/{address}") == base + export


def test_published_address_is_csv_already() -> None:
    """What File > Share > Publish to web gives is asked for as it is."""
    published = "https://docs.google.com/spreadsheets/d/e/2PACX-1v/pub?gid=7&single=true&output=csv"
    assert export_address(published) == published


@pytest.mark.parametrize("setting", ["path", "sheet"])
def test_sheet_is_read_where_google_sends_to(desk: Desk, google: Loopback, setting: str) -> None:
    """The export is on another host of Google's, which is asked without any credentials or cookies."""
    google.script(redirect(CONTENT), csv("id,Doanh thu", "1,12", "2,"))
    given = {"path": None, setting: SHEET.replace("//", "//lan:pass-word@")}
    assert desk.read(**given) == [{"id": "1", "doanh_thu": "12"}, {"id": "2", "doanh_thu": None}]
    assert hosts(google) == ["docs.google.com", "doc-0s-sheets.googleusercontent.com"]
    assert (google.asked[0].one("format"), google.asked[0].one("gid")) == ("csv", "7")
    assert not {"authorization", "cookie", "referer"} & set(google.asked[1].headers)


@pytest.mark.parametrize(
    "answer",
    [
        redirect("http://accounts.google.com/ServiceLogin?continue=secret"),
        Answer(text="<html>Sign in</html>", content_type="text/html; charset=utf-8"),
        Answer(status=401, text="no"),
        Answer(status=403, text="no"),
    ],
)
def test_sheet_that_is_not_shared(desk: Desk, google: Loopback, answer: Answer) -> None:
    """A log-in page, however Google leads to it, is an error that says how to share, and nobody else is asked."""
    google.script(answer)
    message = desk.refusal(AccessError, path=SHEET)
    assert message.startswith("source desk: GET http://docs.google.com/spreadsheets/d/1AbC/edit: ")
    assert "Share > General access > Anyone with the link > Viewer" in message
    assert "secret" not in message
    assert hosts(google) == ["docs.google.com"]


@pytest.mark.parametrize(
    "location",
    [
        "http://googleusercontent.com.example.org/x",
        "http://evilgoogleusercontent.com/x",
        "http://doc.googleusercontent.com:8080/x",
        "https://doc.googleusercontent.com/x",
        "http://example.org/x",
    ],
)
def test_sheet_is_followed_nowhere_else(desk: Desk, google: Loopback, location: str) -> None:
    """Only Google's own host for exports is followed to, by the same protocol and at its usual port."""
    google.script(redirect(location))
    desk.refusal(AccessError, path=SHEET)
    assert hosts(google) == ["docs.google.com"]


def test_other_addresses_are_not_followed_to_google(desk: Desk, google: Loopback) -> None:
    """The leave to go to another host is a sheet's alone."""
    google.script(redirect(CONTENT))
    message = desk.refusal(SettingsError, path="http://example.org/export.csv")
    assert "doc-0s-sheets.googleusercontent.com, which is not followed" in message
    assert hosts(google) == ["example.org"]


@pytest.mark.parametrize(
    ("answers", "kind", "said"),
    [
        ([Answer(status=400, text="<html>")], SettingsError, "the sheet with this gid in it, is not there"),
        ([Answer(status=404, text="<html>")], SettingsError, "the sheet with this gid in it, is not there"),
        ([Answer(text="{}", content_type="application/json")], UnavailableError, "application/json instead of CSV"),
        ([Answer(status=500, text="")] * 6, UnavailableError, "500 Internal Server Error"),
        ([redirect(CONTENT), Answer(text="id\n1", content_type="text/csv", missing_bytes=1)] * 6, UnavailableError, ""),
    ],
)
def test_answer_that_is_no_export(
    desk: Desk, google: Loopback, answers: list[Answer], kind: type[SourceError], said: str
) -> None:
    """Nothing but whole CSV is taken for a sheet."""
    google.script(*answers)
    assert said in desk.refusal(kind, path=SHEET)
    assert len(google.asked) == len(answers)


def test_cells_are_read_as_the_sheet_shows_them(desk: Desk, google: Loopback) -> None:
    """Numbers, shares, money and days in a Vietnamese sheet."""
    google.script(csv("id,doanh_thu,ty_le,ngay,so_luong", '1,₫ 1.200.000,"12,5%",31/12/2026,1.200', "2,0,0%,,"))
    fields = {
        "doanh_thu": {"type": "number", "unit": "₫"},
        "ty_le": "number",
        "ngay": "date",
        "so_luong": "integer",
    }
    records = desk.read(path=SHEET, decimal=",", thousands=".", date_format="%d/%m/%Y", fields=fields)
    assert records == [
        {"id": "1", "doanh_thu": 1200000.0, "ty_le": 0.125, "ngay": date(2026, 12, 31), "so_luong": 1200},
        {"id": "2", "doanh_thu": 0.0, "ty_le": 0.0, "ngay": None, "so_luong": None},
    ]


@pytest.mark.parametrize("text", ["1.234", '"1,234"', "0.5"])
def test_ambiguous_number_needs_a_declaration(desk: Desk, google: Loopback, text: str) -> None:
    """Without `decimal` a number with a separator is refused with its row; with it, it is read."""
    google.script(csv("id,n", f"1,{text}"), csv("id,n", f"1,{text}"))
    message = desk.refusal(DataError, path=SHEET, fields={"n": "number"})
    assert "edit, row 2: column 'n': " in message
    assert "`decimal:` and `thousands:` must say" in message
    (record,) = desk.read(path=SHEET, fields={"n": "number"}, decimal=".", thousands=",")
    assert record["n"] == {"1.234": 1.234, '"1,234"': 1234.0, "0.5": 0.5}[text]


def test_date_without_a_format_is_refused(desk: Desk, google: Loopback) -> None:
    """The fifth of June and the sixth of May look the same."""
    google.script(csv("id,d", "1,05/06/2026"))
    assert "'05/06/2026' is not a date" in desk.refusal(DataError, path=SHEET, fields={"d": "date"})


def test_format_of_a_field_comes_first(desk: Desk, google: Loopback) -> None:
    """`date_format` is for dates without a format of their own, and never for times."""
    google.script(csv("id,a,b,c", "1,05/06/2026,06-05-2026,2026-06-05T00:00:00Z"))
    fields = {"a": "date", "b": {"type": "date", "format": "%m-%d-%Y"}, "c": "timestamp"}
    (record,) = desk.read(path=SHEET, date_format="%d/%m/%Y", fields=fields)
    assert (record["a"], record["b"]) == (date(2026, 6, 5), date(2026, 6, 5))
    assert str(record["c"]) == "2026-06-05 00:00:00+00:00"


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#ERROR!", "Loading..."])
@pytest.mark.parametrize("kind", ["number", "text"])
def test_error_in_a_cell_is_no_value(desk: Desk, google: Loopback, error: str, kind: str) -> None:
    """A formula that failed makes the sheet incomplete, in a column of texts too; the message names the cell."""
    google.script(csv("id,Tổng", "1,5", f"2,{error}"))
    fields = {"total": {"type": kind, "from": "Tổng"}}
    message = desk.refusal(IncompleteError, path=SHEET, fields=fields)
    assert (
        f"desk.incidents: http://docs.google.com/spreadsheets/d/1AbC/edit, row 3: column 'Tổng': '{error}'" in message
    )


def test_error_may_be_declared_to_mean_none(desk: Desk, google: Loopback) -> None:
    """What the project lists under `missing` is missing."""
    google.script(csv("id,n", "1,#N/A"))
    assert desk.read(path=SHEET, fields={"n": "number"}, missing=["", "#N/A"]) == [{"id": "1", "n": None}]


def test_rows_are_numbered_as_the_sheet_does(desk: Desk, google: Loopback) -> None:
    """Rows without content hold no record but count, and a cell with line breaks is in one row."""
    google.script(csv(",", "id,note", ",", '1,"a\nb"', ",", "2,ok", ",later"))
    message = desk.refusal(DataError, path=SHEET)
    assert "edit, row 7: column 'id' has no value" in message


def test_empty_sheet_is_no_stream_without_records(desk: Desk, google: Loopback) -> None:
    """A sheet without a single value has no header."""
    google.script(csv(",,", ",,"))
    assert "the file is empty" in desk.refusal(DataError, path=SHEET)


def test_error_text_in_other_files_is_text(desk: Desk) -> None:
    """Only what Google exports is known to hold a sheet's errors; a ticket may be titled #N/A."""
    desk.write("a.csv", "id,title\n1,#N/A\n")
    assert desk.read() == [{"id": "1", "title": "#N/A"}]


def test_sheet_is_declared_offline(desk: Desk, google: Loopback) -> None:
    """Declaring the stream asks nobody."""
    assert [field.name for field in desk.declared(path=SHEET, fields={"n": "number"}).fields] == ["n", "id"]
    assert google.asked == []
