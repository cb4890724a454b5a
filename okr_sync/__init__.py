"""Key results that update themselves, with numbers people can trust."""

from importlib.metadata import version

__version__ = version("okr-sync")
