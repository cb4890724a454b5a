"""The same by version 2 of the OKR API: every list is asked for by what it belongs to, and key results have values."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from connectors.lark.okr import OkrColumn, OkrModule, Raw, choice_column, moment, okr_column, okr_streams, status_column
from connectors.lark.paging import items_of, pages
from connectors.lark.session import data_of
from okr_sync.connector import Field, FieldType, Value
from okr_sync.http.columns import Reading
from okr_sync.http.values import member

_TEXT, _NUMBER, _TIMESTAMP = FieldType.TEXT, FieldType.NUMBER, FieldType.TIMESTAMP
_CYCLE_STATUSES = {0: "default", 1: "normal", 2: "invalid", 3: "hidden"}
_UNITS = {"NONE": None, "PERCENT": "%", "YUAN": "CNY", "DOLLAR": "USD"}


def _content(raw: Raw) -> Value:
    """The text of a rich text, a line for each of its blocks."""
    blocks = member(raw, "content.blocks") or []
    lines = ("".join(map(_element_text, member(one, "paragraph.elements") or [])) for one in blocks)
    return "\n".join(filter(None, lines)) or None


def _element_text(element: Raw) -> str:
    return member(element, "text_run.text") or member(element, "docs_link.title") or ""


def _unit(raw: Raw) -> Value:
    unit = member(raw, "indicator.unit.unit_value")
    return _UNITS.get(unit, unit) or None


def _updated_at(raw: Raw) -> Value:
    """An indicator has a time of its own."""
    times = (moment(raw.get("update_time")), moment(member(raw, "indicator.update_time")))
    known = [one for one in times if one is not None]
    if not known:
        raise ValueError("missing")
    return max(known)


_OWN = (
    okr_column("owner_id", _TEXT, "owner.user_id", "The user whose it is"),
    okr_column("score", _NUMBER, "score", "Its score, from 0 to 1"),
    okr_column("created_at", _TIMESTAMP, "create_time", "When it was made"),
    OkrColumn(Field("updated_at", _TIMESTAMP, "When it, or its values, last changed"), _updated_at),
)
_CYCLES = (
    okr_column("id", _TEXT, "id", "The id of the user's cycle"),
    okr_column("tenant_cycle_id", _TEXT, "tenant_cycle_id", "The cycle of the company that it is part of"),
    okr_column("starts_at", _TIMESTAMP, "start_time", "When its first day begins"),
    okr_column("ends_at", _TIMESTAMP, "end_time", "When its last day begins"),
    choice_column("status", "cycle_status", _CYCLE_STATUSES, "default, normal, invalid or hidden"),
    *_OWN,
)
_TEXTS = (
    OkrColumn(Field("content", _TEXT, "Its text"), _content),
    okr_column("weight", _NUMBER, "weight", "Its weight, of 1"),
    okr_column("deadline_at", _TIMESTAMP, "deadline", "When it is due"),
    *_OWN,
)
_OBJECTIVES = (
    okr_column("id", _TEXT, "id", "The id of the objective"),
    okr_column("cycle_id", _TEXT, "cycle_id", "The user's cycle it belongs to"),
    *_TEXTS,
)
_KEY_RESULTS = (
    okr_column("id", _TEXT, "id", "The id of the key result"),
    okr_column("objective_id", _TEXT, "objective_id", "The objective it belongs to"),
    *_TEXTS,
    okr_column("start_value", _NUMBER, "indicator.start_value", "Where it began"),
    okr_column("current_value", _NUMBER, "indicator.current_value", "Where it stands"),
    okr_column("target_value", _NUMBER, "indicator.target_value", "Where it is to be"),
    OkrColumn(Field("unit", _TEXT, "What these count: %, CNY, USD or a word of the owner's"), _unit),
    status_column("indicator.indicator_status"),
)

_READINGS: dict[str, Reading[Raw]] = {
    "okr_cycles": Reading(_CYCLES, lambda raw: f"cycle {raw.get('id')}"),
    "okr_objectives": Reading(_OBJECTIVES, lambda raw: f"objective {raw.get('id')}"),
    "okr_key_results": Reading(_KEY_RESULTS, lambda raw: f"key result {raw.get('id')}"),
}


class OkrV2(OkrModule):
    """A request for each user, cycle, objective and key result."""

    readings = _READINGS
    streams = okr_streams(_READINGS, version_at="updated_at", created_at="created_at")

    def raws(self, stream: str) -> Iterator[list[Raw]]:
        if stream == "okr_cycles":
            yield self._cycles
        elif stream == "okr_objectives":
            yield self._objectives
        else:
            for objective in self._objectives:
                found = self._list(f"objectives/{objective['id']}/key_results")
                yield [{**one, "indicator": self._indicator(one["id"])} for one in found]

    @cached_property
    def _cycles(self) -> list[Raw]:
        found = [one for user in self._settings.users for one in self._list("cycles", user_id=user)]
        self._refuse_nothing(len(found))
        return [one for one in found if not self._ended_before_start(one.get("end_time"))]

    @cached_property
    def _objectives(self) -> list[Raw]:
        return [one for cycle in self._cycles for one in self._list(f"cycles/{cycle['id']}/objectives")]

    def _indicator(self, key_result: str) -> Raw | None:
        path = f"key_results/{key_result}/indicators"
        return data_of(f"{self._where}: OKR {path}", self._get(path, {})).get("indicator")

    def _list(self, path: str, **query: str) -> list[Raw]:
        answers = pages(f"{self._where}: OKR {path}", lambda at: self._get(path, {"page_size": "100", **query, **at}))
        return [one for data in answers for one in items_of(data)]

    def _get(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        asked = {"user_id_type": self._settings.user_id_type, **query}
        return self._client.get_json(f"/open-apis/okr/v2/{path}", asked)
