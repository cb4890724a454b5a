"""Where results are published: chats and mailboxes, what each of them wants, and the rules for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, Self

from pydantic import Field, SecretStr, StrictBool, model_validator

from okr_sync.errors import Problem, ProjectError, nearest
from okr_sync.project.environment import resolve, variables
from okr_sync.project.fields import Identifier, Schedule, Span
from okr_sync.project.located import Located
from okr_sync.project.places import set_places
from okr_sync.project.units import Quantity
from okr_sync.project.validation import Part, validate
from okr_sync.project.yaml import Document

FIELD = "destinations"
Language = Literal["en", "vi"]


class Destination(Located):
    """One chat or mailbox. Its address is a secret: whoever has it can write there."""

    url: SecretStr = Field(description="Its address as apprise writes it, from the environment: ${SLACK_URL}")
    alerts: StrictBool = Field(default=False, description="Whether it is told, once a night, what broke and changed")
    report: Literal["weekly"] | None = Field(default=None, description="Whether it gets the progress report")
    language: Language | None = Field(default=None, description="What it is written to in; the project's if left out")
    objectives: list[Identifier] = Field(
        default_factory=list, description="Only what is about these objectives; all if left out"
    )

    @property
    def missing_variables(self) -> list[str]:
        """The names in its address that are not set."""
        return variables(self.url.get_secret_value())

    @model_validator(mode="after")
    def _wants_something(self) -> Self:
        if not self.alerts and self.report is None:
            raise ValueError("nothing would be published there; write alerts: true, report: weekly, or both")
        return self


class AlertRules(Located):
    """When alerts are sent beyond what is new."""

    remind_after: Span = Field(
        default=Quantity(7, "days"), description="How often a problem that goes on is told again"
    )
    stale_after: Span | None = Field(
        default=None, description="How long no run may have ended; 36h for a daily schedule, otherwise not looked at"
    )
    runbook: str = Field(default="docs/runbook.md", description="Where the runbook is, for the links in alerts")


class ReportRules(Located):
    """When the progress report is sent."""

    schedule: Schedule = Field(default="0 8 * * 1", description="As minute, hour, day, month and weekday of cron")


def read_destinations(main: Document, environment: Mapping[str, str]) -> dict[str, Destination]:
    """The destinations by name. Variables that are not set stay in their addresses as they are written.

    Raises:
        ProjectError: everything that is wrong in them. No message holds an address.
    """
    if FIELD not in main.data:
        return {}
    part = Part(main, resolve(main, (FIELD,), environment), (FIELD,))
    found = validate(dict[Identifier, Destination], part)
    set_places(found, main, (FIELD,))
    return found


def check_objectives(destinations: Mapping[str, Destination], known: Iterable[str]) -> None:
    """Raises ProjectError where a destination names an objective that there is none of."""
    ids = set(known)
    problems = [
        Problem(
            str(one.place("objectives")),
            f"{FIELD}.{name}.objectives",
            f"there is no objective {id_!r}{nearest(id_, ids)}",
        )
        for name, one in destinations.items()
        for id_ in one.objectives
        if id_ not in ids
    ]
    if problems:
        raise ProjectError(problems)
