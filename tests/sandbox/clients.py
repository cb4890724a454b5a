"""Clients of the sandbox's two systems, and the instant at which the tests' agencies stand."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime

import httpx

from okr_sync.sandbox import Sandbox

NOW = datetime(2026, 11, 18, 3, 30, tzinfo=UTC)
"""A Wednesday, 10:30 in Ho Chi Minh City, 04:30 in Berlin."""
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Never used on the loopback; the one that httpx makes by itself takes longer to make than a test to run."""


def jira_client(sandbox: Sandbox) -> httpx.Client:
    variables = sandbox.variables()
    credentials = (variables["JIRA_EMAIL"], variables["JIRA_API_TOKEN"])
    return httpx.Client(base_url=f"{sandbox.url('jira')}/rest/api/3", auth=credentials, verify=_NO_TLS)


def zendesk_client(sandbox: Sandbox) -> httpx.Client:
    variables = sandbox.variables()
    credentials = (f"{variables['ZENDESK_EMAIL']}/token", variables["ZENDESK_API_TOKEN"])
    return httpx.Client(base_url=f"{sandbox.url('zendesk')}/api/v2", auth=credentials, verify=_NO_TLS)


def anonymous_client(url: str) -> httpx.Client:
    return httpx.Client(base_url=url, verify=_NO_TLS)
