"""A record's fields: texts to types, stages to names, properties and objects that a project adds."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.hubspot.values import read_property
from okr_sync.connector import FieldType, SettingsError, Value
from tests.connectors.hubspot.conftest import Portal, connector, deal

SALES = {
    "id": "default",
    "label": "Bán mới",
    "stages": [
        {"id": "contractsent", "label": "Đã ký", "metadata": {"isClosed": "true", "probability": "1.0"}},
        {"id": "1001", "label": "成約", "metadata": {"isClosed": "false", "probability": "0.4"}},
    ],
}
RENEWAL = {
    "id": "55",
    "label": "Gia hạn",
    "stages": [{"id": "2001", "label": "ĐÃ KÝ!", "metadata": {"isClosed": "true", "probability": "1.0"}}],
}
PROPERTIES = [
    {"name": "hs_v2_date_entered_contractsent", "label": "Date entered", "type": "datetime"},
    {"name": "hs_v2_date_entered_1001", "label": "Date entered", "type": "datetime"},
    {"name": "hs_v2_date_entered_10012", "label": "of a stage that is gone", "type": "datetime"},
    {"name": "hs_v2_date_entered_2001_1482437683", "label": "Date entered", "type": "datetime"},
    {"name": "contract_end", "label": "Hết hợp đồng", "type": "date", "fieldType": "date"},
    {"name": "seats", "label": "Số ghế", "type": "number", "fieldType": "number"},
    {"name": "vip", "label": "VIP", "type": "bool", "fieldType": "booleancheckbox"},
    {"name": "signed", "label": "Signed", "type": "datetime", "fieldType": "date"},
    {"name": "areas", "label": "Areas", "type": "enumeration", "fieldType": "checkbox"},
    {"name": "region", "label": "Region", "type": "enumeration", "fieldType": "select"},
    {"name": "phone", "label": "Phone", "type": "phone_number", "fieldType": "phonenumber"},
]


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        (FieldType.TEXT, "", None),
        (FieldType.NUMBER, "", None),
        (FieldType.NUMBER, None, None),
        (FieldType.NUMBER, "0", 0.0),
        (FieldType.NUMBER, "-12.50", -12.5),
        (FieldType.INTEGER, "9007199254740993", 9007199254740993),
        (FieldType.BOOLEAN, "true", True),
        (FieldType.BOOLEAN, "false", False),
        (FieldType.BOOLEAN, True, True),
        (FieldType.DATE, "2026-12-31", date(2026, 12, 31)),
        (FieldType.DATE, "1798675200000", date(2026, 12, 31)),  # 20,818 days of 86,400,000 ms
        (FieldType.DATE, "-86400000", date(1969, 12, 31)),
        (FieldType.TIMESTAMP, "2026-10-01T03:00:00.123Z", datetime(2026, 10, 1, 3, 0, 0, 123000, UTC)),
        (FieldType.TIMESTAMP, "1798675200123", datetime(2026, 12, 31, 0, 0, 0, 123000, UTC)),
        (FieldType.LIST, "seo;web", ["seo", "web"]),
        (FieldType.LIST, "", None),
    ],
)
def test_texts_become_values(kind: FieldType, raw: Any, expected: Value) -> None:
    """Every value comes as a text; an empty one was taken away; zero and false are values."""
    assert read_property(kind, raw) == expected


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (FieldType.BOOLEAN, "yes"),
        (FieldType.BOOLEAN, "True"),
        (FieldType.NUMBER, "NaN"),
        (FieldType.NUMBER, "1.000,5"),
        (FieldType.INTEGER, "1.5"),
        (FieldType.DATE, "2026-02-30"),
        (FieldType.TIMESTAMP, "2026-10-01T03:00:00"),
        (FieldType.TEXT, {"a": 1}),
    ],
)
def test_texts_that_are_no_values(kind: FieldType, raw: Any) -> None:
    """What is not of its type is refused, never guessed."""
    with pytest.raises(ValueError, match=r"\w"):
        read_property(kind, raw)


def test_stages_by_name(portal: Portal) -> None:
    """Pipeline and stage have their names, whatever HubSpot's ids say; one that is gone has its id alone."""
    portal.pipelines = [SALES, RENEWAL]
    fields = portal.only(deal(7, pipeline="default", dealstage="contractsent", hs_is_closed_won="true")).fields
    assert (fields["pipeline"], fields["pipeline_id"]) == ("Bán mới", "default")
    assert (fields["stage"], fields["stage_id"]) == ("Đã ký", "contractsent")
    assert (fields["is_won"], fields["is_closed"]) == (True, None)
    fields = portal.only(deal(7, pipeline="gone", dealstage="")).fields
    assert (fields["pipeline"], fields["pipeline_id"]) == (None, "gone")
    assert (fields["stage"], fields["stage_id"]) == (None, None)


def test_times_of_stages(portal: Portal) -> None:
    """A column for each name of a stage, shared by stages of one name, and one by id where the name has no letters."""
    portal.pipelines, portal.properties = [SALES, RENEWAL], PROPERTIES
    with connector(portal.server.url) as one:
        names = [field.name for stream in one.connect() if stream.name == "deals" for field in stream.fields]
    assert [name for name in names if name.startswith("entered_")] == ["entered_da_ky_at", "entered_1001_at"]
    times = {
        "hs_v2_date_entered_contractsent": "2026-10-05T00:00:00Z",
        "hs_v2_date_entered_2001_1482437683": "2026-10-01T00:00:00Z",
        "hs_v2_date_entered_10012": "2026-10-09T00:00:00Z",
    }
    for pipeline, day in (("default", 5), ("55", 1), ("another", 5)):
        record = portal.only(deal(7, pipeline=pipeline, **times))
        assert record.fields["entered_da_ky_at"] == datetime(2026, 10, day, tzinfo=UTC)
        assert record.fields["entered_1001_at"] is None


def test_properties_that_a_project_adds(portal: Portal) -> None:
    """Each has the type that HubSpot gives its property, and is asked for by its internal name."""
    portal.properties = PROPERTIES
    wanted = {f"my_{name}": name for name in ("contract_end", "seats", "vip", "signed", "areas", "region", "phone")}
    values = {"contract_end": "2026-12-31", "seats": "12", "vip": "false", "signed": "2026-10-01T00:00:00Z",
              "areas": "a;b", "region": "north", "phone": "+84 1"}  # fmt: skip
    record = portal.only(deal(7, **values), streams={"deals": {"fields": wanted}})
    assert {name: record.fields[name] for name in wanted} == {
        "my_contract_end": date(2026, 12, 31),
        "my_seats": 12.0,
        "my_vip": False,
        "my_signed": datetime(2026, 10, 1, tzinfo=UTC),
        "my_areas": ["a", "b"],
        "my_region": "north",
        "my_phone": "+84 1",
    }


def test_name_that_a_project_gave_away(portal: Portal) -> None:
    """A project's own field goes before a stage's time of the same name."""
    portal.pipelines, portal.properties = [SALES], PROPERTIES
    values = {"signed": "2026-10-02T00:00:00Z", "hs_v2_date_entered_contractsent": "2026-10-01T00:00:00Z"}
    record = portal.only(deal(7, **values), streams={"deals": {"fields": {"entered_da_ky_at": "signed"}}})
    assert record.fields["entered_da_ky_at"] == datetime(2026, 10, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (
            "contract_ends",
            r"streams\.deals\.fields\.x: .*'contract_ends'; did you mean 'contract_end' \(Hết hợp đồng\)",
        ),
        ("số ghế", r"did you mean 'seats' \(Số ghế\)"),
        ("zzz", "listed in HubSpot's settings under Properties"),
    ],
)
def test_unknown_property(portal: Portal, wanted: str, words: str) -> None:
    """HubSpot ignores a property that it does not know; the project is told, with near names or labels."""
    portal.properties = PROPERTIES
    with pytest.raises(SettingsError, match=words):
        portal.read(streams={"deals": {"fields": {"x": wanted}}})


def test_custom_object(portal: Portal) -> None:
    """An object of the account's own is a stream, with the properties that the project names."""
    portal.properties = PROPERTIES
    rooms = {"rooms": {"object": "2-123456", "fields": {"seats": "seats"}}}
    record = portal.only(deal(7, seats="4"), "rooms", streams=rooms)
    assert {"id": "7", "seats": 4.0}.items() <= record.fields.items()
    assert portal.asked[-1].path == "/crm/v3/objects/2-123456/search"


def test_survey_that_is_answered_in_words(portal: Portal) -> None:
    """A score is the number of an answer, 0 included; an answer in words has none."""
    scores = [
        portal.only(deal(7, hs_value=raw), "feedback_submissions").fields["score"] for raw in ("0", "9", "rất tốt", "")
    ]
    assert scores == [0.0, 9.0, None, None]


def test_declared_offline() -> None:
    """A token alone offers six streams; stages are not known before the account is asked, so two are left open."""
    with connector("https://nobody.example") as one:
        streams = {stream.name: stream for stream in one.declared_streams()}
    assert list(streams) == ["deals", "contacts", "companies", "tickets", "line_items", "feedback_submissions"]
    assert [name for name, stream in streams.items() if stream.is_open] == ["deals", "tickets"]
    types = {field.name: field.type for field in streams["deals"].fields}
    assert (types["pipeline"], types["is_won"]) == (FieldType.TEXT, FieldType.BOOLEAN)


@pytest.mark.parametrize(
    ("streams", "words"),
    [
        ({"deal": {}}, "no standard stream; did you mean 'deals'"),
        ({"rooms": {"fields": {"x": "y"}}}, "write its object: 2-123456"),
        ({"deals": {"object": "0-3"}}, "leave object out"),
        ({"people": {"object": "contacts"}}, "contacts is the standard stream contacts; write what you add there"),
        ({"people": {"object": "0-1"}}, "0-1 is the standard stream contacts"),
        ({"deals": {"fields": {"stage": "x"}}}, "stage: the stream has such a field already"),
        ({"rooms": {"object": "2-1", "fields": {"id": "x"}}}, "id: the stream has such a field already"),
        ({"deals": {"fields": {"My Field": "x"}}}, "should match pattern"),
        ({"rooms": {"object": "deals/../contacts"}}, "should match pattern"),
        ({"deals": {"field": {}}}, "Extra inputs"),
    ],
)
def test_settings_that_are_refused(streams: dict[str, Any], words: str) -> None:
    """A name that is taken, an object that is missing, a word that is unknown: told before anybody is asked."""
    with pytest.raises(ValidationError, match=words):
        connector("https://nobody.example", streams=streams)
