"""The declared API: incidents of Better Stack, by the ready-made declaration. They are read whole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.http import Http
from okr_sync.sandbox import Agency
from okr_sync.sandbox.faults import Call, rewritten
from okr_sync.sandbox.http import Json
from okr_sync.sandbox.systems.betterstack import faults
from okr_sync.sandbox.systems.betterstack.team import BetterStackOptions
from tests.contract.case import Case


def settings(variables: Mapping[str, str]) -> dict[str, Any]:
    return {
        "use": "betterstack",
        "url": variables["BETTERSTACK_URL"],
        "auth": {"bearer": variables["BETTERSTACK_TOKEN"]},
    }


def grow(now: datetime) -> Agency:
    return Agency.grow(5, now, 0, 0, 0).grow_business(5, 0, 0, 0, outage_count=40)


def keys(agency: Agency) -> set[str]:
    return {str(one.id) for one in agency.outages.all}


def change(agency: Agency) -> str:
    return str(agency.outages.edit(agency.outages.all[6].id, ended_at=agency.clock.now()).id)


def delete(agency: Agency) -> str:
    key = agency.outages.all[4].id
    agency.outages.delete(key)
    return str(key)


def spoil(_: Call, content: Json) -> Json:
    first, *others = list[Any](content["data"])  # type: ignore[call-overload]
    return content | {"data": [{**first, "attributes": {**first["attributes"], "started_at": "soon"}}, *others]}


CASE = Case(
    connector=Http,
    system="betterstack",
    settings=settings,
    stream="incidents",
    grow=grow,
    keys=keys,
    change=change,
    delete=delete,
    pages="/api/v2/incidents",
    bad_record=rewritten(spoil),
    options=BetterStackOptions(page_cap=15),
    repeated_token=faults.repeated_token(),
    secrets=("BETTERSTACK_TOKEN",),
    nightly_requests=4,
)
