"""Why a number is what it is: the formula with the numbers in it, the records that counted, and those left out.

`explanation` puts it together for a key result; `numbers` writes formulas and progress with their numbers.
"""

from okr_sync.explaining.explanation import Explanation, Wanted, explain

__all__ = ["Explanation", "Wanted", "explain"]
