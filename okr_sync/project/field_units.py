"""Units that a project gives to the fields of its streams: `units: {amount: VND}`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from okr_sync.connector import Field, FieldType, SourceSettings, Stream
from okr_sync.errors import Problem, ProjectError, nearest
from okr_sync.project.environment import Resolved
from okr_sync.project.fields import Unit
from okr_sync.project.model import Source
from okr_sync.project.validation import Part, validate
from okr_sync.project.yaml import Document, Steps

UNITS = "units"
_NUMBERS = (FieldType.INTEGER, FieldType.NUMBER, FieldType.UNKNOWN)


def check_units(main: Document, steps: Steps, settings: SourceSettings) -> None:
    """Refuse units that do not exist, where the file has them.

    Raises:
        ProjectError: all that are wrong.
    """
    for stream, units in units_by_stream(settings).items():
        validate(dict[str, Unit], Part(main, Resolved(dict(units)), (*steps, "streams", stream, UNITS)))


def with_units(source: Source, stream: Stream) -> Stream:
    """The stream as the project says its fields are measured; where it says nothing, as the connector does.

    Raises:
        ProjectError: the stream has no such field, or the field is no number.
    """
    units = units_by_stream(source.settings).get(stream.name, {})
    problems = list(_misplaced(source, stream, units))
    if problems:
        raise ProjectError(problems)
    later = [Field(name, FieldType.UNKNOWN) for name in units if stream.field(name) is None]
    fields = (replace(one, unit=units.get(one.name, one.unit)) for one in (*stream.fields, *later))
    return replace(stream, fields=tuple(fields))


def units_by_stream(settings: SourceSettings) -> Mapping[str, Mapping[str, str]]:
    """What the project says, by stream and field, of whatever connector."""
    dumped = settings.model_dump(include={"streams": {"__all__": {UNITS}}}, exclude_defaults=True)
    return {name: one[UNITS] for name, one in (dumped.get("streams") or {}).items() if one.get(UNITS)}


def _misplaced(source: Source, stream: Stream, units: Mapping[str, str]) -> Iterator[Problem]:
    for name in units:
        field = stream.field(name)
        path = f"sources.{source.name}.streams.{stream.name}.{UNITS}.{name}"
        if field is None and not stream.is_open:
            known = [one.name for one in stream.fields if one.type in _NUMBERS]
            message = f"stream {source.name}.{stream.name} has no field {name!r}{nearest(name, known)}"
            yield Problem(str(source.place), path, message)
        elif field is not None and field.type not in _NUMBERS:
            yield Problem(str(source.place), path, f"{name} is a {field.type}; only numbers have units")
