"""Money in other currencies, worked out by hand, on DuckDB and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from okr_sync.connector import FieldType
from okr_sync.formula import DIALECTS, Moment, write_sql
from okr_sync.measure import Lookups
from okr_sync.measure.rates import RateError, Rates
from tests.formula.relations import Fields, compile_metric, instant
from tests.measure.looked_up import Desk, duckdb_desk, postgresql_desk

DEALS: Fields = {
    "amount": FieldType.NUMBER,
    "currency": FieldType.TEXT,
    "closed_on": FieldType.DATE,
    "closed_at": FieldType.TIMESTAMP,
}
RATES = Rates.of(
    "VND",
    2,
    [
        (date(2026, 10, 1), "USD", 25_000.0),
        (date(2026, 10, 2), "USD", 26_000.0),
        (date(2026, 10, 1), "EUR", 30_000.0),
    ],
)
LOOKUPS = Lookups(rates=RATES)


@pytest.fixture(params=["duckdb", "postgresql"], scope="module")
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    if request.param == "duckdb":
        with duckdb_desk() as made:
            yield made
    else:
        with postgresql_desk(request.getfixturevalue("postgresql_url")) as made:
            yield made


def converted(desk: Desk, target: str, *deals: tuple[float | None, str | None, int | None]) -> list[tuple[object, int]]:
    """What each deal of a day of October is worth, and whether its rate is missing."""
    records = [[amount, currency, day and date(2026, 10, day), None] for amount, currency, day in deals]
    return desk.by_record(f"max(convert(amount, currency, '{target}', closed_on))", LOOKUPS, DEALS, records)


def test_rate_of_the_day_or_the_last_before_it(desk: Desk) -> None:
    """A rate serves its own day and, for as many days as may be, those after it that have none; never one before."""
    deals = [(2, "USD", 1), (2, "USD", 2), (2, "USD", 4), (2, "USD", 5), (2, "EUR", 3), (2, "EUR", 4)]
    expected = [(50_000, 0), (52_000, 0), (52_000, 0), (None, 1), (60_000, 0), (None, 1)]
    assert converted(desk, "VND", *deals) == expected


def test_zero_negative_and_unknown(desk: Desk) -> None:
    """0 is worth 0, a refund is negative; an unknown amount is unknown, and needs no rate."""
    deals = [(0, "USD", 1), (-2, "USD", 1), (None, "USD", 1), (None, "JPY", 1), (None, None, None)]
    assert converted(desk, "VND", *deals) == [(0, 0), (-50_000, 0), (None, 0), (None, 0), (None, 0)]


def test_known_amount_that_cannot_be_converted_is_missing(desk: Desk) -> None:
    """Without a rate, a currency or a day it is not known what an amount is worth; not even 0 is let through."""
    deals = [(1, "JPY", 1), (1, None, 1), (1, "USD", None), (0, "JPY", 1)]
    assert converted(desk, "VND", *deals) == [(None, 1)] * 4


def test_target_currency_needs_no_rate(desk: Desk) -> None:
    """An amount in the target currency stays as it is on any day, in small letters too."""
    assert converted(desk, "VND", (7, "VND", 30), (7, "vnd", None)) == [(7, 0), (7, 0)]


def test_other_currency_than_the_base(desk: Desk) -> None:
    """Between two currencies, both rates of the day count; from the base, that of the target."""
    found = converted(desk, "USD", (25, "EUR", 1), (50_000, "VND", 1), (3, "USD", 30), (1, "EUR", 4), (1, "VND", 5))
    assert found == [(30, 0), (2, 0), (3, 0), (None, 1), (None, 1)]  # 25 x 30,000 / 25,000


def test_day_of_an_instant(desk: Desk) -> None:
    """An instant falls on a day of the project's zone: 18:00 in Greenwich is the next day in Hanoi."""
    records = [[2, "USD", None, datetime(2026, 10, 1, hour, tzinfo=UTC)] for hour in (10, 18)]
    found = desk.by_record("max(convert(amount, currency, 'VND', closed_at))", LOOKUPS, DEALS, records)
    assert found == [(50_000, 0), (52_000, 0)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect(dialect: str) -> None:
    """It is written for every engine, with nothing left that only we understand."""
    metric = compile_metric(DEALS, "sum(convert(amount, currency, 'VND', closed_at))")
    joined = LOOKUPS.join(metric.value(Moment(instant("2026-10-05 09:00+07:00"))))
    sql = [write_sql(joined.expression, dialect), *(write_sql(join, dialect) for join in joined.joins.values())]
    assert len(sql) == 2
    assert "_CONVERTED" not in " ".join(sql).upper()


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ((date(2026, 10, 1), "USD", 1.0), "USD has two rates for 2026-10-01; leave one of them"),
        ((date(2026, 10, 1), "VND", 2.0), "VND is the base, so its rate is 1; 2026-10-01 has 2: name another base"),
    ],
)
def test_rates_that_contradict_each_other(second: tuple[date, str, float], message: str) -> None:
    """There is one rate for a day, and one base."""
    with pytest.raises(RateError) as caught:
        Rates.of("VND", 7, [(date(2026, 10, 1), "USD", 2.0), second])
    assert str(caught.value) == message
