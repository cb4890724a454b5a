"""How far a read has come: what a checkpoint holds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from connectors.salesforce.soql import moment
from okr_sync.connector import Checkpoint

LAG = timedelta(minutes=5)
"""How long before the start of a read the next one begins: what was being committed meanwhile."""


@dataclass(frozen=True, slots=True)
class Job:
    """A bulk job whose results are being read: it and its locators are kept for seven days."""

    id: str
    locator: str | None = None
    received_count: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """One read. `last` is the record read last, in the order of the cursor; a job has no order, and no last one."""

    since: datetime | None
    next_since: datetime
    last: tuple[datetime, str] | None = None
    job: Job | None = None

    @classmethod
    def after(cls, checkpoint: Checkpoint | None, now: datetime) -> Window:
        """Where to go on: in the middle of a read that broke off, or behind one that is complete."""
        known = checkpoint or {}
        since = datetime.fromisoformat(known["since"]) if known.get("since") else None
        if "next_since" not in known:
            return cls(since, now - LAG)
        last = (datetime.fromisoformat(known["last"][0]), known["last"][1]) if "last" in known else None
        job = Job(**known["job"]) if "job" in known else None
        return cls(since, datetime.fromisoformat(known["next_since"]), last, job)

    @property
    def checkpoint(self) -> Checkpoint:
        written: dict[str, object] = {
            "since": None if self.since is None else moment(self.since),
            "next_since": moment(self.next_since),
        }
        if self.last is not None:
            written["last"] = [moment(self.last[0]), self.last[1]]
        if self.job is not None:
            written["job"] = asdict(self.job)
        return written

    @property
    def completed(self) -> Checkpoint:
        return {"since": moment(self.next_since)}
