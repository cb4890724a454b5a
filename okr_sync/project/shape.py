"""What a type says of a place inside the data it describes: the models that may stand there, and whether it is secret.

pydantic's errors name the place of a wrong value but not the type it belongs to.
"""

from __future__ import annotations

from types import UnionType
from typing import Annotated, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel, SecretBytes, SecretStr
from pydantic.fields import FieldInfo

from okr_sync.project.yaml import Steps


def fields_at(kind: object, steps: Steps) -> dict[str, FieldInfo]:
    """The fields that may be written in the mapping at `steps`, by the names that people write."""
    return {
        name: info for model in _kinds_at(kind, steps) if _is_model(model) for name, info in _fields_of(model).items()
    }


def is_secret(kind: object, steps: Steps) -> bool:
    return any(one in (SecretStr, SecretBytes) for one in _kinds_at(kind, steps))


def written_name(name: str, info: FieldInfo) -> str:
    """How a model's field is called in files."""
    return info.validation_alias if isinstance(info.validation_alias, str) else name


def _fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {written_name(name, info): info for name, info in model.model_fields.items()}


def _kinds_at(kind: object, steps: Steps) -> list[object]:
    kinds = _alternatives(kind)
    for step in steps:
        kinds = [inner for one in kinds for inner in _alternatives(_inside(one, step))]
    return kinds


def _alternatives(kind: object) -> list[object]:
    origin = get_origin(kind)
    if origin is Annotated:
        return _alternatives(get_args(kind)[0])
    if origin in (Union, UnionType):
        return [inner for one in get_args(kind) for inner in _alternatives(one)]
    return [kind]


def _inside(kind: object, step: str | int) -> object:
    if _is_model(kind):
        info = _fields_of(kind).get(str(step))
        return None if info is None else info.annotation
    args = get_args(kind)
    if not args:
        return None
    return args[1] if get_origin(kind) is dict else args[0]


def _is_model(kind: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
