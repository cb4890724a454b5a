"""What the agency has in the OKR module: two quarters of two teams, the same whatever the seed.

Ids are as long as Lark's: past what a floating-point number holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from okr_sync.sandbox.catalog import ZONE
from okr_sync.sandbox.http import Json
from okr_sync.sandbox.systems.lark.tables import milliseconds

_FIRST_ID = 7_071_200_999_834_255_001


@dataclass(frozen=True, slots=True)
class KeyResult:
    number: int
    text: str
    start: float
    current: float
    target: float
    unit: str
    percent: int
    """The progress that the owner sees."""
    status: int
    """-1 nobody said, 0 normal, 1 at risk, 2 delayed."""
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Objective:
    number: int
    cycle: int
    owner: str
    text: str
    key_results: tuple[KeyResult, ...]


def _day(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=ZONE)


@dataclass(frozen=True, slots=True)
class Cycle:
    number: int
    name: str
    name_in_chinese: str
    first_day: datetime
    last_day: datetime


CYCLES = (
    Cycle(1, "Jul - Sep 2026", "2026 年 7 月 - 9 月", _day(2026, 7, 1), _day(2026, 9, 30)),
    Cycle(2, "Oct - Dec 2026", "2026 年 10 月 - 12 月", _day(2026, 10, 1), _day(2026, 12, 31)),
)
MADE_AT = datetime(2026, 9, 28, 9, 0, tzinfo=ZONE)
CHANGED_AT = datetime(2026, 10, 2, 9, 30, tzinfo=ZONE)
OWNERS = ("ou_ops", "ou_seo")
_PUNCTUAL = (KeyResult(101, "Dưới 20 % dự án trễ", 30, 22, 20, "PERCENT", 80, 0, 0.8),)
_HAPPY = (
    KeyResult(102, "NPS từ 30 lên 45", 30, 36, 45, "NONE", 40, 0),
    KeyResult(103, "Gia hạn 55 % hợp đồng", 40, 40, 55, "PERCENT", 0, -1),
)
_GROWING = (KeyResult(104, "Ký 12 hợp đồng", 0, 3, 12, "hđ", 25, 1),)
OBJECTIVES = (
    Objective(11, 1, "ou_ops", "Giao dự án đúng hạn", _PUNCTUAL),
    Objective(12, 2, "ou_ops", "Khách hàng hài lòng và gia hạn nhiều hơn", _HAPPY),
    Objective(13, 2, "ou_seo", "Nhiều khách hàng mới hơn", _GROWING),
)


def long_id(number: int) -> str:
    return str(_FIRST_ID + number)


def user_cycle(cycle: int, owner: str) -> str:
    """Version 2 knows a cycle of each user."""
    return long_id(1000 * (OWNERS.index(owner) + 1) + cycle)


def period(cycle: Cycle) -> Json:
    return {
        "en_name": cycle.name,
        "id": long_id(cycle.number),
        "period_end_time": str(milliseconds(cycle.last_day)),
        "period_start_time": str(milliseconds(cycle.first_day)),
        "status": 0,
        "zh_name": cycle.name_in_chinese,
    }


def okrs_of(owner: str) -> list[Json]:
    """Those of version 1: one for each cycle in which the owner has any."""
    found = []
    for cycle in CYCLES:
        mine = [one for one in OBJECTIVES if (one.owner, one.cycle) == (owner, cycle.number)]
        if mine:
            found.append(
                {
                    "confirm_status": 1,
                    "id": long_id(500 + cycle.number + 10 * OWNERS.index(owner)),
                    "name": cycle.name,
                    "objective_list": [_objective(one) for one in mine],
                    "period_id": long_id(cycle.number),
                    "permission": 1,
                }
            )
    return found


def _objective(one: Objective) -> Json:
    share = 100 / len(one.key_results)
    percent = round(sum(kr.percent for kr in one.key_results) / len(one.key_results))
    return {
        "aligned_objective_list": [],
        "content": one.text,
        "deadline": str(milliseconds(CYCLES[one.cycle - 1].last_day)),
        "id": long_id(one.number),
        "kr_list": [_key_result(kr, share, one) for kr in one.key_results],
        "mentioned_user_list": [],
        "permission": 1,
        "progress_report": "",
        "score": 0,
        "score_last_updated_time": "0",
        "weight": 100,
        **_progress(percent, 0),
    }


def _key_result(kr: KeyResult, share: float, objective: Objective) -> Json:
    return {
        "content": kr.text,
        "deadline": str(milliseconds(CYCLES[objective.cycle - 1].last_day)),
        "id": long_id(kr.number),
        "kr_weight": share,
        "score": 0 if kr.score is None else int(kr.score * 100),
        "score_last_updated_time": "0" if kr.score is None else str(milliseconds(CHANGED_AT)),
        "weight": int(share),
        **_progress(kr.percent, kr.status),
    }


def _progress(percent: int, status: int) -> Json:
    changed_at = str(milliseconds(CHANGED_AT)) if percent else "0"
    return {
        "progress_rate": {"percent": percent, "status": str(status)},
        "progress_rate_percent_last_updated_time": changed_at,
        "progress_rate_status_last_updated_time": changed_at,
        "progress_record_list": [],
    }


def cycles_of(owner: str) -> list[Json]:
    return [
        {
            **_kept(user_cycle(cycle.number, owner), owner),
            "cycle_status": 1,
            "end_time": str(milliseconds(cycle.last_day)),
            "start_time": str(milliseconds(cycle.first_day)),
            "tenant_cycle_id": long_id(cycle.number),
        }
        for cycle in CYCLES
    ]


def objectives_in(cycle_id: str) -> list[Json]:
    return [
        {
            **_kept(long_id(one.number), one.owner),
            "content": _rich_text(one.text),
            "cycle_id": cycle_id,
            "deadline": str(milliseconds(CYCLES[one.cycle - 1].last_day)),
            "position": 1,
            "weight": 1,
        }
        for one in OBJECTIVES
        if user_cycle(one.cycle, one.owner) == cycle_id
    ]


def key_results_of(objective_id: str) -> list[Json]:
    return [
        {
            **_kept(long_id(kr.number), objective.owner),
            "content": _rich_text(kr.text),
            "objective_id": objective_id,
            "position": position,
            "weight": 1 / len(objective.key_results),
            **({} if kr.score is None else {"score": kr.score}),
        }
        for objective in OBJECTIVES
        if long_id(objective.number) == objective_id
        for position, kr in enumerate(objective.key_results, start=1)
    ]


def indicator_of(key_result_id: str) -> Json | None:
    for objective, kr in _all_key_results():
        if long_id(kr.number) == key_result_id:
            is_own = kr.unit not in ("NONE", "PERCENT", "YUAN", "DOLLAR")
            return {
                **_kept(long_id(800 + kr.number), objective.owner),
                "current_value": kr.current,
                "current_value_calculate_type": 0,
                "entity_id": key_result_id,
                "entity_type": 3,
                "indicator_status": kr.status,
                "start_value": kr.start,
                "status_calculate_type": 0,
                "target_value": kr.target,
                "unit": {"unit_type": int(is_own), "unit_value": kr.unit},
                "update_time": str(milliseconds(CHANGED_AT)),
            }
    return None


def _all_key_results() -> Iterator[tuple[Objective, KeyResult]]:
    return ((objective, kr) for objective in OBJECTIVES for kr in objective.key_results)


def _kept(one_id: str, owner: str) -> Json:
    return {
        "create_time": str(milliseconds(MADE_AT)),
        "id": one_id,
        "owner": {"owner_type": "user", "user_id": owner},
        "update_time": str(milliseconds(MADE_AT)),
    }


def _rich_text(text: str) -> Json:
    half = len(text) // 2
    runs: Sequence[str] = (text[:half], text[half:])
    elements = [{"paragraph_element_type": "textRun", "text_run": {"text": run}} for run in runs]
    return {"blocks": [{"block_element_type": "paragraph", "paragraph": {"elements": elements}}]}
