"""A process that runs a project and is killed when its clock is looked at for the nth time: `killed.py FOLDER NOW N`.

The clock is looked at before and after everything that is written: the run, each sync, each landing, the observations.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from itertools import count
from pathlib import Path

from okr_sync import pipeline, sync


def main(folder: str, now: str, last: str) -> None:
    looks = count(1)

    def clock() -> datetime:
        if next(looks) == int(last):
            os.kill(os.getpid(), signal.SIGKILL)
        return datetime.fromisoformat(now)

    sync.BATCH_RECORDS = 2
    pipeline.run(Path(folder), pipeline.SyncOptions(), clock=clock)


if __name__ == "__main__":
    main(*sys.argv[1:])
