"""The kit for connectors that talk HTTP.

`okr_sync.http.client.Client` reads JSON with retries. A connector that calls through another library takes the parts
it is made of: `Faults` turns what went wrong into the errors of `okr_sync.connector`, `okr_sync.http.retry.retrying`
repeats what is worth another try. These two are not imported here, and connectors import them when they connect: to
read a project file takes every connector it names, but not a fifth of a second for libraries that talk to nobody.
"""

import logging

from okr_sync.http.address import checked_address
from okr_sync.http.faults import BusyError, ExpiredError, Faults, RefusedError, secret_forms
from okr_sync.http.guard import PageGuard
from okr_sync.http.headers import CONNECT_SECONDS, READ_SECONDS, is_json, server_time

logging.getLogger("httpx").setLevel(logging.WARNING)  # it writes whole addresses, tokens in them included

__all__ = [
    "CONNECT_SECONDS",
    "READ_SECONDS",
    "BusyError",
    "ExpiredError",
    "Faults",
    "PageGuard",
    "RefusedError",
    "checked_address",
    "is_json",
    "secret_forms",
    "server_time",
]
