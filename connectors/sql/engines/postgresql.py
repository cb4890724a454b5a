"""PostgreSQL."""

from __future__ import annotations

from connectors.sql.engines.engine import Engine, Reason, Told, Wall, milliseconds
from okr_sync.connector import FieldType

TYPES = {
    16: Told(FieldType.BOOLEAN),
    17: Told(None),  # bytea
    20: Told(FieldType.INTEGER),  # int8
    21: Told(FieldType.INTEGER),  # int2
    23: Told(FieldType.INTEGER),  # int4
    26: Told(FieldType.INTEGER),  # oid
    700: Told(FieldType.NUMBER),  # float4
    701: Told(FieldType.NUMBER),  # float8
    1700: Told(FieldType.NUMBER),  # numeric
    1082: Told(FieldType.DATE),
    1114: Told(FieldType.TIMESTAMP),
    1184: Told(FieldType.TIMESTAMP, Wall.NONE),
    1003: Told(FieldType.LIST),  # name[]
    1005: Told(FieldType.LIST),  # int2[]
    1007: Told(FieldType.LIST),  # int4[]
    1009: Told(FieldType.LIST),  # text[]
    1014: Told(FieldType.LIST),  # char[]
    1015: Told(FieldType.LIST),  # varchar[]
    1016: Told(FieldType.LIST),  # int8[]
    2951: Told(FieldType.LIST),  # uuid[]
}
"""By the object identifiers of `pg_type`, which are the same in every installation."""

_REASONS = {
    "28": Reason.REFUSED,  # invalid authorization
    "42501": Reason.REFUSED,  # insufficient privilege
    "3D": Reason.MISMATCH,  # no such database
    "42": Reason.MISMATCH,  # syntax, or a name that is not there
    "0A": Reason.MISMATCH,  # not supported
    "25006": Reason.MISMATCH,  # not in a transaction that only reads
    "57014": Reason.TOO_LONG,
    "22": Reason.BAD_DATA,
}
"""By SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html"""


def _type_of(code: object) -> Told:
    """Enumerations, ranges, addresses and all that an extension brings have numbers of their own: they are texts."""
    return TYPES.get(code, Told(FieldType.TEXT)) if isinstance(code, int) else Told(FieldType.TEXT)


POSTGRESQL = Engine(
    name="PostgreSQL",
    driver="postgresql+psycopg",
    package="'okr-sync[postgres]'",
    dialect="postgres",
    # A standby shows what was committed up to the last change it has replayed, which may be long ago.
    clock="SELECT now(), CASE WHEN pg_is_in_recovery() THEN pg_last_xact_replay_timestamp() ELSE now() END",
    type_of=_type_of,
    reasons=_REASONS,
    words={
        "authentication failed": Reason.REFUSED,
        "no password supplied": Reason.REFUSED,
        "pg_hba.conf": Reason.REFUSED,
        "is not permitted to log in": Reason.REFUSED,
        "permission denied for database": Reason.REFUSED,
        'role "': Reason.REFUSED,
        'database "': Reason.MISMATCH,
    },
    options={"isolation_level": "REPEATABLE READ", "execution_options": {"postgresql_readonly": True}},
    connecting={"connect_timeout": "10"},
    timeout=lambda span: f"SET LOCAL statement_timeout = {milliseconds(span)}",
    identity="SELECT current_user, current_database()",
)
