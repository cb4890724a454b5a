"""How a stream's description differs from what has landed of it."""

from __future__ import annotations

from dataclasses import replace

from okr_sync.connector import Field, FieldType, Stream
from okr_sync.drift import Drift, drift_of

LANDED = Stream("orders", (Field("id", FieldType.INTEGER), Field("amount", FieldType.NUMBER)), key=("id",))
READ = {"amount": ["metric revenue", "metric mean"]}


def now(*fields: Field) -> Stream:
    return LANDED.with_fields((Field("id", FieldType.INTEGER), *fields))


def test_same_description_is_no_drift() -> None:
    """Nothing changed; a field that came along, or another description of one, changes nothing either."""
    assert drift_of(LANDED, LANDED, READ) == Drift()
    described = Field("amount", FieldType.NUMBER, "Without tax")
    assert drift_of(now(described, Field("note", FieldType.TEXT)), LANDED, READ) == Drift()


def test_field_that_is_read_is_broken_and_another_one_lost() -> None:
    """Whoever reads a field is named with it; what may be its new name, too."""
    renamed = now(Field("total", FieldType.NUMBER))
    text = "field 'amount' is gone (new there: total)"
    assert drift_of(renamed, LANDED, READ) == Drift(broken=(f"{text}; read by metric revenue, metric mean",))
    assert drift_of(renamed, LANDED, {}) == Drift(lost=(text,))


def test_type_that_changed() -> None:
    """Both types are told; a type that is not known on one side is no change."""
    text = "field 'amount' was number and is now text"
    assert drift_of(now(Field("amount", FieldType.TEXT)), LANDED, {}) == Drift(lost=(text,))
    assert drift_of(now(Field("amount", FieldType.UNKNOWN)), LANDED, {}) == Drift()


def test_what_cannot_be_compared_is_no_drift() -> None:
    """Before the first landing, and where the source could not describe the stream, nothing is claimed."""
    assert drift_of(LANDED, None, READ) == Drift()
    assert drift_of(replace(now(), is_open=True), LANDED, READ) == Drift()
