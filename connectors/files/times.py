"""Times as files write them, into Python's."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_DIRECTIVES = {
    "%Y": r"(?P<year>\d{4})",
    "%m": r"(?P<month>\d\d?)",
    "%d": r"(?P<day>\d\d?)",
    "%H": r"(?P<hour>\d\d?)",
    "%M": r"(?P<minute>\d\d?)",
    "%S": r"(?P<second>\d\d?)",
}
_ORDER = ("year", "month", "day", "hour", "minute", "second")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall clock, whose zone `to_utc` knows
_EPOCH_IN_UTC = datetime(1970, 1, 1, tzinfo=UTC)


def time_reader(time_format: str | None) -> Callable[[str], datetime]:
    """The function that reads times in `time_format`, as in strptime; ISO 8601 where there is none."""
    if time_format is None:
        return datetime.fromisoformat

    def read_slowly(text: str) -> datetime:
        return datetime.strptime(text, time_format)  # noqa: DTZ007 - `to_utc` follows

    pattern = re.compile(
        re.sub("%.", lambda found: _DIRECTIVES.get(found[0], found[0]), re.escape(time_format)), re.ASCII
    )
    parts = _ORDER[: pattern.groups]
    if "%" in pattern.pattern or set(parts) != set(pattern.groupindex):
        return read_slowly
    groups = [pattern.groupindex[part] for part in parts]

    def read(text: str) -> datetime:
        """The same without strptime, which takes a multiple of the time that all the rest of a record takes."""
        match = pattern.fullmatch(text)
        if match is None:
            return read_slowly(text)
        return datetime(*map(int, match.group(*groups)))  # type: ignore[arg-type]  # noqa: DTZ001 - as above

    return read


def to_utc(moment: datetime, zone: ZoneInfo) -> datetime:
    """The instant of `moment`, whose wall clock is that of `zone` where it has no zone of its own.

    An hour that the clock shows twice is the first of the two.
    """
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    # As moment.replace(tzinfo=zone).astimezone(UTC), in an eighth of the time.
    return _EPOCH_IN_UTC + (moment - _EPOCH) - zone.utcoffset(moment)  # type: ignore[operator]  # None only without a moment
