"""Metrics and views as their files say them; formulas are checked by `okr_sync.formula`."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, PrivateAttr, model_validator

from okr_sync.project.each import Only
from okr_sync.project.fields import Day, QuantityField, Span, Unit
from okr_sync.project.located import Located, Silencing
from okr_sync.project.window import WindowField


class Trust(Located):
    """When a value of this metric may be published."""

    max_age: Span | None = Field(default=None, description="How old the last complete sync may be: 36h")
    min_count: int | None = Field(default=None, ge=1, description="How many records the value must rest on")
    max_move: QuantityField | None = Field(
        default=None, description="How far it may move from the last trusted value: 30% of it, or a number in its unit"
    )
    settle: Span | None = Field(
        default=None, description="How long after its end a day may still change quietly, by late data: 2d"
    )

    def or_else(self, usual: Trust) -> Trust:
        """The same, with what it does not write taken from `usual`; what it writes as null has no bound."""
        return usual.model_copy(update={name: getattr(self, name) for name in self.model_fields_set})


class MetricTest(Located):
    """A few rows and the value the formula must give for them."""

    name: str | None = Field(default=None, min_length=1, description="What it shows, for people")
    rows: list[dict[str, Any]] = Field(
        description="Records of the stream, by field; of a metric over metrics one row, the values of its inputs"
    )
    expect: QuantityField | None = Field(description="The value, in the metric's unit or its own; null for no data")
    as_of: Day | None = Field(default=None, description="The day whose end as_of() is; today if left out")


class Metric(Silencing):
    """A named formula over one stream, or over other metrics where `stream` is left out."""

    value: str = Field(min_length=1, description="The formula")
    stream: str | None = Field(default=None, description="The source and its stream: jira.issues")
    where: str | None = Field(default=None, min_length=1, description="Which records count: status = 'Done'")
    time: str | None = Field(default=None, min_length=1, description="The field that places a record in the window")
    window: WindowField | None = None
    unit: Unit | None = Field(
        default=None, description="number, count, points, percent, seconds to weeks, or a currency such as VND"
    )
    description: str = ""
    trust: Trust = Trust()
    tests: list[MetricTest] = Field(default_factory=list)

    _only: Only | None = PrivateAttr(default=None)
    _base: str | None = PrivateAttr(default=None)

    @property
    def only(self) -> Only | None:
        """The records it is restricted to, where a template made it from another metric."""
        return self._only

    @property
    def base(self) -> str | None:
        """The metric that a template made this one from."""
        return self._base

    def restricted(self, base: str, only: Only) -> Metric:
        """The same metric over some of its records. `base` is its name; its tests stay with the metric as written."""
        made = self.model_copy(update={"tests": []})
        made._only, made._base = only, base
        return made

    @model_validator(mode="after")
    def _fits_its_rows(self) -> Self:
        written = [name for name in ("where", "time", "window") if getattr(self, name) is not None]
        if self.stream is None and written:
            raise ValueError(f"{' and '.join(written)} cannot go without stream; a metric over metrics has none")
        if self.window is not None and self.time is None:
            raise ValueError("window needs time: the field that places a record in the window")
        return self


class View(Located):
    """A select over streams, their versions and other views, which then serves as a stream by its plain name."""

    select: str = Field(min_length=1, description="select client, sum(amount) as total from crm.deals group by client")
    key: str | list[str] | None = Field(
        default=None,
        min_length=1,
        description="The field, or fields, that make a row unique; found by itself where it can be",
    )
    description: str = ""

    @property
    def key_fields(self) -> tuple[str, ...]:
        """The declared key; none where it is left out."""
        return (self.key,) if isinstance(self.key, str) else tuple(self.key or ())
