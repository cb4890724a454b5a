"""Paths that are addresses."""

from __future__ import annotations

from urllib.parse import urlsplit


def is_address(path: str) -> bool:
    """True if `path` is fetched over http(s), false if it lies in the project's folder."""
    return path.lower().startswith(("http://", "https://"))


def shown_address(url: str) -> str:
    """The address without user name, password and query, any of which may be secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
