"""Streams as a project and a tap describe them together, and what the tap is told to read."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.singer.settings import SingerSettings
from okr_sync.connector import FieldType, SettingsError
from tests.connectors.singer.conftest import Bench, record, schema, stream_of

TIME = {"type": "string", "format": "date-time"}
DEALS: dict[str, Any] = {
    "Id": {"type": "integer", "description": "The number  of\nthe deal"},
    "OwnerId": {"type": ["null", "number"]},
    "amount": {"type": ["null", "string"], "format": "singer.decimal"},
    "owner": {"type": "object", "properties": {"login": {"type": "string"}}},
    "changed": {"type": "string"},
    "made": TIME,
    "secret": {"type": "string"},
    "_sdc_extracted_at": TIME,
}


def deals(**more: Any) -> dict[str, Any]:
    """A stream as taps without the SDK list it: with metadata alone."""
    metadata = [
        {"breadcrumb": [], "metadata": {"table-key-properties": ["Id"], "selected-by-default": True}},
        {"breadcrumb": ["properties", "secret"], "metadata": {"inclusion": "unsupported"}},
    ]
    described = {"type": "object", "properties": DEALS}
    return {"tap_stream_id": "crm-Deals", "stream": "Deals", "schema": described, "metadata": metadata, **more}


def selected(told: dict[str, Any], stream: str) -> dict[str, bool | None]:
    """What the tap was told to read of a stream, by the last step to it; the stream itself is ''."""
    (entry,) = (one for one in told["streams"] if one["tap_stream_id"] == stream)
    return {"".join(one["breadcrumb"][-1:]): one["metadata"].get("selected") for one in entry["metadata"]}


def types(bench: Bench, **settings: Any) -> dict[str, FieldType]:
    return {one.name: one.type for one in bench.stream(stream="Deals", **settings).fields}


def test_all_fields_with_their_types(bench: Bench) -> None:
    """Without a choice all fields are read but what the tap adds of its own and what it cannot read; ids are texts."""
    bench.play(catalog={"streams": [deals()]})
    assert types(bench) == {
        "id": FieldType.TEXT,
        "owner_id": FieldType.TEXT,
        "amount": FieldType.NUMBER,
        "owner": FieldType.TEXT,
        "changed": FieldType.TEXT,
        "made": FieldType.TIMESTAMP,
    }
    stream = bench.stream(stream="Deals")
    assert (stream.key, stream.version_at, stream.is_open, stream.is_full_read) == (("id",), None, False, False)
    assert stream.fields[0].description == "The number of the deal"


def test_chosen_fields_with_their_roles(bench: Bench) -> None:
    """A choice is read together with key and times; a text that is named as a time of change is read as a time."""
    bench.play(catalog={"streams": [deals()]})
    settings = {"select": ["owner.login", "amount"], "version_at": "changed", "created_at": "made"}
    assert types(bench, **settings) == {
        "id": FieldType.TEXT,
        "changed": FieldType.TIMESTAMP,
        "made": FieldType.TIMESTAMP,
        "owner_login": FieldType.TEXT,
        "amount": FieldType.NUMBER,
    }


def test_tap_is_told_what_to_read(bench: Bench) -> None:
    """Of all streams the one is switched on, and of it the chosen fields; the others stay listed, switched off."""
    catalog = {"streams": [deals(), stream_of("labels", metadata=[]), stream_of("users")]}
    bench.play(schema("Deals", properties=DEALS, key=["Id"]), catalog=catalog)
    bench.read(stream="Deals", select="owner.login", needs="users")
    told = bench.asked()[-1]["catalog"]
    assert selected(told, "crm-Deals") == {
        "": True,
        **dict.fromkeys(DEALS, False),
        **dict.fromkeys(("Id", "owner"), True),
    }
    assert selected(told, "labels") == {"": False}
    assert selected(told, "users") == {"": True}


def test_replication_that_the_project_chooses(bench: Bench) -> None:
    """Taps over databases must be told how to read; the field by which they find changes is read as well."""
    bench.play(schema("Deals", properties=DEALS, key=["Id"]), catalog={"streams": [deals()]})
    bench.read(stream="Deals", select="amount", replication="incremental", replication_key="made")
    (told,) = bench.asked()[-1]["catalog"]["streams"]
    about = told["metadata"][0]["metadata"]
    assert (about["replication-method"], about["replication-key"]) == ("INCREMENTAL", "made")
    assert (told["replication_method"], told["replication_key"]) == ("INCREMENTAL", "made")
    assert selected({"streams": [told]}, "crm-Deals")["made"] is True


@pytest.mark.parametrize(
    ("entry", "settings", "is_full_read"),
    [
        (stream_of(method="FULL_TABLE"), {}, True),
        (stream_of(method="INCREMENTAL"), {}, False),
        (stream_of(method="LOG_BASED"), {}, False),
        (stream_of(method=None), {}, False),
        (stream_of(method="INCREMENTAL"), {"replication": "full_table"}, True),
        (stream_of(method="FULL_TABLE"), {"replication": "log_based"}, False),
        (
            stream_of(
                method=None,
                metadata=[{"breadcrumb": [], "metadata": {"forced-replication-method": "FULL_TABLE"}}],
            ),
            {},
            True,
        ),
    ],
)
def test_absence_means_deletion_in_a_full_table_alone(
    bench: Bench, entry: dict[str, Any], settings: dict[str, Any], is_full_read: bool
) -> None:
    """Where a tap does not say that it lists everything, a record that is not listed still exists."""
    bench.play(catalog={"streams": [entry]})
    assert bench.stream(**settings).is_full_read is is_full_read


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"stream": "Dals"}, "stream issues: the tap has no stream 'Dals'"),
        ({"needs": "owners"}, "stream issues: the tap has no stream 'owners'"),
        ({"select": "amont"}, "stream issues: the tap has no field 'amont' there; did you mean 'amount'?"),
        ({"select": "owner.nam"}, "the tap has no field 'owner.nam' there"),
        ({"select": "secret"}, "the tap knows the field 'secret' but says that it cannot read it"),
        ({"version_at": "amount"}, "version_at names amount, a number; it must be a timestamp or a date"),
        ({"created_at": "owner.age"}, "the tap has no field 'owner.age' there"),
        ({"stream": "both"}, "the tap has several streams 'both'; write one as `stream:` of a-both, b-both"),
        ({"stream": "keyless"}, "the tap does not say what makes a record unique; write its fields under `key:`"),
        ({"stream": "twins"}, "'closed_at' and 'closedAt' would both be the field closed_at; write the fields you"),
    ],
)
def test_what_the_tap_does_not_have_is_refused(bench: Bench, settings: dict[str, Any], message: str) -> None:
    """A name in the settings that the tap does not know is told with what it does know."""
    twins = {"id": {}, "closed_at": {}, "closedAt": {}}
    bench.play(
        catalog={
            "streams": [
                deals(),
                stream_of("a-both", stream="both"),
                stream_of("b-both", stream="both"),
                stream_of("keyless", key_properties=[]),
                stream_of("twins", schema={"properties": twins}),
            ]
        }
    )
    assert message in bench.failure(SettingsError, **{"stream": "Deals", **settings})[1]


def test_stream_that_cannot_be_described_leaves_the_others_alone(bench: Bench) -> None:
    """A wrong name in one stream is told when that stream is read or counted; the others are read all the same."""
    bench.play(schema(), record(1))
    with bench.connector({"tickets": {}, "issues": {}}) as singer:
        tickets, issues = singer.connect()
        assert (tickets.name, tickets.fields, tickets.is_open) == ("tickets", (), True)
        for ask in (lambda: next(singer.read(tickets, None)), lambda: singer.count(tickets)):
            with pytest.raises(SettingsError, match="stream tickets: the tap has no stream 'tickets'; known: issues"):
                ask()
        assert len(next(singer.read(issues, None)).records) == 1
        assert singer.count(issues) is None


def test_stream_is_found_by_the_name_that_formulas_write(bench: Bench) -> None:
    """A stream `crm-Deals` need not be named twice where the project calls it crm_deals."""
    bench.play(catalog={"streams": [deals()]})
    with bench.connector({"crm_deals": {}, "deals": {}}) as singer:
        assert [one.name for one in singer.connect()] == ["crm_deals", "deals"]


def test_key_of_the_tap_may_be_bookkeeping(bench: Bench) -> None:
    """A tap over files knows no key but the line, which it adds itself."""
    properties = {"_sdc_line_number": {"type": "integer"}, "name": {"type": "string"}}
    entry = stream_of(schema={"properties": properties}, key_properties=["_sdc_line_number"])
    row = record(0) | {"record": {"_sdc_line_number": 2, "name": "a"}}
    bench.play(schema(properties=properties, key=["_sdc_line_number"]), row, catalog={"streams": [entry]})
    (page,) = bench.read()
    assert page.records[0].fields == {"sdc_line_number": "2", "name": "a"}


def test_declared_streams_need_no_tap(bench: Bench) -> None:
    """What settings tell is known offline; a stream is open as long as the tap may add a field or the key."""
    named = {"select": ["user.login"], "key": "Number", "version_at": "changedAt"}
    singer = bench.connector({"issues": named, "labels": {"replication": "full_table"}}, tap="no-such-tap")
    issues, labels = singer.declared_streams()
    assert [(one.name, one.type) for one in issues.fields] == [
        ("number", FieldType.UNKNOWN),
        ("changed_at", FieldType.UNKNOWN),
        ("user_login", FieldType.UNKNOWN),
    ]
    assert (issues.key, issues.version_at, issues.is_open) == (("number",), "changed_at", False)
    assert (labels.fields, labels.is_open, labels.is_full_read) == ((), True, True)


def test_declared_fields_are_those_that_come(bench: Bench) -> None:
    """Connecting tells types and never another name, or formulas over a declared stream would break."""
    bench.play(catalog={"streams": [deals()]})
    settings = {"stream": "Deals", "select": ["amount", "owner.login"], "key": "id", "created_at": "made"}
    with bench.connector({"issues": settings}) as singer:
        (declared,), (connected,) = singer.declared_streams(), singer.connect()
    assert [one.name for one in declared.fields] == [one.name for one in connected.fields]
    assert (declared.key, declared.created_at) == (connected.key, connected.created_at)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"tap": []}, "at least 1 item"),
        ({"streams": {}}, "at least 1 item"),
        ({"silence_minutes": 0}, "greater than 0"),
        ({"config": {"a": 1}, "config_file": "tap.json"}, "write either config_file, or config and secrets"),
        ({"config": {"login": "x"}, "secrets": {"login.token": "y"}}, "secrets: login.token has no place"),
    ],
)
def test_settings_that_cannot_be_meant(settings: dict[str, Any], message: str) -> None:
    """Settings are checked before any tap is started."""
    written = {"connector": "singer", "tap": "tap-x", "streams": {"issues": {}}, **settings}
    with pytest.raises(ValidationError, match=message):
        SingerSettings.model_validate(written)


def test_days_in_config_are_texts() -> None:
    """YAML reads 2026-01-01 as a day; the tap gets what was written."""
    written = {"connector": "singer", "tap": "tap-x", "streams": {"issues": {}}}
    settings = SingerSettings.model_validate(written | {"config": {"start_date": date(2026, 1, 1), "n": [1, None]}})
    assert settings.whole_config() == {"start_date": "2026-01-01", "n": [1, None]}
