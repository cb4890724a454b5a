"""What a token sees: its person, one workspace, the projects in it, and the definitions of custom fields."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from connectors.asana.choosing import choose, is_gid, listed
from connectors.asana.custom_fields import DEFINITION
from connectors.asana.fields import Raw
from connectors.asana.objects import Objects, Raws, Wish
from connectors.asana.settings import AsanaSettings
from okr_sync.connector import SettingsError

if TYPE_CHECKING:
    from okr_sync.http.client import Client


class Account:
    """Each is asked for once; `where` is how messages begin."""

    def __init__(self, client: Client, where: str, settings: AsanaSettings) -> None:
        self._objects = Objects(client, where)
        self._where = where
        self._settings = settings
        self.me: Raw = self._objects.one("/users/me", Wish("name,email,workspaces.name"))
        self.workspace: str = self._chosen_workspace()["gid"]

    @property
    def name(self) -> str:
        return str(self.me.get("email") or self.me.get("name") or self.me.get("gid"))

    def projects(self, wish: Wish) -> Raws:
        """The source's projects, in the order of the settings.

        Raises:
            SettingsError: one that the settings name is not there.
        """
        wanted = self._settings.projects
        if wanted != "all" and all(map(is_gid, wanted)):  # a large workspace has too many to list for a few
            return [self._objects.one(f"/projects/{gid}", wish) for gid in wanted]
        known = self._objects.every(f"/workspaces/{self.workspace}/projects", wish)
        if wanted == "all":
            return known
        return [choose(f"{self._where}: projects", one, known) for one in wanted]

    def custom_field(self, place: str, wanted: int | str) -> Raw:
        """The definition of the field that is `wanted` at `place` in the settings.

        Raises:
            SettingsError: there is none.
        """
        is_elsewhere = is_gid(wanted) and all(one["gid"] != str(wanted) for one in self._shared_fields)
        if is_elsewhere:  # a field of one project alone is in no list of the workspace
            return self._objects.one(f"/custom_fields/{wanted}", DEFINITION)
        return choose(f"{self._where}: {place}", wanted, self._shared_fields)

    @cached_property
    def _shared_fields(self) -> Raws:
        return self._objects.every(f"/workspaces/{self.workspace}/custom_fields", DEFINITION)

    def _chosen_workspace(self) -> Raw:
        known: Raws = self.me.get("workspaces") or []
        wanted = self._settings.workspace
        if wanted is not None:
            return choose(f"{self._where}: workspace", wanted, known)
        if len(known) != 1:
            raise SettingsError(
                f"{self._where}: the token sees {len(known)} workspaces; write workspace: and one of {listed(known)}"
            )
        return known[0]
