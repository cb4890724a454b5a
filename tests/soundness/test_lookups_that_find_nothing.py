"""What a formula looks up beside its records and does not find makes no number, and it is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from okr_sync.errors import ProjectError
from tests.soundness.desk import HANOI, QUARTERS, Desk, observations

DEALS = {
    "path": "data/deals.csv",
    "key": "id",
    "fields": {"closed_on": "date", "amount": "number", "currency": "text", "is_won": "boolean"},
}
RATES = {
    "path": "data/rates.csv",
    "key": ["day", "currency"],
    "fields": {"day": "date", "currency": "text", "rate": "number"},
}
REVENUE = {"stream": "crm.deals", "time": "closed_on", "value": "sum(convert(amount, currency, 'VND', closed_on))"}
OCTOBER = ("2026-10-01,USD,25000", "2026-10-05,USD,26000", "2026-10-01,EUR,30000")


@pytest.fixture
def project_warehouse(warehouse_url: str) -> str:
    return warehouse_url


def write(desk: Desk, rates: Mapping[str, Any] | None = None, calendar: Mapping[str, Any] | None = None) -> None:
    source = {"connector": "files", "streams": {"deals": DEALS, "rates": RATES}}
    settings = {"timezone": HANOI, "cycles": QUARTERS, "sources": {"crm": source}}
    settings |= {"exchange_rates": rates} if rates else {}
    desk.write_json("okr-sync.yaml", settings | ({"calendar": calendar} if calendar else {}))


def deals(desk: Desk, *lines: str) -> None:
    desk.write("data/deals.csv", "\n".join(["id,closed_on,amount,currency,is_won", *lines]) + "\n")


def rates(desk: Desk, *lines: str) -> None:
    desk.write("data/rates.csv", "\n".join(["day,currency,rate", *lines]) + "\n")


@pytest.fixture(params=[{"file": "data/rates.csv"}, {"stream": "crm.rates"}], ids=["file", "stream"])
def money(desk: Desk, request: pytest.FixtureRequest) -> Desk:
    """Deals, and rates from a file or from a stream."""
    write(desk, request.param)
    rates(desk, *OCTOBER)
    desk.okrs({"revenue": REVENUE})
    return desk


def test_amounts_are_converted_by_the_rate_of_their_day(money: Desk) -> None:
    """The rate of the day, or the last one before it; dong stay as they are."""
    deals(
        money,
        "1,2026-10-04,100,USD,true",
        "2,2026-10-05,100,usd,true",
        "3,2026-10-08,10,EUR,true",
        "4,2026-10-02,500,VND,true",
    )
    (found,) = observations(money.run()).values()
    assert (found.value, found.unit) == (2_500_000 + 2_600_000 + 300_000 + 500, "VND")


@pytest.mark.parametrize(
    ("deal", "why"),
    [
        ("9,2026-10-09,1,EUR,true", "its last rate is 8 days old"),
        ("9,2026-09-30,1,USD,true", "its first rate is of tomorrow"),
        ("9,2026-10-05,1,JPY,true", "nobody has a rate of it"),
        ("9,2026-10-05,1,,true", "nobody knows its currency"),
    ],
)
def test_amount_without_a_rate_withholds_the_sum(money: Desk, deal: str, why: str) -> None:
    """A sum that leaves out an amount would be too small, so the last trusted value stays, with the reason."""
    money.okrs({"revenue": {**REVENUE, "window": "trailing 28 days"}})
    deals(money, "1,2026-10-04,100,USD,true")
    before = money.run()
    assert observations(before)["revenue"].value == 2_500_000

    deals(money, "1,2026-10-04,100,USD,true", deal)
    (found,) = observations(money.run("2026-10-11T12:00+07:00")).values()
    assert (found.value, found.status, found.computed_value) == (2_500_000, "withheld", None), why
    assert found.reason == (
        "1 record of crm.deals cannot be counted: no currency or no rate into VND on their day or the 7 days before;"
        " there are rates of EUR until 2026-10-01, USD until 2026-10-05; the value of 10 Oct stays"
    )


def test_run_that_brings_the_rate_computes_with_it(money: Desk) -> None:
    """The rates of a run are those that its own sync landed; nothing has to run twice."""
    deals(money, "1,2026-10-09,1,EUR,true")
    assert observations(money.run())["revenue"].status == "withheld"
    rates(money, *OCTOBER, "2026-10-09,EUR,31000")
    assert money.values() == {"revenue": 31_000}


def test_unknown_amount_is_left_out_as_ever(money: Desk) -> None:
    """A deal without an amount has nothing to convert; nor has one outside the window a part in it."""
    deals(money, "1,2026-10-04,100,USD,true", "2,2026-10-04,,JPY,true", "3,2025-01-01,5,JPY,true")
    assert money.values() == {"revenue": 2_500_000}


def test_branch_that_does_not_count_needs_no_rate(money: Desk) -> None:
    """Inside a `case` only the records of that branch need a rate."""
    of_won = "sum(case when is_won then convert(amount, currency, 'VND', closed_on) end)"
    deals(money, "1,2026-10-04,100,USD,true", "2,2026-10-04,1,JPY,false")
    money.okrs({"won": {**REVENUE, "value": of_won}})
    assert money.values() == {"won": 2_500_000}
    deals(money, "1,2026-10-04,100,USD,true", "2,2026-10-04,1,JPY,true")
    assert observations(money.run())["won"].status == "withheld"


def test_condition_that_needs_a_rate_withholds_the_count(money: Desk) -> None:
    """A contract whose worth nobody knows is neither large nor small; without it the count would be too small."""
    large = {
        "stream": "crm.deals",
        "value": "count(*)",
        "where": "is_won and convert(amount, currency, 'VND', closed_on) >= 2000000",
    }
    money.okrs({"large": large})
    deals(money, "1,2026-10-04,100,USD,true", "2,2026-10-04,10,EUR,true", "3,2026-10-04,1,JPY,false")
    assert money.values() == {"large": 1}  # 2,500,000 and 300,000; what was not won needs no rate
    deals(money, "1,2026-10-04,100,USD,true", "2,2026-10-04,10,EUR,true", "3,2026-10-04,1,JPY,true")
    assert observations(money.run())["large"].status == "withheld"


def test_metric_over_a_metric_without_a_rate_has_no_value(money: Desk) -> None:
    """Not even `coalesce` makes a number of what could not be looked up."""
    deals(money, "1,2026-10-04,1,JPY,true")
    money.okrs({"revenue": REVENUE, "safe": {"value": "coalesce(revenue, 0)", "unit": "VND"}})
    found = observations(money.run())
    assert [(one.value, one.status) for one in found.values()] == [(None, "withheld")] * 2


def test_rates_into_two_currencies_need_a_base(desk: Desk) -> None:
    """Where formulas convert into several currencies, the project says which one the rates are in."""
    write(desk, {"file": "data/rates.csv"})
    rates(desk, *OCTOBER)
    deals(desk, "1,2026-10-05,130,USD,true", "2,2026-10-05,26000,VND,true")
    in_euro = {**REVENUE, "value": "sum(convert(amount, currency, 'EUR', closed_on))"}
    in_dollar = {**REVENUE, "value": "sum(convert(amount, currency, 'USD', closed_on))"}
    desk.okrs({"euro": in_euro, "dollar": in_dollar})
    with pytest.raises(ProjectError, match=r"rates.base: is missing: formulas convert into EUR and USD, so say"):
        desk.run()
    write(desk, {"file": "data/rates.csv", "base": "VND"})
    assert desk.values() == pytest.approx({"euro": 130 * 26_000 / 30_000 + 26_000 / 30_000, "dollar": 131})


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("2026-10-01,USD,0", "data/rates.csv:5: rate '0' is not above 0"),
        ("2026-10-01,usd,1", "data/rates.csv:5: currency 'usd' is not three capital letters such as USD"),
        ("01/10/2026,USD,1", "data/rates.csv:5: day '01/10/2026' is not a day such as 2026-10-01"),
        (
            '2026-10-01,USD,"25.000,5"',
            "data/rates.csv:5: rate '25.000,5' is not a number such as 25400 or 0.92, with a point",
        ),
        ("2026-10-01,USD,1", "data/rates.csv: USD has two rates for 2026-10-01; leave one of them"),
        (
            "2026-10-01,VND,25000",
            "data/rates.csv: VND is the base, so its rate is 1; 2026-10-01 has 25000: name another base",
        ),
    ],
)
def test_file_of_rates_that_is_wrong(desk: Desk, line: str, message: str) -> None:
    """A wrong line is told with its number, the value seen and what is allowed."""
    write(desk, {"file": "data/rates.csv"})
    rates(desk, *OCTOBER, line)
    deals(desk)
    desk.okrs({"revenue": REVENUE})
    with pytest.raises(ProjectError) as caught:
        desk.run()
    assert str(caught.value) == message


def test_instant_before_every_calendar_withholds_the_mean(desk: Desk) -> None:
    """A calendar ends somewhere; a record beyond it is not left out of a mean in silence."""
    write(desk, calendar={"hours": {"mon-fri": ["09:00-17:00"]}, "country": "DE"})
    mean = {"stream": "crm.deals", "value": "avg(business_hours(date_trunc('day', closed_on), closed_on))"}
    desk.okrs({"mean": mean})
    deals(desk, "1,2026-10-05,1,VND,true", "2,2026-10-10,1,VND,true")  # a Monday: 8 h; a Saturday: none
    assert desk.values() == {"mean": 4}
    deals(desk, "1,2026-10-05,1,VND,true", "2,1989-10-04,1,VND,true")
    (found,) = observations(desk.run()).values()
    assert (found.value, found.status) == (4, "withheld")
    assert found.reason.startswith("1 record of crm.deals cannot be counted: the calendar covers 1991 to 2059")


def test_baseline_without_a_rate_withholds_the_value(money: Desk) -> None:
    """A change since a quarter whose sum nobody knows is no change; the value itself could be counted."""
    deals(money, "1,2026-10-04,100,USD,true", "2,2026-08-04,1,JPY,true")
    money.okrs({"revenue": REVENUE}, kr={"metric": "revenue", "baseline": "previous cycle", "target": "x2"})
    (found,) = observations(money.run()).values()
    assert (found.value, found.status, found.computed_value) == (None, "withheld", 2_500_000)
    assert found.reason.startswith(
        "baseline of revenue (previous cycle): 1 record of crm.deals cannot be counted: no currency or no rate into VND"
    )


def test_over_a_view_by_currency_and_as_a_kpi(money: Desk) -> None:
    """Over the rows of a view, for each value of one of its fields: only the one that lacks a rate has no value."""
    deals(money, "1,2026-10-04,100,USD,true", "2,2026-10-04,1,JPY,true", "3,2026-10-04,7,EUR,false")
    select = "select currency, amount, closed_on from crm.deals where is_won"
    kpis = {"up": {"name": "Won", "metric": "revenue", "at_least": 0}}
    money.write_json("okrs/views.yaml", {"views": {"won": {"select": select}}, "kpis": kpis})
    template = {"name": "Won in {currency}", "for_each": {"currency": ["USD", "EUR", "JPY"]}, "roll_up": "mean"}
    money.okrs({"revenue": {**REVENUE, "stream": "won"}}, kr={"metric": "revenue", "target": 5_000_000, **template})
    report = money.run()
    found = observations(report)
    assert {name: (one.value, one.status == "withheld") for name, one in found.items() if name != "kr"} == {
        "kr_usd": (2_500_000, False),
        "kr_eur": (None, False),
        "kr_jpy": (None, True),
    }
    assert found["kr_jpy"].reason.startswith("1 record of won cannot be counted: no currency or no rate into VND")
    (kpi,) = report.computed.kpis
    assert (kpi.observation.value, kpi.observation.status) == (None, "withheld")
    assert kpi.observation.reason.startswith("1 record of won cannot be counted")
