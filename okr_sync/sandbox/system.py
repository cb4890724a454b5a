"""What every stand-in for a vendor's system has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from starlette.routing import BaseRoute

from okr_sync.sandbox.agency import Agency


class System(ABC):
    """One account of one vendor at `url`, showing what `agency` has.

    To make one is cheap: most sandboxes hold systems that nobody asks anything. Methods that answer requests are named
    after what they answer with.
    """

    vendor: ClassVar[str]
    """The vendor's name for people."""

    def __init__(self, agency: Agency, url: str) -> None:
        self.agency = agency
        self.url = url

    @abstractmethod
    def routes(self) -> Sequence[BaseRoute]:
        """The vendor's own paths."""

    @abstractmethod
    def variables(self) -> dict[str, str]:
        """The environment variables that a project's `${NAME}` stand for: where the account is, how to sign in."""
