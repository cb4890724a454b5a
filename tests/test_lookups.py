"""What formulas look up, in a whole project: the streams it comes from, and its part in a definition."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from okr_sync.errors import ProjectError
from okr_sync.measure.working_time import WorkingHours
from okr_sync.pipeline import check
from okr_sync.sandbox import Sandbox
from okr_sync.workspace import Workspace, open_workspace
from tests.soundness.company import run_company, small_agency, write_company
from tests.soundness.desk import HANOI, QUARTERS, STREAM, observations

OFFICE = {"hours": {"mon-fri": ["08:30-12:00", "13:30-18:00"]}}
MEAN = {"stream": "desk.tasks", "value": "avg(business_hours(created_at, closed_at))"}
NAMED = {"stream": "desk.tasks", "value": "avg(business_hours(created_at, closed_at, 'support'))"}
MONEY = {"stream": "desk.tasks", "value": "sum(convert(points, 'USD', 'VND', created_at))"}
PLAIN = {"stream": "desk.tasks", "value": "count(*)"}


def workspace(folder: Path, metrics: Mapping[str, Any], **settings: Any) -> Workspace:
    rates = {"path": "rates.csv", "key": "day", "fields": {"day": "date", "currency": "text", "rate": "number"}}
    sources = {
        "desk": {"connector": "files", "streams": {"tasks": STREAM, "rates": rates}},
        "help": {"connector": "zendesk", "subdomain": "x", "email": "a@example.org", "token": "t"},
    }
    main = {"timezone": HANOI, "cycles": QUARTERS, "sources": sources, **settings}
    key_results = [{"id": name, "name": name, "metric": name, "target": 1} for name in metrics]
    (folder / "okrs").mkdir(exist_ok=True)
    (folder / "okr-sync.yaml").write_text(json.dumps(main), "utf-8")
    okr = {"objective": "All", "id": "all", "key_results": key_results, "metrics": metrics}
    (folder / "okrs" / "okr.yaml").write_text(json.dumps(okr), "utf-8")
    return open_workspace(folder)


@pytest.mark.parametrize(
    "change",
    [
        {"hours": {"mon-fri": ["08:30-12:00", "13:30-17:30"]}},
        {**OFFICE, "closures": ["2026-12-31"]},
        {**OFFICE, "extra_days": [{"day": "2026-08-22", "like": "mon"}]},
        {**OFFICE, "country": "VN"},
        {**OFFICE, "timezone": "Asia/Bangkok"},
    ],
)
def test_calendar_is_part_of_the_definition(tmp_path: Path, change: Mapping[str, Any]) -> None:
    """Another calendar is another definition of what counts by it, and of nothing else."""
    metrics = {"mean": MEAN, "named": NAMED, "plain": PLAIN}
    before = workspace(tmp_path, metrics, calendar=OFFICE, calendars={"support": OFFICE}).definitions
    after = workspace(tmp_path, metrics, calendar=change, calendars={"support": OFFICE}).definitions
    assert [before[name].hash != after[name].hash for name in metrics] == [True, False, False]


def test_holidays_are_part_of_the_definition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version of the library that knows other holidays gives another definition."""
    from holidays.countries import vietnam  # noqa: PLC0415 - the test changes it

    def definition() -> str:
        return workspace(tmp_path, {"mean": MEAN}, calendar={**OFFICE, "country": "VN"}).definitions["mean"].hash

    before = definition()
    from okr_sync.project.public_holidays import public_holidays  # noqa: PLC0415 - its cache is emptied

    assert definition() == before
    public_holidays.cache_clear()
    monkeypatch.setattr(vietnam.Vietnam, "_populate_public_holidays", lambda self: self._add_new_years_day("Tết"))
    assert definition() != before
    public_holidays.cache_clear()


def test_rules_of_rates_are_part_of_the_definition(tmp_path: Path) -> None:
    """How long a rate serves is; a new rate is data."""
    (tmp_path / "rates.csv").write_text("day,currency,rate\n2026-10-01,USD,25000\n")
    before = workspace(tmp_path, {"money": MONEY}, exchange_rates={"file": "rates.csv"}).definitions["money"].hash
    (tmp_path / "rates.csv").write_text("day,currency,rate\n2026-10-02,USD,26000\n")
    later = workspace(tmp_path, {"money": MONEY}, exchange_rates={"file": "rates.csv"}).definitions["money"].hash
    other = {"file": "rates.csv", "max_gap": "3d"}
    assert later == before
    assert workspace(tmp_path, {"money": MONEY}, exchange_rates=other).definitions["money"].hash != before


def test_streams_of_lookups_are_read(tmp_path: Path) -> None:
    """The stream of rates belongs to what a key result reads, and is synced where a formula converts."""
    made = workspace(tmp_path, {"money": MONEY, "plain": PLAIN}, exchange_rates={"stream": "desk.rates"})
    money, plain = made.project.objectives[0].key_results
    assert made.streams_read(money) == ["desk.rates", "desk.tasks"]
    assert made.streams_read(plain) == ["desk.tasks"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"exchange_rates": {"stream": "dsk.rates"}},
            "okr-sync.yaml:1: exchange_rates.stream: there is no source 'dsk'; did you mean 'desk'?",
        ),
        (
            {"exchange_rates": {"stream": "help.tickets"}},
            "okr-sync.yaml:1: exchange_rates.stream:"
            " stream help.tickets has no field 'day'; day, currency, rate are needed",
        ),
        (
            {"calendars": {"support": {"schedule": "help.tickets", "name": "x"}}},
            "okr-sync.yaml:1: calendars.support.schedule:"
            " stream help.tickets has no field 'name'; name, zone, hours are needed",
        ),
        (
            {"exchange_rates": {"file": "nowhere.csv"}},
            "nowhere.csv: is not there; write a CSV file with day, currency, rate",
        ),
    ],
)
def test_origins_that_do_not_exist(tmp_path: Path, settings: Mapping[str, Any], message: str) -> None:
    """What a calendar or a rate comes from must exist and have the fields that are needed."""
    with pytest.raises(ProjectError) as caught:
        workspace(tmp_path, {"money": MONEY if "exchange_rates" in settings else PLAIN}, **settings)
    assert str(caught.value) == message


def write_desk(folder: Path, sandbox: Sandbox, **calendar: str) -> None:
    """The company, counting the time since its two tickets by a schedule of Zendesk's."""
    write_company(folder, sandbox)
    main = json.loads((folder / "okr-sync.yaml").read_text("utf-8"))
    main["calendars"] = {"desk": {"schedule": "support.schedules", **calendar}}
    (folder / "okr-sync.yaml").write_text(json.dumps(main), "utf-8")
    metric = {"stream": "support.tickets", "value": "max(business_hours(created_at, as_of(), 'desk'))"}
    okr = {"objective": "A", "id": "a", "metrics": {"open": metric}}
    okr["key_results"] = [{"id": "open", "name": "o", "metric": "open", "at_most": "100h"}]
    (folder / "okrs" / "okr.yaml").write_text(json.dumps(okr), "utf-8")


def test_calendar_from_zendesk(tmp_path: Path) -> None:
    """A schedule is synced with the tickets that count by it: of 8:00 to 9:00 in Hanoi, half an hour is worked."""
    with Sandbox(small_agency()) as sandbox:
        write_desk(tmp_path, sandbox, name="Giờ hành chính")
        (found,) = observations(run_company(tmp_path, sandbox)).values()
    assert (found.value, found.unit) == (0.5, "hours")


def test_holidays_from_zendesk(tmp_path: Path) -> None:
    """A holiday of the schedule is free: the agency does not work on 31 December, a Thursday."""
    with Sandbox(small_agency()) as sandbox:
        write_desk(tmp_path, sandbox, name="Giờ hành chính")
        run_company(tmp_path, sandbox)
    hours = open_workspace(tmp_path).lookups.calendars["desk"]
    assert isinstance(hours, WorkingHours)
    assert date(2026, 12, 31) not in dict(hours.days())
    assert date(2026, 12, 30) in dict(hours.days())


def test_schedule_that_zendesk_does_not_have(tmp_path: Path) -> None:
    """A name that no schedule has gives no number, and the reason says which names there are."""
    with Sandbox(small_agency()) as sandbox:
        write_desk(tmp_path, sandbox, name="Giờ hành chánh")
        (found,) = observations(run_company(tmp_path, sandbox)).values()
    assert (found.value, found.status) == (None, "withheld")
    assert "support.schedules has no schedule 'Giờ hành chánh'; did you mean 'Giờ hành chính'?" in found.reason


def test_page_of_calendars(tmp_path: Path) -> None:
    """What docs/calendars.md shows is a good project, and its metric's own test passes."""
    page = (Path(__file__).parents[1] / "docs" / "calendars.md").read_text("utf-8")
    blocks = [yaml.safe_load(block.partition("```")[0]) for block in page.split("```yaml\n")[1:]]
    main: dict[str, Any] = {"cycles": QUARTERS, "sources": {}}
    for name, streams in {"support": ("tickets", "schedules"), "crm": ("deals",)}.items():
        paths = {stream: {"path": f"{stream}.csv", "key": "id", "fields": FIELDS.get(stream, {})} for stream in streams}
        main["sources"][name] = {"connector": "files", "streams": paths}
    okr: dict[str, Any] = {"objective": "A", "id": "a", "metrics": {}}
    for block in blocks:
        okr["metrics"] |= block.pop("metrics", {})
        okr |= {name: block.pop(name) for name in ("key_results",) if name in block}
        main |= block
    (tmp_path / "okrs").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "rates.csv").write_text(page.partition("```csv\n")[2].partition("```")[0], "utf-8")
    (tmp_path / "okr-sync.yaml").write_text(yaml.safe_dump(main, allow_unicode=True), "utf-8")
    (tmp_path / "okrs" / "a.yaml").write_text(yaml.safe_dump(okr, allow_unicode=True), "utf-8")

    check(tmp_path)

    assert set(open_workspace(tmp_path).metrics) == {"reply_time", "revenue", "large_deals"}
    assert set(main["calendars"]) == {"support", "night", "desk"}


FIELDS = {
    "tickets": {"created_at": "timestamp", "first_replied_at": "timestamp"},
    "deals": {"closes_at": "timestamp", "amount": "number", "currency": "text"},
}
