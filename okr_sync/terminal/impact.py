"""What rests on something: a line for each place that says so, the key results last."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from okr_sync.errors import nearest
from okr_sync.impact import Impact, Kind, Resting, Use
from okr_sync.terminal.console import count_text, plain_table

LONGEST_TEXT = 60
"""Letters of a formula that stand in a line; the file has the rest."""
_SHOWN = {
    Kind.VIEW: ("view", "views"),
    Kind.CALENDAR: ("calendar", "calendars"),
    Kind.RATES: ("exchange rates", "exchange rates"),
    Kind.EVENT: ("event", "events"),
    Kind.METRIC: ("metric", "metrics"),
    Kind.INITIATIVE: ("initiative", "initiatives"),
    Kind.KPI: ("KPI", "KPIs"),
    Kind.KEY_RESULT: ("key result", "key results"),
}


def print_impact(name: str, found: Impact, console: Console) -> None:
    kinds = " and ".join(one.kind for one in found.subjects)
    console.print(Text.assemble((name, "bold"), f"  {kinds}"))
    console.print(Padding(Text(_in_short(name, found)), (0, 0, 0, 2), expand=False))
    if found.note is not None:
        console.print(Padding(Text(found.note, style="dim"), (0, 0, 0, 2), expand=False))
    for kind in _SHOWN:
        resting = found.of_kind(kind)
        if resting:
            console.print()
            console.print(Text(_SHOWN[kind][1], style="dim"))
            _print_kind(resting, console)


def _in_short(name: str, found: Impact) -> str:
    counts = [count_text(len(those), *names) for kind, names in _SHOWN.items() if (those := found.of_kind(kind))]
    verb = "rests" if len(found.resting) == 1 else "rest"
    rests = f"{', '.join(counts)} {verb} on it" if counts else "nothing rests on it"
    if found.value is None:
        return rests
    held = "" if found.present_count is None else f"present records that hold it: {found.present_count:,}; "
    if counts:
        return f"{found.value!r}: {held}{rests}"
    return f"{found.value!r}: {held}no formula compares {name} with it{nearest(found.value, found.compared)}"


def _print_kind(resting: list[Resting], console: Console) -> None:
    table = plain_table()
    table.show_header = False
    for one in resting:
        first = (Text(one.thing.name, style="bold"), Text(_who(one)))
        lines = dict.fromkeys((f"{use.part}: {_cut(use.text)}", use.place) for use in one.uses)
        for text, place in lines:
            table.add_row(*first, Text(text), Text(place, style="dim"))
            first = (Text(), Text())
    console.print(Padding(table, (0, 0, 0, 2), expand=False))


def _who(one: Resting) -> str:
    about = one.about
    title = "" if one.thing.kind is Kind.INITIATIVE else about.title
    parts = [title, about.objective if one.thing.kind is Kind.KEY_RESULT else None, about.owner]
    return ", ".join(part for part in parts if part)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"


def impact_json(name: str, found: Impact) -> dict[str, Any]:
    return {
        "name": name,
        "kinds": [one.kind.value for one in found.subjects],
        "note": found.note,
        "value": found.value,
        "compared_with": list(found.compared),
        "present_count": found.present_count,
        "resting": [_resting_json(one) for one in found.resting],
    }


def _resting_json(one: Resting) -> dict[str, Any]:
    return {
        "kind": one.thing.kind.value,
        "name": one.thing.name,
        "title": one.about.title or None,
        "objective": one.about.objective,
        "owner": one.about.owner,
        "level": one.level,
        "uses": [_use_json(use) for use in one.uses],
    }


def _use_json(use: Use) -> dict[str, Any]:
    of = {"kind": use.of.kind.value, "name": use.of.name}
    return {"of": of, "part": use.part, "text": use.text, "place": use.place}
