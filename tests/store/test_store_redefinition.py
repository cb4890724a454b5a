"""What changed between two definitions, as people would write the parts."""

from __future__ import annotations

import json

import pytest

from okr_sync.store import ChangedPart, changed_parts


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ({"goal": {"target": [0.0, "percent"]}}, {"goal": {"target": [0.0, "percent"]}}, []),
        ({"goal": {"target": [0.0, "percent"]}}, {"goal": {"target": None}}, [("goal.target", "0%", None)]),
        ({"at_most": [2.0, "hours"]}, {"at_most": [2.5, "hours"]}, [("at_most", "2 hours", "2.5 hours")]),
        ({"target": [1_234_567.0, None]}, {"target": [1_234_568.0, None]}, [("target", "1,234,567", "1,234,568")]),
        ({"target": [-0.1, None]}, {"target": [0.0, None]}, [("target", "-0.1", "0")]),
        ({"target": ["add", 300.0, None]}, {"target": ["share", 30.0, "percent"]}, [("target", "+300", "+30%")]),
        ({"target": ["points", -5.0, None]}, {"target": ["times", 1.3, None]}, [("target", "-5pp", "x1.3")]),
        ({"between": [[1.0, None], [5.0, None]]}, {"between": [[1.0, None], None]}, [("between", "1, 5", "1, none")]),
        ({"strict": False}, {"strict": True}, [("strict", "false", "true")]),
        ({"value": "count(*)\n  + 1"}, {"value": "count(*) + 2"}, [("value", "count(*) + 1", "count(*) + 2")]),
        ({"metrics": {"a": {"value": "1"}}}, {"metrics": {}}, [("metrics.a.value", "1", None)]),
        ({"of": [["a > 1", 1.0, None]]}, {"of": [["a > 2", 1.0, None]]}, [("of", "a > 1, 1, none", "a > 2, 1, none")]),
        (
            {"members": {"web": [1.0, "a" * 64]}},
            {"members": {"web": [2.0, "b" * 64]}},
            [("members.web", "weight 1, definition aaaaaaaa", "weight 2, definition bbbbbbbb")],
        ),
        ({"b": 1, "a": 1}, {"b": 2, "a": 2}, [("a", "1", "2"), ("b", "1", "2")]),
    ],
)  # fmt: skip
def test_changed_parts(old: object, new: object, parts: list[tuple[str, str | None, str | None]]) -> None:
    """Each part that differs, once, by its path; 0 is not the same as nothing."""
    assert changed_parts(json.dumps(old), json.dumps(new)) == tuple(ChangedPart(*one) for one in parts)
