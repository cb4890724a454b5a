"""What is counted of a project's initiatives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from okr_sync.connector import Stream
from okr_sync.errors import Problem, ProjectError
from okr_sync.formula import CompiledCompletion, compile_completion, compile_filter, unknown_stream
from okr_sync.project.model import Initiative, Objective

CompletionKey = tuple[str | None, str, str]
"""An objective's cycle and id, which may come again in another cycle, and the name of an initiative."""


def compile_completions(
    objectives: Iterable[Objective], streams: Mapping[str, Stream]
) -> dict[CompletionKey, CompiledCompletion]:
    """What is counted of the initiatives. Of one that is named only, what it names must exist all the same."""
    found: dict[CompletionKey, CompiledCompletion] = {}
    problems: list[Problem] = []
    for objective, one in ((each, one) for each in objectives for one in each.initiatives):
        try:
            compiled = _completion(f"{objective.cycle} {objective.id}", one, streams)
        except ProjectError as error:
            problems.extend(error.problems)
            continue
        if (objective.cycle, objective.id, one.name) in found:
            message = f"{objective.id} has an initiative {one.name!r} already; give each its own name"
            problems.append(Problem(str(one.place("name")), "initiatives.name", message))
        if compiled is not None:
            found[objective.cycle, objective.id, one.name] = compiled
    if problems:
        raise ProjectError(problems)
    return found


def _completion(objective: str, one: Initiative, streams: Mapping[str, Stream]) -> CompiledCompletion | None:
    if one.stream is None:
        return None
    if one.stream not in streams:
        place = str(one.place("stream"))
        raise ProjectError([Problem(place, "initiatives.stream", unknown_stream(one.stream, streams))])
    if one.done is not None:
        return compile_completion(f"{objective}: {one.name}", one, streams[one.stream])
    if one.where is not None:
        compile_filter(one.where, one.stream, streams[one.stream], one.place("where"), "initiatives.where")
    return None
