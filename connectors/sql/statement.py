"""The one statement that a query may be."""

from __future__ import annotations

import logging
import re

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

_CHANGES = (exp.DML, exp.DDL, exp.Command, exp.Into, exp.Lock)
"""What changes data or locks it, anywhere inside of a SELECT."""
_HIDDEN = re.compile(r"/\*M?!")
"""A comment to every other database that MySQL and MariaDB carry out."""
_SHOWN = 80
_NEXT = "write exactly one SELECT, or WITH ... SELECT, that only reads"

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of statements that are refused here anyway


def refuse_all_but_select(query: str, dialect: str) -> None:
    """Check that `query` is one SELECT that only reads.

    Raises:
        ValueError: it is not; the message shows the words that are not allowed.
    """
    hidden = _HIDDEN.search(query) if dialect == "mysql" else None
    if hidden is not None:
        raise ValueError(f"{_shown(query[hidden.start() :])} is a comment that is carried out; {_NEXT}")
    try:
        statements = [one for one in sqlglot.parse(query, read=dialect) if one is not None]
    except SqlglotError as error:
        raise ValueError(f"is not SQL that can be checked: {_reason(error)}; {_NEXT}") from None
    if len(statements) != 1:
        second = f": the second is {_shown(statements[1].sql(dialect))}" if statements else ""
        raise ValueError(f"holds {len(statements)} statements{second}; {_NEXT}")
    (statement,) = statements
    if not isinstance(statement, exp.Query):
        raise ValueError(f"{_shown(query.strip())} is not a SELECT; {_NEXT}")
    change = next((node for node in statement.walk() if isinstance(node, _CHANGES)), None)
    if change is not None:
        raise ValueError(f"{_shown(change.sql(dialect).strip())} would do more than read; {_NEXT}")


def _reason(error: SqlglotError) -> str:
    details = getattr(error, "errors", None)
    if not details:
        return str(error)
    first = details[0]
    return f"{first['description'].rstrip('.')} at {first['highlight']!r}, line {first['line']}"


def _shown(text: str) -> str:
    one_line = " ".join(text.split())
    return repr(one_line if len(one_line) <= _SHOWN else f"{one_line[:_SHOWN]}…")
