"""The order in which metrics that are made of metrics can be computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter


def sort_by_inputs(inputs: Mapping[str, Iterable[str]]) -> tuple[list[str], list[list[str]]]:
    """The names with inputs first, and the loops found: `[a, b, a]` where a is made of b and b of a.

    The names of a loop are left out of the order; what is made of them comes as if they needed nothing.
    """
    remaining = {name: [other for other in others if other in inputs] for name, others in inputs.items()}
    loops: list[list[str]] = []
    while True:
        try:
            order = list(TopologicalSorter(remaining).static_order())
        except CycleError as error:
            loop = error.args[1][::-1]
            loops.append(loop)
            remaining.update({name: [] for name in loop})
        else:
            looped = {name for loop in loops for name in loop}
            return [name for name in order if name not in looped], loops
