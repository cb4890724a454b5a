"""Paths that are addresses: on the web, or in a storage such as s3://bucket."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_ADDRESS = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]+)://", re.IGNORECASE)
_PASSWORD = re.compile(r"^(?P<before>[^:]+://[^/@:]*):(?P<password>[^/@]*)@")


def scheme_of(path: str) -> str | None:
    """`s3` of s3://bucket/a.csv; `None` of a path in the project's folder."""
    match = _ADDRESS.match(path)
    return None if match is None else match["scheme"].lower()


def is_web(path: str) -> bool:
    """True if `path` is fetched over http(s)."""
    return scheme_of(path) in ("http", "https")


def is_storage(path: str) -> bool:
    """True if `path` lies in a storage, for which fsspec has a driver."""
    return scheme_of(path) is not None and not is_web(path)


def shown_address(url: str) -> str:
    """The address without what may be secret: on the web user name, password and query, in a storage the password."""
    if is_storage(url):
        return _PASSWORD.sub(r"\g<before>@", url)
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def password_of(url: str) -> str:
    """The password before the host of a storage, empty without one."""
    match = _PASSWORD.match(url)
    return "" if match is None else match["password"]
