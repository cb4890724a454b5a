"""Schedules that failed once, made short, each with what somebody would have seen."""

from __future__ import annotations

import pytest

from tests.simulation.machine import play
from tests.simulation.steps import Act, DiskFull, Night, Reread, Schedule, Skew, Sync, Trouble

MADE = tuple(Act("create", 0, value) for value in (1, 2, 4, 5, 7, 8))
FOUND = {
    # Every later sync and command failed, until a person deleted the file.
    "disk full while the first file is made": Schedule("hubspot", 923, (DiskFull(100, is_deadly=False), MADE[0])),
    # An issue that was shown again stayed away from every number, until our clock had caught up.
    "clock set back, record shown again": Schedule(
        "jira",
        0,
        (*MADE, Sync(), Act("special", 2, 1, 30), Skew(600), Sync(), Act("special", 0, 0, 30), Skew(-600), Sync()),
    ),
    # The row kept the value of the read before.
    "clock set back, silent change": Schedule(
        "notion",
        3,
        (*MADE, Sync(), Act("change", 1, 9, 5), Skew(600), Sync(), Act("change", 1, 8, 5), Skew(-600), Sync()),
    ),
    # After another setting of tickets was written, an evening before had lost its reply times.
    "past rebuilt in the place of what was read": Schedule(
        "zendesk", 1, (*MADE, Night(), Act("change", 1, 8, 400), Reread(), Sync())
    ),
    # A row that went to the trash was gone from every evening since its last edit.
    "trash that is not stamped": Schedule("notion", 1, (*MADE, Night(), Act("delete", 1, 1, 400), Sync())),
    # The same, where a page was cut, so that the trash came twice in one read.
    "trash that comes twice": Schedule(
        "notion",
        296,
        (*MADE[:2], Night(), Sync((Trouble("short", 3),), ((1, Act("delete", 52, 55)),))),
    ),
    # A row that a read of everything had missed was taken for deleted, and no later read brought it back.
    "missed by a read of everything": Schedule(
        "notion", 968, (*MADE, Act("change", 1, 20, 3_000), Sync(), Reread(), Act("change", 1, 84, 7), Sync())
    ),
}


@pytest.mark.parametrize("schedule", FOUND.values(), ids=FOUND)
def test_found(schedule: Schedule) -> None:
    """It was wrong, and is right."""
    play(schedule)
