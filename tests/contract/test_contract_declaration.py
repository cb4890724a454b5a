"""What a connector says of itself before it asks anybody."""

from __future__ import annotations

import re
from pathlib import Path

from okr_sync.connector import Context, FieldType, Stream
from okr_sync.installed import installed_connectors
from okr_sync.project.units import is_unit
from tests.contract.case import Case
from tests.contract.cases import CASES, ELSEWHERE
from tests.contract.meeting import NOW, ZONE

NAME = re.compile(r"[a-z][a-z0-9_]*")
NOWHERE = "https://nobody.example"


def declared(case: Case) -> list[Stream]:
    """The streams by settings whose addresses lead nowhere: to declare needs no network."""

    class Variables(dict[str, str]):
        def __missing__(self, name: str) -> str:
            return NOWHERE if name.endswith("URL") else "something"

    settings = case.connector.Settings.model_validate({"connector": "mine", **case.settings(Variables())})
    context = Context("mine", Path("nowhere"), ZONE, lambda: NOW)
    return list(case.connector(settings, context).declared_streams())


def test_every_installed_connector_has_its_case() -> None:
    """A connector that is offered is held to the contract, here or where the list says."""
    assert set(installed_connectors()) == CASES.keys() | ELSEWHERE.keys()


def test_streams_are_declared_offline(case: Case) -> None:
    """The stream is known before anybody is asked: with names that formulas can write, a key and its times."""
    streams = {one.name: one for one in declared(case)}
    assert case.stream in streams
    for stream in streams.values():
        names = [field.name for field in stream.fields]
        assert len(names) == len(set(names))
        assert [name for name in names if not NAME.fullmatch(name)] == []
        assert stream.key
        assert stream.description
        types = {field.name: field.type for field in stream.fields}
        times = (FieldType.TIMESTAMP, FieldType.DATE, FieldType.UNKNOWN)
        for name in (stream.version_at, stream.created_at):
            assert name is None or (stream.is_open and name not in types) or types[name] in times
        assert stream.is_open or set(stream.key) <= set(names)


def test_fields_are_described(case: Case) -> None:
    """Everything that is known offline says in a line what it is: `okr-sync streams` shows it to owners of KRs."""
    silent = [
        f"{stream.name}.{field.name}"
        for stream in declared(case)
        for field in stream.fields
        if not field.description and field.type is not FieldType.UNKNOWN
    ]
    assert silent == []


def test_units_are_of_numbers(case: Case) -> None:
    """A unit is one that formulas know, and stands by a number."""
    with_units = [field for stream in declared(case) for field in stream.fields if field.unit is not None]
    assert [field.name for field in with_units if not is_unit(field.unit or "")] == []
    assert {field.type for field in with_units} <= {FieldType.INTEGER, FieldType.NUMBER, FieldType.UNKNOWN}


def test_hours_in_a_name_are_hours(case: Case) -> None:
    """A field that is called hours says so to formulas too."""
    named = [field for stream in declared(case) for field in stream.fields if field.name.endswith("_hours")]
    numbers = [field for field in named if field.type is FieldType.NUMBER]
    assert [field.name for field in numbers if field.unit != "hours"] == []


def test_description_is_one_line(case: Case) -> None:
    """A connector says in one line what it reads."""
    assert case.connector.description
    assert "\n" not in case.connector.description
