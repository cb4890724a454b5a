"""The address of a source, as a person writes it."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from okr_sync.connector import SettingsError


def checked_address(source: str, url: str, example: str) -> str:
    """`url` without a slash at its end, once it is sure to be an address to send credentials to.

    Raises:
        SettingsError: it is no http or https address of a host, or holds more than host and path.
    """
    parts = _split(url)
    if parts is not None and "@" in parts.netloc:
        raise SettingsError(
            f"source {source}: url holds a user name or a password before {parts.hostname!r};"
            f" write it without, as in {example}, and the credentials in their own settings"
        )
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise SettingsError(f"source {source}: url {url!r} is not the address of a host; write one such as {example}")
    return url.rstrip("/")


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no number
    except ValueError:
        return None
    return parts
