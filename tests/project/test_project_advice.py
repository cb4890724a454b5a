"""The OKR method as rules: exact words in both languages, no false advice about good names, and silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from okr_sync.project.lint import RULES, Facts, Past, lint
from okr_sync.project.lint.activity import activity_in

if TYPE_CHECKING:
    from tests.project.conftest import Load

CASES: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("cases").joinpath("advice.yaml").read_text("utf-8")
)
METRICS = {
    "a": {"value": "count(*)", "stream": "desk.tickets"},
    "b": {"value": "count(*)", "stream": "desk.tickets"},
    "rate": {"value": "a / b", "unit": "percent"},
    "wait": {"value": "b", "unit": "hours"},
    "all": {"value": "rate + wait + a + b + all"},
}
"""They use one another, so that none is unused."""
SETTINGS = {"cycles": {"starts": ["jan", "apr", "jul", "oct"]}, "sources": {"desk": {"connector": "wiki"}}}
GOOD_NAMES = (
    # the reference set, in words of our own
    "Tăng NPS từ 30 lên 45",
    "Giảm tỷ lệ dự án trễ từ 25% xuống 10%",
    "Tăng tỷ lệ gia hạn từ 40% lên 55%",
    "Phản hồi khách hàng trung bình dưới 2 giờ",
    "Ký mới 8 hợp đồng SEO",
    "Ký 8 hợp đồng SEO mới, mỗi hợp đồng từ 60 triệu",
    "Tỷ lệ chốt từ lead đủ điều kiện đạt 25%",
    "Rút ngắn từ lead đến ký hợp đồng còn 21 ngày",
    "Giữ gia hạn và bán thêm từ 60% khách đến hạn",
    "Chuyển đổi đặt phòng đạt 2,2%",
    "Giảm tỷ lệ rớt ở bước thanh toán xuống dưới 35%",
    "Thêm 300 listing đạt chuẩn",
    "Doanh thu đặt phòng thuần tăng 30% so với quý trước",
    "Bàn giao đúng hạn 90% dự án",
    "Lỗi sửa sau nghiệm thu dưới 10% số hạng mục",
    "100% dự án quản lý trên một hệ thống",
    "Trả lời trong giờ làm việc dưới 2 giờ",
    "Đạt các mốc triển khai đúng hạn",
    "Mức hài lòng của các bên liên quan từ 4.5 điểm",
    "Xử lý 95% ticket trong SLA",
    "Uptime website từ 99,9%",
    # others that begin with words of work and are none
    "Mở rộng sang 3 thị trường mới",
    "Triển khai đúng hạn 90% dự án",
    "Đào tạo để tỷ lệ áp dụng tăng lên 80%",
    "Hoàn thành 700 điểm công việc trong quý",
    "Bàn giao 40 dự án trong quý",
    "Học viên hài lòng",
    "Mở 3 chi nhánh",
    "Hoàn thành 40 dự án",
    "Gọi lại khách trong 10 phút",
    "Hold NPS at 45",
    "Hold 60 % of renewals",
    "Review time under 2 hours",
    "Run rate above 10M",
    "Plan accuracy of 90 %",
    "Win 8 new contracts",
    "Deliver 40 projects",
    "Call answer time within 30 s",
    "Post-sale NPS of 50",
    "Testers find half as many defects",
)
ACTIVITIES = (
    ("Tổ chức 10 buổi training", "Tổ chức"),
    ("TỔ CHỨC hội thảo khách hàng", "TỔ CHỨC"),
    ("Triển khai CRM mới", "Triển khai"),
    ("Đào tạo 30 nhân viên", "Đào tạo"),
    ("10 buổi training nội bộ", "10 buổi"),
    ("Viết 20 bài blog", "Viết 20"),
    ("Hoàn thành 10 buổi đào tạo", "Hoàn thành 10 buổi"),
    ("Ra mắt website mới", "Ra mắt"),
    ("To\u0302\u0309 chu\u031b\u0301c 2 workshop", "Tổ chức"),  # letters and their marks apart
    ("Hold 10 trainings", "Hold 10 trainings"),
    ("Organise a customer day", "Organise"),
    ("Launch the new site", "Launch"),
    ("Write 12 blog posts", "Write 12 blog posts"),
    ("10 internal trainings", "10 internal trainings"),
    ("Run the customer survey", "Run the customer survey"),
)


def _facts(given: Mapping[str, Any], file: str = "okrs/a.yaml") -> Facts:
    return Facts(
        units=given.get("units", {}),
        totals=frozenset(given.get("totals", ())),
        accumulating=frozenset(given.get("accumulating", ())),
        past={(file, name): Past(*past) for name, past in given.get("past", {}).items()},
    )


def _files(case: Mapping[str, Any]) -> dict[str, str | bytes]:
    """An objective whose key results begin in line 4, a line each; and its metrics, in a file of their own."""
    head = {"objective": "Grow", "id": "grow", **case.get("objective", {})}
    lines = [f"objective: {head.pop('objective')}", f"id: {head.pop('id')}", "key_results:"]
    lines += [f"  - {_flow(one)}" for one in case["key_results"]]
    lines += [f"{name}: {_flow(held)}" for name, held in head.items()]
    return {
        "okr-sync.yaml": yaml.safe_dump(SETTINGS | case.get("settings", {})),
        "okrs/a.yaml": "\n".join(lines) + "\n",
        "okrs/m.yaml": yaml.safe_dump({"metrics": METRICS}),
    }


def _flow(data: Any) -> str:
    return yaml.safe_dump(data, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000).strip()


@pytest.mark.parametrize("language", ["en", "vi"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["key_results"][0])[:60])
def test_advice(case: dict[str, Any], language: str, load_files: Load) -> None:
    """Each rule warns where it should, in the exact words of the language, and is silent at its borders."""
    known = ", ".join(sorted(rule.code for rule in RULES))
    said = [str(one) for one in lint(load_files(_files(case)), _facts(case.get("facts", {})), language)]
    assert said == [line.replace("{KNOWN}", known) for line in case.get(language, [])]


@pytest.mark.parametrize("name", GOOD_NAMES)
def test_outcomes_are_no_activities(name: str) -> None:
    """Names of the kind that the method asks for, and names that only look like work, get no advice."""
    assert activity_in(name) is None


@pytest.mark.parametrize(("name", "found"), ACTIVITIES)
def test_activities(name: str, found: str) -> None:
    """Work is told by the words a name begins with, whatever their capitals and however their marks are stored."""
    assert activity_in(name) == found


BAD = """\
objective: Win 30 clients
id: bad
cycle: 2026-H1
key_results:
  - {id: a, name: Tổ chức 10 buổi đào tạo, metric: a, target: 10}
  - {id: twin, name: Twin, metric: a, target: 12}
  - {id: level, name: Level, metric: rate, target: 55%}
  - {id: swapped, name: Tăng doanh số, metric: b, baseline: 45, target: 30}
  - {id: tiny, name: Tiny, metric: wait, baseline: 100h, target: 101h}
  - {id: bare, name: Bare, metric: share, baseline: 1%, target: 25}
  - {id: below, name: Below, metric: below, baseline: 40, target: -5}
  - {id: met, name: Met, metric: c, target: 8}
  - {id: any, name: Any, metric: d, at_least: 0%, silence: {activity: there is none, actvity: typo}}
metrics:
  a: {value: count(*), stream: desk.tickets}
  b: {value: count(*), stream: desk.tickets}
  c: {value: count(*), stream: desk.tickets}
  d: {value: a / b, unit: percent}
  rate: {value: a / b, unit: percent}
  share: {value: a / b, unit: percent}
  wait: {value: b, unit: hours}
  below: {value: b}
  unused: {value: b}
events:
  unseen: 2026-10-05
views:
  unread: {select: select id from desk.tickets}
"""
LATE = """\
objective: Answer in time
id: late
cycle: 2026-Q4
key_results:
  - {id: late, name: Late, metric: late, baseline: 40, target: 60, by: {2027-11-01: 50}}
  - {id: later, name: Later, metric: later, baseline: 40, target: 60}
metrics:
  late: {value: b}
  later: {value: b}
"""


def test_bad_project_gives_every_code_once(load_files: Load) -> None:
    """A project with one of each mistake gets one piece of advice for each rule, but for that about an empty one."""
    main = yaml.safe_dump(SETTINGS | {"sources": {"desk": {"connector": "wiki"}, "crm": {"connector": "wiki"}}})
    past = {"met": ["2026-Q3", 9, 9, "9"], "any": ["2026-Q3", 0.5, 2]}
    totals = ["a", "b", "c"]
    facts = _facts({"totals": totals, "accumulating": totals, "past": past}, "okrs/bad.yaml")
    advice = lint(load_files({"okr-sync.yaml": main, "okrs/bad.yaml": BAD, "okrs/late.yaml": LATE}), facts)
    expected = {rule.code for rule in RULES} - {"no-objective"} | {"unknown-silence", "idle-silence"}
    assert Counter(one.code for one in advice) == dict.fromkeys(expected, 1)


def test_both_languages_say_the_same() -> None:
    """Every row has its message and its reason in both languages, filled from the same values."""
    for rule in RULES:
        names = {_names(rule.says.en) - {"s"}, _names(rule.says.vi)}
        assert len(names) == 1, rule.code
        assert rule.why.en.endswith(".")
        assert rule.why.vi.endswith(".")


def _names(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name)


def test_language_of_the_project(load_files: Load) -> None:
    """A project says its language once."""
    case = {"key_results": [{"id": "a", "name": "A", "metric": "a", "target": 1}], "settings": {"language": "vi"}}
    assert load_files(_files(case)).settings.language == "vi"
