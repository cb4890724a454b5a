"""The systems that schedules are played in, each a file: how it is worked in, and what of it the truth knows."""

from tests.simulation.worlds.world import World, make_world

__all__ = ["World", "make_world"]
