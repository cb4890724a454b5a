"""Closing a cycle: what is stored for its last day is signed, and from then on nothing of it is written any more.

Nothing is computed here: what was not computed for the last day is refused, and the message says how to do it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC

from pydantic import JsonValue

from okr_sync import __version__
from okr_sync.errors import OkrSyncError, nearest
from okr_sync.project.cycle import Cycle, end_of
from okr_sync.snapshot import Header, canonical, present_key_results, snapshot
from okr_sync.store import ClosedCycleError, Closing, RecordedObservation, Store
from okr_sync.workspace import Workspace

KEY_VARIABLE = "OKR_SYNC_SIGNING_KEY"
_ATTEMPTS = 5
"""How often the store is read anew where a run writes meanwhile."""


class CloseError(OkrSyncError):
    """The cycle cannot be closed as it is; nothing was written."""


@dataclass(frozen=True, slots=True)
class Closer:
    """Who closes a cycle, the key to sign with, and the key results that are taken although they are not final."""

    name: str
    key: str | None = None
    accept: tuple[str, ...] = ()


def close(workspace: Workspace, store: Store, name: str, closer: Closer) -> Closing:
    """Sign what is stored for the last day of the cycle called `name`, and keep it.

    Raises:
        CloseError: the cycle is not over, or a key result was not computed for its last day after that was over.
        ClosedCycleError: it is closed already; the first closing stays.
    """
    cycle = _cycle(store, name)
    closed = store.closing(name)
    if closed is not None:
        raise ClosedCycleError.of(closed)
    now = workspace.clock()
    zone = workspace.project.zone
    if now < end_of(cycle.end, zone):
        raise CloseError(
            f"cycle {name} is not over: its last day is {cycle.end}, today is {now.astimezone(zone).date()}"
        )
    for _ in range(_ATTEMPTS):
        seen = store.mark()
        closing = _signed(workspace, store, cycle, closer)
        if store.close_cycle(closing, seen):
            return closing
    raise CloseError(f"cycle {name} was written again and again while it was read; close it when no run is going on")


def _signed(workspace: Workspace, store: Store, cycle: Cycle, closer: Closer) -> Closing:
    now = workspace.clock()
    accepted = _accepted(workspace, store, cycle, closer.accept)
    header = Header(now.astimezone(UTC).isoformat(), closer.name, __version__, accepted)
    text = canonical(snapshot(store, cycle, header))
    return Closing(
        cycle=cycle.name,
        closed_at=now,
        closed_by=closer.name,
        snapshot=text,
        digest=digest_of(text),
        signature=None if closer.key is None else signature_of(text, closer.key),
    )


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether the store still says what was signed; each difference names what it is about."""

    closing: Closing
    differences: tuple[str, ...]
    is_signature_checked: bool


def verify(store: Store, name: str, key: str | None) -> Verification:
    """Compare what was signed with itself, with its signature, and with what the store says now.

    Raises:
        CloseError: the cycle was not closed.
    """
    cycle = _cycle(store, name)
    closing = store.closing(name)
    if closing is None:
        raise CloseError(f"cycle {name} is not closed; close it with okr-sync close {name}")
    differences = list(_broken_seal(closing, key))
    if not differences or differences[0].startswith("signature"):
        signed = json.loads(closing.snapshot)
        header = Header(
            closing.closed_at.astimezone(UTC).isoformat(),
            closing.closed_by,
            signed["version"],
            tuple(signed["accepted"]),
        )
        now = json.loads(canonical(snapshot(store, cycle, header)))
        differences += _differences(signed, now, "")
    return Verification(closing, tuple(differences), closing.signature is not None and key is not None)


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def signature_of(text: str, key: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def _cycle(store: Store, name: str) -> Cycle:
    known = {one.name: one for one in store.cycles()}
    if name not in known:
        raise OkrSyncError(f"nothing is stored of a cycle {name!r}{nearest(name, known)}")
    return known[name]


def _accepted(workspace: Workspace, store: Store, cycle: Cycle, accept: Collection[str]) -> tuple[str, ...]:
    """The key results in `accept` that are not final; each other one must be.

    Raises:
        CloseError: it is not.
        OkrSyncError: `accept` names none of the cycle.
    """
    known = [one.id for one in present_key_results(store.objectives(cycle.name))]
    for one in accept:
        if one not in known:
            raise OkrSyncError(f"there is no key result {one!r} in {cycle.name}{nearest(one, known)}")
    is_over = end_of(cycle.end, workspace.project.zone)
    has_run = store.has_run(cycle.end, is_over)
    observations = store.observations_at(cycle.name, cycle.end)

    def is_final(found: RecordedObservation | None) -> bool:
        if found is None or found.as_of != cycle.end:
            return False
        return has_run or found.recorded_at >= is_over  # what a later run found unchanged is not recorded again

    open_ = [one for one in known if not is_final(observations.get(one))]
    refused = [one for one in open_ if one not in accept]
    if refused:
        options = " ".join(f"--accept {one}" for one in refused)
        raise CloseError(
            f"cycle {cycle.name}: not computed for its last day after that was over: {', '.join(refused)}; run"
            f" okr-sync run --as-of {cycle.end}, or take what is stored with {options}"
        )
    return tuple(open_)


def _broken_seal(closing: Closing, key: str | None) -> Iterator[str]:
    digest = digest_of(closing.snapshot)
    if digest != closing.digest:
        yield f"the signed snapshot itself: its SHA-256 is {digest}, stored as {closing.digest}"
    if closing.signature is None:
        return
    if key is None:
        yield f"signature: cannot be checked; set {KEY_VARIABLE} to the key it was made with"
    elif not hmac.compare_digest(closing.signature, signature_of(closing.snapshot, key)):
        yield f"signature: was not made of this snapshot with the key in {KEY_VARIABLE}"


def _differences(signed: JsonValue, now: JsonValue, path: str) -> Iterator[str]:
    """Each place where the two differ; entries of lists go by their id or name."""
    if isinstance(signed, dict) and isinstance(now, dict):
        for name in [*signed, *(one for one in now if one not in signed)]:
            yield from _differences(signed.get(name), now.get(name), f"{path}.{name}" if path else name)
    elif isinstance(signed, list) and isinstance(now, list) and _are_named(signed) and _are_named(now):
        yield from _differences(_by_name(signed), _by_name(now), path)
    elif signed != now:
        yield f"{path}: signed {_shown(signed)}, stored {_shown(now)}"


def _are_named(entries: list[JsonValue]) -> bool:
    return all(isinstance(one, dict) and ("id" in one or "name" in one) for one in entries)


def _by_name(entries: list[JsonValue]) -> JsonValue:
    return {str(one.get("id") or one.get("name")): one for one in entries if isinstance(one, dict)}


def _shown(value: JsonValue) -> str:
    if value is None:
        return "nothing"
    text = canonical(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
