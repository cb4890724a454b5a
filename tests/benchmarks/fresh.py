"""Runs a step in a process of its own, so that its memory is its own and nothing is warm from the step before."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import ParamSpec, TypeVar

import psutil  # type: ignore[import-untyped]

_P = ParamSpec("_P")
_T = TypeVar("_T")

_BYTES_PER_UNIT = 1 if sys.platform == "darwin" else 1024
_BYTES_PER_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Cost:
    """What a step took; `peak_megabytes` is above what its process held before it."""

    seconds: float
    cpu_seconds: float
    peak_megabytes: float


def in_fresh_process(step: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """What `step`, a function of a module, returns there."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        return pool.submit(step, *args, **kwargs).result()


def measured(step: Callable[[], _T]) -> tuple[_T, Cost]:
    """What `step` returns, and what it took."""
    held_before = psutil.Process().memory_info().rss
    cpu_before, before = time.process_time(), time.perf_counter()
    result = step()
    seconds, cpu_seconds = time.perf_counter() - before, time.process_time() - cpu_before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _BYTES_PER_UNIT
    return result, Cost(seconds, cpu_seconds, max(0, peak - held_before) / _BYTES_PER_MEGABYTE)
