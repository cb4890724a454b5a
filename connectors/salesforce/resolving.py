"""A stream as it is declared, joined with what the org has: what to ask for, and why it cannot be read, if so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from connectors.salesforce.describing import Descriptions, OrgObject
from connectors.salesforce.fields import Asked, Raw, asked, record_name
from connectors.salesforce.settings import ObjectSettings
from connectors.salesforce.streams import ALWAYS, CREATED, MODIFIED, NEVER_UPDATED_AT, STANDARD, ObjectStream
from connectors.salesforce.wanted import Wanted, did_you_mean
from okr_sync.connector import AccessError, Field, FieldType, SettingsError, SourceError, Stream
from okr_sync.http.columns import Reading

_DELETED, _CURRENCY = "IsDeleted", "CurrencyIsoCode"


@dataclass(frozen=True)
class Plan:
    """How one stream is read."""

    declared: ObjectStream
    settings: ObjectSettings
    fields: tuple[Asked, ...]
    object: OrgObject | None = None
    is_computed: bool = False
    """True where a field changes without any change of the record's own times: then all is read every time."""
    problem: SourceError | None = None
    history: tuple[str, str] | None = None
    """The object with the changes of its fields and there the field with the record's id, where its past is rebuilt."""
    snapshots: str | None = None
    """The object with what opportunities were like after each change."""

    @property
    def paths(self) -> tuple[str, ...]:
        """What SOQL asks for, each once. `IsDeleted` is there for every object that has a recycle bin."""
        has_bin = self.object is None or self.object.field(_DELETED) is not None
        paths = [path for one in self.fields for path in one.paths] + [self.declared.cursor]
        return tuple(dict.fromkeys([*paths, _DELETED] if has_bin else paths))

    @property
    def reading(self) -> Reading[Raw]:
        columns = [one.column for one in self.fields]
        return Reading(columns, record_name(self.declared.object), lambda raw: raw.get(_DELETED) in (True, "true"))

    def stream(self, url: str) -> Stream:
        return Stream(
            name=self.declared.name,
            fields=tuple(one.column.field for one in self.fields),
            key=("id",),
            version_at="updated_at",
            created_at="created_at",
            changes_silently=self.is_computed,
            is_past_partial=self.history is not None,  # what the org does not track is told of the present alone
            has_census=self.settings.has_census,
            link=f"{url}/{self.declared.link}",
            description=self.declared.description,
        )


def declare(name: str, settings: ObjectSettings) -> Plan:
    """The stream as far as settings tell; the types of a project's own fields are not known yet."""
    declared = STANDARD.get(name)
    if declared is None:
        declared = ObjectStream(name, settings.object or "", f"Records of {settings.object}")
    standard = tuple(one for one in declared.all_fields if one.name not in settings.leave_out)
    further = (_unknown(name, path) for name, path in settings.fields.items())
    return Plan(declared, settings, (*standard, *further))


def _unknown(name: str, path: str) -> Asked:
    one = asked(name, FieldType.TEXT, path, path)
    return replace(one, column=replace(one.column, field=Field(name, FieldType.UNKNOWN, path)))


def resolve(plan: Plan, descriptions: Descriptions, where: str) -> Plan:
    """The same stream with every type known; where the account sees too little of it, the error of reading it.

    Raises:
        SettingsError: the settings name what the org does not have.
    """
    found = descriptions.find(plan.declared.object)
    if found is None:
        return _without_object(plan, descriptions, where)
    plan = replace(plan, declared=_with_cursor(plan.declared, found, where), object=found)
    standard = tuple(one for one in plan.declared.all_fields if one.name not in plan.settings.leave_out)
    wanted = (Wanted(f"{where}.fields.{name}", name, path) for name, path in plan.settings.fields.items())
    further = [one.find(found, descriptions) for one in wanted]
    fields, is_computed = (*standard, *(one.asked for one in further)), any(one.is_computed for one in further)
    plan = replace(plan, fields=fields, is_computed=is_computed)
    hidden = list(dict.fromkeys(_hidden(found, standard)))
    problem = _hidden_problem(plan, hidden, where) or _currency_problem(plan, where)
    return _with_history(replace(plan, problem=problem), descriptions)


def histories_of(name: str) -> tuple[tuple[str, str], str]:
    """By its object: where changes of fields are and which field there has the record's id; where its snapshots are."""
    if name.endswith("__c"):
        return (f"{name[:-1]}History", "ParentId"), ""
    of_fields = "OpportunityFieldHistory" if name == "Opportunity" else f"{name}History"
    return (of_fields, f"{name}Id"), "OpportunityHistory" if name == "Opportunity" else ""


def _with_history(plan: Plan, descriptions: Descriptions) -> Plan:
    """Where all records are read every time, only the present state of each is kept."""
    if not plan.settings.history or plan.is_computed or plan.declared.cursor != MODIFIED or plan.declared.reread:
        return plan
    (of_fields, parent), snapshots = histories_of(plan.declared.object)
    found = descriptions.find(of_fields)
    if found is None or found.field(parent) is None:
        return plan
    has_snapshots = snapshots and descriptions.find(snapshots) is not None
    return replace(plan, history=(of_fields, parent), snapshots=snapshots if has_snapshots else None)


def _without_object(plan: Plan, descriptions: Descriptions, where: str) -> Plan:
    name = plan.declared.object
    if plan.declared.name not in STANDARD:
        close = get_close_matches(name, descriptions.all_names(), n=3, cutoff=0.5)
        raise SettingsError(
            f"{where}.object: Salesforce has no object {name!r} that the account may see{did_you_mean(close)}"
        )
    problem = AccessError(
        f"{where}: Salesforce has no object {name} that the account may see; give the account's permission set read"
        " access to it, or, if the org does not use it, read another stream"
    )
    return replace(plan, problem=problem)


def _with_cursor(declared: ObjectStream, found: OrgObject, where: str) -> ObjectStream:
    """Rows of a history have no time of change but that of their creation."""
    declared = replace(declared, object=found.name)
    if found.field(declared.cursor) is not None or declared.name in STANDARD:
        return declared
    if found.field(CREATED) is None:
        raise SettingsError(
            f"{where}.object: {found.name} has neither {MODIFIED} nor {CREATED}, so its changes cannot be told;"
            " okr-sync cannot read it"
        )
    return replace(declared, cursor=CREATED, updated_at=NEVER_UPDATED_AT)


def _hidden(found: OrgObject, fields: Iterable[Asked]) -> Iterator[str]:
    """The paths that the account may not see. Of a parent's field, only the way to the parent is looked at."""
    for path in (path for one in fields for path in one.paths):
        first, _, rest = path.partition(".")
        if (found.parent(first) if rest else found.field(first)) is None:
            yield path


def _hidden_problem(plan: Plan, hidden: Sequence[str], where: str) -> SourceError | None:
    if not hidden:
        return None
    listed = ", ".join(f"{plan.declared.object}.{path}" for path in hidden)
    names = [one.name for one in plan.fields if {*hidden} & {*one.paths} and one.name not in ALWAYS]
    return AccessError(
        f"{where}: the account may not see {listed}; give its permission set read access to these fields, or leave"
        f" them out: {_setting(where)}: {{leave_out: [{', '.join(names)}]}}"
    )


def _currency_problem(plan: Plan, where: str) -> SourceError | None:
    """In an org with several currencies, amounts without their currency add up to nothing."""
    paths = {path.lower() for path in plan.paths}
    if plan.object is None or plan.object.field(_CURRENCY) is None or _CURRENCY.lower() in paths:
        return None
    types = {one.name: (plan.object.field(one.paths[0]) or {}).get("type") for one in plan.fields}
    amounts = [name for name, kind in types.items() if kind == "currency"]
    if not amounts:
        return None
    return SettingsError(
        f"{where}: the org has several currencies, and {', '.join(amounts)} come in each record's own; add the"
        f" currency, so that formulas can choose one: {_setting(where)}: {{fields: {{currency: {_CURRENCY}}}}}"
    )


def _setting(where: str) -> str:
    """`streams.opportunities`, of the beginning of a message."""
    return where.rpartition(": ")[2]
