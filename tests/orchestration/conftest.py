"""The small project of `dagster_project`, on an instance of Dagster that lives in memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from tests.orchestration.dagster_project import MAIN, SALES, SERVICE, DagsterProject

os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[DagsterProject]:
    """3 tickets of which 2 are solved, and 2 orders of 10 and 30."""
    with dg.DagsterInstance.ephemeral() as instance:
        made = DagsterProject(tmp_path, instance)
        made.write("okr-sync.yaml", MAIN)
        made.write("okrs/service.yaml", SERVICE)
        made.write("okrs/sales.yaml", SALES)
        made.write("tickets.csv", "id,status\n1,solved\n2,solved\n3,open\n")
        made.write("agents.csv", "id,name\n1,An\n")
        made.write("orders.csv", "id,amount\n1,10\n2,30\n")
        yield made
