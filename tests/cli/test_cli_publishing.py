"""alert, report and run --alert as a person calls them: what is printed, what is sent, what they end with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.example import DAY, OkrSync, edit
from tests.loopback import Answer, Loopback, loopback

DESTINATIONS = 'destinations:\n  team: {url: "${TEAM_URL}", alerts: true, report: weekly, language: vi}\n'


@pytest.fixture
def chat(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """A chat that the project tells everything, in Vietnamese."""
    with (project / "okr-sync.yaml").open("a", encoding="utf-8") as file:
        file.write(DESTINATIONS)
    with loopback() as server:
        monkeypatch.setenv("TEAM_URL", server.url.replace("http://", "json://") + "/s3cret-token")
        yield server


def titles(chat: Loopback) -> list[str]:
    return [json.loads(one.body)["title"] for one in chat.asked]


def test_report_is_printed_in_either_language(okr_sync: OkrSync, project: Path) -> None:
    """1 of 4 tickets is late: 25 % of a way from 50 % to 0 %, half of it, where 40 % is expected on the 40th day."""
    okr_sync("run", "--project", project, "--as-of", DAY)
    said = okr_sync("report", "--project", project, "--as-of", DAY)
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[:4] == [
        "OKR report spring, week 6 (to 9 Feb 2025)",
        "",
        "5 key results: 3 on track, 1 at risk, 1 no data",
        "spring: day 40 of 100",
    ]
    assert "  🟢 Giảm tỷ lệ trễ: on track; 25 %, goal 50 % → 0 %; progress 50 % of 40 % expected" in lines
    said = okr_sync("report", "--project", project, "--as-of", DAY, "--language", "vi")
    lines = said.out.splitlines()
    assert lines[0] == "Báo cáo OKR spring, tuần 6 (đến 9/2/2025)"
    assert "  🟢 Giảm tỷ lệ trễ: đúng tiến độ; 25 %, mục tiêu 50 % → 0 %; tiến độ 50 %, kế hoạch 40 %" in lines
    assert "  ⚪ Short calls: chưa có dữ liệu; –, mục tiêu 3 → 1 giờ" in lines


def test_report_for_machines(okr_sync: OkrSync, project: Path) -> None:
    """As status --json, with what each was a week before: nothing is stored then, so nothing is known of it."""
    okr_sync("run", "--project", project, "--as-of", DAY)
    okr_sync("check-in", "late", "--confidence", 0, "--by", "An", "--as-of", DAY, "--project", project)
    content = json.loads(okr_sync("report", "--project", project, "--as-of", DAY, "--json").out)
    assert (content["week"], content["since"], content["as_of"]) == ("2025-W06", "2025-02-02", DAY)
    late = content["objectives"][0]["key_results"][0]
    assert (late["id"], late["value"], late["value_before"], late["status_before"]) == ("late", 0.25, None, None)
    assert [one["confidence"] for one in late["check_ins"]] == [0]


def test_report_is_sent_once(okr_sync: OkrSync, project: Path, chat: Loopback) -> None:
    """In the destination's language; --again sends it once more."""
    okr_sync("run", "--project", project, "--as-of", DAY)
    send = ("report", "--send", "--project", project, "--as-of", DAY)
    assert okr_sync(*send).out == "team  report  sent  Báo cáo OKR spring, tuần 6 (đến 9/2/2025)\n"
    assert okr_sync(*send).out == "team  report  already sent\n"
    assert okr_sync(*send, "--again").code == 0
    assert len(chat.asked) == 2


def test_options_of_report(okr_sync: OkrSync, project: Path) -> None:
    """What does not go together is refused."""
    for options in (["--again"], ["--send", "--language", "vi"]):
        assert okr_sync("report", "--project", project, *options).code == 2
    said = okr_sync("report", "--send", "--project", project)
    assert (said.code, said.err.partition(";")[0]) == (2, "no destination is sent the report")


def test_alert_sends_what_is_new(okr_sync: OkrSync, project: Path, chat: Loopback) -> None:
    """Shown first, then sent, then silent; a chat that fails is exit code 10 and told later; no address is shown."""
    okr_sync("run", "--project", project)
    said = okr_sync("alert", "--dry-run", "--project", project)
    assert (said.code, "team  alert  not sent" in said.out, "Hiện không có sự cố nào." in said.out) == (0, True, True)
    assert chat.asked == []
    chat.respond = lambda _: Answer(status=500)
    said = okr_sync("alert", "--project", project)
    assert (said.code, "it is tried again the next time" in said.out) == (10, True)
    assert "s3cret" not in said.out + said.err
    chat.respond = lambda _: Answer({})
    assert okr_sync("alert", "--project", project).code == 0
    assert okr_sync("alert", "--project", project).out == "team  alert  nothing new\n"
    (entry,) = json.loads(okr_sync("alert", "--project", project, "--json").out)
    assert (entry["fate"], entry["title"], entry["error"]) == ("nothing new", None, None)


def test_alert_sends_a_test(okr_sync: OkrSync, project: Path, chat: Loopback) -> None:
    """Everywhere, whatever the state of the project."""
    assert okr_sync("alert", "--test", "--project", project).out == "team  test  sent  okr-sync: tin thử\n"
    assert titles(chat) == ["okr-sync: tin thử"]
    assert okr_sync("alert", "--test", "--dry-run", "--project", project).code == 2


def test_run_tells_what_it_came_to(okr_sync: OkrSync, project: Path, chat: Loopback) -> None:
    """Also where it breaks off: with the same error and exit code as without --alert."""
    assert okr_sync("run", "--alert", "--project", project).code == 0
    edit(project / "okrs" / "help.yaml", "avg(hours)", "avg(hour)")
    said = okr_sync("run", "--alert", "--project", project)
    assert (said.code, "okrs/help.yaml" in said.err) == (3, True)
    edit(project / "okrs" / "help.yaml", "avg(hour)", "avg(hours)")
    (project / "tickets.csv").unlink()
    said = okr_sync("run", "--alert", "--project", project, "--json")
    assert said.code == 4
    assert json.loads(said.out)["syncs"][0]["is_complete"] is False
    assert [one.partition(": ")[2] for one in titles(chat)] == ["", "1 sự cố mới", "1 sự cố mới, 1 đã hết"]


def test_run_with_a_chat_that_is_down(okr_sync: OkrSync, project: Path, chat: Loopback) -> None:
    """What was computed is stored; the exit code says that somebody was not told."""
    chat.respond = lambda _: Answer(status=500)
    said = okr_sync("run", "--alert", "--project", project)
    assert (said.code, "team  alert  failed" in said.err) == (10, True)


def test_doctor_looks_at_addresses(
    okr_sync: OkrSync, project: Path, chat: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without sending anything; one that is not set, or is none, is said without being shown."""
    said = okr_sync("doctor", "--project", project)
    assert (said.code, "JSON: alerts and report" in said.out) == (0, True)
    assert okr_sync("status", "--project", project).code == 0
    monkeypatch.setenv("TEAM_URL", "s3cret")
    said = okr_sync("doctor", "--project", project)
    assert (said.code, "its url is no address" in said.out, "s3cret" in said.out + said.err) == (10, True, False)
    monkeypatch.delenv("TEAM_URL")
    content = json.loads(okr_sync("doctor", "--project", project, "--json").out)
    assert [one["is_healthy"] for one in content["destinations"]] == [False]
    assert okr_sync("run", "--project", project).code == 0
    assert chat.asked == []
