"""Why records did not count, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from okr_sync.measure import Group, Reason

_OF_GROUP: Mapping[Reason, str] = {
    Reason.FILTER: "fail {detail}",
    Reason.NO_TIME: "have no {detail}",
    Reason.BEFORE: "lie before the window, by {detail}",
    Reason.AFTER: "lie after the window, by {detail}",
    Reason.DELETED: "ended before, and would count as they were last",
    Reason.NOTHING: "count and give nothing to {detail}",
    Reason.LOOKUP: "count and lack what is looked up beside them",
    Reason.ASSUMED: "count and were first seen later, assumed to have been so already",
}
_OF_RECORD: Mapping[Reason, str] = {
    Reason.FILTER: "fails {detail}",
    Reason.NO_TIME: "no {detail}",
    Reason.BEFORE: "before the window",
    Reason.AFTER: "after the window",
    Reason.DELETED: "ended before",
    Reason.NOTHING: "gives nothing to {detail}",
    Reason.LOOKUP: "lacks what is looked up",
    Reason.ASSUMED: "first seen later",
}


def group_in_words(group: Group) -> str:
    """`190 have no resolved_at`."""
    return f"{group.count:,} {_OF_GROUP[group.reason].format(detail=group.detail)}"


def reason_in_words(group: Group, record: Mapping[str, object], shown: Callable[[object], str]) -> str:
    """`fails status = 'Done': status is Open`; `shown` writes a value of the record."""
    said = _OF_RECORD[group.reason].format(detail=group.detail)
    if group.reason is Reason.NO_TIME:
        return said
    values = [f"{name} is {shown(record[name])}" for name in group.fields if name in record]
    return f"{said}: {', '.join(values)}" if values else said
