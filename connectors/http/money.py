"""Amounts in minor units, such as cents: how many of them make one of the currency's own unit."""

from __future__ import annotations

_WITHOUT = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"]
)
_WITH_THREE = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])
"""ISO 4217: currencies without decimals, and with three of them."""


def of_minor_units(amount: float, currency: object) -> float:
    """Raises ValueError where the currency is not known: a hundredfold error is worse than none."""
    if not isinstance(currency, str) or len(currency) != 3:
        raise ValueError(f"an amount in minor units of {currency!r}, which is no currency")
    code = currency.upper()
    if code in _WITHOUT:
        return amount
    return amount / (1000 if code in _WITH_THREE else 100)
