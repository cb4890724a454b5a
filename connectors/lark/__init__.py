"""Lark and Feishu: tables of a Base as streams, and the cycles, objectives and key results of the OKR module.

`settings` is what a project says, `session` signs in and knows what the vendor's codes mean, `tables` turns the fields
of a table into columns and `cells` reads their values, `okr` and `okr_v2` read the OKR module by its two APIs,
`connector` puts them together.
"""

from connectors.lark.connector import Lark

__all__ = ["Lark"]
