"""Service in HubSpot: tickets, answers to surveys, and the travel client's tours as records of a custom object."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import CLIENTS
from okr_sync.sandbox.records import Listing, SurveyAnswer, Ticket
from okr_sync.sandbox.systems.hubspot.kinds import (
    OWNER,
    Kind,
    Row,
    choice,
    flag,
    moment,
    number,
    shelved,
    text,
)
from okr_sync.sandbox.systems.hubspot.pipelines import TICKET_PIPELINES

SURVEY_OFFSET = 60_000_000
LISTING_TYPE = "2-4410001"
_CLIENT_BY_NAME = {client.name: client for client in CLIENTS}
_TICKET_STAGES = list(TICKET_PIPELINES[0].stages)


def _ticket(one: Ticket) -> dict[str, Any]:
    replied = None if one.first_reply_seconds is None else one.created_at.timestamp() + one.first_reply_seconds
    stage = next((stage for stage in _TICKET_STAGES if stage.label == one.status), _TICKET_STAGES[-1])
    return {
        "subject": one.subject,
        "hs_pipeline": TICKET_PIPELINES[0].id,
        "hs_pipeline_stage": stage.id,
        "hs_ticket_priority": None
        if one.priority is None
        else {"normal": "MEDIUM"}.get(one.priority, one.priority.upper()),
        "source_type": {"email": "EMAIL", "web": "FORM"}.get(one.channel, "CHAT"),
        # One of the properties that still hold milliseconds.
        "first_agent_reply_date": None if replied is None else int(replied) * 1000,
        "closed_date": one.solved_at,
        _TICKET_STAGES[0].entered: one.created_at,
        stage.entered: one.created_at if stage.label == "new" else one.updated_at,
    }


def _tickets(agency: Agency) -> Iterator[Row]:
    for one in agency.tickets:
        archived_at: datetime | None = one.updated_at if one.status == "deleted" else None
        yield Row(one.id, one.created_at, one.updated_at, one, archived_at)


def _survey(one: SurveyAnswer) -> dict[str, Any]:
    return {
        "hs_survey_id": 7,
        "hs_survey_name": "NPS hằng quý",
        "hs_survey_type": "NPS",
        "hs_survey_channel": "EMAIL",
        "hs_value": one.score,
        "hs_response_group": "PROMOTER" if one.score > 8 else "PASSIVE" if one.score > 6 else "DETRACTOR",
        "hs_content": one.comment,
        "hs_contact_id": _CLIENT_BY_NAME[one.client].requester_id,
        "hs_submission_timestamp": one.answered_at,
    }


def _surveys(agency: Agency) -> Iterator[Row]:
    def row(one: SurveyAnswer, archived_at: datetime | None = None) -> Row:
        return Row(survey_id(one), one.answered_at, one.updated_at, one, archived_at)

    yield from map(row, agency.surveys.all)
    yield from (row(gone.record, gone.at) for gone in agency.surveys.gone.values())


def survey_id(one: SurveyAnswer) -> int:
    return SURVEY_OFFSET + int(one.id.removeprefix("nps-"))


def _listing(one: Listing) -> dict[str, Any]:
    return {
        "title": one.title,
        "price": one.price,
        "photo_count": one.photo_count,
        "has_availability": one.has_availability,
        "policy": one.policy,
    }


TICKETS = Kind(
    "tickets",
    "0-5",
    (
        text("subject", "Ticket name"),
        choice("hs_pipeline", "Pipeline"),
        choice("hs_pipeline_stage", "Ticket status"),
        choice("hs_ticket_priority", "Priority"),
        choice("hs_ticket_category", "Category"),
        choice("source_type", "Source"),
        moment("first_agent_reply_date", "First agent email response date"),
        moment("closed_date", "Close date"),
        *(moment(stage.entered, f"Date entered {stage.label}") for stage in _TICKET_STAGES),
        OWNER,
    ),
    _ticket,
    _tickets,
)
FEEDBACK_SUBMISSIONS = Kind(
    "feedback_submissions",
    "0-19",
    (
        number("hs_survey_id", "Survey ID"),
        text("hs_survey_name", "Survey name"),
        choice("hs_survey_type", "Survey type"),
        choice("hs_survey_channel", "Survey channel"),
        text("hs_value", "Rating"),
        choice("hs_response_group", "Response group"),
        choice("hs_sentiment", "Sentiment"),
        text("hs_content", "Response"),
        number("hs_contact_id", "Contact ID"),
        moment("hs_submission_timestamp", "Date of submission"),
    ),
    _survey,
    _surveys,
    created="hs_createdate",
)
LISTINGS = Kind(
    LISTING_TYPE,
    LISTING_TYPE,
    (
        text("title", "Tên tour"),
        number("price", "Giá"),
        number("photo_count", "Số ảnh"),
        flag("has_availability", "Còn chỗ"),
        text("policy", "Chính sách"),
    ),
    _listing,
    lambda agency: shelved(agency.listings),
    created="hs_createdate",
)
