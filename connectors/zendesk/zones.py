"""Zendesk's names of time zones, such as Hanoi or Eastern Time (US & Canada), as names that everybody knows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from zoneinfo import available_timezones

_REGIONS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Pacific")
_OTHERS = {
    "Abu Dhabi": "Asia/Dubai",
    "Alaska": "America/Anchorage",
    "American Samoa": "Pacific/Pago_Pago",
    "Arizona": "America/Phoenix",
    "Atlantic Time (Canada)": "America/Halifax",
    "Beijing": "Asia/Shanghai",
    "Bern": "Europe/Zurich",
    "Brasilia": "America/Sao_Paulo",
    "Buenos Aires": "America/Argentina/Buenos_Aires",
    "Canberra": "Australia/Sydney",
    "Cape Verde Is.": "Atlantic/Cape_Verde",
    "Central America": "America/Guatemala",
    "Central Time (US & Canada)": "America/Chicago",
    "Chennai": "Asia/Kolkata",
    "Eastern Time (US & Canada)": "America/New_York",
    "Edinburgh": "Europe/London",
    "Ekaterinburg": "Asia/Yekaterinburg",
    "Georgetown": "America/Guyana",
    "Guadalajara": "America/Mexico_City",
    "Hanoi": "Asia/Ho_Chi_Minh",
    "Hawaii": "Pacific/Honolulu",
    "Indiana (East)": "America/Indiana/Indianapolis",
    "Islamabad": "Asia/Karachi",
    "Istanbul": "Europe/Istanbul",
    "Marshall Is.": "Pacific/Majuro",
    "Mountain Time (US & Canada)": "America/Denver",
    "Mumbai": "Asia/Kolkata",
    "New Caledonia": "Pacific/Noumea",
    "New Delhi": "Asia/Kolkata",
    "Newfoundland": "America/St_Johns",
    "Nuku'alofa": "Pacific/Tongatapu",
    "Osaka": "Asia/Tokyo",
    "Pacific Time (US & Canada)": "America/Los_Angeles",
    "Pretoria": "Africa/Johannesburg",
    "Quito": "America/Guayaquil",
    "Samoa": "Pacific/Apia",
    "Sapporo": "Asia/Tokyo",
    "Saskatchewan": "America/Regina",
    "Solomon Is.": "Pacific/Guadalcanal",
    "Sri Jayawardenepura": "Asia/Colombo",
    "St. Petersburg": "Europe/Moscow",
    "UTC": "UTC",
    "Wellington": "Pacific/Auckland",
}
"""Names that are not the city by which the zone is known."""


def zone_of(name: str) -> str | None:
    """The zone that a name of Zendesk's means, by IANA; `None` where that is not certain."""
    return name if name in available_timezones() else _OTHERS.get(name) or _by_city().get(name)


@cache
def _by_city() -> Mapping[str, str]:
    """Zones by their city, where only one has it."""
    zones: dict[str, list[str]] = {}
    for zone in available_timezones():
        region, _, city = zone.partition("/")
        if region in _REGIONS:
            zones.setdefault(city.rpartition("/")[2].replace("_", " "), []).append(zone)
    return {city: found[0] for city, found in zones.items() if len(found) == 1}
