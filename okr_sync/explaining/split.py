"""The difference between two values of a metric, split by records and causes so that the parts add up to it.

A metric's figures are sums over records, so what a record does to the value is what it gives more to each figure times
the slope of the figure (`okr_sync.formula.influence`); of a metric over metrics, slopes multiply on the way down.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from okr_sync.connector import Stream
from okr_sync.explaining.causes import Cause, Change, Found, Looks, changes_of
from okr_sync.formula import Both, CompiledMetric, Figures, Influence, NotSplit, figures_of, influence
from okr_sync.measure import AsOf, Given, Key, Lookups, Sight, Values, measure, name_fields, with_events
from okr_sync.store import ChangedPart
from okr_sync.warehouse import History

_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one record, or something that is no record, did to the difference."""

    cause: Cause
    metric: str
    """The metric below through which it did it."""
    amount: float | None
    """In the unit of the value; `None` where the difference is not split by records."""
    detail: str = ""
    record: Mapping[str, object] | None = None
    """Its listed fields."""
    names: tuple[str, ...] = ()
    """Those of them by which people know it."""
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """One value on two days."""

    metric: CompiledMetric
    before: float | None
    """As it is stored for the earlier day, or computed for it where nothing is stored."""
    after: float | None
    """Computed now."""
    contributions: tuple[Contribution, ...]
    not_split: str | None = None
    """Why there are no amounts by record."""

    @property
    def change(self) -> float | None:
        return None if self.before is None or self.after is None else self.after - self.before

    def by_cause(self) -> dict[Cause, list[Contribution]]:
        """In the order of the causes, the largest contributions first."""
        found = {cause: [one for one in self.contributions if one.cause is cause] for cause in Cause}
        return {cause: sorted(ones, key=lambda one: -abs(one.amount or 0.0)) for cause, ones in found.items() if ones}


@dataclass(frozen=True, slots=True)
class Split:
    """The metrics below a key result in three looks: the earlier day as known then and as known now, the later day."""

    metrics: Mapping[str, CompiledMetric]
    """Inputs before what rests on them."""
    relations: Mapping[str, Stream]
    """By metric over a stream that has landed, what it runs over."""
    histories: tuple[History, History, History]
    days: tuple[AsOf, AsOf, AsOf]
    lookups: tuple[Lookups, Lookups, Lookups]
    values: tuple[Values, Values, Values]

    @classmethod
    def of(
        cls,
        metrics: Mapping[str, CompiledMetric],
        relations: Mapping[str, Stream],
        then: tuple[History, Lookups],
        now: tuple[History, Lookups],
        days: tuple[AsOf, AsOf],
    ) -> Split:
        """What was known `then` and is known `now`; `days` are the earlier and the later one."""
        histories, lookups = (then[0], now[0], now[0]), (then[1], now[1], now[1])
        seen = [with_events(day, metrics.values(), one) for day, one in zip((days[0], *days), histories, strict=True)]
        values = [
            measure(metrics, history, [day], one)[0] for history, day, one in zip(histories, seen, lookups, strict=True)
        ]
        three = (seen[0], seen[1], seen[2])
        return cls(metrics, relations, histories, three, lookups, (values[0], values[1], values[2]))

    def difference(self, name: str, stored: float | None, changed: Sequence[ChangedPart]) -> Difference:
        """The difference of one metric, of which `stored` is what the earlier day is stored with."""
        before, after = self.values[0][name].value, self.values[2][name].value
        first = before if stored is None else stored
        found: list[Contribution] = []
        if first is not None and before is not None and not _is_close(first, before):
            cause, detail = _written_anew(changed)
            found.append(Contribution(cause, name, before - first, detail))
        not_split = self._add(name, found)
        if not_split is None and first is not None and after is not None:
            rest = after - first - math.fsum(one.amount or 0.0 for one in found)
            if abs(rest) > _TOLERANCE * max(abs(first), abs(after)):
                found.append(Contribution(Cause.ROUNDING, name, rest))
        return Difference(self.metrics[name], first, after, tuple(found), not_split)

    def _add(self, name: str, found: list[Contribution]) -> str | None:
        """Add what each record below the metric did; gives why the metric itself is not split, if it is not."""
        weights: dict[str, float] = {name: 1.0}
        not_split: dict[str, str] = {}
        for metric in reversed(self._below(name)):
            weight = weights.get(metric.name)
            of_records = self._changes(metric)
            try:
                slopes = self._influence(metric, of_records).slopes
            except NotSplit as error:
                not_split[metric.name] = str(error)
                slopes = None
                if metric.name != name and weight is not None:
                    found.append(self._moved(metric.name, weight, str(error)))
            if of_records is not None:
                split = None if slopes is None or weight is None else _scaled(metric, slopes, weight)
                names = name_fields(metric, self.relations[metric.name])
                found += (_contribution(metric.name, change, split, names) for change in of_records.changes)
            elif slopes is not None and weight is not None:
                for lower, slope in slopes.items():
                    weights[lower] = weights.get(lower, 0.0) + weight * slope
        return not_split.get(name)

    def _below(self, name: str) -> list[CompiledMetric]:
        """The metric and those below it, inputs before what rests on them."""
        wanted = {name}
        for metric in reversed(list(self.metrics.values())):
            if metric.name in wanted:
                wanted.update(metric.inputs)
        return [metric for metric in self.metrics.values() if metric.name in wanted]

    def _changes(self, metric: CompiledMetric) -> Found | None:
        """What happened to the records of a metric over a stream; `None` for others."""
        stream = self.relations.get(metric.name)
        if stream is None:
            return None
        then, earlier, later = (
            Sight(metric, stream, history, day, lookups)
            for history, day, lookups in zip(self.histories, self.days, self.lookups, strict=True)
        )
        is_known = self.histories[0] is self.histories[1]
        return changes_of(Looks(earlier if is_known else then, earlier, later), self._shown)

    def _influence(self, metric: CompiledMetric, records: Found | None) -> Influence:
        """What one more of each figure does to the metric.

        Raises:
            NotSplit: its difference cannot be split.
        """
        figures = figures_of(metric)
        before, after = self.values[0][metric.name].value, self.values[2][metric.name].value
        if before is None or after is None:
            raise NotSplit(f"{metric.name} has no data on one of the two days")
        if records is not None:
            found = influence(figures, _summed(figures, records))
        elif metric.stream is None:
            found = influence(figures, {n: (self.values[0][n].value, self.values[2][n].value) for n in metric.inputs})
        else:
            raise NotSplit(f"{metric.stream} has not landed")
        if not (_is_close(found.before, before) and _is_close(found.after, after)):
            raise NotSplit(f"{metric.name} is not what its records add up to")
        return found

    def _moved(self, metric: str, weight: float, why: str) -> Contribution:
        before, after = self.values[0][metric].value, self.values[2][metric].value
        amount = None if before is None or after is None else weight * (after - before)
        return Contribution(Cause.MOVED, metric, amount, why)

    def _shown(self, value: object) -> str:
        """A value of a record, for people."""
        if isinstance(value, datetime):
            return f"{value.astimezone(self.days[2].zone):%Y-%m-%d %H:%M}"
        return "–" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _summed(figures: Figures, records: Found) -> dict[str, Both]:
    """Each figure on both days, as the sum of what records give.

    Raises:
        NotSplit: one of them is more than a sum.
    """
    other = next((one.name for one in figures.each if not one.is_additive), None)
    if other is not None:
        raise NotSplit(f"{other} is no sum of what each record gives")
    return {one.name: (_sum(records.then, place), _sum(records.later, place)) for place, one in enumerate(figures.each)}


def _sum(records: Mapping[Key, Given], place: int) -> float:
    return math.fsum(float(one[place]) for one in records.values())


def _scaled(metric: CompiledMetric, slopes: Mapping[str, float], weight: float) -> list[float]:
    """By place of a figure, what one more of it does to the value that is explained."""
    return [weight * slopes.get(one.name, 0.0) for one in figures_of(metric).each]


def _contribution(metric: str, change: Change, slopes: Sequence[float] | None, names: tuple[str, ...]) -> Contribution:
    state = change.state
    amount = None
    if slopes is not None:
        before, after = ([0.0] * len(slopes) if one is None else one for one in (change.before, change.after))
        amount = math.fsum(
            slope * (float(new) - float(old)) for slope, old, new in zip(slopes, before, after, strict=True)
        )
    fields, link = (None, None) if state is None else (state.fields, state.link)
    return Contribution(change.cause, metric, amount, change.detail, fields, names, link)


def _written_anew(changed: Sequence[ChangedPart]) -> tuple[Cause, str]:
    """Why a day gives another value now, from what was known then."""
    parts = [one for one in changed if not one.part.startswith(("goal.", "carry_over", "metric"))
             or one.part.startswith("metrics.")]  # fmt: skip
    if not parts and any(one.part == "metric" for one in changed):
        parts = [one for one in changed if one.part == "metric"]
    if not parts:
        return Cause.RECOMPUTED, "by the same definition, from what was known then"
    said = "; ".join(f"{one.part}: {one.old or 'none'} → {one.new or 'none'}" for one in parts)
    is_calendar = all(one.part.startswith("beside.") for one in parts)
    return (Cause.CALENDAR if is_calendar else Cause.DEFINITION), said


def _is_close(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=_TOLERANCE, abs_tol=1e-12)
