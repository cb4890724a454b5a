"""Why a number is what it is: the formula with the numbers in it, the records that counted, and those left out.

`explanation` puts it together for a key result; `numbers` writes formulas and progress with their numbers, `words` says
why a record did not count. `difference` says why a key result is another than on an earlier day, `split` how
much each record did to that, by what `causes` finds of single records. `known` says what was known of a day by another.
"""

from okr_sync.explaining.causes import Cause
from okr_sync.explaining.difference import Past, Since, explain_since
from okr_sync.explaining.explanation import Explanation, Wanted, explain
from okr_sync.explaining.known import Known, known
from okr_sync.explaining.numbers import difference_text, figures_in_numbers, formula_in_numbers, progress_in_numbers
from okr_sync.explaining.split import Contribution, Difference, Split
from okr_sync.explaining.words import group_in_words, reason_in_words

__all__ = [
    "Cause",
    "Contribution",
    "Difference",
    "Explanation",
    "Known",
    "Past",
    "Since",
    "Split",
    "Wanted",
    "difference_text",
    "explain",
    "explain_since",
    "figures_in_numbers",
    "formula_in_numbers",
    "group_in_words",
    "known",
    "progress_in_numbers",
    "reason_in_words",
]
