"""YAML text to plain data that remembers on which line each part was written.

Scalars follow YAML 1.2: only `true` and `false` are booleans; `12:30`, `007` and `1e5` are text; `1_000` is 1000 and
`2026-10-01` a day. A number with a plus sign stays text, since `+300` means a change. Keys are text, as written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TypeAlias

import yaml
from yaml.reader import ReaderError

from okr_sync.errors import Problem, ProjectError
from okr_sync.project.located import Location
from okr_sync.project.yaml_syntax import syntax_problem

try:
    from yaml import CSafeLoader as SafeLoader
except ImportError:  # a PyYAML that was built without libyaml: the same, some ten times slower
    from yaml import SafeLoader  # type: ignore[assignment]

Data: TypeAlias = "bool | int | float | str | date | list[Data] | dict[str, Data] | None"
Steps: TypeAlias = tuple[str | int, ...]
"""The way to a part of a file: keys, and positions in lists from 0."""

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SHIELDED = re.compile("\\$\ue000([A-Za-z_][A-Za-z0-9_]*)\ue001")
_MOST_VALUES = 200_000
_DEEPEST = 50
"""Far above what people write: beyond, anchors repeat each other, or one holds itself."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file whose content is a mapping."""

    file: str
    data: dict[str, Data]
    lines: Mapping[Steps, int]

    def at(self, steps: Steps) -> Data:
        """The part at `steps`, which must be there."""
        found: Data = self.data
        for step in steps:
            found = found[step]  # type: ignore[index]
        return found

    def place(self, steps: Steps = ()) -> Location:
        """Where a part was written; for one that was not, where the nearest part around it was."""
        while steps not in self.lines:
            steps = steps[:-1]
        return Location(self.file, self.lines[steps])


def content_of(path: Path, file: str) -> bytes:
    """The bytes of the file at `path`, which messages call `file`.

    Raises:
        ProjectError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise ProjectError([Problem(file, "", f"cannot be read: {error.strerror}")]) from error


def parse(content: bytes, file: str) -> Document:
    """The content of a file as data.

    Raises:
        ProjectError: it is not UTF-8, is not valid YAML, or is not a mapping.
    """
    root = _compose(_decoded(content, file), file)
    if root is None:
        raise _refusal(file, 1, "the file is empty")
    if not isinstance(root, yaml.MappingNode):
        raise _refusal(file, _line(root), f"write a mapping (name: value), not {_kind(root)}")
    builder = _Builder(file)
    return Document(file, builder.mapping(root, ()), builder.lines | {(): _line(root)})


def _decoded(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"byte 0x{content[error.start]:02X} is not UTF-8; save the file with the encoding UTF-8"
        raise _refusal(file, line, message) from error


def _compose(text: str, file: str) -> yaml.Node | None:
    # To YAML the braces of ${NAME} inside {…} are braces of a mapping. While it reads, they are letters of no language.
    shielded = _VARIABLE.sub("$\ue000\\1\ue001", text)
    try:
        root: yaml.Node | None = yaml.compose(shielded, _Loader)
    except yaml.MarkedYAMLError as error:
        raise _refusal(file, *syntax_problem(error, text)) from error
    except ReaderError as error:
        line = text.encode().count(b"\n", 0, error.position) + 1
        raise _refusal(file, line, "a control character; write it in double quotes as an escape (\\x1b)") from error
    return root


class _Loader(SafeLoader):
    """Its tags for plain scalars are our own names, so that `!!int` and the like, written out, differ from them."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - so it is declared by its base class


for _tag, _pattern, _starts in (
    ("null", r"null|Null|NULL|~|", ["n", "N", "~", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"-?(?:0|[1-9][0-9_]{0,17})", list("-0123456789")),
    ("float", r"-?(?:0|[1-9][0-9_]{0,17})\.[0-9]+", list("-0123456789")),
    ("date", r"\d{4}-\d\d-\d\d", list("0123456789")),
):
    _Loader.add_implicit_resolver(_tag, re.compile(rf"^(?:{_pattern})$"), _starts)

_STR = "tag:yaml.org,2002:str"
_TAGS = (_STR, "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map")
_SCALARS: dict[str, Callable[[str], Data]] = {
    "null": lambda _: None,
    "bool": lambda text: text.lower() == "true",
    "int": int,
    "float": float,
    "date": date.fromisoformat,
    _STR: str,
}


@dataclass(slots=True)
class _Builder:
    """Makes data of nodes, and counts: a few anchors that repeat each other would fill the memory."""

    file: str
    lines: dict[Steps, int] = field(default_factory=dict)
    value_count: int = 0

    def value(self, node: yaml.Node, steps: Steps) -> Data:
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, steps)
        if isinstance(node, yaml.SequenceNode):
            self._spend(node, len(steps))
            return [self._entry(entry, (*steps, n)) for n, entry in enumerate(node.value)]
        self._spend(node, 0)
        return self._scalar(node)

    def mapping(self, node: yaml.MappingNode, steps: Steps) -> dict[str, Data]:
        data: dict[str, Data] = {}
        for name, (key, value) in self._pairs(node, len(steps)).items():
            self.lines[*steps, name] = _line(key)
            data[name] = self.value(value, (*steps, name))
        return data

    def _entry(self, node: yaml.Node, steps: Steps) -> Data:
        self.lines[steps] = _line(node)
        return self.value(node, steps)

    def _pairs(self, node: yaml.MappingNode, depth: int) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        """The mapping's own pairs, after those it merges: its own win, then those merged first."""
        self._spend(node, depth)
        own: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        merged: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            name = self._key(key)
            if name == "<<" and not key.style:
                for one in self._merged(value):
                    merged = self._pairs(one, depth + 1) | merged
                continue
            if name in own:
                raise self._refuse(key, f"{name!r} is written twice; the first is in line {_line(own[name][0])}")
            own[name] = (key, value)
        return merged | own

    def _merged(self, node: yaml.Node) -> list[yaml.MappingNode]:
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if not all(isinstance(one, yaml.MappingNode) for one in nodes):
            raise self._refuse(node, "'<<' merges mappings only; write '<<: *name'")
        return list(nodes)

    def _key(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self._refuse(node, f"a key is text, not {_kind(node)}; put text that begins with '{{' in quotes")
        return _text(node)

    def _scalar(self, node: yaml.Node) -> Data:
        text = _text(node).replace("_", "") if node.tag in ("int", "float") else _text(node)
        try:
            return _SCALARS[node.tag](text)
        except ValueError as error:
            raise self._refuse(
                node, f"{node.value!r} is no day of the calendar; put it in quotes if it is text"
            ) from error

    def _spend(self, node: yaml.Node, depth: int) -> None:
        if node.tag not in _SCALARS and node.tag not in _TAGS:
            tag = node.tag.replace("tag:yaml.org,2002:", "!!")
            raise self._refuse(node, f"the tag {tag} is not allowed; put text that begins with '!' in quotes")
        self.value_count += 1
        if self.value_count > _MOST_VALUES or depth > _DEEPEST:
            limits = f"more than {_MOST_VALUES:,} values or {_DEEPEST} levels"
            raise self._refuse(node, f"{limits}; an anchor (&name) that holds itself, or too many aliases (*name)")

    def _refuse(self, node: yaml.Node, message: str) -> ProjectError:
        return _refusal(self.file, _line(node), message)


def _refusal(file: str, line: int, message: str) -> ProjectError:
    return ProjectError([Problem(f"{file}:{line}", "", message)])


def _text(node: yaml.Node) -> str:
    return _SHIELDED.sub(r"${\1}", node.value)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _kind(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    return "a list" if isinstance(node, yaml.SequenceNode) else "a single value"
