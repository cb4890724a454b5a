"""Files in S3, over real HTTP on the loopback, by the real driver."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from okr_sync.connector import AccessError, IncompleteError, SettingsError, UnavailableError
from tests.connectors.files.conftest import Desk
from tests.connectors.files.s3 import S3, s3_endpoint

s3fs = pytest.importorskip("s3fs", reason="s3fs is not installed: pip install s3fs")


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)  # the driver waits between its tries
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with s3_endpoint() as one:
        yield one


@pytest.fixture
def lake(desk: Desk, s3: S3) -> Desk:
    """The desk, with the keys to that endpoint."""
    return replace(desk, storage={"key": "AKIAKEY", "secret": "hush-hush", "endpoint_url": s3.url})


def test_pattern_over_pages(lake: Desk, s3: S3) -> None:
    """All pages of a listing are read; a folder's own entry, and what does not fit, are left out."""
    names = ["d/", "d/1.csv", "d/2.csv", "d/3.csv", "d/4.csv", "d/notes.txt", "d/old/5.csv", "e/6.csv"]
    s3.objects = {name: f"id\n{name}\n".encode() if name != "d/" else b"" for name in names}
    assert [record["id"] for record in lake.read(path="s3://bucket/d/*.csv")] == names[1:5]
    assert s3.secrets_seen == {"AKIAKEY"}


def test_requests_of_a_read(lake: Desk, s3: S3) -> None:
    """A listing, then for each file its copy and a question whether it is still the same."""
    s3.objects = {"d/1.csv": b"id\n1\n", "d/2.csv": b"id\n2\n"}
    with lake.connector(path="s3://bucket/d/*.csv") as files:
        (stream,) = files.connect()
        assert sum(len(page.records) for page in files.read(stream, None)) == 2
        assert files.request_count == 5
    assert s3.asked == ["LIST d/", "GET d/1.csv", "HEAD d/1.csv", "GET d/2.csv", "HEAD d/2.csv"]


def test_cut_answer_is_no_file(lake: Desk, s3: S3) -> None:
    """An object of which the end does not come is an error, never a smaller file."""
    s3.objects = {"1.csv": b"id\n1\n2\n"}
    s3.missing_bytes = 2
    message = lake.refusal(UnavailableError, path="s3://bucket/1.csv")
    assert message.startswith("source desk: s3://bucket/1.csv: ")


def test_object_that_is_replaced_while_it_is_copied(lake: Desk, s3: S3) -> None:
    """An object of the same size with another ETag is another object."""
    s3.objects = {"1.csv": b"id\n1\n"}
    s3.after_get = lambda: s3.objects.update({"1.csv": b"id\n2\n"})
    message = lake.refusal(IncompleteError, path="s3://bucket/*.csv")
    assert message.startswith("source desk: s3://bucket/1.csv: changed while it was copied")


def test_object_that_vanishes(lake: Desk, s3: S3) -> None:
    """An object that was listed and is gone when it is copied is not left out."""
    s3.objects = {"1.csv": b"id\n1\n", "2.csv": b"id\n2\n"}
    s3.after_get = lambda: s3.objects.pop("2.csv", None)
    message = lake.refusal(UnavailableError, path="s3://bucket/*.csv")
    assert "s3://bucket/2.csv: " in message
    assert "it is not there any more" in message


@pytest.mark.parametrize(
    ("refused", "path"),
    [("d/", "s3://bucket/d/*.csv"), ("d/secret/", "s3://bucket/d/**/*.csv"), ("d/1.csv", "s3://bucket/d/*.csv")],
)
def test_what_may_not_be_read(lake: Desk, s3: S3, refused: str, path: str) -> None:
    """A folder that may not be listed is not an empty one, nor is a file that may not be read left out."""
    s3.objects = {"d/1.csv": b"id\n1\n", "d/secret/2.csv": b"id\n2\n"}
    s3.refused = {refused}
    message = lake.refusal(AccessError, path=path)
    assert "check the credentials under `storage:`" in message
    assert "hush" not in message


@pytest.mark.parametrize("path", ["s3://bucket/*.csv", "s3://bucket/1.csv", "s3://nobody/*.csv", "s3://nobody/1.csv"])
def test_nothing_there_is_an_error(lake: Desk, path: str) -> None:
    """No object, or no bucket, is never a stream without records."""
    assert f"desk.incidents: no file fits '{path}'; check `path:`" in lake.refusal(UnavailableError, path=path)


def test_endpoint_that_does_not_answer(desk: Desk, s3: S3) -> None:
    """A host where nobody listens is an error without the keys."""
    options = {"key": "AKIAKEY", "secret": "hush-hush", "endpoint_url": "http://127.0.0.1:1"}
    message = replace(desk, storage=options).refusal(UnavailableError, path="s3://bucket/*.csv")
    assert "source desk: s3://bucket/*.csv: " in message
    assert not any(secret in message for secret in ("AKIAKEY", "hush-hush"))


def test_option_that_the_driver_does_not_know(desk: Desk, s3: S3) -> None:
    """An option misspelt is an error of the settings."""
    options = {"key": "AKIAKEY", "secret": "hush-hush", "endpoint_url": s3.url, "sekret": "hush-hush"}
    message = replace(desk, storage=options).refusal(SettingsError, path="s3://bucket/*.csv")
    assert "sekret" in message
    assert "hush" not in message


def test_no_credentials(desk: Desk, s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a key anywhere, the message says so."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(desk.folder / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(desk.folder / "none"))
    message = replace(desk, storage={"endpoint_url": s3.url}).refusal(AccessError, path="s3://bucket/*.csv")
    assert "redentials" in message
    assert s3.asked == []
