"""A stand-in for Salesforce."""

from okr_sync.sandbox.systems.salesforce.org import Salesforce

SYSTEM = Salesforce
