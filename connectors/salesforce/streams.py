"""The streams that every org has, with the fields that are the same in all of them."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.salesforce.fields import MILESTONE_UPDATED_AT, Asked, boolean, day, hours, number, text, time

MODIFIED, CREATED = "SystemModstamp", "CreatedDate"
"""What orders the changes of an object; rows of a history never change, and have the second alone."""

ID = text("id", "Id", "Salesforce's id of the record, of 18 characters")
CREATED_AT = time("created_at", CREATED, "When it was created")
UPDATED_AT = time("updated_at", MODIFIED, "When anything of it last changed, by a person or by the system")
NEVER_UPDATED_AT = time("updated_at", CREATED, "When it was created: it never changes")
_AS_LAST_CHANGED = ", as it was called when this record was last read"


@dataclass(frozen=True, slots=True)
class ObjectStream:
    """Records of one object."""

    name: str
    object: str
    description: str
    fields: tuple[Asked, ...] = ()
    cursor: str = MODIFIED
    updated_at: Asked = UPDATED_AT
    link: str = "{id}"
    reread: str | None = None
    """SOQL of the records that change without any change of the cursor: they are read every time."""

    @property
    def all_fields(self) -> tuple[Asked, ...]:
        return (ID, *self.fields, CREATED_AT, self.updated_at)


OPPORTUNITIES = ObjectStream(
    "opportunities",
    "Opportunity",
    "Opportunities with their present stage",
    (
        text("name", "Name", "The opportunity's name"),
        text("account_id", "AccountId", "The account it is with"),
        text("account", "Account.Name", f"That account's name{_AS_LAST_CHANGED}"),
        text("owner", "Owner.Name", f"The user who owns it{_AS_LAST_CHANGED}"),
        text("type", "Type", "New or existing business, as the org names it"),
        text("lead_source", "LeadSource", "Where it came from, as the org names it"),
        text("stage", "StageName", "The stage, as the org names it"),
        time("stage_changed_at", "LastStageChangeDate", "When its stage last changed; none while it never did"),
        boolean("is_closed", "IsClosed", "Won or lost"),
        boolean("is_won", "IsWon", "Won"),
        number("amount", "Amount", "The amount in the record's own currency; none while nobody has given one"),
        number("expected_revenue", "ExpectedRevenue", "Amount by probability, in the record's own currency"),
        number("probability_percent", "Probability", "How likely it is to be won: 80 for 80 %"),
        text("forecast_category", "ForecastCategoryName", "Where a forecast counts it"),
        day("closes_on", "CloseDate", "The day it is expected to close, or was closed"),
    ),
)
LEADS = ObjectStream(
    "leads",
    "Lead",
    "Leads and what they were converted to",
    (
        text("name", "Name", "The person's name"),
        text("company", "Company", "The company"),
        text("status", "Status", "The status, as the org names it"),
        text("lead_source", "LeadSource", "Where it came from, as the org names it"),
        text("rating", "Rating", "Hot, warm or cold, as the org names it"),
        text("industry", "Industry", "The company's industry"),
        text("owner", "Owner.Name", f"The user or queue that owns it{_AS_LAST_CHANGED}"),
        boolean("is_converted", "IsConverted", "Converted to an account, and usually to an opportunity"),
        day("converted_on", "ConvertedDate", "The day it was converted"),
        text("converted_opportunity_id", "ConvertedOpportunityId", "The opportunity it became"),
        text("converted_account_id", "ConvertedAccountId", "The account it became part of"),
    ),
)
ACCOUNTS = ObjectStream(
    "accounts",
    "Account",
    "Accounts",
    (
        text("name", "Name", "The account's name"),
        text("type", "Type", "Customer, partner..., as the org names it"),
        text("industry", "Industry", "The industry"),
        text("parent_id", "ParentId", "The account above it"),
        text("owner", "Owner.Name", f"The user who owns it{_AS_LAST_CHANGED}"),
        number("annual_revenue", "AnnualRevenue", "What it earns a year, in the record's own currency"),
        number("employee_count", "NumberOfEmployees", "How many people it employs"),
    ),
)
CASES = ObjectStream(
    "cases",
    "Case",
    "Cases of the service desk",
    (
        text("number", "CaseNumber", "The number people know"),
        text("subject", "Subject", "The subject"),
        text("status", "Status", "The status, as the org names it"),
        text("priority", "Priority", "The priority, as the org names it"),
        text("origin", "Origin", "How it came in: e-mail, web, phone..."),
        text("type", "Type", "The kind of case, as the org names it"),
        text("reason", "Reason", "The reason, as the org names it"),
        text("account_id", "AccountId", "The account it is for"),
        text("account", "Account.Name", f"That account's name{_AS_LAST_CHANGED}"),
        text("owner", "Owner.Name", f"The user or queue that owns it{_AS_LAST_CHANGED}"),
        boolean("is_closed", "IsClosed", "Closed"),
        boolean("is_escalated", "IsEscalated", "Escalated"),
        time("closed_at", "ClosedDate", "When it was closed; none while it is open"),
    ),
)
CASE_MILESTONES = ObjectStream(
    "case_milestones",
    "CaseMilestone",
    "Service levels of cases: what must be done, by when, and when it was",
    (
        text("case_id", "CaseId", "The case"),
        text("milestone", "MilestoneType.Name", "What must be done: first response..."),
        time("started_at", "StartDate", "When its clock started"),
        time("target_at", "TargetDate", "By when it must be done"),
        time("completed_at", "CompletionDate", "When it was done; none while it is not"),
        boolean("is_completed", "IsCompleted", "Done"),
        boolean("is_violated", "IsViolated", "Done after the target, or not done and past it"),
        hours("target_business_hours", "TargetResponseInMins", "How long it may take, in the entitlement's hours"),
    ),
    updated_at=MILESTONE_UPDATED_AT,
    link="{case_id}",
    reread="IsCompleted = false",
)
OPPORTUNITY_HISTORY = ObjectStream(
    "opportunity_history",
    "OpportunityHistory",
    "What opportunities were like after each change of stage, amount, probability or close date",
    (
        text("opportunity_id", "OpportunityId", "The opportunity"),
        text("stage", "StageName", "The stage from then on"),
        number("amount", "Amount", "The amount from then on, in the record's own currency"),
        number("previous_amount", "PrevAmount", "The amount before"),
        number("expected_revenue", "ExpectedRevenue", "Amount by probability from then on"),
        number("probability_percent", "Probability", "How likely it was to be won from then on: 80 for 80 %"),
        text("forecast_category", "ForecastCategory", "Where a forecast counted it from then on"),
        day("closes_on", "CloseDate", "The close date from then on"),
        day("previous_closes_on", "PrevCloseDate", "The close date before"),
    ),
    link="{opportunity_id}",
)
OPPORTUNITY_FIELD_HISTORY = ObjectStream(
    "opportunity_field_history",
    "OpportunityFieldHistory",
    "Changes of the opportunity fields that the org tracks, of the last 18 to 24 months; with an opportunity that is"
    " deleted they go without a word, which a census alone finds",
    (
        text("opportunity_id", "OpportunityId", "The opportunity"),
        text("field", "Field", "The API name of the field; created, for a new opportunity"),
        text("old_value", "OldValue", "The value before, as a text"),
        text("new_value", "NewValue", "The value after, as a text"),
        text("data_type", "DataType", "Its type; a change of owner or account comes twice, as EntityId and as Text"),
    ),
    cursor=CREATED,
    updated_at=NEVER_UPDATED_AT,
    link="{opportunity_id}",
)

STANDARD = {
    one.name: one
    for one in (
        OPPORTUNITIES,
        LEADS,
        ACCOUNTS,
        CASES,
        CASE_MILESTONES,
        OPPORTUNITY_HISTORY,
        OPPORTUNITY_FIELD_HISTORY,
    )
}
ALWAYS = frozenset({"id", "created_at", "updated_at"})
"""Fields that every stream has, those of a project's own objects, too."""
