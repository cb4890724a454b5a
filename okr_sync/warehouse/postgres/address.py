"""The address of the database: what messages may show of it, and what they must not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, quote_plus, urlsplit

import psycopg
from psycopg import conninfo

from okr_sync.warehouse.place import WarehouseError

_EXAMPLE = "postgresql://user:password@host/database"
_SECRETS = ("password", "sslpassword")
_HOST = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(:\d*)?")


@dataclass(frozen=True)
class Address:
    """Where a database is, and with what to go there, as libpq names its parameters."""

    parameters: Mapping[str, str]

    @classmethod
    def parse(cls, url: str) -> Address:
        """Raises: WarehouseError: it is no address of PostgreSQL."""
        try:
            parts = urlsplit(url)
            parameters = conninfo.conninfo_to_dict(url)
        except (ValueError, psycopg.Error):
            raise _no_address() from None  # the text may hold a password, and the error the text
        # With such a sign in the password the address would be cut elsewhere, and messages about hosts would show it.
        user, _, hosts = parts.netloc.rpartition("@")
        if "@" in user + parts.path or parts.fragment or not all(map(_HOST.fullmatch, hosts.split(","))):
            raise _no_address()
        return cls({name: str(value) for name, value in parameters.items() if value is not None})

    def __str__(self) -> str:
        """For messages: no password, and no options."""
        known = self.parameters
        user = f"{known['user']}@" if known.get("user") else ""
        port = f":{known['port']}" if known.get("port") else ""
        return f"postgresql://{user}{known.get('host', '')}{port}/{known.get('dbname', '')}"

    def without_secrets(self, text: str) -> str:
        """A text that the driver or the server gave, with nothing of the address that is secret."""
        for secret in (self.parameters[name] for name in _SECRETS if self.parameters.get(name)):
            for form in {secret, quote(secret, safe=""), quote_plus(secret)}:
                text = text.replace(form, "***")
        return text


def _no_address() -> WarehouseError:
    return WarehouseError(
        f"warehouse: is not the address of a PostgreSQL database; write one such as {_EXAMPLE}, and signs in the"
        " password such as @ : / ? # in their percent form: %40 %3A %2F %3F %23"
    )
