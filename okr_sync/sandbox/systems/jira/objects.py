"""What Jira's issues refer to, each thing written as JSON once: projects, statuses, people, options of fields."""

from __future__ import annotations

from okr_sync.sandbox.catalog import (
    CATEGORIES,
    CLIENTS,
    ISSUE_TYPES,
    MEMBERS,
    PRIORITIES,
    PROJECTS,
    REGIONS,
    RESOLUTIONS,
    STATUSES,
    Choice,
    JiraProject,
    Member,
    Status,
)
from okr_sync.sandbox.http import Json, to_json

_FIRST_REGION_ID = 10_500
_LEVELS = {"Project": 2, "Epic": 1}


class JiraObjects:
    """Texts by the names under which issues know the things: a project by its key, a person by the handle."""

    def __init__(self, api_url: str, *, is_cloud: bool = True) -> None:
        self._api = api_url
        self._is_cloud = is_cloud
        self.projects = {one.key: to_json(self._project(one)) for one in PROJECTS}
        self.types = {one.name: to_json(self._type(one)) for one in ISSUE_TYPES}
        self.statuses = {one.name: to_json(self._status(one)) for one in STATUSES}
        self.categories = {one.name: to_json(self._category(one.category)) for one in STATUSES}
        """By the status that is of the category."""
        self.resolutions = {one.name: to_json(self._choice("resolution", one.id, one.name)) for one in RESOLUTIONS}
        self.priorities = {one.name: to_json(self._choice("priority", one.id, one.name)) for one in PRIORITIES}
        self.members = {one.handle: to_json(self.member(one)) for one in MEMBERS}
        self.full_checklist = to_json(self._option("10500", "Đủ"))
        self.clients = {one.name: to_json(self._option(one.option_id, one.name)) for one in CLIENTS}
        regions = enumerate(REGIONS, start=_FIRST_REGION_ID)
        self.regions = {name: to_json(self._option(str(option_id), name)) for option_id, name in regions}

    def _choice(self, kind: str, choice_id: str, name: str) -> Json:
        return {"self": f"{self._api}/{kind}/{choice_id}", "id": choice_id, "name": name}

    def _option(self, option_id: str, value: str) -> Json:
        return {"self": f"{self._api}/customFieldOption/{option_id}", "value": value, "id": option_id}

    def _project(self, project: JiraProject) -> Json:
        chosen = self._choice("project", project.id, project.name)
        return chosen | {"key": project.key, "simplified": project.is_team_managed}

    def _status(self, status: Status) -> Json:
        return self._choice("status", status.id, status.name) | {"statusCategory": self._category(status.category)}

    def _category(self, key: str) -> Json:
        category = CATEGORIES[key]
        return {
            "self": f"{self._api}/statuscategory/{category.id}",
            "id": int(category.id),
            "key": key,
            "name": category.name,
        }

    def _type(self, issue_type: Choice) -> Json:
        """The level tells an epic from what is above and below it; a data center does not tell it."""
        chosen = self._choice("issuetype", issue_type.id, issue_type.name) | {"subtask": False}
        return chosen | {"hierarchyLevel": _LEVELS.get(issue_type.name, 0)} if self._is_cloud else chosen

    def member(self, member: Member) -> Json:
        """People hide their e-mail addresses from other users by default, so there is none in here."""
        named: Json = {"displayName": member.name, "active": True, "timeZone": "Asia/Ho_Chi_Minh"}
        if not self._is_cloud:
            self_link = f"{self._api}/user?username={member.handle}"
            return {"self": self_link, "name": member.handle, "key": f"JIRAUSER{member.zendesk_id}", **named}
        self_link = f"{self._api}/user?accountId={member.account_id}"
        return {"self": self_link, "accountId": member.account_id, **named, "accountType": "atlassian"}
