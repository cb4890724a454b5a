"""Options that formulas name and the source no longer gives: a status, a stage or a pipeline that was renamed there.

A formula that says `status = 'Done'` goes on after the option is renamed, and counts nothing. Nobody says so: the field
is there, its type is the same. What can be seen is that a text which formulas name comes no more since another, never
seen before, came in its place. That is a warning; a text that never came at all may be one that people wait for, and
is a note.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from difflib import get_close_matches

from okr_sync.connector import FieldType
from okr_sync.impact.found import comparisons, touched
from okr_sync.impact.thing import Kind, Thing, Use
from okr_sync.impact.uses import uses_of
from okr_sync.warehouse.place import Transaction
from okr_sync.warehouse.values import Seen, landed_values, whereabouts
from okr_sync.workspace import Workspace

MOVED = 3
"""So many records that went from one text right to the other, while none came with the old one, are no accident."""
TOLD_FOR = timedelta(days=14)
"""After that it is a note: whoever reads the warnings has decided."""


@dataclass(frozen=True, slots=True)
class LostOption:
    """A text that formulas compare a field with, and which the source no longer gives, or never gave."""

    stream: str
    field: str
    value: str
    successors: tuple[str, ...]
    """Texts that came in its place; none where it never came itself."""
    since: datetime | None
    """When the first of these landed."""
    moved_count: int
    """How many records went from it right to one of these."""
    present_count: int
    nearest: str | None
    """Of one that never came, the text that the source does give and that is spelled almost so."""
    read_by: tuple[str, ...]
    """`metric late_projects`."""
    key_results: tuple[str, ...]

    @property
    def was_there(self) -> bool:
        return self.since is not None

    def is_told_on(self, now: datetime) -> bool:
        """Whether it is a warning, and not a note."""
        return self.since is not None and now - self.since <= TOLD_FOR

    def __str__(self) -> str:
        """As people read it, in one line."""
        touches = f"key results: {', '.join(self.key_results) or 'none'}"
        read = f"read by {', '.join(self.read_by)}; {touches}"
        if self.since is None:
            hint = "" if self.nearest is None else f"; did you mean {self.nearest!r}?"
            return f"{self.field} never was {self.value!r}{hint}; {read}"
        came = " and ".join(map(repr, self.successors))
        gone = "no record holds it now" if not self.present_count else "no record came with it since"
        moved = f", {self.moved_count} went from one to the other" if self.moved_count else ""
        return (
            f"{self.field} {self.value!r} looks renamed: {gone}, {came} is new since {self.since:%d %b %Y}{moved};"
            f" {read}. Write the new text in these formulas, beside the old one where the past counts"
        )


def lost_options(
    workspace: Workspace, complete_since: Mapping[str, datetime], sources: Collection[str] = ()
) -> list[LostOption]:
    """Every text of a formula that its field's source does not give. Reads what has landed; a query a field.

    Args:
        workspace: as of a day.
        complete_since: by stream, when its first complete sync ended: what came until then is not new.
        sources: only of these; of all where empty.
    """
    uses = uses_of(workspace)
    by_field: dict[tuple[str, str], dict[str, list[Use]]] = {}
    for (stream, field, text), those in comparisons(uses).items():
        by_field.setdefault((stream, field), {})[text] = those
    found = []
    wanted = {stream.partition(".")[0] for stream, _ in by_field} & set(sources or workspace.project.sources)
    for transaction in workspace.warehouse.look_at_each(sorted(wanted)):
        for (stream, field), texts in by_field.items():
            if stream.startswith(f"{transaction.source}.") and _is_text(workspace, stream, field):
                looked = _Field(transaction, stream, field, complete_since.get(stream))
                found += [_told(one, texts, uses, workspace) for one in looked.lost(texts)]
    return [one for one in found if one.read_by]


def _is_text(workspace: Workspace, stream: str, field: str) -> bool:
    landed = workspace.landed.get(stream)
    found = None if landed is None else landed.field(field)
    return found is not None and found.type is FieldType.TEXT


@dataclass(frozen=True, slots=True)
class _Field:
    transaction: Transaction
    stream: str
    field: str
    complete_since: datetime | None

    def lost(self, texts: Iterable[str]) -> Iterator[LostOption]:
        """Those of `texts` that the field does not give, without who reads them."""
        seen = landed_values(self.transaction, self.stream.partition(".")[2], self.field)
        if not seen or self.complete_since is None:
            return
        for text in texts:
            if text in seen:
                renamed = self._renamed(text, seen)
                if renamed is not None:
                    yield renamed
            else:
                close = get_close_matches(text, seen, n=1)
                yield LostOption(self.stream, self.field, text, (), None, 0, 0, close[0] if close else None, (), ())

    def _renamed(self, text: str, seen: Mapping[str, Seen]) -> LostOption | None:
        """What came in the place of the text; `None` where nothing did."""
        start = max(seen[text].last_at, self.complete_since or seen[text].last_at)
        new = {one: when.first_at for one, when in seen.items() if when.first_at > start}
        if not new:
            return None
        where = whereabouts(self.transaction, self.stream.partition(".")[2], self.field, text)
        moved = {one: where.moved.get(one, 0) for one in new}
        if where.present_count:
            came = [one for one in new if moved[one] >= MOVED]
        else:
            came = [one for one in new if moved[one]]
            came = came or [one for one, at in new.items() if where.left_at is not None and where.left_at >= at]
        if not came:
            return None
        since, count = min(new[one] for one in came), sum(moved[one] for one in came)
        return LostOption(self.stream, self.field, text, tuple(came), since, count, where.present_count, None, (), ())


def _told(one: LostOption, texts: Mapping[str, list[Use]], uses: list[Use], workspace: Workspace) -> LostOption:
    """The same with who reads it: not those who name what came in its place as well."""
    prepared = {use.by for text in one.successors for use in texts.get(text, ())}
    direct = [use for use in texts[one.value] if use.by not in prepared]
    names = dict.fromkeys(_in_words(use.by, workspace) for use in direct)
    return replace(one, read_by=tuple(names), key_results=tuple(touched(direct, uses)))


def _in_words(thing: Thing, workspace: Workspace) -> str:
    name = (workspace.metrics[thing.name].metric.base or thing.name) if thing.kind is Kind.METRIC else thing.name
    return f"{thing.kind} {name}"
