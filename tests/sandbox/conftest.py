"""A small agency, its sandbox, and clients of its two systems."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from okr_sync.sandbox import Agency, Sandbox
from tests.sandbox.clients import NOW, jira_client, zendesk_client


@pytest.fixture
def agency() -> Agency:
    return Agency.grow(seed=3, now=NOW, issue_count=250, ticket_count=120)


@pytest.fixture
def sandbox(agency: Agency) -> Iterator[Sandbox]:
    with Sandbox(agency) as sandbox:
        yield sandbox


@pytest.fixture
def jira(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with jira_client(sandbox) as client:
        yield client


@pytest.fixture
def zendesk(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with zendesk_client(sandbox) as client:
        yield client
