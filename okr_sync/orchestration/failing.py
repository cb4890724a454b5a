"""How a step fails: in the words of the error that a person is meant to read, once it waited for what may pass."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from okr_sync.errors import OkrSyncError
from okr_sync.store import StoreError
from okr_sync.warehouse import WarehouseError

RETRIES = 2
RETRY_SECONDS = 60
"""A database that is started again, or moves to another machine, is back by then."""


@contextmanager
def explained_step(context: dg.AssetExecutionContext) -> Iterator[None]:
    """Around what a step does. Where store or warehouse cannot be used, it is tried again.

    A source that failed is no failure of its step and is not asked again: its connector has waited as the source asked.

    Raises:
        dg.RetryRequested: it is worth another try.
        dg.Failure: it is not; says what happened and what to do.
    """
    try:
        yield
    except (StoreError, WarehouseError) as error:
        if context.retry_number < RETRIES:
            raise dg.RetryRequested(max_retries=RETRIES, seconds_to_wait=RETRY_SECONDS) from error
        raise _failure(error) from error
    except OkrSyncError as error:
        raise _failure(error) from error


def _failure(error: OkrSyncError) -> dg.Failure:
    return dg.Failure(str(error), allow_retries=False)
