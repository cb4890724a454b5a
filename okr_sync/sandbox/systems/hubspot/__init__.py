"""A stand-in for HubSpot CRM."""

from okr_sync.sandbox.systems.hubspot.account import HubSpot

SYSTEM = HubSpot
