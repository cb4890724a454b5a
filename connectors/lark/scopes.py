"""The scopes an app needs for what a project reads, and those it has."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from connectors.lark.session import data_of
from connectors.lark.settings import LarkSettings
from okr_sync.connector import SourceError

if TYPE_CHECKING:
    from okr_sync.http.client import Client

_GRANTED = 1
_OF_THE_CHECK = {"admin:app.info:readonly", "application:application:self_manage"}
"""Either lets an app list its scopes."""

Need = tuple[Sequence[str], Sequence[str]]
"""Scopes of which any one is enough: those that only read, the narrowest first, and those that write as well."""

_FIELDS: Need = (("bitable:app:readonly", "base:field:read"), ("bitable:app",))
_RECORDS: Need = (("bitable:app:readonly", "base:record:retrieve"), ("bitable:app",))
_WIKI: Need = (("wiki:node:read", "wiki:wiki:readonly"), ("wiki:wiki",))
_OKR: Need = (("okr:okr:readonly",), ("okr:okr",))
_OKR_CYCLES: Need = (("okr:okr.period:readonly", "okr:okr:readonly"), ("okr:okr",))
_OKR_CONTENT: Need = (("okr:okr.content:readonly", "okr:okr:readonly"), ("okr:okr",))


def needed_scopes(settings: LarkSettings) -> list[Need]:
    needs = [_FIELDS, _RECORDS] if settings.streams else []
    if any(one.wiki for one in settings.streams.values()):
        needs.append(_WIKI)
    if settings.okr is not None:
        needs += [_OKR] if settings.okr.api == "v1" else [_OKR_CYCLES, _OKR_CONTENT]
    return needs


def granted_scopes(client: Client) -> set[str] | None:
    """Those granted to the app itself; `None` where it may not ask."""
    try:
        data = data_of("scopes", client.get_json("/open-apis/application/v6/scopes"))
    except SourceError:
        return None
    scopes = data.get("scopes") or []
    return {
        str(one.get("scope_name"))
        for one in scopes
        if one.get("grant_status") == _GRANTED and one.get("scope_type", "tenant") == "tenant"
    }


def missing_scopes(needed: Sequence[Need], granted: Collection[str] | None) -> tuple[str, ...]:
    """The narrowest scope of each need that nothing granted meets."""
    if granted is None:
        return ()
    lacking = (readers[0] for readers, writers in needed if not {*readers, *writers} & {*granted})
    return tuple(dict.fromkeys(lacking))


def unneeded_scopes(needed: Sequence[Need], granted: Collection[str] | None) -> tuple[str, ...]:
    reading = {one for readers, _ in needed for one in readers}
    return tuple(sorted({*(granted or ())} - reading - _OF_THE_CHECK))
