"""The tap as a program: how it is started, what its failures say, and that nothing of it stays behind."""

from __future__ import annotations

import json
import logging
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import psutil
import pytest

from connectors.singer.settings import SingerSettings
from okr_sync.connector import DataError, SettingsError, SourceError, UnavailableError
from tests.connectors.singer.conftest import Bench, fields, record, schema, state

SHORT = 0.03
"""Minutes: long enough for a program to start, short enough to wait for."""


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A place for temporary files; whatever is left in it after a test was forgotten."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


def failure(bench: Bench, kind: type[SourceError], **settings: Any) -> str:
    """What the error says that a sync of the stream `issues` ends with."""
    with pytest.raises(kind) as caught, bench.connector(**settings) as connector:
        (stream,) = connector.connect()
        list(connector.read(stream, None))
    return str(caught.value)


def has_ended(process: int) -> bool:
    return not psutil.pid_exists(process) or psutil.Process(process).status() == psutil.STATUS_ZOMBIE


def ends(process: int) -> bool:
    """Whether it ends within moments: a signal takes its time."""
    until = monotonic() + 10
    while not has_ended(process) and monotonic() < until:
        pass
    return has_ended(process)


def test_tap_is_told_by_private_files(bench: Bench) -> None:
    """Config, catalog and state are files that only this user may read, and they are gone afterwards."""
    bench.play(schema(), record(1), state({"half": 1}))
    with bench.connector(config={"start_date": "2026-01-01"}, secrets={"token": "abcd", "login.key": "efgh"}) as singer:
        (stream,) = singer.connect()
        (page,) = singer.read(stream, None)
        list(singer.read(stream, page.checkpoint))
    discovery, first, second = bench.asked()
    config = {"start_date": "2026-01-01", "token": "abcd", "login": {"key": "efgh"}}
    assert [one["config"] for one in (discovery, first, second)] == [config] * 3
    assert (discovery["modes"], first["modes"], second["modes"]) == (["600"], ["600"] * 2, ["600"] * 3)
    assert second["state"] == {"half": 1}
    assert {one["folder"] for one in (discovery, first, second)} == {str(bench.folder)}
    assert not any(Path(path).exists() for one in (discovery, first, second) for path in one["paths"])


def test_tap_does_not_see_secrets_of_others(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of our environment a tap gets what any program needs, and what its settings name."""
    monkeypatch.setenv("HUBSPOT_TOKEN", "another source's")
    monkeypatch.setenv("https_proxy", "http://proxy.example")
    bench.play()
    with bench.connector(environment={"TAP_TOKEN": "its-own"}) as connector:
        connector.connect()
    seen = bench.asked()[0]["environment"]
    assert "HUBSPOT_TOKEN" not in seen
    assert (seen["TAP_TOKEN"], seen["https_proxy"], seen["PATH"]) == (
        "its-own",
        "http://proxy.example",
        os.environ["PATH"],
    )


@pytest.mark.parametrize(
    ("tap", "reason"),
    [
        ("no-such-tap", "the tap 'no-such-tap' cannot be started: No such file or directory; install it"),
        ("python my_tap.py", "A program with arguments is written as a list: [python, my_tap.py]"),
        ("./script.json", "the tap './script.json' cannot be started: Permission denied"),
    ],
)
def test_tap_that_cannot_be_started(bench: Bench, tap: str, reason: str) -> None:
    """No shell is asked what a command may mean; the message says how to write one."""
    assert reason in failure(bench, SettingsError, tap=tap)


def test_last_words_without_secrets(bench: Bench) -> None:
    """The error of a crash ends with what the tap said last, in which no text of its config can be read."""
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQ\n-----END KEY-----"
    secrets = {"token": "s3cret/to ken", "key": key, "basic": "lan:pass"}
    lines = [f"line {number}" for number in range(20)]
    told = [
        "GET /issues?access_token=s3cret/to%20ken&again=s3cret%2Fto%20ken",
        "Authorization: Basic bGFuOnBhc3M=",  # base64 of lan:pass
        repr(key),
        "a part: kqhkiG9w0BAQ",
        "401 for agency.example",
    ]
    bench.play(schema(), *(["complain", line] for line in [*lines, *told]), ["exit", 2])
    message = failure(bench, UnavailableError, config={"hosts": [{"name": "agency.example"}]}, secrets=secrets)
    assert message == (
        "source desk: the tap failed with exit code 2; its last words: line 17 | line 18 | line 19"
        " | GET /issues?access_token=***&again=*** | Authorization: Basic *** | '***' | a part: *** | 401 for ***"
    )


def test_discovery_that_is_refused(bench: Bench) -> None:
    """A wrong token shows when the tap is asked for its streams; its own message is told without the token."""
    with pytest.raises(UnavailableError) as caught, bench.tracker({"labels": {}}, token="wr0ng") as singer:
        singer.connect()
    assert "exit code 1; its last words: CRITICAL 401 Unauthorized: token *** is not known" in str(caught.value)


@pytest.mark.parametrize("catalog", ["", "Hello!", "[]", '{"streams": [7]}', '{"streams": {"issues": {}}}', "{}"])
def test_discovery_without_a_catalog(bench: Bench, catalog: str) -> None:
    """What is no catalog is refused, with the way to see it oneself."""
    bench.script.write_text(json.dumps({"catalog": catalog, "steps": []}))
    assert "--discover printed no catalog of streams" in failure(bench, UnavailableError)


def test_tap_that_was_killed(bench: Bench) -> None:
    """A tap that the system ended, as for want of memory, is told with the signal."""
    bench.play(schema(), ["kill", signal.SIGKILL])
    assert "the tap failed with signal SIGKILL; it did not say why" in failure(bench, UnavailableError)


def test_tap_that_hangs_is_ended(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """After so long without a sound the tap is ended, even one that will not; what it gave before is a page."""
    monkeypatch.setattr("connectors.singer.process._GRACE_SECONDS", 0.1)
    bench.play(schema(), record(1), state("one"), ["complain", "waiting"], ["ignore", signal.SIGTERM], ["hang", 0])
    pages = []
    with bench.connector(silence_minutes=SHORT) as singer:
        (stream,) = singer.connect()
        with pytest.raises(UnavailableError) as caught:
            for page in singer.read(stream, None):
                pages.append(page)  # noqa: PERF402 - those before the failure count
    assert str(caught.value) == (
        "source desk: the tap said nothing for 0.03 minutes, so it was ended; its last words: waiting."
        " If it works that slowly, allow more `silence_minutes`"
    )
    assert fields(pages) == [{"id": "1"}]
    assert pages[-1].checkpoint["state"] == "one"
    assert has_ended(bench.asked()[-1]["process"])


def test_tap_that_closes_its_output_and_stays(bench: Bench) -> None:
    """A read is over when the tap has ended, which it must do by itself: its exit code tells whether it was whole."""
    bench.play(schema(), ["close", 1], ["close", 2], ["hang", 0])
    assert "said nothing for 0.03 minutes" in failure(bench, UnavailableError, silence_minutes=SHORT)


@pytest.mark.parametrize("way", ["close the pages", "close the connector"])
def test_tap_and_its_children_end_with_the_read(bench: Bench, way: str) -> None:
    """A read that is given up, as by Ctrl-C, leaves no program behind, not one that the tap started either."""
    note = bench.folder / "child"
    bench.play(schema(), ["bear", str(note)], ["repeat", {"line": record("#"), "times": 3000}], ["hang", 0])
    singer = bench.connector()
    (stream,) = singer.connect()
    pages = singer.read(stream, None)
    assert len(next(pages).records) == 1000
    tap, child = bench.asked()[-1]["process"], int(note.read_text())
    assert not has_ended(tap)
    assert not has_ended(child)
    if way == "close the pages":
        pages.close()  # type: ignore[attr-defined]
    singer.close()
    assert has_ended(tap)
    assert ends(child)


def test_child_that_outlives_its_tap_does_not_hold_the_read_up(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A helper that keeps the pipes open is not waited for once the tap itself has ended, and is ended too."""
    monkeypatch.setattr("connectors.singer.process._TICK_SECONDS", 0.1)
    note = bench.folder / "child"
    bench.play(schema(), ["bear", str(note)], record(1))
    assert fields(bench.read()) == [{"id": "1"}]
    child = int(note.read_text())
    assert ends(child)


def test_silence_is_told_by_a_page(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads gets the word every few seconds, with what there is so far: a run that is to stop can stop."""
    monkeypatch.setattr("connectors.singer.process._TICK_SECONDS", 0.1)
    bench.play(schema(), record(1), ["hang", 0])
    with bench.connector() as singer:
        (stream,) = singer.connect()
        pages = singer.read(stream, None)
        page = next(one for one in pages if one.records)
        assert (fields([page]), list(next(pages).records)) == ([{"id": "1"}], [])
        pages.close()  # type: ignore[attr-defined]
    assert has_ended(bench.asked()[-1]["process"])


def test_chatter_does_not_block_the_tap(bench: Bench) -> None:
    """A tap may log more than a pipe holds, before its records and after them."""
    bench.play(schema(), ["chatter", 100_000], record(1), ["chatter", 100_000])
    assert fields(bench.read()) == [{"id": "1"}]


def test_last_line_needs_no_end(bench: Bench) -> None:
    """A tap that ends well without a last line break has written a whole line all the same."""
    bench.play(schema(), ["cut", json.dumps(record(1))])
    assert fields(bench.read()) == [{"id": "1"}]


def test_line_without_an_end(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line is held in memory, so it has a longest length."""
    monkeypatch.setattr("connectors.singer.process._LONGEST_LINE", 1 << 20)
    bench.play(schema(), ["cut", "x" * (2 << 20)], ["hang", 0])
    assert "the tap wrote a line without an end" in failure(bench, DataError)


def test_renewed_token_is_told(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """A tap that renews its token writes it into its config: it keeps it for this sync, and a warning says what to do.

    Neither the old token nor the new one is in any message.
    """
    bench.play(schema(), ["renew", {"token": "new-s3cret"}], ["complain", "old-s3cret, new-s3cret"], ["exit", 1])
    with caplog.at_level(logging.WARNING):
        message = failure(bench, UnavailableError, secrets={"token": "old-s3cret"})
    assert message.endswith("its last words: ***, ***")
    (warning,) = caplog.messages
    assert warning.startswith("source desk: the tap changed token in its config, which okr-sync does not keep;")


def test_config_file_of_the_projects_own(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """A tap may write to a file of the project's own, where the next sync finds it; its texts are secrets."""
    own = bench.folder / "tap.json"
    own.write_text('{"token": "old-s3cret"}')
    bench.play(schema(), ["renew", {"token": "new-s3cret"}], ["complain", "new-s3cret"], ["exit", 1])
    assert failure(bench, UnavailableError, config_file="tap.json").endswith("its last words: ***")
    assert json.loads(own.read_text()) == {"token": "new-s3cret"}
    assert caplog.messages == []
    own.unlink()
    assert "there is no file 'tap.json' (config_file)" in failure(bench, SettingsError, config_file="tap.json")


def test_secrets_are_not_in_settings_that_are_printed(bench: Bench) -> None:
    """Printing settings shows nothing of config and secrets, for people put secrets into both."""
    with bench.connector(config={"password": "s3cret"}, secrets={"token": "t0ken"}) as singer:
        assert "s3cret" not in repr(singer.settings)
        assert "t0ken" not in repr(singer.settings)


def test_bad_lines_are_quoted_without_secrets(bench: Bench) -> None:
    """A tap that prints its config among its records does not bring it into our messages."""
    bench.play(schema(), "config: {'token': 't0ken'}", record(1))
    with bench.connector(secrets={"token": "t0ken"}) as singer:
        (stream,) = singer.connect()
        (page,) = singer.read(stream, None)
    assert [one.reason for one in page.rejected] == ["it is no JSON: config: {'token': '***'}"]


def test_settings_hash_knows_config_but_no_secret() -> None:
    """Another repository is another stream and read anew; another token, or more patience, is not."""

    def dumped(**settings: Any) -> dict[str, Any]:
        written = {"connector": "singer", "tap": "tap-x", "streams": {"issues": {}}, **settings}
        return SingerSettings.model_validate(written).model_dump(mode="json")

    one = dumped(config={"repository": "a"}, secrets={"token": "1111"})
    assert one != dumped(config={"repository": "b"}, secrets={"token": "1111"})
    assert one == dumped(config={"repository": "a"}, secrets={"token": "2222"}, silence_minutes=5)
