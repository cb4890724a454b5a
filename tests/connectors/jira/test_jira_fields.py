"""The fields a project adds: found by id or by a name of their own, read as their type."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.jira.custom_fields import find_fields
from connectors.jira.settings import FieldSettings, IssueSettings, JiraSettings
from connectors.jira.values import read_jira_value
from okr_sync.connector import FieldType, SettingsError, Value
from tests.connectors.jira.conftest import SITE_FIELDS, Site, found, issue


def find(ref: str, kind: Any = None) -> FieldType:
    return find_fields("jira", {"mine": FieldSettings(field=ref, type=kind)}, SITE_FIELDS)[0].field.type


def test_declared_fields_are_read(site: Site) -> None:
    """A field by id and a field by name are asked for by id, and read under the project's names."""
    site.pages = [
        found(
            issue(1, customfield_10044={"value": "Hoa Sen"}, customfield_10016=0, customfield_10061={"name": "SEO"}),
            issue(2, customfield_10044=None),
        )
    ]
    declared = {"client": "Client", "points": "customfield_10016", "team": {"field": "Team"}}
    records = site.read({"since_ms": 1}, fields=declared)[0].records
    assert [{name: one.fields[name] for name in declared} for one in records] == [
        {"client": "Hoa Sen", "points": 0.0, "team": "SEO"},
        {"client": None, "points": None, "team": None},
    ]


def test_types_are_unknown_before_the_site_is_asked(site: Site) -> None:
    """Offline a field has the type that the settings give, else none; connected it has the site's."""
    with site.connector(fields={"client": "Client", "sla": {"field": "customfield_10060", "type": "text"}}) as one:
        offline, online = one.declared_streams()[0], one.connect()[0]
    kinds = [[stream.field(name).type for name in ("client", "sla")] for stream in (offline, online)]  # type: ignore[union-attr]
    assert kinds == [[FieldType.UNKNOWN, FieldType.TEXT], [FieldType.TEXT, FieldType.TEXT]]
    assert not offline.is_open
    assert not online.is_open


def test_fields_are_asked_only_if_wanted(site: Site) -> None:
    """The list of fields costs a request, and is left alone where no field is added."""
    with site.connector() as one:
        one.connect()
    assert site.server.paths() == ["/rest/api/3/myself"]


def test_shared_name_is_refused() -> None:
    """A name that several fields have is refused with their ids and where each one belongs."""
    with pytest.raises(SettingsError, match=r"2 fields are called 'Story Points'; write the id of one: ") as caught:
        find("Story Points")
    assert "customfield_10016 (all projects), customfield_10099 (project 10007)" in str(caught.value)
    assert find("customfield_10099") is FieldType.NUMBER


@pytest.mark.parametrize(
    ("ref", "hint"),
    [
        ("Clint", r"did you mean 'Client' \(customfield_10044\)"),
        ("customfield_10045", r"'Client' \(customfield_10044\)"),
        ("zzz", "listed by GET /rest/api/3/field"),
    ],
)
def test_unknown_field_is_refused(ref: str, hint: str) -> None:
    """A field that the site does not have is refused with the nearest ones."""
    with pytest.raises(
        SettingsError, match=f"source jira: streams.issues.fields.mine: the site has no field '{ref}'.*{hint}"
    ):
        find(ref)


def test_field_without_a_type_that_fits() -> None:
    """A field that no type can hold is refused, with the way to give it one."""
    with pytest.raises(SettingsError, match=r"'Epic Link' holds 'any'.*\{field: customfield_10060, type: text\}"):
        find("Epic Link")
    assert find("Epic Link", "text") is FieldType.TEXT


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "number"}, FieldType.NUMBER),
        ({"type": "string"}, FieldType.TEXT),
        ({"type": "datetime"}, FieldType.TIMESTAMP),
        ({"type": "date"}, FieldType.DATE),
        ({"type": "option"}, FieldType.TEXT),
        ({"type": "option-with-child"}, FieldType.TEXT),
        ({"type": "user"}, FieldType.TEXT),
        ({"type": "array", "items": "string"}, FieldType.LIST),
        ({"type": "array", "items": "option"}, FieldType.LIST),
        ({"type": "array", "items": "json", "custom": "com.pyxis.greenhopper.jira:gh-sprint"}, FieldType.LIST),
        ({"type": "array", "items": "json"}, None),
        ({"type": "array", "items": "issuelinks"}, None),
        ({"type": "array"}, None),
        ({"type": "progress"}, None),
        ({}, None),
    ],
)
def test_types_of_the_site(schema: dict[str, str], kind: FieldType | None) -> None:
    """Each type of Jira that a record can hold has one here; the others are refused."""
    site_fields = [{"id": "customfield_1", "name": "One", "schema": schema}]
    wanted = {"one": FieldSettings(field="One")}
    if kind is None:
        with pytest.raises(SettingsError, match="has no type in a record"):
            find_fields("jira", wanted, site_fields)
    else:
        assert find_fields("jira", wanted, site_fields)[0].field.type is kind


DOCUMENT = {
    "type": "doc",
    "version": 1,
    "content": [
        {
            "type": "paragraph",
            "content": [{"type": "text", "text": "Chào "}, {"type": "mention", "attrs": {"text": "@Lan"}}],
        },
        {
            "type": "bulletList",
            "content": [
                {"type": "listItem", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "một"}]}]},
                {"type": "listItem", "content": [{"type": "paragraph", "content": [{"type": "hardBreak"}]}]},
            ],
        },
        {"type": "rule"},
    ],
}


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        (FieldType.TEXT, None, None),
        (FieldType.TEXT, "", ""),
        (FieldType.TEXT, 0, "0"),
        (FieldType.TEXT, {"value": "Gold", "id": "1"}, "Gold"),
        (FieldType.TEXT, {"value": "Asia", "child": {"value": "Huế"}}, "Asia / Huế"),
        (FieldType.TEXT, {"displayName": "Lan", "accountId": "1"}, "Lan"),
        (FieldType.TEXT, DOCUMENT, "Chào @Lan\nmột\n\n\n"),
        (FieldType.TEXT, {"type": "doc", "version": 1, "content": []}, ""),
        (FieldType.LIST, [], []),
        (FieldType.LIST, [{"value": "a"}, {"name": "Sprint 7", "state": "closed"}, "b"], ["a", "Sprint 7", "b"]),
        (FieldType.NUMBER, 0, 0.0),
        (FieldType.NUMBER, -2.5, -2.5),
        (FieldType.NUMBER, "3", 3.0),
        (FieldType.INTEGER, 3.0, 3),
        (FieldType.INTEGER, 9007199254740993, 9007199254740993),  # beyond what a float can hold
        (FieldType.BOOLEAN, False, False),
        (FieldType.DATE, "2026-10-05", date(2026, 10, 5)),
        (FieldType.TIMESTAMP, "2026-10-05T10:00:00.000+0200", datetime(2026, 10, 5, 8, 0, tzinfo=UTC)),
    ],
)
def test_values(kind: FieldType, raw: Any, expected: Value) -> None:
    """Every type reads what Jira writes; null is missing, zero and empty are not."""
    assert read_jira_value(kind, raw) == expected


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (FieldType.TEXT, True),
        (FieldType.TEXT, {"id": "1"}),
        (FieldType.TEXT, ["a"]),
        (FieldType.LIST, "a"),
        (FieldType.NUMBER, "many"),
        (FieldType.NUMBER, True),
        (FieldType.NUMBER, "nan"),
        (FieldType.INTEGER, 2.5),
        (FieldType.BOOLEAN, 1),
        (FieldType.DATE, 20261005),
        (FieldType.DATE, "5 Oct"),
        (FieldType.TIMESTAMP, "2026-10-05T10:00:00"),
        (FieldType.TIMESTAMP, 1790000000),
    ],
)
def test_values_of_another_type(kind: FieldType, raw: Any) -> None:
    """What is not of the type is refused rather than guessed; a time without a zone is none."""
    with pytest.raises(ValueError, match=r"\w"):
        read_jira_value(kind, raw)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"select": "project = WEB ORDER BY rank"}, "has an ORDER BY; leave it out"),
        ({"select": "project = WEB\norder  by rank"}, "has an ORDER BY"),
        ({"fields": {"status": "customfield_1"}}, "status: every issue has a field of this name"),
        ({"fields": {"due_at": "customfield_1"}}, "due_at: every issue has"),
        ({"fields": {"Client": "customfield_1"}}, "pattern"),
        ({"fields": {"a": {"field": "x", "type": "unknown"}}}, "type"),
        ({"fields": {"a": {"id": "x"}}}, "field"),
        ({"filter": "x"}, "Extra inputs"),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, Any], words: str) -> None:
    """What the settings alone tell to be wrong is refused when the project is read."""
    with pytest.raises(ValidationError, match=words):
        IssueSettings.model_validate(settings)


@pytest.mark.parametrize("select", ['summary ~ "order by hand"', "summary ~ 'to order by'", "labels = order", None])
def test_select_may_say_order(select: str | None) -> None:
    """Words inside quotes are no ORDER BY."""
    assert IssueSettings(select=select).select == select


def test_settings_with_missing_variables() -> None:
    """A project is checked offline with its variables as they are written."""
    written = {"connector": "jira", "url": "${JIRA_BASE_URL}", "email": "${JIRA_EMAIL}", "token": "${JIRA_API_TOKEN}"}
    assert JiraSettings.model_validate(written).streams.issues.fields == {}


def test_importing_the_connector_is_cheap() -> None:
    """Reading a project imports every connector it uses; the libraries that talk are left until one connects."""
    slow = ("jira", "requests", "httpx", "stamina")
    code = f"import sys, connectors.jira, connectors.zendesk; print([one for one in {slow} if one in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"
