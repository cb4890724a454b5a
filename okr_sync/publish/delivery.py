"""Messages to chats and mailboxes, through apprise. Nothing here says an address: whoever has it can write there.

Slow to import: only what sends does so.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote

import apprise

from okr_sync.project.destinations import Destination
from okr_sync.publish.message import Message, Tone

PATIENCE_SECONDS = 30
"""For one destination, all its tries together."""
_SHORTEST_SECRET = 4
"""Shorter parts of an address are no secrets; hiding them would hide parts of words."""
_SEPARATORS = re.compile(r"[/:@?&=,#;+\s]+")
_TONES = {
    Tone.BAD: apprise.NotifyType.WARNING,
    Tone.NEUTRAL: apprise.NotifyType.INFO,
    Tone.GOOD: apprise.NotifyType.SUCCESS,
}


class DeliveryError(Exception):
    """The message did not arrive, or nobody knows whether it did. The text holds no part of the address."""


def deliver(destination: Destination, message: Message) -> None:
    """Send it, in as many parts as the chat's longest message makes necessary.

    Raises:
        DeliveryError: it did not arrive. After a time-out it may have arrived all the same.
    """
    with _silent():
        service = _service(destination)
        result = service.notify(
            body=message.text,
            title=message.title,
            notify_type=_TONES[message.tone],
            body_format=apprise.NotifyFormat.TEXT,
            timeout=PATIENCE_SECONDS,
        )
    if not result:
        reasons = dict.fromkeys(one.message for one in result.logs() if one.level in ("WARNING", "ERROR"))
        raise DeliveryError(_without_secrets("; ".join(reasons) or result.status.name.lower(), destination))


def examine(destination: Destination) -> str:
    """What kind of chat or mailbox it is; sends nothing.

    Raises:
        DeliveryError: the address is none, or an environment variable of it is not set.
    """
    with _silent():
        (service,) = _service(destination)
    return str(service.service_name)


def _service(destination: Destination) -> apprise.Apprise:
    missing = destination.missing_variables
    if missing:
        raise DeliveryError(f"{', '.join(missing)} not set; set it in the shell that runs okr-sync")
    asset = apprise.AppriseAsset(
        app_id="okr-sync", app_desc="okr-sync", app_url="", image_url_mask="", async_mode=False
    )
    service = apprise.Apprise(asset=asset)
    url = destination.url.get_secret_value()
    if not service.add(url) or len(service) != 1:
        raise DeliveryError("its url is no address that apprise knows; docs/alerts.md shows one for each chat")
    if "overflow=" not in url:
        service[0].overflow_mode = apprise.OverflowMode.SPLIT
    return service


@contextmanager
def _silent() -> Iterator[None]:
    """apprise reports what failed with the address in it: to its own results, and to a log that must not say it."""
    log = logging.getLogger("apprise")
    before = log.propagate, list(log.handlers)
    log.propagate, log.handlers = False, [logging.NullHandler()]
    try:
        yield
    finally:
        log.propagate, log.handlers = before


def _without_secrets(text: str, destination: Destination) -> str:
    url = destination.url.get_secret_value()
    rest = url.partition("://")[2] or url
    parts = {part for one in (rest, unquote(rest)) for part in _SEPARATORS.split(one)}
    for part in sorted((one for one in parts if len(one) >= _SHORTEST_SECRET), key=len, reverse=True):
        text = text.replace(part, "***")
    return text
