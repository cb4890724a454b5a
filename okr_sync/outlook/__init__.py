"""Where each key result is heading: the past of its metric, day by day, and the forecast made from it.

`past` reads the warehouse once for all key results; what cannot be followed there is taken from values that were
computed anyway, for keep goals or on earlier nights (`observed`). `kinds` decides how a metric is forecast, `days`
which days are still to come. For people: docs/forecast.md.
"""

from okr_sync.outlook.observed import Outlooks
from okr_sync.outlook.past import Past, look_back

__all__ = ["Outlooks", "Past", "look_back"]
