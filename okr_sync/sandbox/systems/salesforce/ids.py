"""Ids as Salesforce makes them: what it is, a number, and three letters that tell capitals from small letters."""

from __future__ import annotations

from functools import lru_cache

PREFIXES = {
    "Organization": "00D",
    "User": "005",
    "Group": "00G",
    "Account": "001",
    "Opportunity": "006",
    "OpportunityHistory": "008",
    "OpportunityFieldHistory": "017",
    "OpportunityStage": "01J",
    "CaseHistory": "a0H",
    "CaseStatus": "01K",
    "EntityDefinition": "4ie",
    "FieldDefinition": "4fd",
    "Lead": "00Q",
    "Case": "500",
    "CaseMilestone": "555",
    "MilestoneType": "557",
    "Job": "750",
    "Query": "01g",
}
_KINDS = {prefix: kind for kind, prefix in PREFIXES.items()}
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECKS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


@lru_cache(maxsize=1 << 17)
def salesforce_id(kind: str, number: int) -> str:
    """Of 18 characters; in the order of the numbers."""
    digits = ""
    for _ in range(9):
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return with_checks(f"{PREFIXES[kind]}5g0{digits}")


def kind_of(record_id: str) -> str:
    return _KINDS[record_id[:3]]


def with_checks(short: str) -> str:
    """The id of 18 characters of one of 15."""
    return short + "".join(_check(short[start : start + 5]) for start in (0, 5, 10))


def _check(five: str) -> str:
    return _CHECKS[sum(1 << place for place, character in enumerate(five) if character.isupper())]
