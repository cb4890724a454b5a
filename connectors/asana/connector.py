"""The connector: each stream, read whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from connectors.asana.account import Account
from connectors.asana.custom_fields import custom_field
from connectors.asana.faults import REMEDY, PlanError, judge
from connectors.asana.objects import Objects, Raws, Wish
from connectors.asana.settings import AsanaSettings
from connectors.asana.streams import declarations
from connectors.asana.tasks import task_pages
from okr_sync.connector import Checkpoint, Context, Identity, Page, Stream
from okr_sync.http import Faults, checked_address
from okr_sync.http.connector import HttpConnector


class Asana(HttpConnector):
    """Reads one workspace. Every read lists everything: see `connectors.asana` for the reason."""

    Settings = AsanaSettings
    description = "Asana: tasks, projects, portfolios and goals, with custom fields"

    settings: AsanaSettings
    _account: Account

    def __init__(self, settings: AsanaSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._declarations = declarations(context.timezone)
        self._unpaid: dict[str, PlanError] = {}

    def declared_streams(self) -> Sequence[Stream]:
        url, wanted = self.settings.url.rstrip("/"), self.settings.streams.custom_fields
        return [one.stream(url, wanted.get(name, ())) for name, one in self._declarations.items()]

    def connect(self) -> Sequence[Stream]:
        from okr_sync.http.client import Client, Habits  # noqa: PLC0415 - slow to import, see okr_sync.http

        url = checked_address(self.context.source, self.settings.url, "https://app.asana.com")
        token = self.settings.token.get_secret_value()
        faults = Faults(self.context.source, REMEDY, (token,), self.context.clock)
        headers = {"Authorization": f"Bearer {token}"}
        self.client = Client(f"{url}/api/1.0", faults, headers=headers, habits=Habits(judge(faults)))
        self._account = Account(self.client, self.where, self.settings)
        for stream, fields in self.settings.streams.custom_fields.items():
            self._add_custom_fields(stream, fields)
        if self.settings.projects != "all":
            _ = self._projects  # a name that is none is told now, whichever stream is read
        streams = [one.stream(url) for one in self._declarations.values()]
        return [replace(one, is_open=one.name in self._unpaid) for one in streams]

    def identity(self) -> Identity:
        return Identity(self._account.name)

    def count(self, stream: Stream) -> int | None:
        self._refuse_unpaid(stream)
        return len(self._projects) if stream.name == "projects" else None

    def read(self, stream: Stream, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """Everything there is: no read depends on an earlier one."""
        self._refuse_unpaid(stream)
        declaration = self._declarations[stream.name]
        read: dict[str, Callable[[Objects, Wish], Iterable[Raws]]] = {
            "tasks": self._tasks,
            "projects": lambda _, __: [self._projects],
            "portfolios": self._portfolios,
            "goals": self._goals,
        }
        objects = Objects(self.client, f"{self.where}: stream {stream.name}")
        for raws in read[stream.name](objects, declaration.wish):
            records, rejected = declaration.reading.records(raws)
            yield Page(records, {}, rejected=rejected)

    def _add_custom_fields(self, stream: str, wanted: dict[str, int | str]) -> None:
        """To the stream's own. A workspace that does not pay for custom fields loses this stream, not the others."""
        try:
            definitions = {
                name: self._account.custom_field(f"streams.{stream}.fields.{name}", one) for name, one in wanted.items()
            }
        except PlanError as error:
            self._unpaid[stream] = error
            return
        found = [custom_field(name, one) for name, one in definitions.items()]
        self._declarations[stream] = self._declarations[stream].with_custom(found)

    def _refuse_unpaid(self, stream: Stream) -> None:
        if stream.name in self._unpaid:
            raise self._unpaid[stream.name]

    @cached_property
    def _projects(self) -> Raws:
        """Asked for once, for projects and for tasks."""
        return self._account.projects(self._declarations["projects"].wish)

    def _tasks(self, objects: Objects, wish: Wish) -> Iterator[Raws]:
        started_at = self.client.server_time or self.context.clock()
        return task_pages(objects, wish, [one["gid"] for one in self._projects], started_at)

    def _portfolios(self, objects: Objects, wish: Wish) -> Iterator[Raws]:
        for one in objects.every("/portfolios", wish, {"workspace": self._account.workspace}):
            items = objects.every(f"/portfolios/{one['gid']}/items", Wish("name"))
            yield [{**one, "items": [item["gid"] for item in items]}]

    def _goals(self, objects: Objects, wish: Wish) -> Iterator[Raws]:
        yield objects.every("/goals", wish, {"workspace": self._account.workspace})
