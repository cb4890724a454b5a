"""Cycles, objectives and key results by version 1 of the OKR API: what users have, as a tree for each cycle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from connectors.lark.okr import OkrColumn, OkrModule, Raw, choice_column, moment, okr_column, okr_streams, status_column
from connectors.lark.paging import items_of, pages
from connectors.lark.session import data_of
from okr_sync.connector import AccessError, Field, FieldType, IncompleteError, Value
from okr_sync.http.columns import Reading
from okr_sync.http.values import member, to_number

_TEXT, _NUMBER, _TIMESTAMP = FieldType.TEXT, FieldType.NUMBER, FieldType.TIMESTAMP
_CYCLE_STATUSES = {0: "normal", 1: "on hold", 2: "invalid", 3: "hidden"}
_PAGE = 10


def _share(name: str, paths: Sequence[str], description: str) -> OkrColumn:
    """Of 1, where the API counts to 100; the first of `paths` that leads to a number."""

    def read(raw: Raw) -> Value:
        found = next((one for one in (member(raw, path) for path in paths) if one is not None), None)
        return None if found is None else to_number(found) / 100

    return OkrColumn(Field(name, _NUMBER, description), read)


def _score(part: str) -> OkrColumn:
    """A score that nobody gave is 0 like one that somebody gave; only its time tells."""
    given = _share("score", (f"{part}.score",), "Its score, from 0 to 1; none before it is given")

    def read(raw: Raw) -> Value:
        scored_at = member(raw, f"{part}.score_last_updated_time")
        return None if scored_at is not None and moment(scored_at) is None else given.read(raw)

    return OkrColumn(given.field, read)


_CYCLES = (
    okr_column("id", _TEXT, "id", "The id of the cycle"),
    OkrColumn(Field("name", _TEXT, "Its name"), lambda raw: raw.get("en_name") or raw.get("zh_name") or None),
    okr_column("starts_at", _TIMESTAMP, "period_start_time", "When its first day begins"),
    okr_column("ends_at", _TIMESTAMP, "period_end_time", "When its last day begins"),
    choice_column("status", "status", _CYCLE_STATUSES, "normal, on hold, invalid or hidden"),
)


def _columns(part: str, weights: Sequence[str]) -> tuple[OkrColumn, ...]:
    """What objectives and key results have in common."""
    return (
        okr_column("cycle_id", _TEXT, "okr.period_id", "The cycle it belongs to"),
        okr_column("owner_id", _TEXT, "user_id", "The user whose OKR it is"),
        okr_column("content", _TEXT, f"{part}.content", "Its text"),
        okr_column("progress_percent", _NUMBER, f"{part}.progress_rate.percent", "Its progress, of 100"),
        status_column(f"{part}.progress_rate.status"),
        _score(part),
        _share("weight", [f"{part}.{name}" for name in weights], "Its weight, of 1"),
        okr_column("deadline_at", _TIMESTAMP, f"{part}.deadline", "When it is due"),
        okr_column(
            "progress_updated_at",
            _TIMESTAMP,
            f"{part}.progress_rate_percent_last_updated_time",
            "When its progress last changed",
        ),
    )


_OBJECTIVES = (
    okr_column("id", _TEXT, "objective.id", "The id of the objective"),
    *_columns("objective", ("weight",)),
)
_KEY_RESULTS = (
    okr_column("id", _TEXT, "kr.id", "The id of the key result"),
    okr_column("objective_id", _TEXT, "objective.id", "The objective it belongs to"),
    *_columns("kr", ("kr_weight", "weight")),  # weight is the older of the two, without decimals
)


_READINGS: dict[str, Reading[Raw]] = {
    "okr_cycles": Reading(_CYCLES, lambda raw: f"cycle {raw.get('id')}"),
    "okr_objectives": Reading(_OBJECTIVES, lambda raw: f"objective {member(raw, 'objective.id')}"),
    "okr_key_results": Reading(_KEY_RESULTS, lambda raw: f"key result {member(raw, 'kr.id')}"),
}


class OkrV1(OkrModule):
    """Objectives and key results come with the same answers, which are asked for once."""

    readings = _READINGS
    streams = okr_streams(_READINGS, version_at=None, created_at=None)

    def raws(self, stream: str) -> Iterator[list[Raw]]:
        if stream == "okr_cycles":
            yield [one for one in self._cycles if one.get("id") not in self._old]
        elif stream == "okr_objectives":
            yield self._objectives
        else:
            yield [{**one, "kr": kr} for one in self._objectives for kr in one["objective"].get("kr_list") or []]

    @cached_property
    def _cycles(self) -> list[Raw]:
        def ask(position: dict[str, str]) -> dict[str, Any]:
            return self._client.get_json("/open-apis/okr/v1/periods", {"page_size": 100, **position})

        return [one for data in pages(f"{self._where}: OKR cycles", ask) for one in items_of(data)]

    @cached_property
    def _old(self) -> set[str]:
        """The cycles to leave out."""
        if self._settings.start is None:
            return set()
        return {str(one.get("id")) for one in self._cycles if self._ended_before_start(one.get("period_end_time"))}

    @cached_property
    def _objectives(self) -> list[Raw]:
        okrs = [(user, one) for user in self._settings.users for one in self._okrs_of(user)]
        self._refuse_nothing(len(okrs))
        found = []
        for user, okr in okrs:
            if okr.get("period_id") not in self._old:
                _refuse_hidden(self._where, "OKR", user, okr)
                for objective in okr.get("objective_list") or []:
                    _refuse_hidden(self._where, "objective", user, objective)
                    found.append({"user_id": user, "okr": okr, "objective": objective})
        return found

    def _okrs_of(self, user: str) -> Iterator[Raw]:
        """Ten at a time, by their position."""
        where, offset = f"{self._where}: OKRs of {user}", 0
        while True:
            asked = {"user_id_type": self._settings.user_id_type, "offset": str(offset), "limit": str(_PAGE)}
            data = data_of(where, self._client.get_json(f"/open-apis/okr/v1/users/{user}/okrs", asked))
            okrs, total = data.get("okr_list") or [], data.get("total")
            yield from okrs
            offset += len(okrs)
            if not isinstance(total, int) or (not okrs and offset < total):
                raise IncompleteError(f"{where}: {offset} came of {total}; try again later")
            if offset >= total:
                return


def _refuse_hidden(where: str, what: str, user: str, one: Raw) -> None:
    if one.get("permission") == 0:
        raise AccessError(
            f"{where}: the {what} {one.get('id')} of {user} may not be seen; let an administrator widen the app's data"
            " range for OKR, or leave the user out of okr.users"
        )
