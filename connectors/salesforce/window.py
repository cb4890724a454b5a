"""How far a read has come: what a checkpoint holds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from connectors.salesforce.soql import moment
from okr_sync.connector import Checkpoint, SettingsError

BIN_DAYS = 15
"""How long deleted records can be asked for; after that they are gone without a word."""
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
        """What follows a read that is complete."""
        return cls(_since(checkpoint or {}), now - LAG)

    @classmethod
    def interrupted(cls, checkpoint: Checkpoint | None) -> Window | None:
        """What is left of a read that broke off."""
        known = checkpoint or {}
        if "next_since" not in known:
            return None
        last = (datetime.fromisoformat(known["last"][0]), known["last"][1]) if "last" in known else None
        job = Job(**known["job"]) if "job" in known else None
        return cls(_since(known), datetime.fromisoformat(known["next_since"]), last, job)

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


def refuse_long_pause(where: str, checkpoint: Checkpoint | None, now: datetime) -> None:
    """Raises SettingsError where records may have come to an end of which Salesforce tells no more."""
    known = checkpoint or {}
    read_at = known.get("since") or known.get("next_since")
    if read_at is None or now - datetime.fromisoformat(read_at) <= timedelta(days=BIN_DAYS):
        return
    stream = where.rpartition(" ")[2]
    raise SettingsError(
        f"{where}: the last whole read began on {read_at[:10]}, and Salesforce keeps deleted records for {BIN_DAYS}"
        f" days, so some that are deleted would still count; list what is left: streams.{stream}: {{census: true}}"
    )


def _since(checkpoint: Checkpoint) -> datetime | None:
    return datetime.fromisoformat(checkpoint["since"]) if checkpoint.get("since") else None
