"""The page of all connectors: what a project may say of each, and the streams and fields it offers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from okr_sync.connector import Connector, Context, Field, FieldType, Stream
from okr_sync.installed import installed_connectors
from tests.contract.cases import CASES
from tests.contract.meeting import NOW, ZONE

Schema = Mapping[str, Any]
_DEEPEST = 4
_INTRODUCTION = """\
What a project may say of each kind of source, and what a source offers without further settings. `okr-sync streams`
shows the streams of your own project with all their fields, `okr-sync doctor` whether they can be read. Values such as
`${JIRA_API_TOKEN}` come from the environment; a star marks what must be there, NAME is a name of your own.
"""


class _Anything(dict[str, str]):
    """Variables of which each has a value: to declare streams needs no network."""

    def __missing__(self, name: str) -> str:
        return "https://example.org" if name.endswith("URL") else "…"


def page(made_by: str) -> str:
    parts = [f"# Connectors\n\n{made_by}\n\n{_INTRODUCTION}"]
    for name, connector in sorted(installed_connectors().items()):
        parts.append(f"## {name}\n\n{connector.description}.\n")
        parts.append("| setting | |\n|---|---|")
        parts.extend(_settings(connector.Settings.model_json_schema()))
        parts.append("")
        for stream in _streams(name, connector):
            parts.append(f"**{stream.name}**: {stream.description}; key {', '.join(stream.key)}\n")
            parts.append("| field | type | |\n|---|---|---|")
            parts.extend(f"| `{one.name}` | {_type(one)} | {_cell(one.description)} |" for one in stream.fields)
            parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def _settings(schema: Schema) -> Iterator[str]:
    for path, one, is_required in _walk(schema, schema, ()):
        if path != ("connector",):
            text = _cell(one.get("description", ""))
            if "default" in one and one["default"] not in (None, {}, []) and not isinstance(one["default"], dict):
                text += f" (default: {one['default']})"
            yield f"| `{'.'.join(path)}`{'*' if is_required else ''} | {text.strip()} |"


def _walk(root: Schema, schema: Schema, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Schema, bool]]:
    """Every setting with its path; `NAME` stands for a name of the project's own."""
    if len(path) > _DEEPEST:
        return
    required = schema.get("required", ())
    for name, one in schema.get("properties", {}).items():
        yield (*path, name), one, name in required
        for inner in _inside(root, one):
            yield from _walk(root, inner, (*path, name))
            for held in (held for values in _values(inner) for held in _inside(root, values)):
                yield from _walk(root, held, (*path, name, "NAME"))


def _inside(root: Schema, schema: Schema) -> Iterator[Schema]:
    """The objects that `schema` allows, what it refers to looked up."""
    if "$ref" in schema:
        yield from _inside(root, root["$defs"][schema["$ref"].rpartition("/")[2]])
    for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from _inside(root, one)
    if "properties" in schema or any(_values(schema)):
        yield schema


def _values(schema: Schema) -> Iterator[Schema]:
    """Of an object with names of the project's own: what stands under each."""
    yield from schema.get("patternProperties", {}).values()
    if isinstance(schema.get("additionalProperties"), dict):
        yield schema["additionalProperties"]


def _streams(name: str, connector: type[Connector]) -> list[Stream]:
    """What a source offers by the settings of its contract case, as far as that is known offline."""
    if name not in CASES:
        return []
    settings = connector.Settings.model_validate({"connector": name, **CASES[name].settings(_Anything())})
    declared = connector(settings, Context(name, Path(), ZONE, lambda: NOW)).declared_streams()
    return [one for one in declared if any(field.type is not FieldType.UNKNOWN for field in one.fields)]


def _type(field: Field) -> str:
    return f"{field.type}, {field.unit}" if field.unit is not None else str(field.type)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
