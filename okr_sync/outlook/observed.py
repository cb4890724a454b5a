"""The forecast of an observation, and what it takes from the observations before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from okr_sync.forecast import Forecast, NoForecast, Outlook
from okr_sync.measure import AsOf, Measured
from okr_sync.outlook.days import last_over
from okr_sync.outlook.kinds import Known, forecast, is_followed
from okr_sync.outlook.past import Past
from okr_sync.progress import Status
from okr_sync.project.key_result import KeyResult
from okr_sync.store import Observation, Store, StoredValue
from okr_sync.workspace import Workspace

_KEPT_BACK = (Status.WITHHELD.value, Status.NO_DATA.value)


@dataclass(frozen=True, slots=True)
class Outlooks:
    """Makes the forecasts of one day."""

    workspace: Workspace
    past: Past
    day: AsOf
    stored: Mapping[str, Sequence[StoredValue]]
    """Of each key result whose past is not followed, what was stored for the days of the cycle."""

    @classmethod
    def of(cls, workspace: Workspace, store: Store, past: Past, day: AsOf, key_results: Iterable[KeyResult]) -> Self:
        """`key_results` are those whose forecasts are to be made."""
        metrics = {one.id: one.metric for one in key_results if one.metric is not None}
        names = [name for name, metric in metrics.items() if not is_followed(metric, workspace.metrics, past)]
        return cls(workspace, past, day, store.values(day.cycle.name, names))

    def beside(self, observation: Observation, key_result: KeyResult, known: Known) -> Observation:
        """The same observation with where its value is heading.

        `known` are values of the metric by day, as far as they are known; today's is one of them.
        """
        found = _excluded(observation, key_result, self.day) or self._forecast(observation, key_result, known)
        one = Outlook.of(found, self.day.cycle.end)
        return replace(
            observation,
            forecast_value=one.value,
            forecast_low=one.low,
            forecast_high=one.high,
            forecast_basis=one.basis,
        )

    def _forecast(self, observation: Observation, key_result: KeyResult, known: Known) -> Forecast | NoForecast:
        metric, metrics = key_result.metric or "", self.workspace.metrics
        if key_result.id in self.stored:
            known = {**_stored_days(observation, self.stored[key_result.id]), **known}
        return forecast(metric, metrics, self.past, known, self.day)


def _excluded(observation: Observation, key_result: KeyResult, day: AsOf) -> NoForecast | None:
    """What is no matter of history: a value that is not published has no forecast either."""
    if key_result.done is not None:
        return NoForecast("a condition has no number that could be forecast")
    if key_result.metric is None:
        return NoForecast("of milestones, and of several goals at once, there is no one number that could be forecast")
    if last_over(day) >= day.cycle.end:
        return NoForecast("the cycle is over")
    if observation.status in _KEPT_BACK:
        return NoForecast(f"the value is not published: {observation.status}")
    return None


def _stored_days(observation: Observation, stored: Iterable[StoredValue]) -> dict[date, Measured]:
    """What was published for earlier days of the cycle, by the present definition."""
    return {
        one.as_of: Measured(one.value, one.record_count)
        for one in stored
        if one.as_of < observation.as_of and one.definition == observation.definition and one.status not in _KEPT_BACK
    }
