"""DuckDB, read natively: a file opened for reading only, so that nobody can change it meanwhile."""

from __future__ import annotations

from connectors.sql.engines.engine import Engine, Reason, Told, Wall
from okr_sync.connector import FieldType

_INTEGERS = (
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"),
    *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"),
)
_TYPES = {
    **dict.fromkeys(_INTEGERS, Told(FieldType.INTEGER)),
    **{f"{name}[]": Told(FieldType.LIST) for name in (*_INTEGERS, "VARCHAR", "UUID")},
    "BOOLEAN": Told(FieldType.BOOLEAN),
    "FLOAT": Told(FieldType.NUMBER),
    "DOUBLE": Told(FieldType.NUMBER),
    "DECIMAL": Told(FieldType.NUMBER),
    "DATE": Told(FieldType.DATE),
    "TIMESTAMP": Told(FieldType.TIMESTAMP),
    "TIMESTAMP_S": Told(FieldType.TIMESTAMP),
    "TIMESTAMP_MS": Told(FieldType.TIMESTAMP),
    "TIMESTAMP_NS": Told(FieldType.TIMESTAMP),
    "TIMESTAMP WITH TIME ZONE": Told(FieldType.TIMESTAMP, Wall.NONE),
    "BLOB": Told(None),
    "BIT": Told(None),
}


def _type_of(code: object) -> Told:
    """Structures, maps, intervals and enumerations are texts."""
    name = str(code)
    decimal = name.startswith("DECIMAL(") and name.endswith(")")
    return _TYPES.get("DECIMAL" if decimal else name, Told(FieldType.TEXT))


DUCKDB = Engine(
    name="DuckDB",
    driver="okr_sync_duckdb",  # ours: see `duck_dialect`
    package="duckdb",
    dialect="duckdb",
    clock="SELECT now()",
    type_of=_type_of,
    reasons={
        "PermissionException": Reason.REFUSED,
        "BinderException": Reason.MISMATCH,
        "CatalogException": Reason.MISMATCH,
        "ParserException": Reason.MISMATCH,
        "SyntaxException": Reason.MISMATCH,
        "InvalidInputException": Reason.MISMATCH,
        "NotImplementedException": Reason.MISMATCH,
        "ConversionException": Reason.BAD_DATA,
        "OutOfRangeException": Reason.BAD_DATA,
    },
    words={"not a valid DuckDB database file": Reason.MISMATCH},
    # In UTC, so that casts in a query do not depend on the machine.
    opening=("SET TimeZone = 'UTC'", "SET enable_progress_bar = false", "SET memory_limit = '512MB'"),
    snapshot=("BEGIN",),
    is_file=True,
)
