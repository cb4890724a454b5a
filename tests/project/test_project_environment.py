"""`${NAME}` in settings."""

from __future__ import annotations

import pytest

from okr_sync.errors import ProjectError
from okr_sync.project.environment import Resolved, resolve
from okr_sync.project.yaml import Data, parse

SET = {"HOST": "desk.example", "EMPTY": "", "ODD": "5", "YAML": "{a: 1} # no comment", "NESTED": "${HOST}"}


def _resolve(text: str) -> Resolved:
    return resolve(parse(f"x: {text}".encode(), "a.yaml"), ("x",), SET)


@pytest.mark.parametrize(
    ("text", "data", "missing"),
    [
        ("${HOST}", "desk.example", ()),
        ("https://${HOST}/${HOST}", "https://desk.example/desk.example", ()),
        ("'a ${EMPTY}b'", "a b", ()),
        ("${ODD}", "5", ()),
        ("${YAML}", "{a: 1} # no comment", ()),
        ("${NESTED}", "${HOST}", ()),
        ("$${HOST}", "${HOST}", ()),
        ("$HOST $$ {HOST}", "$HOST $$ {HOST}", ()),
        ("${GHOST}", "${GHOST}", ("GHOST",)),
        ("'${HOST} ${GHOST} ${A_1}'", "desk.example ${GHOST} ${A_1}", ("GHOST", "A_1")),
        ("['${GHOST}', '${GHOST}', 5]", ["${GHOST}", "${GHOST}", 5], ("GHOST",)),
        ("{'${HOST}': {a: ['${HOST}']}}", {"${HOST}": {"a": ["desk.example"]}}, ()),
        ("0", 0, ()),
        ("", None, ()),
    ],
)
def test_variables_are_replaced_in_texts(text: str, data: Data, missing: tuple[str, ...]) -> None:
    """A value is text, never YAML and never resolved again; a name that is not set stays and is remembered once."""
    resolved = _resolve(text)
    assert (resolved.data, resolved.missing) == (data, missing)


@pytest.mark.parametrize("text", ["${}", "${1A}", "${HOST:-x}", "${HOST", "${ HOST }"])
def test_what_is_no_variable_is_refused(text: str) -> None:
    """A notation of other tools must not reach a source as it stands."""
    with pytest.raises(ProjectError, match=r"^a\.yaml:1: x: .* is not a variable; write \$\{NAME\}, or \$\$\{"):
        _resolve(f"'{text}'")


def test_values_are_not_printed() -> None:
    """What was put in may be a secret."""
    assert "desk.example" not in repr(_resolve("${HOST}"))
