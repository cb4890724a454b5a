"""Destinations that fail, hang or die, and what is sent when: over real HTTP and SMTP on the loopback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from okr_sync import publishing
from okr_sync.project.destinations import Destination
from okr_sync.publish.delivery import DeliveryError, deliver
from okr_sync.publish.message import Message
from okr_sync.publishing import WELL
from okr_sync.store import Publication
from tests.loopback import Answer, Asked, Loopback, loopback
from tests.publish.mailbox import mailbox
from tests.publish.nights import Nights, at

ROOT = Path(__file__).parents[2]


def to(url: str) -> Destination:
    return Destination(url=SecretStr(url), alerts=True)


def last(nights: Nights, destination: str = "team") -> Publication | None:
    workspace = publishing.open_workspace(nights.folder)
    with publishing.pipeline.open_store(workspace) as store:
        return store.publication(destination, "alert")


def test_what_was_sent_is_written_down(nights: Nights) -> None:
    """The text as it was read, the run before it, and no address."""
    nights.night(10)
    written = last(nights)
    assert written is not None
    assert (written.subject, written.sent_at, written.run_id) == ("2026-11-10", at(10)(), 1)
    assert written.message == f"{nights.messages[0]['title']}\n\n{nights.messages[0]['message']}"
    assert b"s3cret-token" not in b"".join(one.read_bytes() for one in nights.folder.rglob("*") if one.is_file())


def test_a_destination_that_answers_500_is_told_the_next_time(nights: Nights) -> None:
    """Nothing is written down of what did not arrive; the next night it knows of both."""
    nights.night(10)
    nights.chat.respond = lambda _: Answer(status=500)
    orders = nights.lose("orders.csv")
    (delivery,) = nights.night(11)
    assert delivery.fate == "failed"
    assert "error=500" in str(delivery.error)
    nights.chat.respond = lambda _: Answer({})
    assert nights.fates(nights.tell(11)) == {"team": "sent"}
    assert nights.messages[2] == nights.messages[1]
    nights.write("orders.csv", orders)
    nights.night(12)
    assert nights.messages[3]["title"] == "OKR alert of 12 Nov: 1 over"


def test_a_problem_that_was_never_told_does_not_end(nights: Nights) -> None:
    """It came and went while the chat was down: there is nothing to say."""
    nights.night(10)
    nights.chat.respond = lambda _: Answer(status=503)
    orders = nights.lose("orders.csv")
    nights.night(11)
    nights.chat.respond = lambda _: Answer({})
    nights.write("orders.csv", orders)
    assert nights.fates(nights.night(12)) == {"team": "nothing new"}


def test_a_destination_that_fails_stops_no_other(nights: Nights) -> None:
    """Each has its own state; only the one that was not reached is told again."""
    with loopback() as other:
        nights.edit(
            "okr-sync.yaml", "destinations:\n", f'destinations:\n  mail: {{url: "{json(other)}", alerts: true}}\n'
        )
        other.respond = lambda _: Answer(status=500)
        assert nights.fates(nights.night(10)) == {"mail": "failed", "team": "sent"}
        other.respond = lambda _: Answer({})
        assert nights.fates(nights.tell(10)) == {"mail": "sent", "team": "nothing new"}
        assert (len(other.asked), len(nights.chat.asked)) == (2, 1)


def test_a_destination_that_hangs(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given up after the time of its address; whether it took the message nobody knows, so it is sent again."""
    may_answer = threading.Event()

    def late(_: Asked) -> Answer:
        may_answer.wait(60)
        return Answer({})

    monkeypatch.setenv("TEAM_URL", json(nights.chat) + "?rto=0.2")
    nights.chat.respond = late
    assert nights.fates(nights.night(10)) == {"team": "failed"}
    may_answer.set()
    assert nights.fates(nights.tell(10)) == {"team": "sent"}


def test_killed_between_sending_and_writing_down(nights: Nights) -> None:
    """The message may come twice, and is never lost; after that it is known."""
    nights.run(10)

    def kill(_: Asked) -> Answer:
        os.kill(process.pid, signal.SIGKILL)
        return Answer({})

    nights.chat.respond = kill
    script = (
        "from pathlib import Path; from okr_sync import publishing; from tests.publish.nights import at;"
        f"publishing.alert(Path({str(nights.folder)!r}), clock=at(10))"
    )
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT)
    assert process.wait() == -signal.SIGKILL
    nights.chat.respond = lambda _: Answer({})
    assert last(nights) is None
    assert nights.fates(nights.tell(10)) == {"team": "sent"}
    assert nights.messages[0] == nights.messages[1]
    assert nights.fates(nights.tell(10)) == {"team": "nothing new"}


def test_two_schedulers_at_once(nights: Nights) -> None:
    """One sends, the other waits, looks what was told, and has nothing to say."""
    nights.run(10)
    with ThreadPoolExecutor() as pool:
        both = list(pool.map(lambda _: nights.tell(10), range(2)))
    assert sorted(one.fate for (one,) in both) == ["nothing new", "sent"]
    assert len(nights.messages) == 1


def test_a_chat_with_short_messages_gets_several() -> None:
    """A text beyond the service's limit is split between lines, not refused by it: JSON takes 32,768 characters."""
    with loopback() as chat:
        text = "\n".join(f"dòng {number}" for number in range(4000))
        deliver(to(json(chat)), Message("title", text))
        assert len(chat.asked) == 2


def test_mail_in_vietnamese() -> None:
    """Subject and text arrive as they were written, whatever characters they hold."""
    with mailbox() as box:
        text = "• 🔴 Giảm tỷ lệ <trễ> *hạn* & [lỗi]: 12,5 %\n  → xem `docs/runbook.md#withheld`"
        url = f"mailto://127.0.0.1:{box.port}?from=okr@shop.example&to=an@shop.example&mode=insecure"
        deliver(to(url), Message("Cảnh báo OKR ngày 28/11: 1 sự cố mới", text))
        (mail,) = box.mails
    assert mail["Subject"] == "Cảnh báo OKR ngày 28/11: 1 sự cố mới"
    assert "an@shop.example" in mail["To"]
    plain = mail.get_body(("plain",)) or mail
    assert plain.get_content().replace("\r\n", "\n").strip() == text


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("lark://abcdefgh-s3cret", "***"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/s3cretabcdefghijklmnopqr/", ""),
        ("mailto://me:s3cret@mail.invalid?to=an@shop.example", ""),
        ("jsons://me:s3cret@chat.invalid/s3cret", ""),
        ("nonsense://s3cret", "its url is no address that apprise knows"),
        ("s3cret", "its url is no address that apprise knows"),
        ("${CHAT_S3CRET_URL}", "CHAT_S3CRET_URL not set"),
    ],
)
def test_no_error_says_the_address(url: str, message: str, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the error nor any log holds a part of it: apprise's own words would."""
    with pytest.raises(DeliveryError) as failed:
        deliver(to(url), Message("title", "text"))
    assert message in str(failed.value)
    assert "s3cret" not in str(failed.value) + caplog.text
    assert failed.value.__cause__ is None


def json(chat: Loopback) -> str:
    return chat.url.replace("http://", "json://") + "/s3cret-token"


def test_a_test_message_is_forgotten(nights: Nights) -> None:
    """It goes everywhere and changes nothing of what is known."""
    nights.night(10)
    (delivery,) = publishing.send_test(nights.folder)
    assert (delivery.fate, nights.messages[1]["title"]) == ("sent", "okr-sync: a test")
    assert nights.fates(publishing.alert(nights.folder, WELL, clock=at(10))) == {"team": "nothing new"}
