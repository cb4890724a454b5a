"""The connector: which streams a site offers, and who reads each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from connectors.jira import changelog, lists, slas, worklogs
from connectors.jira.agile_fields import epic_link, sprint_fields, story_points_field
from connectors.jira.answers import Json, SignIn
from connectors.jira.changed import OVERLAP_MS, Desk, Wish, census, count, read_changed
from connectors.jira.custom_fields import SiteField, find_fields
from connectors.jira.fields import STANDARD, IssueField, issue_stream, with_epic_link
from connectors.jira.issues import issue_reading
from connectors.jira.past import Past, by_issue
from connectors.jira.settings import JiraSettings
from connectors.jira.undone import Held
from connectors.jira.values import to_moment
from okr_sync.connector import (
    AccessError,
    Checkpoint,
    Connector,
    Context,
    Field,
    FieldType,
    Identity,
    IncompleteError,
    Page,
    Record,
    SettingsError,
    Stream,
    Vitals,
)
from okr_sync.http import Faults, checked_address, secret_forms

if TYPE_CHECKING:
    from connectors.jira.site import Site

_FETCH_SIZE = 100
"""The most issues that Jira gives by id in one request."""
_CLOUD_REMEDY = (
    "check email and token of the source; tokens are made at"
    " https://id.atlassian.com/manage-profile/security/api-tokens, and see what their account may see"
)
_DATA_CENTER_REMEDY = (
    "check the token of the source; personal access tokens are made in a person's profile in Jira,"
    " and see what that person may see"
)
_NEEDED = "BROWSE_PROJECTS"
_UNNEEDED = ("ADMINISTER", "SYSTEM_ADMIN")


class Jira(Connector):
    """Reads one site. Deleted issues are not reported by Jira: a census of ids finds them."""

    Settings = JiraSettings
    description = "Jira, in the cloud or a data center: issues, their changes and worklogs, sprints, projects, SLAs"

    settings: JiraSettings

    def __init__(self, settings: JiraSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._connected: Site | None = None
        self._myself: Json = {}
        self._fields: tuple[IssueField, ...] = STANDARD

    def declared_streams(self) -> Sequence[Stream]:
        issues = self.settings.streams.issues
        declared = [Field(name, one.field_type or FieldType.UNKNOWN) for name, one in issues.custom_fields.items()]
        return self._streams([*declared, *issues.agile_fields])

    def connect(self) -> Sequence[Stream]:
        self._connected = self._sign_in()
        self._myself = self._site.myself()
        if not any(self._myself.get(name) for name in ("accountId", "key", "name")):
            raise AccessError(
                f"{self._where}: {self.settings.url} took the request as anonymous: credentials refused; {self._remedy}"
            )
        added = self._added_fields()
        standard = STANDARD if self.settings.is_cloud else with_epic_link(epic_link(self._site_fields))
        self._fields = (*standard, *added)
        return self._streams([one.field for one in added])

    def read(self, stream: Stream, checkpoint: Checkpoint | None) -> Iterator[Page]:
        desk, streams = self._desk(stream), self.settings.streams
        match stream.name:
            case "issues":
                return self._issue_pages(desk, checkpoint)
            case "changelog":
                return changelog.pages(desk, streams.changelog, checkpoint)
            case "worklogs":
                return worklogs.pages(desk, checkpoint)
            case "sprints":
                return lists.sprint_pages(desk, streams.sprints.boards)
            case "projects":
                return lists.project_pages(desk)
            case "slas":
                fields = slas.sla_fields(desk.where, self._site_fields)
                return slas.pages(desk, streams.slas, fields, checkpoint)
        raise SettingsError(f"{self._where}: there is no stream {stream.name!r}")

    def census(self, stream: Stream) -> Iterator[Sequence[str]]:
        return census(self._desk(stream), self.settings.streams.issues.select)

    def fetch(self, stream: Stream, keys: Sequence[str]) -> Iterator[Sequence[Record]]:
        reading = issue_reading(self._fields, self.context.timezone)
        for start in range(0, len(keys), _FETCH_SIZE):
            issues = self._site.issues(keys[start : start + _FETCH_SIZE], self._asked)
            records, rejected = reading.records(issues)
            if rejected:
                raise IncompleteError(f"{self._where}: {rejected[0].record}: {rejected[0].reason}")
            yield records

    def identity(self) -> Identity:
        asked = {"permissions": ",".join((_NEEDED, *_UNNEEDED))}
        permissions = self._site.get(self._site.path("mypermissions"), asked).get("permissions") or {}
        granted = {key for key, one in permissions.items() if one.get("havePermission") is True}
        return Identity(
            str(self._myself.get("emailAddress") or self._myself.get("displayName")),
            missing=() if _NEEDED in granted else (_NEEDED,),
            unneeded=tuple(one for one in _UNNEEDED if one in granted),
        )

    def count(self, stream: Stream) -> int | None:
        return count(self._desk(stream), self.settings.streams.issues.select) if stream.name == "issues" else None

    @property
    def vitals(self) -> Vitals:
        return Vitals() if self._connected is None else self._connected.vitals

    @property
    def request_count(self) -> int:
        return 0 if self._connected is None else self._connected.request_count

    def close(self) -> None:
        if self._connected is not None:
            self._connected.close()

    def _sign_in(self) -> Site:
        from connectors.jira.cloud import Cloud  # noqa: PLC0415 - slow to import, see okr_sync.http
        from connectors.jira.data_center import DataCenter  # noqa: PLC0415 - slow to import, see okr_sync.http

        url = checked_address(self.context.source, self.settings.url, "https://agency.atlassian.net")
        email, token = self.settings.email, self.settings.token.get_secret_value()
        faults = Faults(self.context.source, self._remedy, secret_forms(email or "", token), self.context.clock)
        return (Cloud if self.settings.is_cloud else DataCenter)(SignIn(url, email, token), faults)

    def _added_fields(self) -> tuple[IssueField, ...]:
        """Those that the project adds. The site's list of fields is asked for only where it is needed."""
        source, issues = self.context.source, self.settings.streams.issues
        wanted = issues.custom_fields
        added = find_fields(source, wanted, self._site_fields) if wanted else ()
        if issues.story_points:
            added = (*added, story_points_field(source, issues.story_points, self._site_fields))
        if issues.sprints:
            added = (*added, *sprint_fields(source, issues.sprints, self._site_fields))
        return added

    def _issue_pages(self, desk: Desk, checkpoint: Checkpoint | None) -> Iterator[Page]:
        reading = issue_reading(self._fields, self.context.timezone)
        wish = Wish(self.settings.streams.issues.select, self._asked, is_counted=True)
        since = to_moment(0 if checkpoint is None else max(0, checkpoint["since_ms"] - OVERLAP_MS))
        for batch in read_changed(desk, wish, checkpoint):
            records, rejected = reading.records(batch.issues)
            past, _ = reading.records(self._past(batch.issues, since))
            yield Page([*past, *records], batch.after, batch.expected_count, rejected)

    def _past(self, issues: Sequence[Json], since: datetime) -> Iterator[Json]:
        """Their versions before the present one, as far as the last read may have missed them: older ones have landed.

        One of which the index was late was not found then, and is no longer the present one now.
        """
        if not issues or not self.settings.streams.issues.history:
            return
        histories = by_issue(self._site.histories([str(one["id"]) for one in issues]))
        past = Past(self._fields, self._held)
        for issue in issues:
            try:
                versions = past.versions(issue, histories.get(str(issue["id"]), ()))
            except (ValueError, OverflowError) as error:
                raise IncompleteError(
                    f"{self._where}: the history of issue {issue.get('key')} has a change whose time cannot be read:"
                    f" it is {error}; history: false under streams.issues reads issues without their past"
                ) from error
            yield from (one for one in versions if to_moment(one["fields"]["updated"]) > since)

    @cached_property
    def _held(self) -> Held:
        return Held.of(self._site.get_list(self._site.path("status")), list(self._site_fields))

    def _streams(self, added: Sequence[Field]) -> list[Stream]:
        url, streams = self.settings.url, self.settings.streams
        return [
            issue_stream(url, added),
            changelog.stream(url),
            worklogs.stream(),
            lists.sprints(),
            lists.projects(url),
            slas.stream(url, streams.slas),
        ]

    def _desk(self, stream: Stream) -> Desk:
        now = self._site.server_time or self.context.clock()
        return Desk(self._site, f"{self._where}: stream {stream.name}", now)

    @property
    def _asked(self) -> list[str]:
        """The ids of the fields of an issue that are read."""
        return sorted({one.source_id for one in self._fields})

    @cached_property
    def _site_fields(self) -> Sequence[SiteField]:
        return self._site.fields()

    @property
    def _site(self) -> Site:
        if self._connected is None:
            raise RuntimeError("connect() comes before read()")
        return self._connected

    @property
    def _remedy(self) -> str:
        return _CLOUD_REMEDY if self.settings.is_cloud else _DATA_CENTER_REMEDY

    @property
    def _where(self) -> str:
        return f"source {self.context.source}"
