"""The page of advice: every rule, what it says and why, in both languages."""

from __future__ import annotations

from collections.abc import Iterator

from okr_sync.project.lint import RULES
from okr_sync.project.lint.rule import Rule
from okr_sync.project.lint.table import IDLE_SILENCE, UNKNOWN_SILENCE

_INTRODUCTION = """\
`okr-sync check` tells what is wrong in a project's files, and then gives advice: what is allowed and yet likely not
what its authors mean, by the rules of the OKR method. Advice never changes an exit code. `language: vi` in
`okr-sync.yaml`, or `okr-sync check --language vi`, gives it in Vietnamese; `--json` gives code, place, message and
reason of each.

**To silence advice**, write its code and your reason where it shows: at the objective, the key result or the metric, or
in `okr-sync.yaml` for the whole project. A silence of a rule that does not exist, or that has nothing to say there, is
itself reported.

    key_results:
      - id: trainings
        name: Tổ chức 10 buổi đào tạo
        metric: trainings
        target: 10
        silence: {activity: bắt buộc theo hợp đồng}

A dot marks the rules that judge what has landed of the cycle before; without such data they are silent.
"""


def page(made_by: str) -> str:
    return f"# Advice\n\n{made_by}\n\n{_INTRODUCTION}\n" + "\n".join(
        _section(rule) for rule in (*RULES, UNKNOWN_SILENCE, IDLE_SILENCE)
    )


def _section(rule: Rule) -> str:
    return "\n".join(_lines(rule))


def _lines(rule: Rule) -> Iterator[str]:
    yield f"## {rule.code}{' ·' if rule.needs_data else ''}"
    yield ""
    for language in ("en", "vi"):
        yield f"- {rule.why.in_(language)}"
        yield f"  `{rule.says.in_(language)}`"
    yield ""
