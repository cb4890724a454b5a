"""The address of a database: what it says, and how messages name it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote, quote_plus

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from connectors.sql.engines import ENGINES, Engine, engine_named
from okr_sync.connector import SettingsError
from okr_sync.errors import nearest

_EXAMPLES = "postgresql://user:password@host/database, mysql://user:password@host/database or sqlite:///data/crm.db"
_SECRET_WORDS = ("pass", "pwd", "secret", "token", "key", "credential")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is."""

    engine: Engine
    url: URL
    """For SQLAlchemy: with a driver, and a path that does not depend on the working directory."""
    written: URL
    """As the project has it."""

    def __str__(self) -> str:
        """The address without its password and without its options, any of which may be secret."""
        plain = self.written
        shown = URL.create(plain.drivername, plain.username, None, plain.host, plain.port, plain.database)
        return shown.render_as_string()

    @property
    def mark(self) -> str:
        """Tells this database from others, whoever reads it and with whichever password."""
        place = [self.written.host, self.written.port, self.written.database]
        return sha256(json.dumps([self.engine.name, *place]).encode()).hexdigest()[:16]

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every form in which a secret of the address could come back in a text, the longest first."""
        found = {form for secret in self._secrets() for form in (secret, quote(secret, safe=""), quote_plus(secret))}
        return tuple(sorted(found, key=len, reverse=True))

    def _secrets(self) -> Iterator[str]:
        if self.written.password:
            yield str(self.written.password)
        for name, value in self.written.query.items():
            if any(word in name.lower() for word in _SECRET_WORDS):
                yield from (value,) if isinstance(value, str) else value


def parse_address(source: str, text: str, folder: Path) -> Address:
    """The database at `text`; the path of a file counts from `folder`.

    Raises:
        SettingsError: the text is no address, or one of a database that is not known.
    """
    where = f"source {source}: url"
    try:
        written = make_url(text)
    except (ArgumentError, ValueError):
        # The text may hold a password, and the error the text.
        raise SettingsError(f"{where} is not the address of a database; write one such as {_EXAMPLES}") from None
    engine = engine_named(written.drivername)
    if engine is None:
        hint = nearest(written.drivername, ENGINES)
        raise SettingsError(f"{where}: {written.drivername!r} is not a kind of database{hint}")
    if not engine.is_file:
        url = written if "+" in written.drivername else written.set(drivername=engine.driver)
        return Address(engine, url, written)
    if written.database in (None, "", ":memory:"):
        raise SettingsError(f"{where} names no file; write one such as {written.drivername}:///data/crm.db")
    return Address(engine, URL.create(engine.driver, database=str(folder / str(written.database))), written)
