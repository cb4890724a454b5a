"""What went wrong with a database, as an error that says what the caller does next and holds no secret."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import shorten

from sqlalchemy.exc import StatementError

from connectors.sql.address import Address
from connectors.sql.engines import Reason
from okr_sync.connector import AccessError, DataError, SettingsError, SourceError, UnavailableError
from okr_sync.http import BusyError

_LONGEST = 400
_NEXT = {
    Reason.REFUSED: "check user and password of `url:`, and that the user may read what the streams name",
    Reason.MISMATCH: "check `url:` and what the streams name",
    Reason.AWAY: "check `url:` and the network, or try again later",
    Reason.TOO_LONG: "index the cursor, write a narrower query, or allow more by `statement_timeout:`",
    Reason.BAD_DATA: "leave such values out by a query, for example with nullif() or a cast to text",
}
_ERRORS: dict[Reason, type[SourceError]] = {
    Reason.REFUSED: AccessError,
    Reason.MISMATCH: SettingsError,
    Reason.AWAY: BusyError,
    Reason.TOO_LONG: UnavailableError,
    Reason.BAD_DATA: DataError,
}


@dataclass(frozen=True, slots=True)
class SqlFaults:
    """Makes the errors of one source.

    The text of SQLAlchemy's own errors is never used: it holds the statement and its values. So is none of them
    chained to what is raised, where a log would print it.
    """

    source: str
    address: Address

    def of(self, error: Exception, what: str = "") -> SourceError:
        """The error of a connection or a statement; `what` names the stream, if it was for one."""
        return self.because(self.reason(error), error, what)

    def because(self, reason: Reason, error: Exception, what: str = "") -> SourceError:
        """The error that means `reason`."""
        place = f"source {self.source}: {what}: " if what else f"source {self.source}: "
        return _ERRORS[reason](f"{place}{self.address}: {self._own_words(error)}; {_NEXT[reason]}")

    def reason(self, error: Exception) -> Reason:
        """What the error means: by its code, else by its words, else by its class."""
        engine, cause = self.address.engine, _cause(error)
        fitting = [begin for begin in engine.reasons if _code(cause).startswith(begin)]
        if fitting:
            return engine.reasons[max(fitting, key=len)]
        by_words = (reason for words, reason in engine.words.items() if words in str(cause))
        return next(by_words, _by_class(cause))

    def _own_words(self, error: Exception) -> str:
        """The first line: what follows repeats the statement."""
        cause = _cause(error)
        words = cause.args[1] if len(cause.args) == 2 and isinstance(cause.args[0], int) else str(cause)
        lines = [line.strip() for line in str(words).splitlines() if line.strip()] or [type(cause).__name__]
        text = lines[0]
        for secret in self.address.secrets:
            text = text.replace(secret, "***")
        return shorten(text, _LONGEST, placeholder=" …")


def _cause(error: Exception) -> BaseException:
    """The driver's own error."""
    return error.orig if isinstance(error, StatementError) and error.orig is not None else error


def _code(cause: BaseException) -> str:
    """SQLSTATE of PostgreSQL, number of MySQL, name of SQLite, class of DuckDB."""
    for name in ("sqlstate", "pgcode", "sqlite_errorname"):
        code = getattr(cause, name, None)
        if isinstance(code, str):
            return code
    number = cause.args[0] if cause.args else None
    return str(number) if isinstance(number, int) else type(cause).__name__


def _by_class(cause: BaseException) -> Reason:
    """By the names that every driver has to use: https://peps.python.org/pep-0249/#exceptions"""
    names = {kind.__name__ for kind in type(cause).__mro__}
    if names & {"ProgrammingError", "NotSupportedError", "IntegrityError"}:
        return Reason.MISMATCH
    return Reason.BAD_DATA if "DataError" in names else Reason.AWAY
