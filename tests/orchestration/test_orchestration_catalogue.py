"""What Dagster's catalogue shows of an asset: where it is written, and how its number went."""

from __future__ import annotations

from datetime import date

import dagster as dg
import pytest

from okr_sync.orchestration.chart import sparkline
from tests.orchestration.dagster_project import SALES, DagsterProject

REVENUE = dg.AssetKey(["key_results", "sales", "revenue"])
SOLVED = dg.AssetKey(["key_results", "service", "solved"])
ORDERS = dg.AssetKey(["shop", "orders"])
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 4)


def references(project: DagsterProject, key: dg.AssetKey) -> list[tuple[str, int | None, str | None]]:
    """File, line and label of each code reference."""
    (spec,) = [one for one in project.definitions().resolve_all_asset_specs() if one.key == key]
    found = spec.metadata["dagster/code_references"].code_references
    assert all(isinstance(one, dg.LocalFileCodeReference) for one in found)
    return [(one.file_path, one.line_number, one.label) for one in found]


def test_key_result_links_to_the_lines_it_is_written_in(project: DagsterProject) -> None:
    """Its own line and the line of each metric below, inputs first; the lines are those of the file."""
    path = project.folder / "okrs/service.yaml"
    found = references(project, dg.AssetKey(["key_results", "service", "contacts"]))
    assert {file for file, _, _ in found} == {str(path)}
    lines = path.read_text("utf-8").splitlines()
    text = [lines[(line or 0) - 1].strip() for _, line, _ in found]
    starts = ("- {id: contacts", "tickets:", "orders:", "contacts:")
    assert len(text) == len(starts)
    assert all(one.startswith(start) for one, start in zip(text, starts, strict=True))
    assert found[0][2] == "key result contacts (okrs/service.yaml:7)"


def test_stream_links_to_its_source(project: DagsterProject) -> None:
    """The line of okr-sync.yaml at which the source begins."""
    ((file, line, label),) = references(project, ORDERS)
    assert file == str(project.folder / "okr-sync.yaml")
    assert label == f"source shop (okr-sync.yaml:{line})"


def test_streams_metadata_plots(project: DagsterProject) -> None:
    """What a sync did is numbers; of requests left nothing is claimed where the connector does not tell."""
    result = project.sync(dg.AssetSelection.assets(ORDERS))
    (event,) = result.get_asset_materialization_events()
    metadata = {name: one.value for name, one in event.materialization.metadata.items()}
    numbers = ("records read", "versions new", "records deleted", "records rejected", "requests sent")
    assert [metadata[name] for name in numbers] == [2, 2, 0, 0, 0]
    assert "requests left" not in metadata


def test_history_is_drawn_with_the_last_day(project: DagsterProject) -> None:
    """No order on the 1st, 10 on the 2nd and 3rd, 40 on the 4th: a gap, two low steps and a high one."""
    project.write("orders.csv", "id,amount,sold_at\n1,10,2026-03-02T09:00:00\n2,30,2026-03-04T23:30:00\n")
    main = (project.folder / "okr-sync.yaml").read_text("utf-8")
    project.write("okr-sync.yaml", main.replace("amount: integer", "amount: integer, sold_at: datetime"))
    timed = SALES.replace("value: sum(amount)", "time: sold_at, value: sum(amount)").replace("max_move: 100%", "")
    project.write("okrs/sales.yaml", timed)
    project.sync(dg.AssetSelection.assets(ORDERS))
    result = project.backfill(dg.AssetSelection.assets(REVENUE), FIRST, LAST)
    events = {one.partition: one.materialization.metadata for one in result.get_asset_materialization_events()}
    assert events["2026-03-04"]["history"].value == "```\n·▁▁█\n```\n2026-03-01 to 2026-03-04, between 10 and 40"
    assert all("history" not in events[day] for day in ("2026-03-01", "2026-03-02", "2026-03-03"))


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ([], ""),
        ([None, None], "··"),
        ([0.0, 0.0], "▅▅"),
        ([0.0, None, 7.0], "▁·█"),
        ([-1.0, 0.0, 1.0], "▁▅█"),  # 0 is 3.5 of 7 steps, rounded to the even 4
        ([7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.0], "█▇▆▅▄▃▂▁"),
    ],
)
def test_sparkline(values: list[float | None], drawn: str) -> None:
    """From the least to the greatest in eight steps; what is missing is a dot, and 0 is a value."""
    assert sparkline(values) == drawn


VIEWS = """
objective: Sell well
id: well
key_results:
  - {id: large, name: Sell 2 large orders, metric: large, target: 2}
metrics:
  large: {stream: big_large, value: count(*)}
views:
  big: {select: "select id, amount from shop.orders where amount > 5", key: id}
  big_large: {select: "select id, amount from big where amount > 20", key: id}
"""


def test_views_stand_between_streams_and_key_results(project: DagsterProject) -> None:
    """A view shows what it reads and its SELECT; a night computes what is over it only after the streams below."""
    project.write("okrs/well.yaml", VIEWS)
    specs = {one.key: one for one in project.definitions().resolve_all_asset_specs()}
    large = dg.AssetKey(["key_results", "well", "large"])
    big, big_large = dg.AssetKey(["views", "big"]), dg.AssetKey(["views", "big_large"])
    deps = {key: {one.asset_key for one in specs[key].deps} for key in (large, big, big_large)}
    assert deps == {large: {ORDERS, big_large}, big_large: {big}, big: {ORDERS}}
    assert "where amount > 20" in specs[big_large].metadata["select"].value
    assert [one.name for one in specs[big].metadata["dagster/column_schema"].value.columns] == ["id", "amount"]
    assert project.materialise().success
    assert project.reports()["large"].value == 1  # the order of 30
