"""Why a number is what it is: the formula with the numbers in it, the records that counted, and those left out.

`explanation` puts it together for a key result; `numbers` writes formulas and progress with their numbers, `words` says
why a record did not count.
"""

from okr_sync.explaining.explanation import Explanation, Wanted, explain
from okr_sync.explaining.numbers import figures_in_numbers, formula_in_numbers, progress_in_numbers
from okr_sync.explaining.words import group_in_words, reason_in_words

__all__ = [
    "Explanation",
    "Wanted",
    "explain",
    "figures_in_numbers",
    "formula_in_numbers",
    "group_in_words",
    "progress_in_numbers",
    "reason_in_words",
]
