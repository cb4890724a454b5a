"""Templates: a key result with `for_each` becomes one key result for each value, and one that rolls them up."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from okr_sync.errors import Problem, ProjectError
from okr_sync.project.each import ForEach, Only, RollUp, Scalar
from okr_sync.project.environment import Resolved
from okr_sync.project.key_result import KeyResult
from okr_sync.project.metric import Metric
from okr_sync.project.model import Objective
from okr_sync.project.places import set_places
from okr_sync.project.validation import Part, validate
from okr_sync.project.wording import shown
from okr_sync.project.yaml import Data, Document, Steps

_OF_THE_TEMPLATE = ("for_each", "roll_up", "weight")
"""What the template says of itself. A member's weight is its weight among the members, 1 unless its value says more."""
_OF_THE_ROLL_UP = ("id", "name", "owner", "ambition", "weight", "for_each", "roll_up", "silence")
"""What is left of a template that is judged by its members."""
_SAME_FOR_ALL = ("metric", "for_each", "roll_up")
_LABEL = "label"
_PLACEHOLDER = re.compile(r"\{(\w*)\}")
_MOST_NAMED = 4


@dataclass(slots=True)
class Expansion:
    """What became of the templates: derived metrics by name, and everything that is wrong with them."""

    metrics: dict[str, Metric] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def expand(self, objective: Objective, document: Document, metrics: Mapping[str, Metric]) -> Objective:
        """The objective with every template followed by its members; the objective itself where it has none."""
        if all(one.for_each is None for one in objective.key_results):
            return objective
        key_results: list[KeyResult] = []
        for number, one in enumerate(objective.key_results):
            if one.for_each is None:
                key_results.append(one)
            else:
                template = _Template(document, number, one, one.for_each)
                key_results += self._of_template(template, metrics)
        return objective.model_copy(update={"key_results": key_results})

    def _of_template(self, template: _Template, metrics: Mapping[str, Metric]) -> list[KeyResult]:
        try:
            members = list(template.members())
        except ProjectError as error:
            self.problems.extend(error.problems)
            return [template.key_result]
        made = [self._restricted(one, (value,), template, metrics) for value, one in members]
        roll_up = template.roll_up()
        if not roll_up.is_judged_by_members:
            roll_up = self._restricted(roll_up, template.each.values, template, metrics)
        return [roll_up, *made]

    def _restricted(
        self, one: KeyResult, values: tuple[Scalar, ...], template: _Template, metrics: Mapping[str, Metric]
    ) -> KeyResult:
        """The key result over a metric of its own, which counts only the records with one of `values`."""
        base = one.metric or ""
        if base not in metrics:  # told already
            return one
        name = restricted_name(base, one.id)
        if name in metrics:
            self.problems.append(template.problem(f"makes a metric {name}, which exists already; rename that one"))
        tag, number = one.id, 1
        while True:  # another cycle may have a template of the same id, over other values
            only = Only(template.each.field, values, tag, template.key_result.place("for_each"), template.path)
            made = self.metrics.setdefault(restricted_name(base, tag), metrics[base].restricted(base, only))
            if made.only is not None and (made.only.field, made.only.values) == (only.field, only.values):
                return one.model_copy(update={"metric": restricted_name(base, tag)})
            number += 1
            tag = f"{one.id}_{number}"


def restricted_name(metric: str, key_result: str) -> str:
    """The name of the metric that a template makes for one of its key results."""
    return f"{metric}__{key_result}"


def repeated_ids(objectives: Iterable[Objective]) -> Iterator[Problem]:
    """The ids made by templates that another key result of the same cycle has too."""
    pairs = [(objective, one) for objective in objectives for one in objective.key_results]
    seen: dict[str, list[tuple[Objective, KeyResult]]] = {}
    for objective, one in sorted(
        pairs, key=lambda pair: pair[1].member_of is not None
    ):  # what people wrote comes first
        others = seen.setdefault(one.id, [])
        twin = next((other for above, other in others if _share_a_cycle(above, objective)), None)
        if twin is not None and one.member_of is not None:
            message = f"makes a key result {one.id!r}, which exists already, at {twin.place()}; {_OWN_ID}"
            yield Problem(str(one.place()), f"key_results.{one.member_of}.for_each", message)
        others.append((objective, one))


def _share_a_cycle(one: Objective, other: Objective) -> bool:
    return one.cycle is None or other.cycle is None or one.cycle == other.cycle


_OWN_ID = "give the value another id: {SEO: {id: late_seo_team}}"


@dataclass(frozen=True, slots=True)
class _Template:
    """A key result with `for_each`, and where it is written: entry `number` of the document's key results."""

    document: Document
    number: int
    key_result: KeyResult
    each: ForEach

    @property
    def path(self) -> str:
        return f"key_results.{self.key_result.id}.for_each"

    @property
    def _steps(self) -> Steps:
        return ("key_results", self.number)

    @property
    def _written(self) -> dict[str, Data]:
        written = self.document.at(self._steps)
        assert isinstance(written, dict)  # noqa: S101 - it was read as a key result
        return written

    def problem(self, message: str) -> Problem:
        return Problem(str(self.key_result.place("for_each")), self.path, message)

    def members(self) -> Iterator[tuple[Scalar, KeyResult]]:
        """A key result for each value.

        Raises:
            ProjectError: what is wrong with them; what all have in common is told once.
        """
        problems = [self.problem(message) for message in self._wrong_texts()]
        made = []
        for value in self.each.values:
            try:
                made.append((value, self._member(value)))
            except ProjectError as error:
                told = {(one.place, one.message) for one in problems}
                problems += [one for one in error.problems if (one.place, one.message) not in told]
        problems += [self.problem(message) for message in _alike(made)]
        if problems:
            raise ProjectError(problems)
        yield from made

    def roll_up(self) -> KeyResult:
        """The key result that stands for all members: under the template's id, named after the first few of them."""
        labels = [self._label(value) for value in self.each.values]
        count = "" if len(labels) <= _MOST_NAMED else f", … ({len(labels)})"
        named = ", ".join(labels[:_MOST_NAMED]) + count
        blank = {}
        if self.key_result.is_judged_by_members:
            fields = KeyResult.model_fields.items()
            blank = {
                name: info.get_default(call_default_factory=True)
                for name, info in fields
                if name not in _OF_THE_ROLL_UP
            }
        texts = {"name": self._filled(self.key_result.name, named), "roll_up": self.key_result.roll_up or RollUp.MEAN}
        return self.key_result.model_copy(update=blank | texts)

    def _wrong_texts(self) -> Iterator[str]:
        own = self.each.field
        texts = [self.key_result.name, self.key_result.owner or ""]
        for name in (name for text in texts for name in _PLACEHOLDER.findall(text) if name != own):
            yield f"goes over {own}, so {{{name}}} has no value; write {{{own}}}"
        if f"{{{own}}}" not in self.key_result.name and any(
            "name" not in self._difference(one) for one in self.each.values
        ):
            yield f"would give every key result the same name; write {{{own}}} in name, where the value goes"
        for value in self.each.values:
            for name in self._difference(value):
                if name in _SAME_FOR_ALL:
                    yield f"{value}: {name} is the same for all values; write it beside for_each"

    def _member(self, value: Scalar) -> KeyResult:
        difference = {name: held for name, held in self._difference(value).items() if name not in _SAME_FOR_ALL}
        label = self._label(value)
        common = {name: held for name, held in self._written.items() if name not in _OF_THE_TEMPLATE}
        merged: dict[str, Data] = {
            **common,
            "id": self._id(value, difference),
            **{name: held for name, held in difference.items() if name != _LABEL},
        }
        for name in ("name", "owner"):
            if isinstance(merged.get(name), str):
                merged[name] = self._filled(str(merged[name]), label)
        document = self._as_written(value, merged)
        member = validate(KeyResult, Part(document, Resolved(merged), self._first))
        set_places(member, document, self._first)
        member._member_of = self.key_result.id
        return member

    _first = ("key_results", 0)

    def _id(self, value: Scalar, difference: Mapping[str, Data]) -> str:
        part = _as_id(str(value).lower() if isinstance(value, bool) else str(value))
        if not part and "id" not in difference:
            example = f"{{{value}: {{id: {self.key_result.id}_a}}}}"
            message = f"{shown(value)} holds no Latin letter and no digit to make an id of; give it one: {example}"
            raise ProjectError([self.problem(message)])
        return f"{self.key_result.id}_{part}"

    def _label(self, value: Scalar) -> str:
        label = self._difference(value).get(_LABEL)
        if label is None:
            return str(value).lower() if isinstance(value, bool) else str(value)
        return str(label)

    def _difference(self, value: Scalar) -> Mapping[str, Data]:
        return self.each.differences.get(value, {})

    def _filled(self, text: str, label: str) -> str:
        return text.replace(f"{{{self.each.field}}}", label)

    def _as_written(self, value: Scalar, merged: dict[str, Data]) -> Document:
        """A document that holds `merged` alone, each field of it on the line where it was written."""
        own = (*self._steps, "for_each", self.each.field, str(value))
        place = own if own in self.document.lines else (*self._steps, "for_each")
        lines = {(): 1, ("key_results",): 1, self._first: self.document.place(place).line}
        for origin in (self._steps, own):  # what differs comes last, and counts
            for steps, line in self.document.lines.items():
                rest = steps[len(origin) :]
                if rest and steps[: len(origin)] == origin and rest[0] in merged:
                    lines[(*self._first, *rest)] = line
        return Document(self.document.file, {"key_results": [merged]}, lines)


def _alike(members: Iterable[tuple[Scalar, KeyResult]]) -> Iterator[str]:
    """Values that differ and yet give one id."""
    seen: dict[str, Scalar] = {}
    for value, one in members:
        if one.id in seen:
            yield f"{shown(seen[one.id])} and {shown(value)} both give the id {one.id}; {_OWN_ID}"
        seen.setdefault(one.id, value)


def _as_id(text: str) -> str:
    """`Đội SEO` -> `doi_seo`."""
    plain = unicodedata.normalize("NFKD", text.replace("đ", "d").replace("Đ", "D"))
    return re.sub(r"[^a-z0-9]+", "_", plain.encode("ascii", "ignore").decode().lower()).strip("_")
