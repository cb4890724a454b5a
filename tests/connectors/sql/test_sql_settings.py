"""What a project may say of a source of tables."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pydantic import ValidationError

from connectors.sql import Sql
from connectors.sql.settings import SqlSettings
from okr_sync.connector import FieldType
from tests.connectors.sql.conftest import Crm


def source(url: str = "postgresql://lan:s3cr3t@db/crm", **stream: Any) -> dict[str, Any]:
    return {"connector": "sql", "url": url, "streams": {"visits": {"table": "visits", "key": "id", **stream}}}


FULL = source(
    key=["site", "day"],
    version_at="updated_at",
    created_at="created_at",
    cursor="updated_at",
    deleted="is_deleted",
    lag="10m",
    timezone="Asia/Ho_Chi_Minh",
    fields={"amount": "number", "tags": "list"},
)


def test_everything_that_may_be_written() -> None:
    """The short forms are those of the documentation."""
    settings = SqlSettings.model_validate({**FULL, "statement_timeout": "2h"})
    stream = settings.streams["visits"]
    assert (stream.key, stream.lag, settings.statement_timeout) == (
        ("site", "day"),
        timedelta(minutes=10),
        timedelta(hours=2),
    )
    assert stream.fields == {"amount": FieldType.NUMBER, "tags": FieldType.LIST}


@pytest.mark.parametrize(
    ("written", "cursor"),
    [({}, None), ({"version_at": "a"}, "a"), ({"version_at": "a", "cursor": "b"}, "b"),
     ({"version_at": "a", "cursor": None}, None)],
)  # fmt: skip
def test_cursor_is_the_time_of_change_unless_written(written: dict[str, Any], cursor: str | None) -> None:
    """`cursor: null` is written to have everything read each time."""
    assert SqlSettings.model_validate(source(**written)).streams["visits"].cursor_field == cursor


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        ({"query": "SELECT 1"}, "write exactly one of table (public.visits) and query (SELECT ...)"),
        ({"table": None}, "write exactly one of table (public.visits) and query (SELECT ...)"),
        ({"key": []}, "at least 1 item"),
        ({"key": "Id"}, "should match pattern"),
        ({"lag": "5 minutes"}, "'5 minutes' is not a span of time; write one such as 30s, 5m, 2h or 1d"),
        ({"lag": -5}, "-5 is not a span of time"),
        ({"timezone": "Hanoi"}, "'Hanoi' is not a time zone; write one such as Asia/Ho_Chi_Minh or UTC"),
        ({"fields": {"x": "numbr"}}, "'numbr' is not a type; did you mean 'number'?"),
        ({"fields": {"x": "unknown"}}, "'unknown' is not a type"),
        ({"versionat": "x"}, "Extra inputs are not permitted"),
        (
            {"table": None, "query": "DROP TABLE visits"},
            "streams.visits.query: 'DROP TABLE visits' is not a SELECT; write exactly one SELECT",
        ),
    ],
)
def test_bad_setting_is_refused(stream: dict[str, Any], message: str) -> None:
    """A setting that cannot be meant is an error that shows the value and what is allowed."""
    with pytest.raises(ValidationError) as caught:
        SqlSettings.model_validate(source(**stream))
    assert message in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


def test_source_has_a_stream() -> None:
    """A source without streams would sync nothing."""
    with pytest.raises(ValidationError):
        SqlSettings.model_validate({"connector": "sql", "url": "sqlite:///a.db", "streams": {}})


def test_address_is_not_shown() -> None:
    """It holds a password, so printing settings does not print it."""
    assert "s3cr3t" not in repr(SqlSettings.model_validate(source()))


@pytest.mark.parametrize("settings", [FULL, source(cursor=None), {**source(), "statement_timeout": "90s"}])
def test_schema_describes_what_may_be_written(settings: dict[str, Any]) -> None:
    """What the models accept, the JSON Schema for editors accepts too."""
    SqlSettings.model_validate(settings)
    Draft202012Validator(SqlSettings.model_json_schema()).validate(settings)


def test_streams_are_declared_offline(sqlite: Crm) -> None:
    """What the settings name is known without a database, and without its address."""
    with sqlite.connector({"url": "${CRM_DB}"}, version_at="at", fields={"n": "number"}, deleted="gone") as connector:
        (stream,) = connector.declared_streams()
        assert isinstance(connector, Sql)
        assert connector.request_count == 0
    assert stream.is_open
    assert {field.name: field.type.value for field in stream.fields} == {
        "id": "unknown",
        "at": "unknown",
        "gone": "unknown",
        "n": "number",
    }
