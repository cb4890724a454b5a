"""A schedule: what happens, step by step, made from one integer. Any of its steps may be left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

WAITS = (0, 0, 0.4, 1, 7, 45, 61, 400, 3_000)
"""Seconds after an act: the same instant, the same second, the same minute, the same hour."""
TROUBLES = ("429", "500", "503", "cut", "silent", "page", "401", "repeated", "empty", "short")
MOST_LINES = 1_500
_DEADLY = 8
"""One schedule in so many has processes that die, which takes real files and therefore time."""


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody works in the source. `pick` and `value` are any numbers: they choose the record, and what it becomes."""

    kind: str
    pick: int
    value: int
    wait: float = 0


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is done to the requests of one sync from the `at`th on, `count` times."""

    kind: str
    at: int
    count: int = 1


@dataclass(frozen=True, slots=True)
class Sync:
    """A sync, disturbed by troubles, while somebody works in the source as the answer to a request is on its way."""

    troubles: tuple[Trouble, ...] = ()
    meanwhile: tuple[tuple[int, Act], ...] = ()


@dataclass(frozen=True, slots=True)
class Night:
    """Half past eleven, when all has settled: a sync; then midnight, and an evening to be compared later on."""

    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True, slots=True)
class Killed:
    """A sync in a process of its own, killed at the nth line of Python that the engine and the connector run."""

    line: int


@dataclass(frozen=True, slots=True)
class DiskFull:
    """A sync in a process of its own, none of whose files may grow beyond so many bytes."""

    bytes: int
    is_deadly: bool
    """The process is killed in the middle of the write, instead of being told."""


@dataclass(frozen=True, slots=True)
class Twice:
    """A second sync begins while the answer to the `at`th request of the first one is on its way."""

    at: int


@dataclass(frozen=True, slots=True)
class Skew:
    """Our clock is so many seconds ahead of the source's from now on."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Reread:
    """The settings of the stream change: the next sync reads everything again."""


@dataclass(frozen=True, slots=True)
class Revoked:
    """The account loses sight of every record, a sync asks, and then it sees them again."""


Step = Act | Sync | Night | Killed | DiskFull | Twice | Skew | Reread | Revoked


@dataclass(frozen=True, slots=True)
class Schedule:
    """`flavour` chooses how the source and the engine are set up; `is_whole` has every sync be a run of a project."""

    system: str
    flavour: int
    steps: tuple[Step, ...]
    is_whole: bool = False


def is_deadly(seed: int) -> bool:
    return seed % _DEADLY == 0


def schedule(system: str, seed: int, *, is_whole: bool = False) -> Schedule:
    random = Random(f"{system} {seed}")  # noqa: S311 - a made-up history is no secret
    steps: list[Step] = [Act("create", 0, random.randrange(99)) for _ in range(random.randrange(3, 12))]
    for _ in range(random.randrange(1, 3)):
        steps.extend(_day(random, has_deaths=is_deadly(seed)))
        steps.append(Night(_troubles(random, 0.15)))
    return Schedule(system, random.randrange(1_000), tuple(steps), is_whole)


def _day(random: Random, *, has_deaths: bool) -> Iterator[Step]:
    for _ in range(random.randrange(1, 4)):
        for _ in range(random.randrange(0, 7)):
            yield _act(random)
        yield _death(random) if has_deaths and random.random() < 0.5 else _disturbance(random)


def _act(random: Random) -> Act:
    kinds = ("create", "change", "change", "change", "change", "toggle", "toggle", "delete", "restore", "special")
    return Act(random.choice(kinds), random.randrange(99), random.randrange(99), random.choice(WAITS))


def _disturbance(random: Random) -> Step:
    """Something that okr-sync does, or that happens to it: mostly a sync."""
    meanwhile = tuple((random.randrange(1, 9), _act(random)) for _ in range(random.choice((0, 0, 1, 2, 3))))
    sync = Sync(_troubles(random, 0.4), meanwhile)
    others: tuple[tuple[float, Step], ...] = (
        (0.08, Skew(random.choice((-600, -70, 0, 0, 70, 600)))),
        (0.04, Reread()),
        (0.03, Revoked()),
        (0.07, Twice(random.randrange(1, 9))),
    )
    shares = [share for share, _ in others]
    return random.choices((sync, *(one for _, one in others)), (1 - sum(shares), *shares))[0]


def _death(random: Random) -> Step:
    if random.random() < 0.6:
        return Killed(int(MOST_LINES ** random.random()))
    return DiskFull(random.choice((0, 100, 2_000, 9_000, 14_000, 270_000)), random.random() < 0.5)


def _troubles(random: Random, share: float) -> tuple[Trouble, ...]:
    if random.random() >= share:
        return ()
    return tuple(
        Trouble(random.choice(TROUBLES), random.randrange(1, 10), random.choice((1, 1, 2, 3, 9)))
        for _ in range(random.choice((1, 1, 2)))
    )
