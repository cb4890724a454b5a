"""Google Sheets: addresses as a browser shows them, the address that gives one sheet as CSV, and what is odd about it.

Nobody signs in: a sheet is read as everybody who has its link reads it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import SplitResult, parse_qs, urlencode, urlsplit

from connectors.files.address import is_web
from okr_sync.connector import AccessError, SettingsError, SourceError, UnavailableError

_HOST = "docs.google.com"
_CONTENT_HOSTS = ".googleusercontent.com"
"""Where Google puts what it has exported."""
_PATH = re.compile(r"/spreadsheets/(?:u/\d+/)?d/(?P<id>[^/]+)")
_PUBLISHED = "e"
"""Stands for the id in addresses that File > Share > Publish to web gives, which are addresses of CSV themselves."""
_GONE = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
_SHARING = (
    "share the sheet in Google Sheets under Share > General access > Anyone with the link > Viewer,"
    " and open the address in a private window to see what okr-sync sees"
)


def is_sheet(path: str) -> bool:
    """True if `path` is the address of a Google Sheet."""
    parts = urlsplit(path) if is_web(path) else None
    return parts is not None and parts.hostname == _HOST and parts.path.startswith("/spreadsheets/")


def export_address(url: str) -> str:
    """The address that gives as CSV the sheet that `url` shows in a browser.

    An address without `gid` means the first sheet, whose gid need not be 0.

    Raises:
        ValueError: it is not the address of one sheet.
    """
    parts = urlsplit(url)
    match = _PATH.match(parts.path)
    if match is None:
        raise ValueError(
            f"{url!r} is not the address of a sheet; open the sheet in a browser and copy the address from there,"
            " such as https://docs.google.com/spreadsheets/d/…/edit#gid=0"
        )
    if match["id"] == _PUBLISHED:
        return url
    asked = {"format": "csv", **_named(parts, url)}
    return f"{parts.scheme}://{_HOST}/spreadsheets/d/{match['id']}/export?{urlencode(asked)}"


def leads_to_export(here: str, there: str) -> bool:
    """True if a sheet's address sends on to where Google keeps the export. No credentials go there: none exist."""
    target = urlsplit(there)
    return (
        is_sheet(here)
        and target.scheme == urlsplit(here).scheme
        and (target.hostname or "").endswith(_CONTENT_HOSTS)
        and target.port is None
    )


def sheet_refusal(where: str, status: int, headers: Mapping[str, str]) -> SourceError | None:
    """The error of an answer that is no CSV, where it says what a person must do about a sheet."""
    kind = headers.get("Content-Type", "nothing").lower()
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        host = urlsplit(headers.get("Location", "")).hostname or _HOST
        return AccessError(f"{where}: {status} to {host}, where somebody must sign in; {_SHARING}")
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return AccessError(f"{where}: {status}: Google wants somebody to sign in; {_SHARING}")
    if status in _GONE:
        return SettingsError(
            f"{where}: {status}: the spreadsheet, or the sheet with this gid in it, is not there;"
            " open the sheet in a browser and copy its address anew"
        )
    if status == HTTPStatus.OK and kind.startswith("text/html"):
        return AccessError(
            f"{where}: Google answered with a web page instead of CSV, as it does for a sheet that is not shared"
            f" or not there; {_SHARING}"
        )
    if status == HTTPStatus.OK and not kind.startswith("text/csv"):
        return UnavailableError(f"{where}: Google answered with {kind} instead of CSV; sync again later")
    return None


def _named(parts: SplitResult, url: str) -> dict[str, str]:
    """What else tells one sheet from others: its gid, and the key that some old links carry."""
    asked = {**parse_qs(parts.query), **parse_qs(parts.fragment)}
    named: dict[str, str] = {name: asked[name][-1] for name in ("gid", "resourcekey") if name in asked}
    if not re.fullmatch(r"\d+", named.get("gid", "0")):
        raise ValueError(f"gid {named['gid']!r} in {url!r} is not a number; copy the address from a browser")
    return named
