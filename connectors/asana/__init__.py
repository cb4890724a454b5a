"""Asana: tasks, projects, portfolios and goals, with their custom fields.

Every stream is read whole, every time, because nothing less is sound. That a task was moved to another project need not
show in `modified_at`, the time that `modified_since` goes by; that it was taken out of a project, or deleted, shows
nowhere. The events of a project are delivered at most once and kept for a day, so a nightly sync would find its place
in them forgotten. And a census of ids, in pages of at most 100, takes as many requests as reading everything.

`settings` is what a project says; `streams` declares the streams, `fields` and `custom_fields` say how values are read;
`objects` asks for objects and lists, `account` finds what the settings name, `tasks` reads the tasks of projects.
"""

from connectors.asana.connector import Asana

__all__ = ["Asana"]
