"""Types of the databases, and values that do not keep to them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from connectors.sql.engines.engine import Told
from connectors.sql.engines.mysql import MYSQL
from connectors.sql.engines.postgresql import TYPES
from connectors.sql.names import identifier
from okr_sync.connector import DataError, FieldType, SettingsError
from tests.connectors.sql.conftest import Crm, needs_postgresql

UUID = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"


def types(crm: Crm, **stream: object) -> dict[str, str]:
    return {field.name: field.type.value for field in crm.connected(**stream).fields}


def test_types_of_postgresql(postgresql: Crm) -> None:
    """Each of its types becomes the one that formulas can use; bytes become none."""
    postgresql.write(
        "CREATE TYPE public.stage AS ENUM ('won', 'lost')",
        "CREATE TABLE visits (id BIGINT, amount NUMERIC(12, 2), rate REAL, is_new BOOLEAN, day DATE, at TIMESTAMPTZ,"
        " wall TIMESTAMP, tags TEXT[], codes INT[], ref UUID, raw JSONB, stage public.stage, span INTERVAL, ip INET,"
        " photo BYTEA, grid INT[][])",
        f"INSERT INTO visits VALUES (9007199254740993, 0.07, 0.5, true, '2026-10-31', '2026-10-31 08:30:00+02',"
        f" '2026-10-31 08:30:00', '{{a,\"b c\"}}', '{{1,2}}', '{UUID}', '{{\"a\": [1, \"đ\"]}}', 'won', '90 minutes',"
        " '10.0.0.1', '\\x00', NULL)",
    )
    expected = {
        "id": ("integer", 9007199254740993),
        "amount": ("number", 0.07),
        "rate": ("number", 0.5),
        "is_new": ("boolean", True),
        "day": ("date", date(2026, 10, 31)),
        "at": ("timestamp", datetime(2026, 10, 31, 6, 30, tzinfo=UTC)),
        "wall": ("timestamp", datetime(2026, 10, 31, 1, 30, tzinfo=UTC)),
        "tags": ("list", ["a", "b c"]),
        "codes": ("list", ["1", "2"]),
        "ref": ("text", UUID),
        "raw": ("text", '{"a": [1, "đ"]}'),
        "stage": ("text", "won"),
        "span": ("text", "1:30:00"),
        "ip": ("text", "10.0.0.1"),
        "grid": ("list", None),
    }
    for stream in ({"table": "public.visits"}, {"query": "SELECT * FROM visits"}):
        assert types(postgresql, **stream) == {name: kind for name, (kind, _) in expected.items()}
        assert postgresql.read(**stream) == [{name: value for name, (_, value) in expected.items()}]


@needs_postgresql
def test_numbers_of_postgresql_types_are_those_of_its_catalog() -> None:
    """The numbers in our table mean what the driver's registry says they do."""
    from psycopg.postgres import types as registry  # noqa: PLC0415 - only where it is

    kinds = {
        **dict.fromkeys(("int2", "int4", "int8", "oid"), FieldType.INTEGER),
        **dict.fromkeys(("float4", "float8", "numeric"), FieldType.NUMBER),
        "bool": FieldType.BOOLEAN,
        "bytea": None,
        "date": FieldType.DATE,
        "timestamp": FieldType.TIMESTAMP,
        "timestamptz": FieldType.TIMESTAMP,
    }
    scalars = {registry[name].oid: kind for name, kind in kinds.items()}
    lists = {registry[name].array_oid: FieldType.LIST
             for name in ("name", "int2", "int4", "int8", "text", "bpchar", "varchar", "uuid")}  # fmt: skip
    assert {oid: told.type for oid, told in TYPES.items()} == scalars | lists


def test_types_of_duckdb(duck: Crm) -> None:
    """Each of its types becomes the one that formulas can use; bytes become none."""
    duck.write(
        "CREATE TABLE visits AS SELECT 9007199254740993::BIGINT id, 0.07::DECIMAL(12, 2) amount, 0.5::FLOAT rate,"
        " true is_new, DATE '2026-10-31' \"day\", TIMESTAMPTZ '2026-10-31 08:30:00+02' \"at\","
        " TIMESTAMP_S '2026-10-31 08:30:00' wall, ['a', 'b c'] tags, [1, 2] codes,"
        f" '{UUID}'::UUID ref, {{'a': [1, 2]}} raw, 'won'::ENUM('won', 'lost') stage, INTERVAL 90 MINUTE span,"
        " 12::HUGEINT huge, '\\x00'::BLOB photo"
    )
    expected = {
        "id": ("integer", 9007199254740993),
        "amount": ("number", 0.07),
        "rate": ("number", 0.5),
        "is_new": ("boolean", True),
        "day": ("date", date(2026, 10, 31)),
        "at": ("timestamp", datetime(2026, 10, 31, 6, 30, tzinfo=UTC)),
        "wall": ("timestamp", datetime(2026, 10, 31, 1, 30, tzinfo=UTC)),
        "tags": ("list", ["a", "b c"]),
        "codes": ("list", ["1", "2"]),
        "ref": ("text", UUID),
        "raw": ("text", '{"a": [1, 2]}'),
        "stage": ("text", "won"),
        "span": ("text", "1:30:00"),
        "huge": ("integer", 12),
    }
    for stream in ({"table": "main.visits"}, {"query": "FROM visits"}):
        assert types(duck, **stream) == {name: kind for name, (kind, _) in expected.items()}
        assert duck.read(**stream) == [{name: value for name, (_, value) in expected.items()}]


def test_types_of_sqlite_are_those_of_its_tables(sqlite: Crm) -> None:
    """A table's columns are what it declares them; 0 and 1 are booleans, and texts are times, where it says so."""
    sqlite.write(
        "CREATE TABLE visits (id INTEGER, amount DECIMAL(12, 2), is_new BOOLEAN, day DATE, at DATETIME, name TEXT,"
        " photo BLOB)",
        "INSERT INTO visits VALUES (9007199254740993, 0.07, 1, '2026-10-31', '2026-10-31 08:30:00', '', x'00'),"
        " (0, 0, 0, NULL, '2026-10-31T08:30:00.5Z', NULL, NULL)",
    )
    assert types(sqlite) == {
        "id": "integer",
        "amount": "number",
        "is_new": "boolean",
        "day": "date",
        "at": "timestamp",
        "name": "text",
    }
    first, second = sqlite.read()
    assert list(first.values()) == [
        *(9007199254740993, 0.07, True, date(2026, 10, 31)),
        *(datetime(2026, 10, 31, 1, 30, tzinfo=UTC), ""),
    ]
    assert list(second.values()) == [0, 0.0, False, None, datetime(2026, 10, 31, 8, 30, 0, 500_000, UTC), None]


def test_query_in_sqlite_needs_types(sqlite: Crm) -> None:
    """SQLite tells no types of a query's columns: the error writes down what to declare, and that is enough."""
    sqlite.write("CREATE TABLE t (id INTEGER)", "INSERT INTO t VALUES (7)")
    query = "SELECT id, id > 5 AS is_big, '[\"a\"]' AS tags FROM t"
    message = sqlite.refusal(SettingsError, query=query, fields={"id": "integer"})
    assert message == (
        "source crm: stream visits: the database tells no type of is_big, tags; declare each, such as fields:"
        " {is_big: text, tags: text}"
    )
    declared = {"id": "integer", "is_big": "boolean", "tags": "list"}
    assert sqlite.read(query=query, fields=declared) == [{"id": 7, "is_big": True, "tags": ["a"]}]


def test_declared_type_goes_before_the_databases(crm: Crm) -> None:
    """A text of digits may be a number, and 0 or 1 a boolean, where the settings say so."""
    crm.write(
        "CREATE TABLE visits (id INTEGER, price VARCHAR(9), flag INTEGER)", "INSERT INTO visits VALUES (1, '12.50', 1)"
    )
    assert crm.read(fields={"price": "number", "flag": "boolean"}) == [{"id": 1, "price": 12.5, "flag": True}]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("kind", ["DOUBLE PRECISION", "NUMERIC"])
def test_number_that_is_none_is_rejected(postgresql: Crm, kind: str, value: str) -> None:
    """It counts as nothing and hides nothing: the record is rejected, the others are read."""
    postgresql.write(f"CREATE TABLE visits (id INT, x {kind})", f"INSERT INTO visits VALUES (1, '{value}'), (2, 3.5)")
    assert postgresql.read() == [{"id": 2, "x": 3.5}]
    (rejection,) = postgresql.rejected()
    assert rejection.startswith("id 1: x: ")
    assert "is not a finite number; correct it, or declare another type of x" in rejection


def test_infinite_number_of_duckdb_is_rejected(duck: Crm) -> None:
    """As in every other database."""
    duck.write(
        "CREATE TABLE visits AS SELECT 1 AS id, 'nan'::DOUBLE AS x UNION ALL"
        " SELECT 2, 'inf'::DOUBLE UNION ALL SELECT 3, 0"
    )
    assert duck.read() == [{"id": 3, "x": 0.0}]
    assert [one.partition(";")[0] for one in duck.rejected()] == [
        "id 1: x: nan is not a finite number",
        "id 2: x: inf is not a finite number",
    ]


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("INTEGER", "'many'", "x: 'many' is not a whole number of 64 bits"),
        ("INTEGER", "1.5", "x: 1.5 is not a whole number of 64 bits"),
        ("BOOLEAN", "2", "x: 2 is not one of true, false, 1, 0, t, f, yes, no, y and n"),
        ("DATE", "'31/12/2026'", "x: '31/12/2026' is not a date, or the beginning of a day"),
        ("DATE", "'2026-10-31 08:30:00'", "x: '2026-10-31 08:30:00' is not a date, or the beginning of a day"),
        ("DATETIME", "1793000000", "x: 1793000000 is not a time such as 2026-10-31 08:30:00"),
        ("TEXT", "x'ff'", "x: b'\\xff' is not a text"),
    ],
)
def test_value_that_does_not_keep_to_its_column_is_rejected(sqlite: Crm, kind: str, value: str, reason: str) -> None:
    """SQLite takes anything into any column; what cannot be read as declared is not read as something else."""
    sqlite.write(f"CREATE TABLE visits (id INTEGER, x {kind})", f"INSERT INTO visits VALUES (1, {value}), (2, NULL)")
    assert sqlite.read() == [{"id": 2, "x": None}]
    assert sqlite.rejected() == [f"id 1: {reason}; correct it, or declare another type of x"]


def test_number_of_more_than_64_bits_is_rejected(duck: Crm) -> None:
    """It would not fit; as a text it does."""
    duck.write(f"CREATE TABLE visits AS SELECT 1 AS id, {2**63}::HUGEINT AS x UNION ALL SELECT 2, {2**63 - 1}")
    assert duck.read() == [{"id": 2, "x": 2**63 - 1}]
    assert duck.read(fields={"x": "text"})[0] == {"id": 1, "x": "9223372036854775808"}


def test_row_without_its_key_is_rejected(crm: Crm) -> None:
    """Nobody could tell it apart; the census does not list it."""
    crm.write("CREATE TABLE visits (id INTEGER, day DATE)", "INSERT INTO visits VALUES (NULL, NULL), (2, NULL)")
    assert crm.read() == [{"id": 2, "day": None}]
    assert crm.rejected() == ["id None: id has no value, but every record needs one there"]
    with crm.connector() as connector:
        (stream,) = connector.connect()
        assert list(connector.census(stream)) == [["2"]]


def test_time_that_the_driver_cannot_hold(postgresql: Crm) -> None:
    """An infinite time fails the read with a way round it."""
    postgresql.write("CREATE TABLE visits (id INT, ends_at TIMESTAMPTZ)", "INSERT INTO visits VALUES (1, 'infinity')")
    assert "leave such values out by a query, for example with nullif()" in postgresql.refusal(DataError)


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("id", "id"),
        ("updatedAt", "updated_at"),
        ("UPDATED_AT", "updated_at"),
        ("CustomerID", "customer_id"),
        ("HTMLText", "html_text"),
        ("Tên khách hàng", "ten_khach_hang"),
        ("Đơn giá (VND)", "don_gia_vnd"),
        ("2nd", "column_2nd"),
        ("số_2", "so_2"),
        ("?column?", "column"),
    ],
)
def test_names_of_columns(column: str, name: str) -> None:
    """Formulas write lower case letters, digits and `_`."""
    assert identifier(column) == name


def test_column_without_latin_letters_keeps_its_name(crm: Crm) -> None:
    """When a column before it goes, it is not taken for the one that went."""
    crm.write('CREATE TABLE visits (id INTEGER, "金額" INTEGER, "数" INTEGER)', "INSERT INTO visits VALUES (1, 2, 3)")
    types = {"id": "integer", identifier("数"): "integer"}  # a query of SQLite tells none
    (whole,) = crm.read()
    (left,) = crm.read(query='SELECT id, "数" FROM visits', fields=types)
    assert len(whole) == 3
    assert left.items() <= whole.items()


def test_columns_of_one_name_are_refused(crm: Crm) -> None:
    """Two columns that would be one field are told apart by the user, not by chance."""
    crm.write('CREATE TABLE visits (id INTEGER, "userId" INTEGER, user_id INTEGER)')
    assert crm.refusal(SettingsError) == (
        "source crm: stream visits: columns 'userId' and 'user_id' would all be the field user_id; write a query that"
        " names them apart"
    )


def test_columns_keep_their_own_names_in_the_database(crm: Crm) -> None:
    """Mixed case, blanks, words of the language and quotes reach the database as they are."""
    crm.write(
        'CREATE TABLE visits ("Id" INTEGER, "order" INTEGER, "At Time" {instant}, "a""b" INTEGER)',
        "INSERT INTO visits VALUES (1, 2, '2026-10-31 08:30:00+00:00', 3)",
    )
    assert crm.read(version_at="at_time") == [
        {"id": 1, "order": 2, "at_time": datetime(2026, 10, 31, 8, 30, tzinfo=UTC), "a_b": 3}
    ]
    assert crm.connected().fields[2].description == "At Time"


def test_query_with_signs_that_mean_something_elsewhere(crm: Crm) -> None:
    """Colons, per cent signs, a comment and a semicolon at the end reach the database as they are."""
    crm.write("CREATE TABLE visits (id INTEGER)", "INSERT INTO visits VALUES (5)")
    query = "SELECT id, ' :a 12:30 50%' AS note FROM visits WHERE 'x%y' LIKE 'x%' ; "
    assert crm.read(query=query, fields={"id": "integer", "note": "text"}) == [{"id": 5, "note": " :a 12:30 50%"}]
    commented = "SELECT id FROM visits -- all : of %s them"
    assert crm.read(query=commented, fields={"id": "integer"}) == [{"id": 5}]


@pytest.mark.parametrize(
    ("code", "told"),
    [(1, FieldType.INTEGER), (8, FieldType.INTEGER), (246, FieldType.NUMBER), (5, FieldType.NUMBER),
     (10, FieldType.DATE), (12, FieldType.TIMESTAMP), (7, FieldType.TIMESTAMP), (253, FieldType.TEXT),
     (252, FieldType.TEXT), (245, FieldType.TEXT), (255, None)],
)  # fmt: skip
def test_types_of_mysql(code: int, told: FieldType | None) -> None:
    """By the codes of PyMySQL's FIELD_TYPE; no MySQL runs in these tests."""
    assert MYSQL.type_of is not None
    found = MYSQL.type_of(code)
    assert isinstance(found, Told)
    assert found.type == told
