"""What rests on a thing: what reads it, what reads that, and so on up to the key results.

A view whose select needs a field rests on it as a whole, and with it all that reads the view: without the field there
would be no view. A field that is a record's key, or says when it changed or began, all that reads its stream needs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from okr_sync.errors import OkrSyncError, nearest
from okr_sync.impact.thing import Comparison, Kind, Thing, Use
from okr_sync.impact.uses import initiative_of, uses_of
from okr_sync.warehouse.values import present_count
from okr_sync.workspace import Workspace


@dataclass(frozen=True, slots=True)
class About:
    """What people call a thing, and who answers for it."""

    title: str = ""
    objective: str | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Resting:
    """One thing that rests on another, and where that is written."""

    thing: Thing
    """Of a metric that a template restricts, the metric as it is written."""
    level: int
    """1 where it reads the subject itself, 2 where it reads what does, and so on."""
    uses: tuple[Use, ...]
    about: About


@dataclass(frozen=True, slots=True)
class Impact:
    """What rests on a subject."""

    subjects: tuple[Thing, ...]
    """What goes by the name; a metric and a view may share one."""
    resting: tuple[Resting, ...]
    """By kind, then in the order of the project."""
    note: str | None = None
    """What a field is to its stream, where all that reads the stream needs it."""
    value: str | None = None
    compared: tuple[str, ...] = ()
    """Of a field, what formulas compare it with."""
    present_count: int | None = None
    """How many present records hold `value`; `None` where none was asked for, or nothing has landed."""

    def of_kind(self, kind: Kind) -> list[Resting]:
        return [one for one in self.resting if one.thing.kind is kind]


def impact(workspace: Workspace, name: str, value: str | None = None) -> Impact:
    """What rests on whatever goes by this name: `jira`, `jira.issues`, `jira.issues.status`, a view, a metric.

    Args:
        workspace: as of a day, so that an id names one thing.
        value: of a field: only formulas that compare it with this text.

    Raises:
        OkrSyncError: nothing goes by the name; a value is asked for of what is no field of a stream.
    """
    uses = uses_of(workspace)
    subjects = _subjects(workspace, name, uses)
    stream, _, field = name.rpartition(".")
    if value is not None and (stream not in workspace.streams or subjects[0].kind is not Kind.FIELD):
        raise OkrSyncError(f"{name} is no field of a stream, so it has no values; write one such as jira.issues.status")
    note = _role(workspace, stream, field) if subjects[0].kind is Kind.FIELD else None
    direct = [use for one in subjects for use in _direct(workspace, one, uses, note is not None and value is None)]
    compared = _compared_with((stream, field), uses)
    if value is not None:
        direct = [use for use in uses if (stream, field, value) in use.compared]
    return Impact(
        subjects,
        tuple(_resting(workspace, direct, uses)),
        note if value is None else None,
        value,
        compared,
        None if value is None else _present(workspace, stream, field, value),
    )


def touched(direct: Iterable[Use], uses: Sequence[Use]) -> list[str]:
    """The key results that rest on what these uses stand for, in the order of the project."""
    reached = {thing.name for thing in _levels(direct, uses) if thing.kind is Kind.KEY_RESULT}
    return list(dict.fromkeys(use.by.name for use in uses if use.by.kind is Kind.KEY_RESULT and use.by.name in reached))


def _direct(workspace: Workspace, subject: Thing, uses: Iterable[Use], is_whole: bool) -> list[Use]:
    """The uses that name the subject itself."""
    if subject.kind is Kind.SOURCE:
        return [use for use in uses if use.of.kind is Kind.STREAM and use.of.name.startswith(f"{subject.name}.")]
    if subject.kind is not Kind.FIELD:
        return [use for use in uses if _as_written(workspace, use.of) == subject]
    relation, _, field = subject.name.rpartition(".")
    kind = Kind.VIEW if relation in workspace.views else Kind.STREAM
    of = [use for use in uses if use.of == Thing(kind, relation)]
    return of if is_whole else [use for use in of if field in use.fields]


def _role(workspace: Workspace, stream: str, field: str) -> str | None:
    """What the field is to its stream, where every record needs it."""
    found = workspace.streams.get(stream)
    if found is None:
        return None
    roles = {
        "its key": found.key,
        "its time of change": (found.version_at,),
        "its time of creation": (found.created_at,),
    }
    role = next((role for role, fields in roles.items() if field in fields), None)
    return None if role is None else f"{stream} has it as {role}, so all that reads {stream} needs it"


def _compared_with(field: tuple[str, str], uses: Iterable[Use]) -> tuple[str, ...]:
    return tuple(sorted({text for use in uses for *of, text in use.compared if tuple(of) == field}))


def _resting(workspace: Workspace, direct: Sequence[Use], uses: Sequence[Use]) -> Iterator[Resting]:
    """Once for each thing as it is written, with the places where it reads what was found."""
    levels = _levels(direct, uses)
    about = _about(workspace)
    at_first = set(map(id, direct))
    found: dict[tuple[Thing, int], dict[Use, None]] = {}
    for use in uses:
        level = levels.get(use.by)
        if level is not None and (id(use) in at_first or use.of in levels):
            shown = _as_written(workspace, use.by)
            found.setdefault((shown, level), {})[_with_names(workspace, use, shown)] = None
    order = list(Kind)
    for (thing, level), those in sorted(found.items(), key=lambda item: order.index(item[0][0].kind)):
        yield Resting(thing, level, tuple(_in_short(list(those))), about.get(thing, About()))


def _levels(direct: Iterable[Use], uses: Sequence[Use]) -> dict[Thing, int]:
    """By thing, in how many steps it is reached."""
    above: dict[Thing, list[Thing]] = {}
    for use in uses:
        above.setdefault(use.of, []).append(use.by)
    levels: dict[Thing, int] = {}
    frontier, level = {use.by: None for use in direct}, 1
    while frontier:
        levels.update(dict.fromkeys(frontier, level))
        frontier = {thing: None for below in frontier for thing in above.get(below, ()) if thing not in levels}
        level += 1
    return levels


def _in_short(uses: Sequence[Use]) -> list[Use]:
    """Of what reads a whole stream or view, the line that names it says enough."""
    whole = {use.of for use in uses if use.part == "stream"}
    return [use for use in uses if use.of not in whole or use.part == "stream"]


def _as_written(workspace: Workspace, thing: Thing) -> Thing:
    if thing.kind is not Kind.METRIC:
        return thing
    return Thing(Kind.METRIC, workspace.metrics[thing.name].metric.base or thing.name)


def _with_names(workspace: Workspace, use: Use, by: Thing) -> Use:
    return Use(by, _as_written(workspace, use.of), use.part, use.text, use.place, use.fields)


def _about(workspace: Workspace) -> dict[Thing, About]:
    found = {Thing(Kind.KPI, name): About(kpi.name, None, kpi.owner) for name, kpi in workspace.project.kpis.items()}
    for objective in workspace.project.objectives:
        for one in objective.key_results:
            found[Thing(Kind.KEY_RESULT, one.id)] = About(one.name, objective.id, one.owner or objective.owner)
        for each in objective.initiatives:
            found[initiative_of(objective, each)] = About(each.name, objective.id, objective.owner)
    return found


def _subjects(workspace: Workspace, name: str, uses: Sequence[Use]) -> tuple[Thing, ...]:
    """What goes by the name.

    Raises:
        OkrSyncError: nothing does.
    """
    known = [
        *(Thing(Kind.SOURCE, one) for one in workspace.project.sources),
        *(Thing(Kind.STREAM, one) for one in workspace.streams),
        *(Thing(Kind.VIEW, one) for one in workspace.views),
        *dict.fromkeys(use.of for use in uses if use.of.kind in (Kind.CALENDAR, Kind.RATES)),
        *(Thing(Kind.EVENT, one) for one in workspace.project.events),
        *(Thing(Kind.METRIC, name) for name, one in workspace.project.metrics.items() if one.base is None),
    ]
    found = tuple(one for one in known if one.name == name)
    if found:
        return found
    relation, _, field = name.rpartition(".")
    of = workspace.relations.get(relation)
    if of is None:
        raise OkrSyncError(f"there is no {name!r} in the project{_hint(workspace, name, [one.name for one in known])}")
    if of.field(field) is None and not of.is_open:
        raise OkrSyncError(f"{relation} has no field {field!r}{nearest(field, [one.name for one in of.fields])}")
    return (Thing(Kind.FIELD, name),)


def _hint(workspace: Workspace, name: str, known: Collection[str]) -> str:
    """The nearest name, also of a field that was written without its stream."""
    fields = [f"{relation}.{one.name}" for relation, of in workspace.relations.items() for one in of.fields]
    of_that_name = [one for one in fields if one.rpartition(".")[2] == name and ".versions." not in one]
    close = of_that_name[:3] or get_close_matches(name, [*known, *fields], n=1)
    return f"; did you mean {' or '.join(map(repr, close))}?" if close else nearest(name, known)


def _present(workspace: Workspace, stream: str, name: str, value: str) -> int | None:
    """How many records hold the value at present; `None` where nothing of the field has landed."""
    landed = workspace.landed.get(stream)
    field = None if landed is None else landed.field(name)
    if field is None:
        return None
    with workspace.history({stream: [name]}) as history:
        return present_count(history, stream, field, value)


def comparisons(uses: Iterable[Use]) -> dict[Comparison, list[Use]]:
    """By what is compared, the places that do."""
    found: dict[Comparison, list[Use]] = {}
    for use in uses:
        for one in use.compared:
            found.setdefault(one, []).append(use)
    return found
