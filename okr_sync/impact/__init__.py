"""What rests on what: the key results that a source, a stream, a field, an option or a metric touches."""

from okr_sync.impact.found import Impact, Resting, impact
from okr_sync.impact.options import LostOption, lost_options
from okr_sync.impact.thing import Kind, Thing, Use
from okr_sync.impact.uses import uses_of

__all__ = ["Impact", "Kind", "LostOption", "Resting", "Thing", "Use", "impact", "lost_options", "uses_of"]
