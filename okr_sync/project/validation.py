"""Data as pydantic models, and pydantic's errors as problems: file, line, field, the value seen, what is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from okr_sync.errors import Problem, ProjectError, nearest
from okr_sync.project.environment import Resolved, variables
from okr_sync.project.messages import broken_rule, is_about_type, wrong_type
from okr_sync.project.shape import fields_at, is_secret
from okr_sync.project.wording import shown
from okr_sync.project.yaml import Data, Document, Steps

T = TypeVar("T")

_SHORTEST_SECRET = 4
"""Shorter values are no secrets; hiding them would hide parts of words."""


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a document that is validated, and the other fields that may stand beside its own."""

    document: Document
    resolved: Resolved
    steps: Steps = ()
    other_fields: tuple[str, ...] = ()


def validate(kind: type[T], part: Part) -> T:
    """The part as a `kind`.

    Raises:
        ProjectError: everything in it that `kind` does not allow. No message holds a secret.
    """
    try:
        return TypeAdapter(kind).validate_python(part.resolved.data, by_alias=True, by_name=False)
    except ValidationError as error:
        problems = list(_Translation(kind, part).problems(error))
    raise ProjectError(problems)  # outside of `except`: the cause would show all values, secrets too


def field_path(steps: Steps, data: Data) -> str:
    """The way to a field in people's words. An entry of a list goes by its id, else by its number from 1: `#1`."""
    words = []
    for step in steps:
        data = _inside(data, step)
        name = data.get("id") if isinstance(data, dict) and isinstance(step, int) else step
        words.append(name if isinstance(name, str) else f"#{int(step) + 1}")
    return ".".join(words)


@dataclass(frozen=True, slots=True)
class _Translation:
    """Steps count from the part here, as pydantic's do. Values are shown as the file has them, not as resolved."""

    kind: object
    part: Part

    def problems(self, error: ValidationError) -> Iterator[Problem]:
        by_steps: dict[Steps, list[ErrorDetails]] = {}
        for details in error.errors(include_url=False, include_input=False):
            by_steps.setdefault(self._steps(details), []).append(details)
        for steps, found in by_steps.items():
            if not _is_other_alternative(steps, found, by_steps):
                yield self._problem(steps, found)

    def _steps(self, details: ErrorDetails) -> Steps:
        """The error's place without what is not in the file: names of a union's alternatives, marks of keys."""
        steps: list[str | int] = []
        data = self._written
        for step in details["loc"]:
            if _has(data, step):
                steps.append(step)
                data = _inside(data, step)
        return (*steps, details["loc"][-1]) if details["type"] == "missing" else tuple(steps)

    @property
    def _written(self) -> Data:
        return self.part.document.at(self.part.steps)

    def _problem(self, steps: Steps, found: Sequence[ErrorDetails]) -> Problem:
        whole = (*self.part.steps, *steps)
        document = self.part.document
        return Problem(str(document.place(whole)), field_path(whole, document.data), self._message(steps, found))

    def _message(self, steps: Steps, found: Sequence[ErrorDetails]) -> str:
        first = next((details for details in found if not is_about_type(details["type"])), found[0])
        if first["type"] == "missing":
            info = fields_at(self.kind, steps[:-1]).get(str(steps[-1]))
            return f"is missing. {info.description}" if info is not None and info.description else "is missing"
        if first["type"] == "extra_forbidden":
            if _is_torn(self._value(steps[:-1])):
                return "is not a known field; a formula with commas inside of { } must stand in quotes"
            known = [*fields_at(self.kind, steps[:-1]), *(self.part.other_fields if len(steps) == 1 else ())]
            return f"is not a known field{nearest(str(steps[-1]), known)}"
        value = steps[-1] if first["loc"][-1:] == ("[key]",) else self._value(steps)
        unset = [name for name in _variables(value) if name in self.part.resolved.missing]
        if unset:
            return f"needs the environment variable {unset[0]}, which is not set"
        seen = self._seen(steps, value)
        if is_about_type(first["type"]):
            is_quotable = value is not None and not isinstance(value, dict | list)
            return wrong_type((details["type"] for details in found), seen, is_quotable)
        return broken_rule(first["type"], first.get("ctx", {}), seen) or self._foreign(first, seen)

    def _value(self, steps: Steps) -> Data:
        value = self._written
        for step in steps:
            value = _inside(value, step)
        return value

    def _seen(self, steps: Steps, value: Data) -> str:
        if is_secret(self.kind, steps):
            return "the secret"
        return f"the value of {shown(value)}" if _variables(value) else shown(value)

    def _foreign(self, details: ErrorDetails, seen: str) -> str:
        """A message in the words of a validator, which may quote what it was given."""
        if details["type"] == "value_error":
            return self._without_secrets(str(details["ctx"]["error"]))
        message = details["msg"][:1].lower() + details["msg"][1:]
        return self._without_secrets(f"{seen} is not allowed: {message}")

    def _without_secrets(self, message: str) -> str:
        hidden = {value: f"${{{name}}}" for name, value in self.part.resolved.values.items()}
        hidden |= dict.fromkeys(self._secrets(self._written, ()), "***")
        for secret in sorted(hidden, key=len, reverse=True):
            if len(secret) >= _SHORTEST_SECRET:
                message = message.replace(secret, hidden[secret]).replace(repr(secret)[1:-1], hidden[secret])
        return message

    def _secrets(self, data: Data, steps: Steps) -> Iterator[str]:
        entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
        for step, inner in entries:
            yield from self._secrets(inner, (*steps, step))
        if isinstance(data, str) and not _variables(data) and is_secret(self.kind, steps):
            yield data


def _is_other_alternative(steps: Steps, found: Sequence[ErrorDetails], everything: Iterable[Steps]) -> bool:
    """Whether these errors only say that a value, wrong somewhere inside, is not of its union's other types either."""
    is_inside = any(len(other) > len(steps) and other[: len(steps)] == steps for other in everything)
    return is_inside and all(is_about_type(details["type"]) for details in found)


def _is_torn(held: Data) -> bool:
    """Whether a text in the mapping ends inside of parentheses: YAML took the comma in them for its own."""
    texts = [value for value in held.values() if isinstance(value, str)] if isinstance(held, dict) else []
    return any(text.count("(") > text.count(")") for text in texts)


def _variables(value: Data) -> list[str]:
    return variables(value) if isinstance(value, str) else []


def _has(data: Data, step: str | int) -> bool:
    if isinstance(data, dict):
        return step in data
    return isinstance(data, list) and isinstance(step, int) and step < len(data)


def _inside(data: Data, step: str | int) -> Data:
    if isinstance(data, dict):
        return data.get(str(step))
    return data[int(step)] if isinstance(data, list) and _has(data, step) else None
