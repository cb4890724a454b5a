"""The cursor: the time by which changes are found, written as the database writes times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from connectors.sql.engines import Wall
from okr_sync.connector import FieldType

_TEXT_TIME = "%Y-%m-%d %H:%M:%f"
"""SQLite's own format to the millisecond: whatever form a time has, with an offset or without, it comes out so."""
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Cursor:
    """One column of times, in the database and in checkpoints."""

    column: sa.ColumnClause[Any]
    type: FieldType
    """A date or a timestamp."""
    zone: ZoneInfo | None
    """Whose clock the times show; `None` where they carry their zone."""
    is_text: bool = False

    @property
    def expression(self) -> sa.ColumnElement[Any]:
        """What is compared and what orders. A text that is no time becomes NULL by it."""
        return sa.func.strftime(_TEXT_TIME, self.column) if self.is_text else self.column

    def at(self, moment: datetime) -> sa.ColumnElement[Any]:
        """A value that no change since `moment` lies before."""
        if self.zone is None:
            return _literal(moment.astimezone(UTC))
        wall = _wall(moment, self.zone)
        if self.is_text:
            # Those with an offset are compared in UTC, the others as the zone's clock shows them.
            wall = min(wall, _wall(moment, _UTC))
            day = datetime.combine(wall, time.min)
            return sa.literal((day if self.type is FieldType.DATE else wall).isoformat(" ", "milliseconds"))
        return _literal(wall.date() if self.type is FieldType.DATE else wall)

    def saved(self, value: date | str) -> str:
        """A value of the database, for a checkpoint."""
        return value if isinstance(value, str) else value.isoformat()

    def restored(self, text: str) -> sa.ColumnElement[Any]:
        """The value that was saved, for the database."""
        if self.is_text:
            return sa.literal(text)
        return _literal(date.fromisoformat(text) if self.type is FieldType.DATE else datetime.fromisoformat(text))


def zone_of(wall: Wall, zone: ZoneInfo, sample: Callable[[], object]) -> ZoneInfo | None:
    """Whose clock a column shows; `sample` gives one of its values, where the database does not tell."""
    if wall is Wall.UNTOLD:
        value = sample()
        wall = Wall.NONE if isinstance(value, datetime) and value.tzinfo is not None else Wall.STREAM
    return {Wall.STREAM: zone, Wall.UTC: _UTC, Wall.NONE: None}[wall]


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    """The earliest that a clock of `zone` shows at `moment` or later: in autumn it goes back."""
    later = moment + timedelta(days=1)
    offset = min(one.astimezone(zone).utcoffset() or timedelta() for one in (moment, later))
    return moment.astimezone(UTC).replace(tzinfo=None) + offset


def _literal(value: date) -> sa.ColumnElement[Any]:
    """With its type: SQLAlchemy would take any time for one without a zone."""
    if isinstance(value, datetime):
        return sa.literal(value, sa.DateTime(timezone=value.tzinfo is not None))
    return sa.literal(value, sa.Date())
