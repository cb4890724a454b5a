"""python -m tests.benchmarks [name...]: measure what okr-sync promises, side by side with the plain way to do it."""

from __future__ import annotations

import sys

from tests.benchmarks import (
    business_hours,
    command,
    engines,
    files,
    forecast,
    history,
    landing,
    metrics,
    nights,
    requests,
    sharing,
    sync,
    views,
)

BENCHMARKS = {
    "sync": sync.run,
    "requests": requests.run,
    "files": files.run,
    "landing": landing.run,
    "history": history.run,
    "metrics": metrics.run,
    "engines": engines.run,
    "sharing": sharing.run,
    "views": views.run,
    "business_hours": business_hours.run,
    "forecast": forecast.run,
    "nights": nights.run,
    "command": command.run,
}


def main(names: list[str]) -> None:
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        sys.exit(f"there is no benchmark {unknown[0]!r}; there are: {', '.join(BENCHMARKS)}")
    for name in names or BENCHMARKS:
        BENCHMARKS[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
