"""Every kind of record that the account has."""

from __future__ import annotations

from okr_sync.sandbox.systems.hubspot.sales import COMPANIES, CONTACTS, DEALS, LINE_ITEMS
from okr_sync.sandbox.systems.hubspot.service import FEEDBACK_SUBMISSIONS, LISTINGS, TICKETS

KINDS = (DEALS, CONTACTS, COMPANIES, TICKETS, LINE_ITEMS, FEEDBACK_SUBMISSIONS, LISTINGS)
KIND_OF = {key: kind for kind in KINDS for key in (kind.name, kind.type_id)}
