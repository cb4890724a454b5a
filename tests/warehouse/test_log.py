"""Landing: what is written, what is not, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from okr_sync.connector import DataError, Field, FieldType, IncompleteError, Record, Stream
from okr_sync.warehouse import (
    End,
    Landing,
    SourceLog,
    Staging,
    Warehouse,
    WarehouseError,
    open_warehouse,
    streams_by_source,
)
from okr_sync.warehouse.spans import held_at
from tests.scripted import CONTRACTS, HANOI, ISSUES, at, contract, issue


@pytest.fixture
def warehouse(tmp_path: Path, warehouse_url: str) -> Warehouse:
    return open_warehouse(warehouse_url, tmp_path, HANOI)


@pytest.fixture
def source(warehouse: Warehouse) -> SourceLog:
    return SourceLog(warehouse, "jira")


def land(source: SourceLog, *records: Record, stream: Stream = ISSUES, landed_at: datetime = at(20)) -> Landing:
    return source.land(stream, records, {"cursor": 1}, "settings", landed_at)


def land_everything(
    source: SourceLog, landed_at: datetime, *records: Record, accept_deletions: bool = False, stream: Stream = CONTRACTS
) -> Landing:
    with Staging(stream, landed_at, HANOI) as staging:
        staging.add(records)
        return source.land_everything(staging, {}, "settings", landed_at, accept_deletions=accept_deletions)


def held(warehouse: Warehouse, instant: datetime, stream: Stream = ISSUES) -> list[tuple[object, ...]]:
    """Key and last field but the times of every record that held right before `instant`."""
    name = f"jira.{stream.name}"
    shown = "status" if stream.name == "issues" else "amount"
    with warehouse.history({name: stream}, {name: [shown]}) as history:
        return history.query(
            f'SELECT _key, {shown} FROM "{name}" WHERE {held_at("$1")} ORDER BY _key', {1: instant}
        ).rows


def logged(warehouse: Warehouse, sql: str) -> list[tuple[Any, ...]]:
    """What a query over the source's log gives."""
    with warehouse.look("jira") as transaction:
        assert transaction is not None
        return transaction.rows(sql)


def test_same_page_twice_writes_nothing_new(source: SourceLog) -> None:
    """Landing is idempotent: a page that comes again adds no version."""
    page = [issue("1", "open", at(2)), issue("2", "open", at(2))]
    assert land(source, *page) == Landing(2)
    assert land(source, *page) == Landing(0)


def test_change_and_change_back_within_one_tick_is_kept(source: SourceLog, warehouse: Warehouse) -> None:
    """Three reads in the minute of one `updated_at` that saw A, B and A again end with A."""
    minute = at(2, 10, 30)
    assert land(source, issue("1", "A", minute)) == Landing(1)
    assert land(source, issue("1", "B", minute)) == Landing(1)
    assert land(source, issue("1", "A", minute)) == Landing(1)
    assert held(warehouse, at(3)) == [("1", "A")]


def test_versions_in_one_page_come_in_their_order(source: SourceLog, warehouse: Warehouse) -> None:
    """Two versions with one time of change in one page: the later one holds, and the page may come again."""
    page = [issue("1", "A", at(2)), issue("1", "B", at(2))]
    assert land(source, *page) == Landing(2)
    assert land(source, *page) == Landing(0)
    assert held(warehouse, at(3)) == [("1", "B")]


def test_late_page_with_an_older_version_does_not_turn_back_time(source: SourceLog, warehouse: Warehouse) -> None:
    """A version that is older than what is known is history, not the present."""
    land(source, issue("1", "done", at(5)))
    assert land(source, issue("1", "open", at(3))) == Landing(1)
    assert held(warehouse, at(4)) == [("1", "open")]
    assert held(warehouse, at(6)) == [("1", "done")]


def test_first_known_version_holds_from_creation(source: SourceLog, warehouse: Warehouse) -> None:
    """Before its first known change a record is taken to have been as first seen, but not before its creation."""
    land(source, issue("1", "done", at(5)))  # created on the 1st
    assert held(warehouse, at(1)) == []
    assert held(warehouse, at(2)) == [("1", "done")]


@pytest.mark.parametrize(
    ("instant", "expected"),
    [(at(5), "open"), (at(5, 0, 1), "done")],
    ids=["a change at the very instant is after it", "a minute later it holds"],
)
def test_version_holds_right_before_the_instant(
    source: SourceLog, warehouse: Warehouse, instant: datetime, expected: str
) -> None:
    """The end of a day is its border: what changes at midnight belongs to the next day."""
    land(source, issue("1", "open", at(2)), issue("1", "done", at(5)))
    assert held(warehouse, instant) == [("1", expected)]


def test_tombstone_ends_a_record_and_a_later_version_restores_it(source: SourceLog, warehouse: Warehouse) -> None:
    """A deleted record is not counted from its deletion on, and counted again once restored."""
    deleted = Record({**issue("1", "open", at(5)).fields}, is_deleted=True)
    assert land(source, issue("1", "open", at(2)), deleted) == Landing(2, deleted_count=1)
    land(source, issue("1", "open", at(8)))
    assert held(warehouse, at(4)) == [("1", "open")]
    assert held(warehouse, at(6)) == []
    assert held(warehouse, at(9)) == [("1", "open")]


def test_checkpoint_is_committed_with_its_records(source: SourceLog) -> None:
    """The checkpoint is the last landed one, and none for other settings of the stream."""
    assert source.checkpoint("issues", "settings") is None
    land(source, issue("1", "open", at(2)))
    assert source.checkpoint("issues", "settings") == {"cursor": 1}
    assert source.checkpoint("issues", "other settings") is None
    assert source.checkpoint("worklogs", "settings") is None


def test_refused_record_leaves_neither_records_nor_checkpoint(source: SourceLog) -> None:
    """One record without a key refuses its whole batch."""
    with pytest.raises(DataError, match=r"stream issues: a record without its key \(id\)"):
        land(source, issue("1", "open", at(2)), Record({"status": "open", "updated_at": at(2)}))
    assert source.checkpoint("issues", "settings") is None
    assert source.describe() == []


def test_value_of_another_type_is_refused(source: SourceLog) -> None:
    """A text in a number field is an error that names stream and field, never a null."""
    with pytest.raises(DataError, match="stream issues: field points is declared number"):
        land(source, Record({**issue("1", "open", at(2)).fields, "points": "many"}))


def test_record_without_its_time_of_change_is_refused(source: SourceLog) -> None:
    """A stream that declares a time of change has one on every record."""
    with pytest.raises(DataError, match=r"without its time of change \(updated_at\)"):
        land(source, Record({"id": "1"}))


def test_new_field_is_added_and_known_records_get_it(source: SourceLog, warehouse: Warehouse) -> None:
    """A field that the project adds later fills when its records are read again, at the same time of change."""
    land(source, issue("1", "open", at(2)))
    wider = replace(ISSUES, fields=(*ISSUES.fields, Field("client", FieldType.TEXT)))
    again = Record({**issue("1", "open", at(2)).fields, "client": "ACME"})
    assert land(source, again, stream=wider) == Landing(1)
    assert logged(warehouse, "SELECT client FROM jira.issues ORDER BY _sequence") == [(None,), ("ACME",)]


def test_new_field_that_is_missing_makes_no_new_version(source: SourceLog) -> None:
    """A missing value is no content: a wider declaration alone changes no record."""
    land(source, issue("1", "open", at(2)))
    wider = replace(ISSUES, fields=(*ISSUES.fields, Field("client", FieldType.TEXT)))
    assert land(source, issue("1", "open", at(2)), stream=wider) == Landing(0)


def test_field_that_changes_its_type_is_refused(source: SourceLog) -> None:
    """A field's type is fixed by its first landing; the message says what to do."""
    land(source, issue("1", "open", at(2), points=3))
    text = [replace(one, type=FieldType.TEXT) if one.name == "points" else one for one in ISSUES.fields]
    with pytest.raises(WarehouseError, match="field points was landed as number and is now text"):
        land(source, stream=ISSUES.with_fields(text))


def test_describe_counts_records_and_versions(source: SourceLog) -> None:
    """A stream's description counts records that exist and every version ever landed."""
    land(source, issue("1", "open", at(2)), issue("1", "done", at(3)), issue("2", "open", at(2)))
    (described,) = source.describe()
    assert described.stream == ISSUES
    assert (described.record_count, described.version_count) == (2, 3)
    assert (described.last_version_at, described.last_landed_at) == (at(3), at(20))


def test_full_read_again_changes_nothing(source: SourceLog) -> None:
    """The same whole twice is the same store, several rows per key included."""
    whole = [contract("a", 1), contract("a", 2), contract("b", None)]
    assert land_everything(source, at(5), *whole) == Landing(3)
    assert land_everything(source, at(6), *whole) == Landing(0)


def test_record_that_vanishes_from_a_full_read_is_deleted_and_may_return(
    source: SourceLog, warehouse: Warehouse
) -> None:
    """What a whole no longer lists ends when that is seen; what is listed again holds again from then."""
    land_everything(source, at(5), contract("a", 1), contract("b", 2))
    assert land_everything(source, at(6), contract("a", 1)) == Landing(0, deleted_count=1, not_visible_count=1)
    assert land_everything(source, at(7), contract("a", 1), contract("b", 2)) == Landing(1)
    days = {day: held(warehouse, at(day, 12), CONTRACTS) for day in (5, 6, 7)}
    assert days == {5: [("a", 1.0), ("b", 2.0)], 6: [("a", 1.0)], 7: [("a", 1.0), ("b", 2.0)]}


def test_dated_record_that_returns_holds_from_its_return(source: SourceLog, warehouse: Warehouse) -> None:
    """A returning record whose own time of change is before its deletion is there again all the same."""
    dated = replace(ISSUES, is_full_read=True)
    both: Sequence[Record] = [issue("1", "open", at(2)), issue("2", "open", at(2))]
    land_everything(source, at(5), *both, stream=dated)
    land_everything(source, at(6), both[0], stream=dated)
    assert land_everything(source, at(7), *both, stream=dated) == Landing(1)
    assert land_everything(source, at(8), *both, stream=dated) == Landing(0)
    assert held(warehouse, at(6, 12), dated) == [("1", "open")]
    assert held(warehouse, at(7, 12), dated) == [("1", "open"), ("2", "open")]


def test_record_that_a_whole_read_missed_is_there_again_when_it_comes(source: SourceLog, warehouse: Warehouse) -> None:
    """A record that moved while a whole read went by was ended by nobody's word: a later read brings it back.

    A tombstone of the source's own stays.
    """
    dated = replace(ISSUES, is_full_read=True)
    gone = replace(issue("2", "open", at(4)), is_deleted=True)
    land_everything(source, at(5), issue("1", "open", at(2)), issue("2", "open", at(2)), stream=dated)
    land_everything(source, at(6), gone, stream=dated)
    assert held(warehouse, at(7), dated) == []
    assert land(source, issue("1", "open", at(5, 12)), issue("2", "late", at(3)), landed_at=at(7)).new_count == 3
    assert held(warehouse, at(6, 12), dated) == []
    assert held(warehouse, at(8), dated) == [("1", "open")]


def test_whole_read_has_the_last_word(source: SourceLog, warehouse: Warehouse) -> None:
    """A row whose own time of change is earlier than what is known is the present all the same, from its landing."""
    dated = replace(ISSUES, is_full_read=True)
    land_everything(source, at(5), issue("1", "done", at(4)), stream=dated)
    corrected = issue("1", "open", at(3))
    assert land_everything(source, at(6), corrected, stream=dated) == Landing(2)  # as it was, and as it is
    assert land_everything(source, at(7), corrected, stream=dated) == Landing(0)
    assert held(warehouse, at(5), dated) == [("1", "done")]
    assert held(warehouse, at(6, 12), dated) == [("1", "open")]


@pytest.mark.parametrize("is_full_read", [True, False])
def test_silent_change_holds_from_the_read_that_found_it(
    source: SourceLog, warehouse: Warehouse, is_full_read: bool
) -> None:
    """A value that changed without a new time of change leaves the past as it was, and is no news the next time."""
    silent = replace(ISSUES, is_full_read=is_full_read, changes_silently=True)

    def read(day: int, record: Record) -> Landing:
        if is_full_read:
            return land_everything(source, at(day), record, stream=silent)
        return land(source, record, stream=silent, landed_at=at(day))

    read(5, issue("1", "open", at(3)))
    assert read(6, issue("1", "moved", at(3))) == Landing(1)
    assert read(7, issue("1", "moved", at(3))) == Landing(0)
    assert read(9, issue("1", "done", at(8))) == Landing(1)
    assert read(10, issue("1", "done", at(8))) == Landing(0)
    assert read(11, issue("1", "moved", at(8))) == Landing(1)  # and back, silently
    days = [held(warehouse, at(day), silent)[0][1] for day in (4, 6, 7, 8, 9, 11, 12)]
    assert days == ["open", "open", "moved", "moved", "done", "done", "moved"]


def test_deleted_record_of_a_silent_stream_may_return(source: SourceLog, warehouse: Warehouse) -> None:
    """It is there again from its return, whatever its own time of change says."""
    silent = replace(ISSUES, is_full_read=True, changes_silently=True)
    both: Sequence[Record] = [issue("1", "open", at(2)), issue("2", "open", at(2))]
    land_everything(source, at(5), *both, stream=silent)
    land_everything(source, at(6), both[0], stream=silent)
    assert land_everything(source, at(7), *both, stream=silent) == Landing(1)
    assert held(warehouse, at(6, 12), silent) == [("1", "open")]
    assert held(warehouse, at(7, 12), silent) == [("1", "open"), ("2", "open")]


def ended(key: str, updated_at: datetime) -> Record:
    return Record({"id": key, "updated_at": updated_at}, is_deleted=True)


@pytest.mark.parametrize("is_whole", [True, False])
def test_silent_end_holds_from_the_read_that_found_it(source: SourceLog, warehouse: Warehouse, is_whole: bool) -> None:
    """A record that is deleted as of its last change was there until a read, and may return; other ends have a time."""
    silent = replace(ISSUES, ends_silently=True)

    def read(day: int, *records: Record) -> Landing:
        if is_whole:
            return land_everything(source, at(day), *records, stream=silent)
        return land(source, *records, stream=silent, landed_at=at(day))

    read(5, issue("1", "open", at(3)), issue("2", "open", at(3)))
    gone = ended("1", at(3)), ended("2", at(5, 12))
    assert read(6, *gone) == Landing(1, 2)  # one is a version that the source sent
    assert read(7, *gone) == Landing(0)  # the trash is read again and again
    assert [one.ended for one in source.describe()] == [{End.DELETED: 2}]
    assert held(warehouse, at(5, 18), silent) == [("1", "open")]
    assert held(warehouse, at(6, 12), silent) == []
    assert read(8, issue("1", "back", at(5)), gone[1]) == Landing(2)  # as the source says it was, and as it is now
    assert held(warehouse, at(8, 12), silent) == [("1", "back")]
    assert held(warehouse, at(7), silent) == []


@pytest.mark.parametrize("is_whole", [True, False])
def test_what_is_rebuilt_leaves_what_was_read(source: SourceLog, warehouse: Warehouse, is_whole: bool) -> None:
    """Where the past is told in part, it lands before and after the versions that are known, and not among them."""
    partial = replace(ISSUES, is_past_partial=True)
    land(source, issue("1", "open", at(3)), stream=partial, landed_at=at(4))
    land(source, issue("1", "open", at(5)), stream=partial, landed_at=at(6))
    again = [
        *(issue("1", "partial", at(day)) for day in (2, 3, 4, 5, 7)),
        issue("1", "done", at(8)),
        *(issue("2", "partial", at(day)) for day in (2, 3)),
        issue("2", "done", at(8)),
    ]
    for landed_at in (at(9), at(10)):
        if is_whole:
            land_everything(source, landed_at, *again, stream=partial)
        else:
            land(source, *again, stream=partial, landed_at=landed_at)
    known = logged(warehouse, "SELECT _key, status, _version_at FROM jira.issues ORDER BY _key, _version_at")
    expected = [("1", "partial", 2), ("1", "open", 3), ("1", "open", 5), ("1", "partial", 7), ("1", "done", 8)]
    expected += [("2", "partial", 2), ("2", "partial", 3), ("2", "done", 8)]
    assert [(key, status, moment.astimezone(UTC)) for key, status, moment in known] == [
        (key, status, at(day)) for key, status, day in expected
    ]


DATED = replace(ISSUES, is_full_read=True)


@pytest.mark.parametrize("stream", [DATED, replace(DATED, changes_silently=True), CONTRACTS])
def test_clock_that_was_set_back(source: SourceLog, warehouse: Warehouse, stream: Stream) -> None:
    """What is read last is the present, though our clock, or another machine's, is behind what it was at the last read.

    Of a silent change, of a record that came back, and of one without a time of its own.
    """

    def record(key: str, number: int) -> Record:
        if stream is CONTRACTS:
            return Record({"id": key, "amount": number})
        return issue(key, str(number), at(2) if stream.changes_silently else at(2, number))

    land_everything(source, at(5), record("1", 1), record("2", 1), stream=stream)
    land_everything(source, at(9), record("1", 2), stream=stream)
    assert land_everything(source, at(7), record("1", 3), record("2", 1), stream=stream).new_count == 2
    assert land_everything(source, at(7), record("1", 3), record("2", 1), stream=stream) == Landing(0)
    present = [(key, int(str(shown).removesuffix(".0"))) for key, shown in held(warehouse, at(10), stream)]
    assert present == [("1", 3), ("2", 1)]


def test_large_whole_is_counted_right(source: SourceLog, warehouse: Warehouse) -> None:
    """DuckDB 2.0.0 misjudges a table that one transaction writes to twice once a row group of 122,880 is full."""
    whole = [contract(str(number), number) for number in range(125_000)]
    assert land_everything(source, at(5), *whole) == Landing(125_000)
    assert land_everything(source, at(6), *whole[1:], contract("new", 1)) == Landing(
        1, deleted_count=1, not_visible_count=1
    )
    (described,) = source.describe()
    assert (described.record_count, described.version_count) == (125_000, 125_002)


def test_large_drop_is_not_taken_for_deletions(source: SourceLog, warehouse: Warehouse) -> None:
    """When more than a fifth of the records are gone, nothing lands until a person says that they were deleted."""
    whole = [contract(str(number), number) for number in range(100)]
    land_everything(source, at(5), *whole)
    assert land_everything(source, at(6), *whole[20:]) == Landing(
        0, deleted_count=20, not_visible_count=20
    )  # 20 of 100: not more than a fifth
    with pytest.raises(IncompleteError, match="60 of 80 records are gone since the last read"):
        land_everything(source, at(7), *whole[80:])
    assert len(held(warehouse, at(8), CONTRACTS)) == 80
    assert land_everything(source, at(9), *whole[80:], accept_deletions=True) == Landing(
        0, deleted_count=60, not_visible_count=60
    )


@pytest.mark.parametrize(("known", "is_believed"), [(1, True), (4, True), (5, False), (19, False)])
def test_nothing_at_all_is_not_taken_for_deletions(
    source: SourceLog, warehouse: Warehouse, known: int, is_believed: bool
) -> None:
    """A list that has become empty is what a lost permission looks like, however short it was; a few may have gone."""
    land_everything(source, at(5), *(contract(str(number), number) for number in range(known)))
    if is_believed:
        assert land_everything(source, at(6)) == Landing(0, deleted_count=known, not_visible_count=known)
        return
    with pytest.raises(IncompleteError, match=f"{known} of {known} records are gone since the last read"):
        land_everything(source, at(6))
    assert len(held(warehouse, at(7), CONTRACTS)) == known
    assert land_everything(source, at(8), accept_deletions=True) == Landing(
        0, deleted_count=known, not_visible_count=known
    )


def test_day_of_change_begins_in_the_projects_zone(source: SourceLog, warehouse: Warehouse) -> None:
    """A stream that dates its changes by day: 5 October begins in Hanoi at 17:00 UTC of the 4th."""
    dated = Stream("dated", (Field("id", FieldType.TEXT), Field("changed_on", FieldType.DATE)), ("id",), "changed_on")
    days = [Record({"id": "1", "changed_on": date(2026, 10, day)}) for day in (1, 5)]
    land(source, *days, stream=dated)
    assert logged(warehouse, "SELECT changed_on, _version_at FROM jira.dated ORDER BY _sequence") == [
        (date(2026, 10, 1), datetime(2026, 9, 30, 17, tzinfo=UTC)),
        (date(2026, 10, 5), at(4, 17)),
    ]


def test_compound_key(source: SourceLog, warehouse: Warehouse) -> None:
    """Two fields that together are the key keep records apart that share one of them."""
    pairs = Stream("pairs", (Field("a", FieldType.TEXT), Field("b", FieldType.INTEGER)), ("a", "b"))
    land(source, Record({"a": "x", "b": 1}), Record({"a": "x", "b": 2}), stream=pairs)
    assert logged(warehouse, "SELECT _key FROM jira.pairs ORDER BY 1") == [('["x", 1]',), ('["x", 2]',)]


def test_one_process_syncs_a_source_at_a_time(warehouse: Warehouse) -> None:
    """A second sync of the same source is refused at once, with its name."""
    with (
        warehouse.lock("jira"),
        pytest.raises(WarehouseError, match="'jira' is being synced by another process"),
        warehouse.lock("jira"),
    ):
        pass


def test_units_of_fields_are_kept_with_the_stream(source: SourceLog) -> None:
    """What a source said of a field is there again offline: its type, its meaning and its unit."""
    measured = replace(ISSUES, fields=(*ISSUES.fields, Field("spent", FieldType.NUMBER, "Work", unit="hours")))
    land(source, issue("1", "open", at(2)), stream=measured)
    assert source.streams() == [measured]


def test_the_streams_of_many_sources_are_those_of_each(source: SourceLog, warehouse: Warehouse) -> None:
    """What landed of every source is read at once; a source that was never synced has nothing, and no file is kept."""
    land(source, issue("1", "open", at(2)))
    crm = SourceLog(warehouse, "crm")
    land(crm, contract("1", 3), stream=CONTRACTS)
    assert streams_by_source(warehouse, ["crm", "hr", "jira"]) == {"crm": [CONTRACTS], "jira": [ISSUES]}
    assert land(crm, contract("1", 4), stream=CONTRACTS) == Landing(1)


def sized(key: str, **fields: Any) -> Record:
    return Record({**issue(key, "open", at(2)).fields, **fields})


SIZED = replace(ISSUES, fields=(*ISSUES.fields, Field("size", FieldType.INTEGER), Field("labels", FieldType.LIST)))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("size", 2**63),
        ("size", -(2**63) - 1),
        ("status", "half of a character: \ud83d"),
        ("labels", ["whole", "\udc4d"]),
        ("created_at", datetime.min.replace(tzinfo=HANOI)),
        ("created_at", datetime.max.replace(tzinfo=timezone(timedelta(hours=-1)))),
    ],
)
def test_value_that_cannot_be_kept_is_refused_by_name(source: SourceLog, field: str, value: object) -> None:
    """What no column can hold is an error that names stream, field and record; nothing of its batch lands."""
    with pytest.raises(DataError, match=rf"stream issues: field {field} is declared \w+, but record 'odd' holds"):
        land(source, sized("even"), sized("odd", **{field: value}), stream=SIZED)
    assert source.describe() == []


def test_values_at_the_edges_are_kept_as_they_are(source: SourceLog, warehouse: Warehouse) -> None:
    """The largest numbers and times, what is no number, texts with every sign of COPY and CSV: nothing is changed."""
    rows: list[dict[str, Any]] = [
        {"size": 2**63 - 1, "points": math.inf, "status": "", "labels": []},
        {"size": -(2**63), "points": -math.inf, "status": "\\N", "labels": ["", "NULL", '"', "\\", "a,b", "{c}"]},
        {"size": 0, "points": 5e-324, "status": 'tab\there, line\nthere\r\n\\.\n"quoted" \\', "labels": ["Điểm 🙂"]},
        {"size": None, "points": None, "status": None, "labels": None},
        {"size": 1, "points": 0.1 + 0.2, "status": "\x01\x7f\u2028\ufeff", "labels": ["one"]},
    ]
    whole = [sized(str(number), **row) for number, row in enumerate(rows)]
    land(source, *whole, sized("nan", points=math.nan), stream=SIZED)
    land_everything(source, at(5), *whole, stream=replace(SIZED, name="wholes", is_full_read=True))
    sql = "SELECT size, points, status, labels FROM jira.{} WHERE _key <> 'nan' ORDER BY _key"
    expected = [(row["size"], row["points"], row["status"], row["labels"]) for row in rows]
    assert logged(warehouse, sql.format("issues")) == expected
    assert logged(warehouse, sql.format("wholes")) == expected
    ((number,),) = logged(warehouse, "SELECT points FROM jira.issues WHERE _key = 'nan'")
    assert math.isnan(number)
    assert land(source, *whole, sized("nan", points=math.nan), stream=SIZED) == Landing(0)


def test_edges_of_time_are_kept(source: SourceLog, warehouse: Warehouse) -> None:
    """The first and the last microsecond of the years 1 to 9999."""
    edges = [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
    land(source, *(sized(str(number), created_at=edge) for number, edge in enumerate(edges)), stream=SIZED)
    for number, text in enumerate(("0001-01-01 00:00:00+00", "9999-12-31 23:59:59.999999+00")):
        sql = f"SELECT _key FROM jira.issues WHERE created_at = TIMESTAMPTZ '{text}'"
        assert logged(warehouse, sql) == [(str(number),)]


def test_fields_may_have_the_names_that_landing_uses(source: SourceLog, warehouse: Warehouse) -> None:
    """A stream, or a field, that is named as something inside of a landing is one like any other."""
    names = (
        "chosen",
        "ended",
        "ended_silently",
        "incoming",
        "known",
        "moment",
        "n",
        "length",
        "hashes",
        "is_correction",
        "rowid",
    )
    odd = Stream("incoming", tuple(Field(name, FieldType.TEXT) for name in names), ("chosen",), is_full_read=True)
    records = [Record(dict.fromkeys(names, text)) for text in ("a", "b")]
    assert land_everything(source, at(5), *records, stream=odd) == Landing(2)
    assert land_everything(source, at(6), records[0], stream=odd) == Landing(0, deleted_count=1, not_visible_count=1)
    land_everything(source, at(6), *records, stream=replace(odd, name="ended"))
    assert [one.record_count for one in source.describe()] == [2, 1]
