"""The objects of the agency's org and their fields: what a describe tells, and what a query may name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from okr_sync.sandbox.http import Json


@dataclass(frozen=True, slots=True)
class ObjectField:
    name: str
    type: str
    label: str = ""
    relationship: str | None = None
    targets: tuple[str, ...] = ()
    is_calculated: bool = False

    def described(self) -> Json:
        return {
            "name": self.name,
            "label": self.label or self.name,
            "type": self.type,
            "calculated": self.is_calculated,
            "custom": self.name.endswith("__c"),
            "nillable": self.name not in ("Id", "IsDeleted", "CreatedDate", "SystemModstamp"),
            "filterable": True,
            "sortable": True,
            "relationshipName": self.relationship,
            "referenceTo": list(self.targets),
        }


@dataclass(frozen=True)
class ObjectType:
    name: str
    label: str
    fields: tuple[ObjectField, ...]

    @cached_property
    def by_name(self) -> Mapping[str, ObjectField]:
        return {field.name.lower(): field for field in self.fields}

    @cached_property
    def by_relationship(self) -> Mapping[str, ObjectField]:
        return {field.relationship.lower(): field for field in self.fields if field.relationship}

    def without(self, hidden: Collection[str]) -> ObjectType:
        """As an account sees it that may not see these fields, written `Opportunity.Amount`."""
        return replace(self, fields=tuple(one for one in self.fields if f"{self.name}.{one.name}" not in hidden))

    def described(self) -> Json:
        return {
            "name": self.name,
            "label": self.label,
            "custom": self.name.endswith("__c"),
            "queryable": True,
            "retrieveable": True,
            "fields": [field.described() for field in self.fields],
        }


def _many(kind: str, *names: str) -> tuple[ObjectField, ...]:
    return tuple(ObjectField(name, kind) for name in names)


def _to(name: str, relationship: str, *targets: str) -> ObjectField:
    return ObjectField(name, "reference", relationship=relationship, targets=targets)


_ID = ObjectField("Id", "id")
_DELETED = ObjectField("IsDeleted", "boolean")
_CREATED = ObjectField("CreatedDate", "datetime")
_TIMES = (_CREATED, *_many("datetime", "LastModifiedDate", "SystemModstamp"))
_USER = _to("OwnerId", "Owner", "User")
_USER_OR_QUEUE = _to("OwnerId", "Owner", "Group", "User")
_ACCOUNT = _to("AccountId", "Account", "Account")
_OPPORTUNITY = _to("OpportunityId", "Opportunity", "Opportunity")

_ACCOUNTS = ObjectType(
    "Account",
    "Account",
    (
        _ID, _DELETED, *_many("string", "Name"), *_many("picklist", "Type", "Industry"),
        _to("ParentId", "Parent", "Account"), _USER, *_many("currency", "AnnualRevenue"),
        *_many("int", "NumberOfEmployees"), *_many("address", "BillingAddress"),
        ObjectField("Client_Tag__c", "string", "Client Tag"), *_TIMES,
    ),
)  # fmt: skip
_OPPORTUNITIES = ObjectType(
    "Opportunity",
    "Opportunity",
    (
        _ID, _DELETED, *_many("string", "Name"), _ACCOUNT, _USER,
        *_many("picklist", "Type", "LeadSource", "StageName", "ForecastCategoryName"),
        *_many("boolean", "IsClosed", "IsWon"), *_many("currency", "Amount", "ExpectedRevenue"),
        *_many("percent", "Probability"), *_many("date", "CloseDate"), *_many("datetime", "LastStageChangeDate"),
        ObjectField("Service__c", "multipicklist", "Services"),
        ObjectField("Contract_Ends_On__c", "date", "Contract Ends On"),
        ObjectField("Is_Upsell__c", "boolean", "Upsell"),
        ObjectField("Days_To_Contract_End__c", "double", "Days To Contract End", is_calculated=True),
        *_TIMES,
    ),
)  # fmt: skip
_LEADS = ObjectType(
    "Lead",
    "Lead",
    (
        _ID, _DELETED, *_many("string", "Name", "Company"),
        *_many("picklist", "Status", "LeadSource", "Rating", "Industry"), _USER_OR_QUEUE,
        *_many("boolean", "IsConverted"), *_many("date", "ConvertedDate"),
        _to("ConvertedOpportunityId", "ConvertedOpportunity", "Opportunity"),
        _to("ConvertedAccountId", "ConvertedAccount", "Account"), *_TIMES,
    ),
)  # fmt: skip
_CASES = ObjectType(
    "Case",
    "Case",
    (
        _ID, _DELETED, *_many("string", "CaseNumber", "Subject"),
        *_many("picklist", "Status", "Priority", "Origin", "Type", "Reason"), _ACCOUNT, _USER_OR_QUEUE,
        *_many("boolean", "IsClosed", "IsEscalated"), *_many("datetime", "ClosedDate"), *_TIMES,
    ),
)  # fmt: skip
_MILESTONES = ObjectType(
    "CaseMilestone",
    "Case Milestone",
    (
        _ID, _DELETED, _to("CaseId", "Case", "Case"), _to("MilestoneTypeId", "MilestoneType", "MilestoneType"),
        *_many("datetime", "StartDate", "TargetDate", "CompletionDate"),
        *_many("boolean", "IsCompleted", "IsViolated"), *_many("int", "TargetResponseInMins"), *_TIMES,
    ),
)  # fmt: skip
_HISTORY = ObjectType(
    "OpportunityHistory",
    "Opportunity History",
    (
        _ID, _DELETED, _OPPORTUNITY, *_many("picklist", "StageName", "ForecastCategory"),
        *_many("currency", "Amount", "ExpectedRevenue", "PrevAmount"), *_many("percent", "Probability"),
        *_many("date", "CloseDate", "PrevCloseDate"), _CREATED, *_many("datetime", "SystemModstamp"),
    ),
)  # fmt: skip
_FIELD_HISTORY = ObjectType(
    "OpportunityFieldHistory",
    "Opportunity Field History",
    (
        _ID, _DELETED, _OPPORTUNITY, *_many("picklist", "Field", "DataType"), *_many("anyType", "OldValue", "NewValue"),
        _CREATED,
    ),
)  # fmt: skip
_CASE_HISTORY = ObjectType(
    "CaseHistory",
    "Case History",
    (
        _ID, _DELETED, _to("CaseId", "Case", "Case"), *_many("picklist", "Field", "DataType"),
        *_many("anyType", "OldValue", "NewValue"), _CREATED,
    ),
)  # fmt: skip
_STAGES = ObjectType(
    "OpportunityStage",
    "Opportunity Stage",
    (
        _ID, *_many("string", "ApiName", "MasterLabel"), *_many("boolean", "IsActive", "IsClosed", "IsWon"),
        *_many("picklist", "ForecastCategoryName"), *_TIMES,
    ),
)  # fmt: skip
_STATUSES = ObjectType(
    "CaseStatus", "Case Status Value", (_ID, *_many("string", "ApiName", "MasterLabel"), *_many("boolean", "IsClosed"))
)
_ENTITIES = ObjectType("EntityDefinition", "Object Definition", (_ID, *_many("string", "QualifiedApiName")))
_FIELDS = ObjectType(
    "FieldDefinition",
    "Field Definition",
    (
        _ID, *_many("string", "QualifiedApiName"), *_many("boolean", "IsFieldHistoryTracked"),
        _to("EntityDefinitionId", "EntityDefinition", "EntityDefinition"),
    ),
)  # fmt: skip
_USERS = ObjectType("User", "User", (_ID, *_many("string", "Name", "Username"), *_many("boolean", "IsActive"), *_TIMES))
_NAMES = ObjectType("Name", "Name", (_ID, *_many("string", "Name", "Username", "Type")))
_MILESTONE_TYPES = ObjectType("MilestoneType", "Milestone Type", (_ID, *_many("string", "Name"), *_TIMES))

OBJECTS = (
    _ACCOUNTS, _OPPORTUNITIES, _LEADS, _CASES, _MILESTONES, _HISTORY, _FIELD_HISTORY, _USERS, _NAMES, _MILESTONE_TYPES,
    _CASE_HISTORY, _STAGES, _STATUSES, _ENTITIES, _FIELDS,
)  # fmt: skip
CURRENCY = ObjectField("CurrencyIsoCode", "picklist", "Currency ISO Code")
WITH_CURRENCY = frozenset({"Account", "Opportunity", "Lead", "OpportunityHistory"})


def visible_objects(hidden: Collection[str], *, is_multi_currency: bool) -> Mapping[str, ObjectType]:
    """What the account sees, by name in small letters; `hidden` holds objects and fields."""
    seen = (one.without(hidden) for one in OBJECTS if one.name not in hidden)
    if is_multi_currency:
        seen = (replace(one, fields=(*one.fields, CURRENCY)) if one.name in WITH_CURRENCY else one for one in seen)
    return {one.name.lower(): one for one in seen}
