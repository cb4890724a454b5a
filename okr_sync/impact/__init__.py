"""What rests on what: the key results that a source, a stream, a field, an option or a metric touches."""

from okr_sync.impact.found import Impact, Resting, impact
from okr_sync.impact.thing import Kind, Thing, Use
from okr_sync.impact.uses import uses_of

__all__ = ["Impact", "Kind", "Resting", "Thing", "Use", "impact", "uses_of"]
