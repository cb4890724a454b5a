"""Lines become pages: which state a page carries, and what is rejected or refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from okr_sync.connector import DataError, IncompleteError, SettingsError, UnavailableError
from tests.connectors.singer.conftest import (
    PROPERTIES,
    Bench,
    activate,
    fields,
    record,
    schema,
    state,
    stream_of,
)

FULL = {"streams": [stream_of(method="FULL_TABLE")]}


def test_page_carries_the_last_state_before_its_end(bench: Bench) -> None:
    """Records after the last state land with it, and the next read gives it back to the tap as it was."""
    told = {"bookmarks": {"issues": {"updated_at": "2026-10-02", "partitions": [1, None]}}}
    bench.play(schema(), record(1), state({"bookmarks": {}}), record(2), state(told), record(3))
    (page,) = bench.read()
    assert [one.fields["id"] for one in page.records] == ["1", "2", "3"]
    assert page.checkpoint["state"] == told
    bench.read(json.loads(json.dumps(page.checkpoint)))
    assert [one.get("state") for one in bench.asked()] == [None, None, None, told]


def test_state_comes_only_with_what_came_before_it(bench: Bench) -> None:
    """A page that is full ends before the state that covers it, and carries the one before."""
    many = ["repeat", {"line": record("#"), "times": 1000}]
    bench.play(schema(), state("begun"), many, state("half"), many, state("done"))
    pages = bench.read()
    assert [(len(page.records), page.checkpoint["state"]) for page in pages] == [
        (1000, "begun"),
        (1000, "half"),
        (0, "done"),
    ]


def test_quiet_night_moves_the_state(bench: Bench) -> None:
    """A run without records still gives the new state; one without a state keeps the old one."""
    bench.play(schema(), record(1), state("old"))
    (first,) = bench.read()
    bench.play(schema(), state("new"))
    (second,) = bench.read(first.checkpoint)
    assert (list(second.records), second.checkpoint["state"]) == ([], "new")
    bench.play(schema())
    (third,) = bench.read(second.checkpoint)
    assert third.checkpoint == second.checkpoint


@pytest.mark.parametrize("kind", ["state", "State", "STATE"])
def test_types_are_read_in_any_case(bench: Bench, kind: str) -> None:
    """The specification has types of messages in any case, and allows more than it names."""
    bench.play(schema(), {"type": "METRIC", "stream": "anything"}, "", {"type": kind, "value": 7})
    assert bench.read()[-1].checkpoint["state"] == 7


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Starting the sync ...", "it is no JSON: Starting the sync ..."),
        ('{"type": "RECORD", "stream": "issues", "rec', "it is no JSON"),
        ('{"type": "RECORD", "stream": "issues", "record": {"id": NaN}}', "it is no JSON"),
        ('{"type": "RECORD", "stream": "issues", "record": {"id": 2, "name": "\\ud83d"}}', "it is no JSON"),
        ('"issues"', "it is no object with a type"),
        ('{"record": {"id": 1}}', "it is no object with a type"),
        ('{"type": "RECORD", "stream": "issues", "record": null}', "it is a RECORD whose 'record' is missing or is no"),
        ('{"type": "RECORD", "record": {"id": 1}}', "it is a RECORD whose 'stream' is missing"),
        ('{"type": "STATE"}', "it is a STATE whose 'value' is missing"),
        ("[" * 100_000, "it is JSON that is nested too deeply"),
    ],
)
def test_line_that_is_no_message_is_rejected_with_its_number(bench: Bench, line: str, reason: str) -> None:
    """A bad line is counted, for a record may be lost in it; the lines around it land."""
    bench.play(schema(), record(1), line, record(3))
    (page,) = bench.read()
    assert [one["id"] for one in fields([page])] == ["1", "3"]
    (rejection,) = page.rejected
    assert rejection.record == "line 3 of the tap's output"
    assert rejection.reason.startswith(reason)
    assert len(rejection.reason) < 200


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"points": "many"}, "points cannot be read as integer"),
        ({"points": 2**63}, "points cannot be read as integer"),
        ({"points": 1.5}, "points cannot be read as integer"),
        ({"updated_at": "soon"}, "updated_at cannot be read as timestamp"),
        ({"updated_at": None}, "updated_at cannot be read as timestamp: it is missing"),
        ({"id": None}, "id cannot be read as text: it is missing"),
        ({"id": ""}, "id cannot be read as text: it is missing"),
    ],
)
def test_record_that_does_not_fit_is_rejected(bench: Bench, values: dict[str, Any], reason: str) -> None:
    """A record that cannot be read as declared, or without key or time of change, is named; the others land."""
    whole = {"id": 7, "points": 0, "updated_at": "2026-10-01T00:00:00Z"}
    good, bad = record(8) | {"record": whole | {"id": 8}}, record(7) | {"record": whole | values}
    bench.play(schema(), bad, good)
    (page,) = bench.read(version_at="updated_at")
    assert [one["id"] for one in fields([page])] == ["8"]
    (rejection,) = page.rejected
    assert rejection.record == f"issues {(whole | values)['id']} (line 2 of the tap's output)"
    assert rejection.reason.startswith(reason)


def test_type_that_changes_in_mid_run_is_judged_value_by_value(bench: Bench) -> None:
    """A schema that comes again with another type changes nothing for values that still fit; others are rejected."""
    points = {**PROPERTIES, "points": {"type": "string"}, "new": {"type": "string"}}
    bench.play(schema(), record(1, points=3), schema(properties=points), record(2, points="5"), record(3, points="XL"))
    (page,) = bench.read()
    assert fields([page]) == [{"id": "1", "points": 3}, {"id": "2", "points": 5}]
    assert [one.record for one in page.rejected] == ["issues 3 (line 5 of the tap's output)"]


def test_new_field_is_read_for_all_records(bench: Bench) -> None:
    """Records that were read before a field existed would lack it for ever, so the tap begins anew."""
    bench.play(schema(), record(1), state("done"))
    (page,) = bench.read()
    wider = {**PROPERTIES, "client": {"type": "string"}}
    catalog = {"streams": [stream_of(schema={"type": "object", "properties": wider})]}
    bench.play(schema(properties=wider), record(1, client="Sen"), catalog=catalog)
    assert bench.read(page.checkpoint)[-1].records[0].fields["client"] == "Sen"
    assert "state" not in bench.asked()[-1]


def test_field_that_is_gone_is_refused(bench: Bench) -> None:
    """A field that the tap listed and does not give any more would be missing everywhere, so the read is not whole."""
    bench.play(schema(properties={"id": {}, "name": {}, "updated_at": {}}), record(1))
    _, message = bench.failure(IncompleteError)
    assert "stream issues: the tap does not give points now, although it listed it" in message
    assert len(bench.read(select=["name"])) == 1


def test_key_that_changes_is_refused(bench: Bench) -> None:
    """Records under another key would stand beside their former selves; a key of the project's own stays."""
    bench.play(schema(key=["id", "name"]), record(1))
    _, message = bench.failure(IncompleteError)
    assert "the tap's key is ['id', 'name'] now, although it listed ['id']" in message
    assert fields(bench.read(key="id")) == [{"id": "1"}]


def test_record_before_its_schema_is_refused(bench: Bench) -> None:
    """Nothing says what such a record means."""
    bench.play(record(1), schema())
    assert "line 1 of the tap's output is a RECORD before any SCHEMA" in bench.failure(DataError)[1]


def test_streams_that_were_not_asked_for_are_skipped(bench: Bench) -> None:
    """Some taps read whatever they know; a stream that they never listed is another matter, and may be ours renamed."""
    catalog = {"streams": [stream_of(), stream_of("labels")]}
    bench.play(schema("labels"), record(5, "labels"), schema(), record(1), catalog=catalog)
    assert fields(bench.read()) == [{"id": "1"}]
    bench.play(schema("tickets"), record(1, "tickets"))
    _, message = bench.failure(DataError)
    assert "line 1 of the tap's output is of a stream 'tickets', which the tap did not list" in message


def test_stream_goes_by_its_id_or_by_its_name(bench: Bench) -> None:
    """Taps over databases list `public-issues`, and write records of either name."""
    catalog = {"streams": [stream_of(tap_stream_id="public-issues")]}
    bench.play(schema(), record(1), schema("public-issues"), record(2, "public-issues"), catalog=catalog)
    assert fields(bench.read()) == [{"id": "1"}, {"id": "2"}]


def test_batches_are_refused(bench: Bench) -> None:
    """Records in files of their own would be left out."""
    bench.play(schema(), {"type": "BATCH", "stream": "issues", "encoding": {}, "manifest": []})
    assert "writes records to files (BATCH), which okr-sync does not read" in bench.failure(SettingsError)[1]


@pytest.mark.parametrize("method", ["INCREMENTAL", "FULL_TABLE"])
def test_tap_that_never_speaks_of_the_stream_is_not_believed(bench: Bench, method: str) -> None:
    """An exit code of 0 without even a schema is no empty stream, and no state of it is kept for the next run."""
    bench.play(state("done"), catalog={"streams": [stream_of(method=method)]})
    pages, message = bench.failure(IncompleteError)
    assert all(page.checkpoint == {} for page in pages)
    assert "said nothing of this stream, not even that it is empty" in message


def test_stream_that_was_read_before_may_be_silent(bench: Bench) -> None:
    """A stream below a parent has no schema in a night without any parent that changed; the state moves on."""
    bench.play(schema(), record(1), state("old"))
    (page,) = bench.read()
    bench.play(state("new"))
    assert bench.read(page.checkpoint)[-1].checkpoint["state"] == "new"


def test_full_table_is_read_whole_whatever_the_checkpoint_says(bench: Bench) -> None:
    """The tap gets no state, for it would go on in the middle, and what it does not list would count as deleted."""
    bench.play(schema(), state("begun"), record(1), state("done"), catalog=FULL)
    assert bench.stream().is_full_read
    (page,) = bench.read({"state": "half", "fingerprint": "any"})
    assert (fields([page]), page.checkpoint) == ([{"id": "1"}], {})
    assert "state" not in bench.asked()[-1]


@pytest.mark.parametrize(
    "steps",
    [
        (activate(7), record(1, version=7)),  # as the Meltano SDK does
        (record(1, version=7), activate(7)),  # as taps over databases do
        (activate(7), record(1, version=7), activate(7)),
        (record(1), activate(7)),
    ],
)
def test_version_may_be_activated_before_or_after(bench: Bench, steps: tuple[Any, ...]) -> None:
    """A full table is one version from its beginning to its end, wherever the tap says so."""
    bench.play(schema(), *steps, catalog=FULL)
    assert fields(bench.read()) == [{"id": "1"}]


@pytest.mark.parametrize(
    "steps",
    [(record(1, version=7), activate(8)), (record(1, version=7), record(2, version=8)), (activate(7), activate(8))],
)
def test_two_versions_in_one_full_read_are_refused(bench: Bench, steps: tuple[Any, ...]) -> None:
    """What came with the older version may be gone in the newer one, so the read is not one whole."""
    bench.play(schema(), *steps, catalog=FULL)
    assert "the tap began version 8 after version 7 in one read" in bench.failure(IncompleteError)[1]


def test_new_version_of_a_stream_read_by_changes_is_refused(bench: Bench) -> None:
    """It ends records that a read of changes cannot name; the version that is known, or the first one, is good."""
    bench.play(schema(), activate(7), record(1), state("done"))
    (page,) = bench.read()
    (again,) = bench.read(page.checkpoint)
    assert again.checkpoint == page.checkpoint
    bench.play(schema(), activate(8), record(1))
    _, message = bench.failure(SettingsError, page.checkpoint)
    assert "the tap began version 8 after version 7" in message
    assert "Write `replication: full_table` for this stream" in message


def test_large_rows_make_small_pages(bench: Bench) -> None:
    """Memory stays flat whatever the size of a row: a page holds 16 MiB of lines and one more at most."""
    row = record("#", name="x" * (4 << 20))
    bench.play(schema(), ["repeat", {"line": row, "times": 12}], catalog={"streams": [stream_of()]})
    pages = bench.read()
    assert max(len(page.records) for page in pages) <= 5
    assert sum(len(page.records) for page in pages) == 12


def test_what_came_before_a_failure_is_a_page(bench: Bench) -> None:
    """Records and states before a crash are good; the line it was writing is neither landed nor counted as bad."""
    bench.play(schema(), record(1), state("one"), record(2), ["cut", '{"type": "RECORD", "str'], ["exit", 1])
    (page,), message = bench.failure(UnavailableError)
    assert fields([page]) == [{"id": "1"}, {"id": "2"}]
    assert (page.checkpoint["state"], list(page.rejected)) == ("one", [])
    assert message == "source desk: the tap failed with exit code 1; it did not say why"
