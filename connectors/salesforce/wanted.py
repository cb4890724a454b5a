"""A field that a project adds, found in what the org has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from connectors.salesforce.describing import Descriptions, OrgField, OrgObject
from connectors.salesforce.fields import Asked, asked
from okr_sync.connector import FieldType, SettingsError

_TEXTS = (
    "id", "reference", "string", "picklist", "combobox", "textarea", "phone", "url", "email", "time", "encryptedstring",
    "anyType",
)  # fmt: skip
_TYPES = {
    "boolean": FieldType.BOOLEAN,
    "int": FieldType.INTEGER,
    "long": FieldType.INTEGER,
    "double": FieldType.NUMBER,
    "currency": FieldType.NUMBER,
    "percent": FieldType.NUMBER,
    "date": FieldType.DATE,
    "datetime": FieldType.TIMESTAMP,
    "multipicklist": FieldType.LIST,
    **dict.fromkeys(_TEXTS, FieldType.TEXT),
}
"""The types that fit a record. Addresses, locations and files do not; the parts of an address are fields themselves."""
_UNITS = {"currency": ", in the record's own currency", "percent": ": 20 for 20 %"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A field that a project adds."""

    where: str
    name: str
    path: str

    def find(self, found: OrgObject, descriptions: Descriptions) -> Resolved:
        """The field at the end of the path, through parents."""
        *parents, last = self.path.split(".")
        written = []
        for relationship in parents:
            parent = found.parent(relationship)
            if parent is None:
                raise SettingsError(
                    f"{self.where}: {found.name} has no relationship {relationship!r} that the account may see"
                    f"{did_you_mean(_close(relationship, found.relationships, 'relationshipName'))}"
                )
            target = descriptions.find(parent)
            if target is None:
                raise SettingsError(f"{self.where}: {relationship} leads to {parent}, which the account may not see")
            written.append(found.relationships[relationship.lower()]["relationshipName"])
            found = target
        org_field = found.field(last)
        if org_field is None:
            raise SettingsError(
                f"{self.where}: {found.name} has no field {last!r} that the account may see"
                f"{did_you_mean(_close(last, found.fields, 'name'))}"
            )
        if org_field["type"] not in _TYPES:
            raise SettingsError(f"{self.where}: {last} is of type {org_field['type']}, which has no type in a record")
        return Resolved(self.name, ".".join([*written, org_field["name"]]), org_field)


@dataclass(frozen=True, slots=True)
class Resolved:
    """The same with what the org says of it; `path` has the capitals that Salesforce answers with."""

    name: str
    path: str
    org_field: OrgField

    @property
    def is_computed(self) -> bool:
        """True where it changes without a change of its record's times: by a formula, or in a parent."""
        return bool(self.org_field.get("calculated")) or "." in self.path

    @property
    def asked(self) -> Asked:
        kind = self.org_field["type"]
        description = f"{self.org_field.get('label')} ({self.path}){_UNITS.get(kind, '')}"
        return asked(self.name, _TYPES[kind], self.path, description)


def _close(name: str, known: Mapping[str, OrgField], member: str) -> list[str]:
    by_text = {lower: one[member] for lower, one in known.items()}
    by_text |= {str(one.get("label", "")).lower(): one[member] for one in known.values()}
    return list(dict.fromkeys(by_text[text] for text in get_close_matches(name.lower(), by_text, n=3)))


def did_you_mean(close: Iterable[str]) -> str:
    choices = " or ".join(close)
    return f"; did you mean {choices}?" if choices else "; write its API name, as Setup > Object Manager lists it"
