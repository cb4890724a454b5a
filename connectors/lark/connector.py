"""The connector: which tables and which OKRs are read, and what the app may see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from connectors.lark.fields import table_reading, table_stream
from connectors.lark.okr import OkrModule
from connectors.lark.okr_v1 import OkrV1
from connectors.lark.okr_v2 import OkrV2
from connectors.lark.records import Table, base_path, count_records, list_fields, read_records
from connectors.lark.scopes import granted_scopes, missing_scopes, needed_scopes, unneeded_scopes
from connectors.lark.session import REMEDY, Session, data_of, judged
from connectors.lark.settings import LarkSettings, TableSettings
from connectors.lark.tables import table_columns
from okr_sync.connector import (
    AccessError,
    Checkpoint,
    Context,
    Field,
    FieldType,
    Identity,
    Page,
    SettingsError,
    SourceError,
    Stream,
)
from okr_sync.http import Faults
from okr_sync.http.connector import HttpConnector

if TYPE_CHECKING:
    from okr_sync.http.client import Client

_OKR_APIS: dict[str, type[OkrModule]] = {"v1": OkrV1, "v2": OkrV2}
_ADVANCED = (
    "its Base has advanced permissions, and an app without a role there is told that tables are empty; give the app a"
    " role that reads the table, or manage permission"
)


class Lark(HttpConnector):
    """Reads tables of Bases and the OKR module, as an app of one tenant of Lark or Feishu."""

    Settings = LarkSettings
    description = "Lark and Feishu: tables of a Base, OKR cycles, objectives and key results"

    settings: LarkSettings

    def __init__(self, settings: LarkSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._session: Session | None = None
        self._tables: dict[str, Table] = {}
        self._okr: OkrModule | None = None

    def declared_streams(self) -> Sequence[Stream]:
        tables = [
            table_stream(
                name,
                [Field(field, one.field_type or FieldType.UNKNOWN) for field, one in settings.named_fields.items()],
                self.settings.link(settings),
            )
            for name, settings in self.settings.streams.items()
        ]
        return [*tables, *self._okr_streams()]

    def connect(self) -> Sequence[Stream]:
        self._sign_in()
        tables = [self._describe(name, settings) for name, settings in self.settings.streams.items()]
        if self.settings.okr is not None:
            api = _OKR_APIS[self.settings.okr.api]
            self._okr = api(self.client, self.where, self.settings.okr, self.context.timezone)
        return [*tables, *self._okr_streams()]

    def read(self, stream: Stream, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """Everything, every time: neither a Base nor the OKR module tells what is gone."""
        if stream.name in self._tables:
            return self._read_table(stream.name)
        if self._okr is None:
            raise RuntimeError("connect() comes before read()")
        return _read_okr(self._okr, stream.name)

    def identity(self) -> Identity:
        """The app by the name of its bot, where it has one."""
        needed = needed_scopes(self.settings)
        granted = granted_scopes(self.client)
        hidden = (f"a role in the Base of {name}: {_ADVANCED}" for name in self._tables if self._is_hidden(name))
        return Identity(
            f"app {self._bot_name() or self.settings.app_id}",
            (*missing_scopes(needed, granted), *hidden),
            unneeded_scopes(needed, granted),
        )

    def count(self, stream: Stream) -> int | None:
        table = self._tables.get(stream.name)
        return None if table is None else count_records(self.client, table)

    @property
    def request_count(self) -> int:
        return super().request_count + (0 if self._session is None else self._session.client.request_count)

    def close(self) -> None:
        super().close()
        if self._session is not None:
            self._session.client.close()

    def _sign_in(self) -> None:
        from okr_sync.http.client import Client, Habits  # noqa: PLC0415 - slow to import, see okr_sync.http

        url, secret = self.settings.checked_url(self.context.source), self.settings.app_secret.get_secret_value()
        faults = Faults(self.context.source, REMEDY, (secret,), self.context.clock)
        door = Client(url, faults, habits=Habits(judge=lambda request, reply: judged(faults, request, reply)))
        self._session = Session(door, faults, self.settings.app_id, secret)
        habits = Habits(judge=self._session.judge, renew=self._session.headers)
        self.client = Client(url, faults, headers=self._session.headers(), habits=habits)

    def _describe(self, name: str, settings: TableSettings) -> Stream:
        where = f"{self.where}: streams.{name}"
        app = settings.app or _base_of_page(self.client, where, settings.wiki or "")
        fields = list_fields(self.client, where, app, settings.table)
        if not fields:
            raise AccessError(f"{where}: the app sees no field of table {settings.table}; {REMEDY}")
        columns = table_columns(where, settings.named_fields, fields)
        reading = table_reading(name, columns)
        self._tables[name] = Table(f"{self.where}: stream {name}", app, settings.table, settings.page_size, reading)
        return table_stream(name, (), self.settings.link(settings)).with_fields(reading.fields)

    def _read_table(self, name: str) -> Iterator[Page]:
        is_empty = True
        for page in read_records(self.client, self._tables[name]):
            is_empty = is_empty and not page.records and not page.rejected
            yield page
        if is_empty and self._is_guarded(name):
            raise AccessError(
                f"{self.where}: stream {name}: no record came, and {_ADVANCED}; where the table is empty indeed, set"
                " may_be_empty: true for the stream"
            )

    def _is_guarded(self, name: str) -> bool:
        """True where an empty table may be a forbidden one."""
        if self.settings.streams[name].may_be_empty:
            return False
        base = data_of(self.where, self.client.get_json(base_path(self._tables[name].app))).get("app") or {}
        return bool(base.get("is_advanced"))

    def _is_hidden(self, name: str) -> bool:
        return count_records(self.client, self._tables[name]) == 0 and self._is_guarded(name)

    def _okr_streams(self) -> Sequence[Stream]:
        return () if self.settings.okr is None else _OKR_APIS[self.settings.okr.api].streams

    def _bot_name(self) -> str | None:
        try:
            bot = self.client.get_json("/open-apis/bot/v3/info").get("bot") or {}
        except SourceError:
            return None
        return bot.get("app_name")


def _base_of_page(client: Client, where: str, wiki: str) -> str:
    """The token of the Base that a page of a wiki shows."""
    node = data_of(where, client.get_json("/open-apis/wiki/v2/spaces/get_node", {"token": wiki})).get("node") or {}
    if node.get("obj_type") != "bitable" or not node.get("obj_token"):
        raise SettingsError(f"{where}.wiki: the page {wiki!r} is a {node.get('obj_type')}, not a Base")
    return str(node["obj_token"])


def _read_okr(module: OkrModule, name: str) -> Iterator[Page]:
    for raws in module.raws(name):
        records, rejected = module.readings[name].records(raws)
        yield Page(records, {}, rejected=rejected)
