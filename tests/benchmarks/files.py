"""A CSV file into DuckDB, by the connector for files and by DuckDB's own reader, which checks and remembers less."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from connectors.files import Files
from connectors.files.settings import FilesSettings
from okr_sync.sync import SourcePlan, StreamSync
from tests.benchmarks.fresh import Cost, in_fresh_process, measured
from tests.benchmarks.report import show
from tests.benchmarks.stand_in import NOW
from tests.benchmarks.sync import context, synced

SIZES = 10_000, 200_000
_TYPES = {"budget": "integer", "hours": "number", "is_internal": "boolean", "due_on": "date", "updated_at": "timestamp"}


def run() -> None:
    rows = []
    for size in SIZES:
        with TemporaryDirectory() as folder:
            file = Path(folder) / "projects.csv"
            _write(file, size)
            rows.append(_row("DuckDB: read_csv and insert", size, in_fresh_process(_read_by_duckdb, folder, str(file))))
            for what in ("okr-sync: first sync", "okr-sync: all again, all known"):
                _, cost = in_fresh_process(_sync, folder, str(file))
                rows.append(_row(what, size, cost))
    show("files: one CSV file of 10 columns", ("what", "records", "records/s", "peak memory, MB"), rows)


def _row(what: str, size: int, cost: Cost) -> tuple[str, str, str, str]:
    return what, f"{size:,}", f"{size / cost.seconds:,.0f}", f"{cost.peak_megabytes:.0f}"


def _write(file: Path, size: int) -> None:
    with file.open("w", encoding="utf-8") as out:
        out.write("id,client,team,status,owner,budget,hours,is_internal,due_on,updated_at\n")
        for n in range(size):
            updated_at = NOW - timedelta(minutes=n)
            texts = f"P-{n},client {n % 97},team {n % 7},{'done' if n % 3 else 'open'},owner {n % 31}"
            others = f"{n * 1000},{n % 80}.5,{'yes' if n % 5 else 'no'},{updated_at:%Y-%m-%d},{updated_at.isoformat()}"
            out.write(f"{texts},{others}\n")


def _sync(folder: str, file: str) -> tuple[StreamSync, Cost]:
    stream = {"path": file, "key": "id", "version_at": "updated_at", "fields": _TYPES}
    settings = FilesSettings.model_validate({"connector": "files", "streams": {"projects": stream}})
    return synced(SourcePlan("files", Files(settings, context("files")), {"projects": "settings"}), folder)


def _read_by_duckdb(folder: str, file: str) -> Cost:
    def insert() -> None:
        with duckdb.connect(Path(folder) / "plain.duckdb") as connection:
            connection.execute("CREATE TABLE projects AS SELECT * FROM read_csv($file)", {"file": file})

    return measured(insert)[1]
