"""`${NAME}` in settings: the values of environment variables, put into texts after the YAML was read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from okr_sync.errors import Problem, ProjectError
from okr_sync.project.yaml import Data, Document, Steps

_VARIABLE = re.compile(r"\$\$\{|\$\{([^}]*)\}?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Resolved:
    """A part of a file with its variables replaced. Texts keep `${NAME}` for every name in `missing`."""

    data: Data = field(repr=False)
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What was put in, by name. Any of it may be a secret."""
    missing: tuple[str, ...] = ()


def resolve(document: Document, steps: Steps, environment: Mapping[str, str]) -> Resolved:
    """The part at `steps` with `${NAME}` replaced in each of its texts, keys excepted; `$${` stands for `${` itself.

    A name that is not set is no error here: much can be done without secrets, and the caller knows what cannot.

    Raises:
        ProjectError: `${` is followed by something that is no name.
    """
    resolver = _Resolver(document, environment)
    data = resolver.value(document.at(steps), steps)
    return Resolved(data, resolver.values, tuple(resolver.missing))


def variables(text: str) -> list[str]:
    """The names that the text refers to."""
    return [match[1] for match in _VARIABLE.finditer(text) if match[1] is not None]


@dataclass(slots=True)
class _Resolver:
    document: Document
    environment: Mapping[str, str]
    values: dict[str, str] = field(default_factory=dict)
    missing: dict[str, None] = field(default_factory=dict)

    def value(self, data: Data, steps: Steps) -> Data:
        if isinstance(data, str):
            return _VARIABLE.sub(lambda match: self._replacement(match, steps), data)
        if isinstance(data, list):
            return [self.value(entry, (*steps, n)) for n, entry in enumerate(data)]
        if isinstance(data, dict):
            return {name: self.value(entry, (*steps, name)) for name, entry in data.items()}
        return data

    def _replacement(self, match: re.Match[str], steps: Steps) -> str:
        name = match[1]
        if name is None:
            return "${"
        if _NAME.fullmatch(name) is None or not match[0].endswith("}"):
            message = f"{match[0]!r} is not a variable; write ${{NAME}}, or $${{ where ${{ itself is meant"
            raise ProjectError([Problem(str(self.document.place(steps)), ".".join(map(str, steps)), message)])
        if name not in self.environment:
            self.missing[name] = None
            return match[0]
        self.values[name] = self.environment[name]
        return self.environment[name]
