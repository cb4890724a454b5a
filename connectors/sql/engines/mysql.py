"""MySQL and MariaDB."""

from __future__ import annotations

from dataclasses import replace

from connectors.sql.engines.engine import Engine, Reason, Told, Wall, milliseconds
from okr_sync.connector import FieldType

_TYPES = {
    0: Told(FieldType.NUMBER),  # decimal, of old servers
    1: Told(FieldType.INTEGER),  # tinyint: BOOLEAN is another name for it, so it is one only where declared
    2: Told(FieldType.INTEGER),
    3: Told(FieldType.INTEGER),
    4: Told(FieldType.NUMBER),  # float
    5: Told(FieldType.NUMBER),  # double
    7: Told(FieldType.TIMESTAMP, Wall.UTC),  # TIMESTAMP: shown in the zone of the session, which is UTC
    8: Told(FieldType.INTEGER),  # bigint
    9: Told(FieldType.INTEGER),
    10: Told(FieldType.DATE),
    12: Told(FieldType.TIMESTAMP),  # DATETIME: the wall clock of whoever wrote it
    13: Told(FieldType.INTEGER),  # year
    16: Told(None),  # bit
    246: Told(FieldType.NUMBER),  # decimal
    255: Told(None),  # geometry
}
"""By the codes of the protocol, which every driver gives: https://dev.mysql.com/doc/dev/mysql-server/latest/

A text and a blob have one code, so blobs count as texts; a value that is none is rejected.
"""

_REASONS = {
    **dict.fromkeys(("1044", "1045", "1130", "1142", "1143", "1227", "1370", "1698", "1820"), Reason.REFUSED),
    **dict.fromkeys(("1046", "1049", "1054", "1064", "1146", "1792"), Reason.MISMATCH),
    **dict.fromkeys(("1317", "1969", "3024"), Reason.TOO_LONG),
}


def _type_of(code: object) -> Told:
    return _TYPES.get(code, Told(FieldType.TEXT)) if isinstance(code, int) else Told(FieldType.TEXT)


MYSQL = Engine(
    name="MySQL",
    driver="mysql+pymysql",
    package="pymysql",
    dialect="mysql",
    clock="SELECT UTC_TIMESTAMP(6)",
    is_clock_utc=True,
    type_of=_type_of,
    reasons=_REASONS,
    options={"isolation_level": "REPEATABLE READ"},
    opening=("SET SESSION time_zone = '+00:00'",),
    timeout=lambda span: f"SET SESSION max_execution_time = {milliseconds(span)}",
    snapshot=("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",),
    identity="SELECT CURRENT_USER(), DATABASE()",
)
MARIADB = replace(
    MYSQL,
    name="MariaDB",
    driver="mariadb+pymysql",
    timeout=lambda span: f"SET SESSION max_statement_time = {milliseconds(span) / 1000}",
)
