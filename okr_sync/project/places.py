"""Tells every model of a file where it and its fields were written."""

from __future__ import annotations

from okr_sync.project.located import Located
from okr_sync.project.shape import written_name
from okr_sync.project.yaml import Data, Document, Steps


def set_places(value: object, document: Document, steps: Steps = ()) -> None:
    """Set the places of the models in `value`, which was made of the part of `document` at `steps`."""
    _set(value, document.at(steps), document, steps)


def _set(value: object, data: Data, document: Document, steps: Steps) -> None:
    if isinstance(value, Located) and isinstance(data, dict):
        _set_fields(value, data, document, steps)
    elif isinstance(value, Located):  # written in short, as a day is for an event
        value._places = {"": document.place(steps)}
    elif isinstance(value, dict) and isinstance(data, dict):
        for (name, inner_data), inner in zip(data.items(), value.values(), strict=True):
            _set(inner, inner_data, document, (*steps, name))
    elif isinstance(value, list | tuple) and isinstance(data, list):
        for n, (inner_data, inner) in enumerate(zip(data, value, strict=True)):
            _set(inner, inner_data, document, (*steps, n))


def _set_fields(model: Located, data: dict[str, Data], document: Document, steps: Steps) -> None:
    places = {"": document.place(steps)}
    for name, info in type(model).model_fields.items():
        written = written_name(name, info)
        if written in data:
            places[name] = document.place((*steps, written))
            _set(getattr(model, name), data[written], document, (*steps, written))
    model._places = places
