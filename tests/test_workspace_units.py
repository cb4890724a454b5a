"""Units that a project gives to the fields of a stream, from the file to the metric."""

from __future__ import annotations

from pathlib import Path

import pytest

from okr_sync.errors import ProjectError
from okr_sync.workspace import Workspace, open_workspace

HEAD = "cycle: {name: 2026-Q4, start: 2026-10-01, end: 2026-12-31}\nsources:\n"
NUMBERS = "amount: number, note: text"
METRICS = """\
metrics:
  won: {stream: crm.deals, value: sum(amount)}
  logged: {stream: jira.worklogs, value: sum(spent_hours)}
"""


def workspace(
    folder: Path, units: str, metrics: str = METRICS, fields: str = "amount: number, note: text"
) -> Workspace:
    """A file of deals in the units given, and a Jira that nobody asks."""
    (folder / "okrs").mkdir(exist_ok=True)
    stream = f"{{path: deals.csv, key: id, fields: {{id: text, {fields}}}{units}}}"
    jira = '  jira: {connector: jira, url: "https://a.example", email: a, token: x}\n'
    (folder / "okr-sync.yaml").write_text(f"{HEAD}  crm: {{connector: files, streams: {{deals: {stream}}}}}\n{jira}")
    (folder / "okrs" / "m.yaml").write_text(metrics, "utf-8")
    return open_workspace(folder)


def problems(folder: Path, units: str, metrics: str = METRICS, fields: str = NUMBERS) -> list[str]:
    with pytest.raises(ProjectError) as caught:
        workspace(folder, units, metrics, fields)
    return [str(one) for one in caught.value.problems]


def test_units_of_the_project_and_of_the_connector(tmp_path: Path) -> None:
    """A project says what a file's numbers are; Jira's connector knows that work is logged in hours."""
    metrics = workspace(tmp_path, ", units: {amount: VND}").metrics
    assert {name: one.unit for name, one in metrics.items()} == {"won": "VND", "logged": "hours"}
    assert metrics["won"].field_units == {"amount": "VND"}


def test_hours_are_not_added_to_money(tmp_path: Path) -> None:
    """Metrics keep the units of their fields, so that a formula over them is checked like any other."""
    metrics = METRICS + "  both: {value: won + logged}\n"
    assert problems(tmp_path, ", units: {amount: VND}", metrics) == [
        "okrs/m.yaml:4: metrics.both.value: '+' needs values of one unit; this is in hours, not in VND\n"
        "  won + logged\n"
        "        ^^^^^^"
    ]


def test_field_that_is_not_known_yet_has_its_unit(tmp_path: Path) -> None:
    """A file that was never read may have any column."""
    metrics = workspace(tmp_path, ", units: {amount: USD}", fields="note: text").metrics
    assert metrics["won"].unit == "USD"


@pytest.mark.parametrize(
    ("units", "line"),
    [
        (
            "{amount: vnd}",
            "okr-sync.yaml:3: sources.crm.streams.deals.units.amount: 'vnd' is not a unit; known are number, count,"
            " points, percent, seconds, minutes, hours, days, weeks and three-letter currency codes such as VND",
        ),
        (
            "{note: hours}",
            "okr-sync.yaml:3: sources.crm.streams.deals.units.note: note is a text; only numbers have units",
        ),
    ],
)
def test_wrong_units(tmp_path: Path, units: str, line: str) -> None:
    """A unit that does not exist, or stands by a text, is refused where it is written."""
    assert problems(tmp_path, f", units: {units}") == [line]


def test_unit_of_a_field_that_does_not_exist(tmp_path: Path) -> None:
    """Where all fields are known, a misspelt one is told, with the nearest number."""
    (tmp_path / "okr-sync.yaml").write_text(
        f'{HEAD}  jira: {{connector: jira, url: "https://a.example", email: a, token: x,'
        " streams: {worklogs: {units: {spent: days}}}}\n"
    )
    with pytest.raises(ProjectError) as caught:
        open_workspace(tmp_path)
    assert str(caught.value) == (
        "okr-sync.yaml:3: sources.jira.streams.worklogs.units.spent: stream jira.worklogs has no field 'spent';"
        " did you mean 'spent_hours'?"
    )


def test_units_change_nothing_of_what_is_read(tmp_path: Path) -> None:
    """Saying a unit does not have a source read anew; it makes another definition of what is computed."""
    before, after = workspace(tmp_path, ""), workspace(tmp_path, ", units: {amount: VND}")
    assert [one.settings_hashes for one in before.plans(["crm"])] == [
        one.settings_hashes for one in after.plans(["crm"])
    ]


DEALS = "amount: number, fee: number, minutes: number"
VIEWS = """\
views:
  by_client: {select: "select id, sum(amount) as won, avg(amount) as mean, sum(amount) / 1000 as thousands, \
    sum(fee) + sum(minutes) as spent from crm.deals group by id"}
metrics:
  won: {stream: by_client, value: sum(won)}
  mean: {stream: by_client, value: max(mean)}
  thousands: {stream: by_client, value: sum(thousands)}
  spent: {stream: by_client, value: sum(spent)}
"""


def test_units_go_through_views(tmp_path: Path) -> None:
    """A view's columns are in what its formulas give; what a written number may have converted has no known unit."""
    found = workspace(tmp_path, ", units: {amount: VND, fee: hours, minutes: minutes}", VIEWS, DEALS)
    assert {name: metric.unit for name, metric in found.metrics.items()} == {
        "won": "VND",
        "mean": "VND",
        "thousands": None,
        "spent": "minutes",
    }
    assert found.metrics["won"].views[0].field_units == {
        "crm.deals.amount": "VND",
        "crm.deals.fee": "hours",
        "crm.deals.minutes": "minutes",
    }


def test_hours_and_money_do_not_meet_in_a_view(tmp_path: Path) -> None:
    """Not in a sum, and not below each other."""
    text = 'views: {{v: {{select: "{}"}}}}\n'
    units = ", units: {amount: VND, fee: hours, minutes: minutes}"
    (added,) = problems(tmp_path, units, text.format("select id, amount + fee as x from crm.deals"), DEALS)
    assert "views.v.select: '+' needs values of one unit; this is in hours, not in VND" in added
    both = "select id, {} as x from crm.deals union all select id, {} as x from crm.deals"
    (stacked,) = problems(tmp_path, units, text.format(both.format("amount", "fee")), DEALS)
    assert "views.v.select: 'union all' needs x in one unit; this gives hours, not VND" in stacked
    (stacked,) = problems(tmp_path, units, text.format(both.format("fee", "minutes")), DEALS)
    assert "views.v.select: 'union all' needs x in one unit; this gives minutes, not hours" in stacked
