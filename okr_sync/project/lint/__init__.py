"""Advice about a project that is right and yet likely not what its authors mean: the OKR method as rules. Offline.

`table` lists the rules; `rule` is what a row is made of; `advise` runs them, leaves out what is silenced and says the
rest in the reader's language.
"""

from okr_sync.project.lint.advise import Advice, lint
from okr_sync.project.lint.rule import Facts, Key, Past, key_of
from okr_sync.project.lint.table import RULES

__all__ = ["RULES", "Advice", "Facts", "Key", "Past", "key_of", "lint"]
