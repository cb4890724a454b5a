"""The connector: who we are, which workspace and projects are meant, and the streams read whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from connectors.asana import tasks
from connectors.asana.choosing import choose, is_gid, listed
from connectors.asana.custom_fields import DEFINITION, custom_field
from connectors.asana.faults import REMEDY, PlanError, judge
from connectors.asana.fields import Raw
from connectors.asana.lists import Lists, Raws
from connectors.asana.settings import AsanaSettings
from connectors.asana.streams import PROJECTS, Declaration, declarations
from okr_sync.connector import Checkpoint, Context, Identity, Page, SettingsError, Stream
from okr_sync.http import Faults, checked_address
from okr_sync.http.connector import HttpConnector


class Asana(HttpConnector):
    """Reads one workspace. Every read lists everything: see `connectors.asana` for the reason."""

    Settings = AsanaSettings
    description = "Asana: tasks, projects, portfolios and goals, with custom fields"

    settings: AsanaSettings

    def __init__(self, settings: AsanaSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._declarations = dict(declarations(context.timezone))
        self._refused: dict[str, PlanError] = {}
        self._me: Raw = {}
        self._workspace = ""

    def declared_streams(self) -> Sequence[Stream]:
        wanted = self.settings.streams.custom_fields
        return [one.stream(self._url, wanted.get(name, ())) for name, one in self._declarations.items()]

    def connect(self) -> Sequence[Stream]:
        from okr_sync.http.client import Client, Habits  # noqa: PLC0415 - slow to import, see okr_sync.http

        url = checked_address(self.context.source, self.settings.url, "https://app.asana.com")
        token = self.settings.token.get_secret_value()
        faults = Faults(self.context.source, REMEDY, (token,), self.context.clock)
        headers = {"Authorization": f"Bearer {token}"}
        self.client = Client(f"{url}/api/1.0", faults, headers=headers, habits=Habits(judge(faults)))
        self._me = self.client.get_json("/users/me", {"opt_fields": "name,email,workspaces.name"})["data"]
        self._workspace = self._chosen_workspace()["gid"]
        if self.settings.projects != "all":
            _ = self._projects  # a name that is none is told now, whichever stream is read
        self._add_custom_fields()
        return [one.stream(self._url) for one in self._declarations.values()]

    def identity(self) -> Identity:
        return Identity(self._me.get("email") or self._me.get("name") or self._me["gid"])

    def count(self, stream: Stream) -> int | None:
        return len(self._projects) if stream.name == PROJECTS.name else None

    def read(self, stream: Stream, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """Everything there is; there are no checkpoints."""
        if stream.name in self._refused:
            raise self._refused[stream.name]
        declaration = self._declarations[stream.name]
        read: dict[str, Callable[[Declaration], Iterable[Raws]]] = {
            "tasks": self._tasks,
            "projects": lambda _: [self._projects],
            "portfolios": self._portfolios,
            "goals": self._goals,
        }
        for raws in read[stream.name](declaration):
            records, rejected = declaration.reading.records(raws)
            yield Page(records, {}, rejected=rejected)

    @property
    def _url(self) -> str:
        return self.settings.url.rstrip("/")

    def _lists(self, name: str) -> Lists:
        return Lists(self.client, f"{self.where}: stream {name}")

    def _chosen_workspace(self) -> Raw:
        known: Raws = self._me.get("workspaces") or []
        if self.settings.workspace is not None:
            return choose(f"{self.where}: workspace", self.settings.workspace, known)
        if len(known) != 1:
            raise SettingsError(
                f"{self.where}: the token sees {len(known)} workspaces; write workspace, one of: {listed(known)}"
            )
        return known[0]

    @cached_property
    def _projects(self) -> Raws:
        """The source's projects, in the order of the settings, with all that the stream of projects needs."""
        declaration, wanted = self._declarations[PROJECTS.name], self.settings.projects
        asked = declaration.opt_fields
        if wanted != "all" and all(map(is_gid, wanted)):  # a large workspace may have too many to list
            return [self.client.get_json(f"/projects/{gid}", {"opt_fields": asked})["data"] for gid in wanted]
        known: Raws = []
        for page in self._lists("projects").pages(
            f"/workspaces/{self._workspace}/projects", asked, proof=declaration.proof
        ):
            known += page
        if wanted == "all":
            return known
        return [dict(choose(f"{self.where}: projects", one, known)) for one in wanted]

    def _add_custom_fields(self) -> None:
        """Find the custom fields that the project names. Without them in the plan, only their streams are lost."""
        wanted = self.settings.streams.custom_fields
        if not wanted:
            return
        path = f"/workspaces/{self._workspace}/custom_fields"
        try:
            known = self._lists("custom fields").everything(path, DEFINITION)
        except PlanError as error:
            self._refused = dict.fromkeys(wanted, error)
            return
        for stream, fields in wanted.items():
            found = [
                custom_field(name, self._definition(f"{self.where}: streams.{stream}.fields.{name}", one, known))
                for name, one in fields.items()
            ]
            self._declarations[stream] = self._declarations[stream].with_custom(found)

    def _definition(self, where: str, wanted: int | str, known: Raws) -> Raw:
        """A field that belongs to one project alone is not in the workspace's list, and is found by its id."""
        if is_gid(wanted) and all(one["gid"] != str(wanted) for one in known):
            answer: dict[str, Any] = self.client.get_json(f"/custom_fields/{wanted}", {"opt_fields": DEFINITION})
            return answer["data"]  # type: ignore[no-any-return]
        return choose(where, wanted, known)

    def _tasks(self, declaration: Declaration) -> Iterator[Raws]:
        started_at = self.client.server_time or self.context.clock()
        gids = [one["gid"] for one in self._projects]
        return tasks.pages(self._lists("tasks"), declaration, gids, started_at)

    def _portfolios(self, declaration: Declaration) -> Iterator[Raws]:
        lists = self._lists("portfolios")
        for page in lists.pages(
            "/portfolios", declaration.opt_fields, {"workspace": self._workspace}, declaration.proof
        ):
            for one in page:
                one["items"] = [item["gid"] for item in lists.everything(f"/portfolios/{one['gid']}/items", "name")]
            yield page

    def _goals(self, declaration: Declaration) -> Iterator[Raws]:
        scope = {"workspace": self._workspace}
        return self._lists("goals").pages("/goals", declaration.opt_fields, scope, declaration.proof)
