"""Messages, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from okr_sync.publish.message import Message
from okr_sync.publish.sending import TEST, Delivery, Fate

_STYLES = {Fate.SENT: "green", Fate.FAILED: "red", Fate.NOT_SENT: "yellow"}


def print_message(message: Message, console: Console) -> None:
    console.print(Text(message.title, style="bold"), soft_wrap=True)
    console.print()
    console.print(Text(message.text), soft_wrap=True)


def print_deliveries(deliveries: Sequence[Delivery], console: Console, *, with_messages: bool = False) -> None:
    for one in deliveries:
        title = "" if one.message is None else f"  {one.message.title}"
        fate = (one.fate.value, _STYLES.get(one.fate, ""))
        console.print(Text.assemble((one.destination, "bold"), f"  {one.kind}  ", fate, title), soft_wrap=True)
        if one.error is not None:
            again = "" if one.kind == TEST else "; it is tried again the next time"
            console.print(Text(f"  {one.error}{again}", style="red"), soft_wrap=True)
        if with_messages and one.message is not None:
            console.print(Text(f"\n{one.message.text}\n"), soft_wrap=True)


def deliveries_json(deliveries: Sequence[Delivery]) -> list[dict[str, Any]]:
    return [
        {
            "destination": one.destination,
            "kind": one.kind,
            "fate": one.fate.value,
            "title": None if one.message is None else one.message.title,
            "text": None if one.message is None else one.message.text,
            "error": one.error,
        }
        for one in deliveries
    ]
