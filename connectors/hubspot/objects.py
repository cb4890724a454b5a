"""The standard objects, a stream each: what HubSpot calls them, and the properties that become columns."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.hubspot.columns import EVERYWHERE, PropertyColumn, envelope, flag, number, score, text, time
from okr_sync.connector import FieldType

_OWNER = text("owner_id", "hubspot_owner_id", "The user who owns it")
_SOURCE = text("source", "hs_analytics_source", "Where it first came from: ORGANIC_SEARCH, PAID_SEARCH, REFERRALS...")
_LIFECYCLE = text(
    "lifecycle_stage", "lifecyclestage", "How far on the way to a customer: lead, opportunity, customer..."
)


@dataclass(frozen=True, slots=True)
class PipelineProperties:
    """Where an object keeps its pipeline and its stage: the ids of both."""

    pipeline: str
    stage: str


@dataclass(frozen=True, slots=True)
class CrmObject:
    """One kind of record."""

    name: str
    """As its addresses write it: `deals`, or `2-123456` for a custom object."""
    type_id: str
    """As links write it."""
    description: str
    columns: tuple[PropertyColumn, ...] = ()
    cursor: str = "hs_lastmodifieddate"
    """The property to search by time of change; contacts alone have another one."""
    pipelines: PipelineProperties | None = None
    has_deals: bool = False
    """Its records belong to deals, which only associations tell."""
    has_page: bool = True
    """HubSpot shows each of its records on a page of its own."""

    @property
    def known_columns(self) -> tuple[PropertyColumn, ...]:
        """What every account has."""
        return (*EVERYWHERE, *self.columns, *([DEAL_ID] if self.has_deals else []))


DEAL_ID = envelope("deal_id", FieldType.TEXT, "deal_id", "The deal it belongs to; none for an item of a quote alone")
DEALS = CrmObject(
    "deals",
    "0-3",
    "Deals with pipeline and stage by name, won or not, and when each stage was entered",
    (
        text("name", "dealname", "The name"),
        flag("is_won", "hs_is_closed_won", "In a stage that counts as won"),
        flag("is_closed", "hs_is_closed", "In a stage that counts as won or lost"),
        number("amount", "amount", "What it is worth, in the deal's own currency; none while nobody has said"),
        text("currency", "deal_currency_code", "The deal's own currency; none in an account with a single one"),
        number("home_amount", "amount_in_home_currency", "The same in the currency of the account"),
        text("type", "dealtype", "newbusiness, existingbusiness..."),
        time("closes_at", "closedate", "The close date as people set it: of an open deal, when they expect it"),
        text("lost_reason", "closed_lost_reason", "Why it was lost"),
        text("company_id", "hs_primary_associated_company", "The primary company"),
        _OWNER,
        _SOURCE,
    ),
    pipelines=PipelineProperties("pipeline", "dealstage"),
)
CONTACTS = CrmObject(
    "contacts",
    "0-1",
    "Contacts with their lifecycle stage",
    (
        text("email", "email", "The email address"),
        text("first_name", "firstname", "The first name"),
        text("last_name", "lastname", "The last name"),
        _LIFECYCLE,
        text("lead_status", "hs_lead_status", "NEW, OPEN, IN_PROGRESS, CONNECTED, UNQUALIFIED..."),
        text("company_id", "associatedcompanyid", "The primary company"),
        time("became_lead_at", "hs_lifecyclestage_lead_date", "When it became a lead"),
        time("became_mql_at", "hs_lifecyclestage_marketingqualifiedlead_date", "When it became marketing qualified"),
        time("became_sql_at", "hs_lifecyclestage_salesqualifiedlead_date", "When it became sales qualified"),
        time("became_opportunity_at", "hs_lifecyclestage_opportunity_date", "When it became an opportunity"),
        time("became_customer_at", "hs_lifecyclestage_customer_date", "When it became a customer"),
        _OWNER,
        _SOURCE,
    ),
    cursor="lastmodifieddate",
)
COMPANIES = CrmObject(
    "companies",
    "0-2",
    "Companies",
    (
        text("name", "name", "The name"),
        text("domain", "domain", "The domain of its site"),
        text("type", "type", "PROSPECT, CUSTOMER, PARTNER..."),
        text("industry", "industry", "The industry"),
        text("country", "country", "The country, as people wrote it"),
        _LIFECYCLE,
        time("became_customer_at", "hs_lifecyclestage_customer_date", "When it became a customer"),
        _OWNER,
        _SOURCE,
    ),
)
TICKETS = CrmObject(
    "tickets",
    "0-5",
    "Tickets with pipeline and stage by name, closed or not, and when each stage was entered",
    (
        text("subject", "subject", "The subject"),
        text("priority", "hs_ticket_priority", "LOW, MEDIUM, HIGH or URGENT; none where nobody set it"),
        text("category", "hs_ticket_category", "The category"),
        text("channel", "source_type", "How it came in: EMAIL, CHAT, FORM, PHONE"),
        time("first_replied_at", "first_agent_reply_date", "When an agent first replied; none until then"),
        time("closed_at", "closed_date", "When it was closed; none while it is open"),
        _OWNER,
    ),
    pipelines=PipelineProperties("hs_pipeline", "hs_pipeline_stage"),
)
LINE_ITEMS = CrmObject(
    "line_items",
    "0-8",
    "Line items: what a deal is made of",
    (
        text("name", "name", "The name"),
        text("product_id", "hs_product_id", "The product it was made from; none where it was written by hand"),
        text("sku", "hs_sku", "The product's own number"),
        number("quantity", "quantity", "How many"),
        number("price", "price", "The price of one"),
        number("amount", "amount", "Price times quantity less discounts"),
        text("currency", "hs_line_item_currency_code", "The currency of price and amount"),
    ),
    has_deals=True,
    has_page=False,
)
FEEDBACK_SUBMISSIONS = CrmObject(
    "feedback_submissions",
    "0-19",
    "Answers to surveys: NPS, CSAT, CES and surveys of one's own",
    (
        text("survey_id", "hs_survey_id", "The survey"),
        text("survey_name", "hs_survey_name", "Its name"),
        text("survey_type", "hs_survey_type", "NPS, CSAT, CES or CUSTOM"),
        text("channel", "hs_survey_channel", "How it was asked: EMAIL, WEB..."),
        score("score", "hs_value", "The answer where it is a number: 0 to 10 for NPS"),
        text(
            "response_group", "hs_response_group", "What HubSpot makes of the answer: PROMOTER, PASSIVE, DETRACTOR..."
        ),
        text("sentiment", "hs_sentiment", "What HubSpot makes of the words"),
        text("comment", "hs_content", "The words that came with it"),
        text("contact_id", "hs_contact_id", "The contact who answered"),
        time("answered_at", "hs_submission_timestamp", "When it was answered"),
    ),
    has_page=False,
)

STANDARD = {one.name: one for one in (DEALS, CONTACTS, COMPANIES, TICKETS, LINE_ITEMS, FEEDBACK_SUBMISSIONS)}
