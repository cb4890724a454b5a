"""After a night in Dagster, however it ended, the chat is told what is new: by the sensor, once."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field

import dagster as dg
import pytest

from okr_sync.orchestration import failing
from tests.loopback import Answer, Loopback, loopback
from tests.orchestration.dagster_project import MAIN, SALES, DagsterProject

DESTINATIONS = 'destinations: {team: {url: "${TEAM_URL}", alerts: true, report: weekly}}\n'


@dataclass
class Watched:
    """A project with its chat; `look` evaluates the sensor as the daemon does, with the cursor it left."""

    project: DagsterProject
    chat: Loopback
    cursor: str | None = None
    seen: list[str] = field(default_factory=list)

    def night(self) -> bool:
        result = self.job("nightly").execute_in_process(
            instance=self.project.instance, partition_key=str(self.project.today()), raise_on_error=False
        )
        return result.success

    def job(self, name: str) -> dg.JobDefinition:
        return self.project.definitions().resolve_job_def(name)

    def look(self) -> list[dict[str, str]]:
        """The messages that this look brought."""
        before = len(self.chat.asked)
        sensor = self.project.definitions().resolve_sensor_def("alerts")
        with dg.build_sensor_context(self.project.instance, self.cursor, sensor_name=sensor.name) as context:
            tick = sensor.evaluate_tick(context)
        assert not tick.run_requests
        self.cursor = tick.cursor
        self.seen.append(tick.skip_message or "")
        return [json.loads(one.body) for one in self.chat.asked[before:]]

    def dead_run(self, tags: dict[str, str] | None = None) -> dg.DagsterRun:
        """A run that never came to its first step."""
        return self.project.instance.create_run_for_job(self.job("nightly"), tags=tags)


@pytest.fixture
def watched(project: DagsterProject, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    with loopback() as chat:
        monkeypatch.setenv("TEAM_URL", chat.url.replace("http://", "json://") + "/s3cret-token")
        project.write("okr-sync.yaml", MAIN + DESTINATIONS)
        yield Watched(project, chat)


def test_a_failed_night_is_told_once(watched: Watched) -> None:
    """The source and what rests on it, though the run fails; a second look tells nothing, nor one without a memory."""
    assert watched.look() == []
    watched.night()
    assert [one["title"].partition(",")[0] for one in watched.look()] == ["OKR alerts begin here"]
    (watched.project.folder / "orders.csv").unlink()
    assert not watched.night()
    (told,) = watched.look()
    assert told["title"].endswith(": 1 new problem")
    assert "Source shop could not be read" in told["message"]
    assert "2 key results keep their last trusted values: revenue, contacts" in told["message"]
    assert "The run broke off" not in told["message"]
    assert watched.look() == []
    watched.cursor = None
    assert watched.look() == []
    watched.project.write("orders.csv", "id,amount\n1,10\n2,30\n")
    watched.night()
    (told,) = watched.look()
    assert "• Read in full again: shop.orders" in told["message"]


def test_a_run_whose_process_died_is_told(watched: Watched) -> None:
    """By what Dagster says of it, without secrets; over when a run comes to its end."""
    watched.night()
    watched.look()
    why = f"the worker that had {os.environ['TEAM_URL']} was killed"
    watched.project.instance.report_run_failed(watched.dead_run(), why)
    (told,) = watched.look()
    assert "• The run broke off: Dagster run " in told["message"]
    assert "the worker that had *** was killed" in told["message"]
    assert watched.look() == []
    watched.night()
    (told,) = watched.look()
    assert "• A run came to its end" in told["message"]


def test_a_run_that_was_stopped_is_told(watched: Watched) -> None:
    """Nobody else would say that nothing was computed."""
    watched.night()
    watched.look()
    watched.project.instance.report_run_canceled(watched.dead_run())
    (told,) = watched.look()
    assert told["message"].splitlines()[1].endswith("it was stopped")


def test_a_step_that_breaks_off_is_named(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store is gone in the middle of the night: the step's error, and that nothing is remembered of it."""
    monkeypatch.setattr(failing, "RETRY_SECONDS", 0)
    watched.night()
    watched.look()
    store = watched.project.folder / ".okr-sync" / "store.db"
    store.rename(store.with_name("away"))
    store.mkdir()
    assert not watched.night()
    (told,) = watched.look()
    assert "• Nothing was computed: the store sqlite:///.okr-sync/store.db cannot be used" in told["message"]
    assert "• The run broke off: Dagster run " in told["message"]
    assert ", step sync_" in told["message"] or ": step sync_" in told["message"]
    assert watched.look() == []


def test_a_run_that_is_tried_again_has_not_ended(watched: Watched) -> None:
    """Dagster says that it will retry it: how that ends is what counts."""
    watched.night()
    watched.look()
    watched.project.instance.report_run_failed(watched.dead_run({"dagster/will_retry": "true"}))
    assert watched.look() == []


def test_a_chat_that_is_down_is_tried_again(watched: Watched) -> None:
    """Not every minute, and not for ever; what it missed is told when it is back."""
    watched.chat.respond = lambda _: Answer(status=503)
    watched.night()
    assert len(watched.look()) == 1
    assert "s3cret" not in watched.seen[-1]
    assert watched.look() == []
    assert "tried again in a while" in watched.seen[-1]
    assert watched.cursor is not None
    watched.cursor = json.dumps(json.loads(watched.cursor) | {"again_at": 0})
    watched.chat.respond = lambda _: Answer({})
    assert len(watched.look()) == 1
    assert watched.look() == []
    assert watched.cursor is not None
    assert json.loads(watched.cursor)["tries"] == 0


def test_a_broken_project_is_told_beside_the_rest_of_the_night(watched: Watched) -> None:
    """The night goes by the files that loaded last, and is judged by them."""
    watched.night()
    watched.look()
    watched.project.write("okrs/sales.yaml", SALES.replace("sum(amount)", "sum(amunt)"))
    (watched.project.folder / "tickets.csv").unlink()
    watched.night()
    (told,) = watched.look()
    assert "• The project's files are broken: okrs/sales.yaml" in told["message"]
    assert "• Source desk was not read in full, desk.tickets" in told["message"]


def test_nights_that_do_not_come(watched: Watched) -> None:
    """Told once, while the daemon runs and no run ends."""
    watched.night()
    watched.look()
    watched.project.write("okr-sync.yaml", MAIN + DESTINATIONS + "alerts: {stale_after: 0.001s}\n")
    (told,) = watched.look()
    assert "• No run has ended for too long" in told["message"]
    assert watched.look() == []


def test_the_weekly_report_is_a_job_of_its_own(watched: Watched) -> None:
    """On the project's clock; sent once, whoever runs it again."""
    watched.night()
    schedule = watched.project.definitions().resolve_schedule_def("weekly_report_schedule")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 8 * * 1", "Asia/Ho_Chi_Minh")
    for _ in range(2):
        assert watched.job("weekly_report").execute_in_process(instance=watched.project.instance).success
    (told,) = [json.loads(one.body) for one in watched.chat.asked]
    assert told["title"].startswith("OKR report long, week ")
    assert watched.look() != []  # the report's run is no night: this tells of the night before it
    assert watched.look() == []


def test_a_report_schedule_that_is_none(watched: Watched) -> None:
    """Refused with file and line."""
    watched.project.write("okr-sync.yaml", MAIN + DESTINATIONS + "report: {schedule: 0 8 * * mondays}\n")
    with pytest.raises(Exception, match=r"okr-sync\.yaml:\d+: report\.schedule: '0 8 \* \* mondays' is not a schedule"):
        watched.project.definitions()


def test_without_destinations_there_is_nothing_of_it(project: DagsterProject) -> None:
    """No sensor, no second job, no second schedule."""
    names = project.definitions().get_repository_def()
    assert "alerts" not in [one.name for one in names.sensor_defs]
    assert "weekly_report" not in names.job_names
    assert [one.name for one in names.schedule_defs] == ["nightly_schedule"]
