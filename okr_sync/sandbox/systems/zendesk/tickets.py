"""Tickets, and what goes with them, in Zendesk's wire format. Joined from texts, like Jira's issues, to be fast."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from okr_sync.sandbox.catalog import CLIENTS, MEMBERS, SUPPORT_GROUPS
from okr_sync.sandbox.http import Json, to_json
from okr_sync.sandbox.records import Ticket

CLIENT_FIELD_ID = 360_000_044
MESSAGING = "native_messaging"
RATED = ("offered", "good", "bad")
_BRAND_ID = 51_001


@lru_cache(maxsize=4096)
def zendesk_time(moment: datetime) -> str:
    return f"{moment.isoformat()[:19]}Z"


class TicketWriter:
    """Writes records of the account at `account_url`."""

    def __init__(self, account_url: str) -> None:
        self._api = f"{account_url}/api/v2"

    def ticket(self, ticket: Ticket) -> str:
        is_deleted = ticket.status == "deleted"
        description = "SCRUBBED" if is_deleted else f"{ticket.subject}, nhờ hỗ trợ giúp."
        return (
            f'{{"url":"{self._api}/tickets/{ticket.id}.json","id":{ticket.id},"external_id":null'
            f',"via":{{"channel":"{ticket.channel}","source":{{"from":{{}},"to":{{}},"rel":null}}}}'
            f',"created_at":"{zendesk_time(ticket.created_at)}","updated_at":"{zendesk_time(ticket.updated_at)}"'
            f',"generated_timestamp":{int(ticket.generated_at.timestamp())}'
            f',"type":{_text(ticket.ticket_type)},"subject":{_text(ticket.subject)},"raw_subject":{_text(ticket.subject)}'
            f',"description":{_text(description)}'
            f',"priority":{_text(ticket.priority)},"status":"{ticket.status}","recipient":null'
            f',"requester_id":{ticket.requester_id},"submitter_id":{ticket.requester_id}'
            f',"assignee_id":{_number(ticket.assignee_id)},"organization_id":{_number(ticket.organization_id)}'
            f',"group_id":{_number(ticket.group_id)},"collaborator_ids":[],"follower_ids":[],"email_cc_ids":[]'
            f',"forum_topic_id":null,"problem_id":null,"has_incidents":false,"is_public":true,"due_at":null'
            f',"tags":{_tags(ticket.tags)}'
            f',"custom_fields":[{{"id":{CLIENT_FIELD_ID},"value":{_text(ticket.client)}}}]'
            f',"satisfaction_rating":{_rating(ticket)}'
            f',"sharing_agreement_ids":[],"followup_ids":[],"ticket_form_id":null,"brand_id":{_BRAND_ID}'
            f',"allow_channelback":false,"allow_attachments":true'
            f',"from_messaging_channel":{"true" if ticket.channel == MESSAGING else "false"}}}'
        )

    def metric_set(self, ticket: Ticket) -> str:
        """Without a schedule of working hours in the account, business time is calendar time."""
        solved_minutes = None
        if ticket.solved_at is not None:
            solved_minutes = int((ticket.solved_at - ticket.created_at).total_seconds()) // 60
        reply_minutes = None if ticket.first_reply_seconds is None else ticket.first_reply_seconds // 60
        # Zendesk counts the first reply in seconds for messaging only.
        reply_seconds = ticket.first_reply_seconds if ticket.channel == MESSAGING else None
        assigned_at = "null" if ticket.assignee_id is None else f'"{zendesk_time(ticket.created_at)}"'
        solved_at = "null" if ticket.solved_at is None else f'"{zendesk_time(ticket.solved_at)}"'
        metrics_id = 900_000_000 + ticket.id
        return (
            f'{{"url":"{self._api}/ticket_metrics/{metrics_id}.json","id":{metrics_id},"ticket_id":{ticket.id}'
            f',"created_at":"{zendesk_time(ticket.created_at)}","updated_at":"{zendesk_time(ticket.updated_at)}"'
            f',"group_stations":1,"assignee_stations":{0 if ticket.assignee_id is None else 1}'
            f',"reopens":{ticket.reopen_count},"replies":{ticket.reply_count}'
            f',"assignee_updated_at":{assigned_at},"requester_updated_at":"{zendesk_time(ticket.created_at)}"'
            f',"status_updated_at":"{zendesk_time(ticket.updated_at)}","initially_assigned_at":{assigned_at}'
            f',"assigned_at":{assigned_at},"solved_at":{solved_at}'
            f',"latest_comment_added_at":"{zendesk_time(ticket.updated_at)}"'
            f',"reply_time_in_minutes":{_minutes(reply_minutes)}'
            f',"reply_time_in_seconds":{{"calendar":{_number(reply_seconds)}}}'
            f',"first_resolution_time_in_minutes":{_minutes(solved_minutes)}'
            f',"full_resolution_time_in_minutes":{_minutes(solved_minutes)}'
            f',"agent_wait_time_in_minutes":{_minutes(None)},"requester_wait_time_in_minutes":{_minutes(solved_minutes)}'
            f',"on_hold_time_in_minutes":{_minutes(0)}'
            f',"custom_status_updated_at":"{zendesk_time(ticket.updated_at)}"}}'
        )

    def users(self, tickets: list[Ticket]) -> list[Json]:
        """The people in `tickets`: agents, and one requester of each client."""
        wanted = {ticket.assignee_id for ticket in tickets} | {ticket.requester_id for ticket in tickets}
        agents = [
            self.user(member.zendesk_id, member.name, member.email, "agent")
            for member in MEMBERS
            if member.zendesk_id in wanted
        ]
        requesters = [
            self.user(client.requester_id, f"Đầu mối {client.name}", f"{client.tag}@client.example", "end-user")
            for client in CLIENTS
            if client.requester_id in wanted
        ]
        return agents + requesters

    def user(self, user_id: int, name: str, email: str, role: str) -> Json:
        return {
            "id": user_id,
            "url": f"{self._api}/users/{user_id}.json",
            "name": name,
            "email": email,
            "role": role,
            "active": True,
            "time_zone": "Hanoi",
            "iana_time_zone": "Asia/Ho_Chi_Minh",
        }

    def groups(self, tickets: list[Ticket]) -> list[Json]:
        wanted = {ticket.group_id for ticket in tickets}
        return [
            {"id": group_id, "url": f"{self._api}/groups/{group_id}.json", "name": name, "deleted": False}
            for group_id, name in SUPPORT_GROUPS.items()
            if group_id in wanted
        ]

    def organizations(self, tickets: list[Ticket]) -> list[Json]:
        wanted = {ticket.organization_id for ticket in tickets}
        return [
            {
                "id": client.organization_id,
                "url": f"{self._api}/organizations/{client.organization_id}.json",
                "name": client.name,
                "tags": [client.tag],
            }
            for client in CLIENTS
            if client.organization_id in wanted
        ]


def rating_id(ticket: Ticket) -> int:
    """Another one where the requester changes their mind."""
    return 7_000_000_000 + ticket.id * 10 + RATED.index(ticket.satisfaction)


def _rating(ticket: Ticket) -> str:
    if ticket.satisfaction in ("good", "bad"):
        return f'{{"id":{rating_id(ticket)},"score":"{ticket.satisfaction}","comment":null}}'
    return f'{{"score":"{ticket.satisfaction}"}}'


def _minutes(count: int | None) -> str:
    return f'{{"calendar":{_number(count)},"business":{_number(count)}}}'


def _number(value: int | None) -> str:
    return "null" if value is None else str(value)


@lru_cache(maxsize=4096)
def _text(text: str | None) -> str:
    return to_json(text)


@lru_cache(maxsize=4096)
def _tags(tags: tuple[str, ...]) -> str:
    return to_json(list(tags))
