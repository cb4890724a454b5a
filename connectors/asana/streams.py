"""The streams: what each is made of, and what an answer must hold to be more than Asana's short form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from connectors.asana.fields import AsanaField, Raw, at, due_at, gid, made, memberships, names, person, status
from connectors.asana.objects import Wish
from okr_sync.connector import Field, FieldType, Stream
from okr_sync.http.columns import Reading

_TEXT, _LIST, _NUMBER, _BOOLEAN = FieldType.TEXT, FieldType.LIST, FieldType.NUMBER, FieldType.BOOLEAN
_TIMESTAMP, _DATE = FieldType.TIMESTAMP, FieldType.DATE


@dataclass(frozen=True)
class Declaration:
    """One stream: its own fields first, those that a project adds behind them."""

    name: str
    one: str
    """What one of its records is called: `task`."""
    description: str
    fields: Sequence[AsanaField]
    proof: tuple[str, ...]
    """What every object has once it is asked for, even if null: without it, an answer is Asana's short form."""
    link: str
    """The path of a record's page."""
    version_at: str | None = None
    created_at: str | None = None

    @property
    def names(self) -> frozenset[str]:
        return frozenset(one.field.name for one in self.fields)

    @property
    def wish(self) -> Wish:
        """What to ask for."""
        return Wish(",".join(sorted({path for one in self.fields for path in one.asks})), self.proof)

    @property
    def reading(self) -> Reading[Raw]:
        return Reading(self.fields, lambda raw: f"{self.one} {raw.get('gid')}")

    def with_custom(self, fields: Iterable[AsanaField]) -> Declaration:
        """With the custom fields that a project adds."""
        further = tuple(fields)
        proof = (*self.proof, "custom_fields") if further else self.proof
        return replace(self, fields=(*self.fields, *further), proof=proof)

    def stream(self, url: str, unknown: Iterable[str] = ()) -> Stream:
        """As the engine sees it; of fields called `unknown` the type is not known yet."""
        later = tuple(Field(name, FieldType.UNKNOWN) for name in unknown)
        return Stream(
            name=self.name,
            fields=(*(one.field for one in self.fields), *later),
            key=("gid",),
            version_at=self.version_at,
            created_at=self.created_at,
            is_full_read=True,
            changes_silently=True,
            is_extra=self.name in ("portfolios", "goals"),  # not in every plan that Asana sells
            link=f"{url}{self.link}",
            description=self.description,
        )


def declarations(zone: ZoneInfo) -> dict[str, Declaration]:
    """The streams by name; `zone` is where days end."""
    return {one.name: one for one in (_tasks(zone), PROJECTS, PORTFOLIOS, GOALS)}


def _tasks(zone: ZoneInfo) -> Declaration:
    """`home` is the membership that `connectors.asana.tasks` chose."""
    return Declaration(
        name="tasks",
        one="task",
        description="The tasks of projects; a subtask only where it was itself put into a project",
        fields=(
            gid("task"),
            at("name", _TEXT, "name", "What is to be done"),
            at("type", _TEXT, "resource_subtype", "default_task, milestone or approval"),
            at("project", _TEXT, "home.project.name", "The first of the source's projects that it is in", asks=()),
            at("section", _TEXT, "home.section.name", "The section, or column, that it stands in there", asks=()),
            memberships("projects", "project.name", "The names of all the projects that it is in"),
            memberships("project_ids", "project.gid", "Their ids, in the same order"),
            memberships("sections", "section.name", "The sections it stands in, in the same order"),
            *person("assignee", "Who does it"),
            at("parent_id", _TEXT, "parent.gid", "The task that it is a part of", asks=("parent.name",)),
            at("subtask_count", FieldType.INTEGER, "num_subtasks", "How many subtasks it has"),
            made("tags", _LIST, ("tags.name",), "The names of its tags", lambda raw: names(raw.get("tags") or [])),
            at("is_completed", _BOOLEAN, "completed", "Marked as complete"),
            at("completed_at", _TIMESTAMP, "completed_at", "When it was completed; none while it is open"),
            at("start_on", _DATE, "start_on", "The day on which work begins"),
            at("due_on", _DATE, "due_on", "The day on which it is due"),
            due_at(zone),
            at("created_at", _TIMESTAMP, "created_at", "When it was made"),
            at("modified_at", _TIMESTAMP, "modified_at", "When it was last changed; not always by a move"),
        ),
        proof=("completed", "created_at", "modified_at", "memberships"),
        link="/0/0/{gid}",
        version_at="modified_at",
        created_at="created_at",
    )


PROJECTS = Declaration(
    name="projects",
    one="project",
    description="Projects with the status of their latest update",
    fields=(
        gid("project"),
        at("name", _TEXT, "name", "The name"),
        *person("owner", "Who answers for it"),
        at("team", _TEXT, "team.name", "The team that it is shared with"),
        status("current_status.color", "on_track, at_risk, off_track, on_hold or complete; none if nobody said"),
        at("status_set_at", _TIMESTAMP, "current_status.created_at", "When somebody last said so"),
        at("is_archived", _BOOLEAN, "archived", "Out of sight, but not deleted"),
        at("is_completed", _BOOLEAN, "completed", "Marked as complete"),
        at("completed_at", _TIMESTAMP, "completed_at", "When it was completed"),
        at("start_on", _DATE, "start_on", "The day on which work begins"),
        at("due_on", _DATE, "due_on", "The day on which it is due"),
        at("created_at", _TIMESTAMP, "created_at", "When it was made"),
        at("modified_at", _TIMESTAMP, "modified_at", "When it was last changed; its tasks do not count"),
    ),
    proof=("archived", "created_at", "modified_at"),
    link="/0/{gid}",
    version_at="modified_at",
    created_at="created_at",
)

PORTFOLIOS = Declaration(
    name="portfolios",
    one="portfolio",
    description="Portfolios: of a personal token's those that its person owns, of a service account's all",
    fields=(
        gid("portfolio"),
        at("name", _TEXT, "name", "The name"),
        *person("owner", "Who answers for it"),
        made("item_ids", _LIST, (), "The ids of the projects, and portfolios, in it", lambda raw: sorted(raw["items"])),
        at("is_archived", _BOOLEAN, "archived", "Out of sight, but not deleted"),
        at("start_on", _DATE, "start_on", "The day on which work begins"),
        at("due_on", _DATE, "due_on", "The day on which it is due"),
        at("created_at", _TIMESTAMP, "created_at", "When it was made"),
    ),
    proof=("archived", "created_at"),
    link="/0/portfolio/{gid}",
    created_at="created_at",
)

_OF_METRIC = "; of a percentage 0.25 is 25 %"

GOALS = Declaration(
    name="goals",
    one="goal",
    description="Goals of the workspace and its teams, with the values of their metrics",
    fields=(
        gid("goal"),
        at("name", _TEXT, "name", "The name"),
        *person("owner", "Who answers for it"),
        at("team", _TEXT, "team.name", "The team whose goal it is; none for one of the workspace"),
        at("is_workspace_level", _BOOLEAN, "is_workspace_level", "A goal of the whole workspace, not of a team"),
        status("status", "on_track, at_risk or off_track; of a closed one achieved, partial, missed or dropped"),
        at("initial_value", _NUMBER, "metric.initial_number_value", f"Where the metric began{_OF_METRIC}"),
        at("current_value", _NUMBER, "metric.current_number_value", f"Where the metric stands{_OF_METRIC}"),
        at("target_value", _NUMBER, "metric.target_number_value", f"Where the metric should end{_OF_METRIC}"),
        at("unit", _TEXT, "metric.unit", "none, currency or percentage; missing for a goal without a metric"),
        at("currency", _TEXT, "metric.currency_code", "The currency of the metric, such as VND"),
        at("progress_source", _TEXT, "metric.progress_source", "How the metric moves: manual, external, by tasks..."),
        at("time_period", _TEXT, "time_period.display_name", "The period, such as Q4 FY26"),
        at("period_start_on", _DATE, "time_period.start_on", "Its first day"),
        at("period_end_on", _DATE, "time_period.end_on", "Its last day"),
        at("start_on", _DATE, "start_on", "The day on which the goal begins"),
        at("due_on", _DATE, "due_on", "The day on which it is due"),
    ),
    proof=("metric",),
    link="/0/goal/{gid}",
)
