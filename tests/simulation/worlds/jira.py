"""Jira Cloud: issues with their past; a search whose index is late; a census for what is gone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from okr_sync.sandbox.faults import Deed
from okr_sync.sandbox.records import Issue, IssueChanges
from okr_sync.sandbox.systems.jira import faults
from okr_sync.sandbox.systems.jira.search import JiraOptions
from tests.simulation.steps import Act
from tests.simulation.truth import State
from tests.simulation.worlds.world import Columns, World


class JiraWorld(World):
    system = "jira"
    columns = Columns("summary", "points", "status = 'Done'", reads=("summary", "points", "status", "created_at"))
    has_history = True
    can_restore = False
    can_hide = True

    def set_up(self, flavour: int) -> None:
        lag = timedelta(minutes=(0, 1, 4, 9)[flavour % 4])
        self.options = JiraOptions(
            page_cap=3 + flavour % 4, index_lag=lag, is_data_center=self.is_data_center, list_cap=5 + flavour % 7
        )
        self.lag = lag
        self._hidden: dict[str, Issue] = {}

    is_data_center = False

    def stamp(self) -> datetime:
        return self.now.replace(microsecond=self.now.microsecond // 1000 * 1000)

    def settings(self, variables: Mapping[str, str]) -> dict[str, Any]:
        streams = {"issues": {"fields": {"points": "customfield_10016"}}}
        return {**self.case.settings(variables), "streams": streams}

    def vendor_deeds(self) -> dict[str, Deed]:
        return {"repeated": faults.repeated_token(), "empty": faults.endless_pages(), "short": faults.warnings()}

    def create(self, number: int, state: State) -> str:
        return str(self.agency.create_issue("WEB", state.name, **_written(state)).id)

    def change(self, key: str, before: State, after: State) -> None:
        self.agency.edit_issue(self._issue_key(key), **_written(after), summary=after.name)

    def delete(self, key: str) -> None:
        self.agency.delete_issue(self._issue_key(key))

    def special(self, act: Act, living: list[str]) -> bool:
        """An issue moves to another project, or is hidden by a security level and shown again."""
        if act.value % 3 == 0 and self._hidden:
            key = sorted(self._hidden)[act.pick % len(self._hidden)]
            self._show(key)
        elif act.value % 3 == 1 and len(known := sorted({*living} & self.landed_keys)) > 1:
            self._hide(known[act.pick % len(known)])  # one that was never seen would be taken to have always been there
        else:
            key = living[act.pick % len(living)]
            self.agency.move_issue(self._issue_key(key), ("WEB", "SEO")[act.value % 2])
            self._note(key, self.truth.present()[key])
        return True

    def hide_all(self) -> None:
        self._all = {key: self._taken(key) for key in self.truth.present()}

    def show_all(self) -> None:
        for one in self._all.values():
            self._give_back(one)

    def _hide(self, key: str) -> None:
        self._state_of_hidden = {**getattr(self, "_state_of_hidden", {}), key: self.truth.present()[key]}
        self._hidden[key] = self._taken(key)
        self._note(key, None)

    def _show(self, key: str) -> None:
        self._give_back(self._hidden.pop(key))
        self._note(key, self._state_of_hidden[key])

    def _taken(self, key: str) -> Issue:
        issue = self.agency._issues.pop(int(key))
        del self.agency._ids[issue.key]
        self.agency.revision += 1
        return issue

    def _give_back(self, issue: Issue) -> None:
        self.agency._keep(issue)

    def _issue_key(self, key: str) -> str:
        found = self.agency.issue_by_id(int(key))
        assert found is not None
        return found.key


def _written(state: State) -> IssueChanges:
    status, resolution = ("Done", "Done") if state.is_done else ("To Do", None)
    return {"status": status, "resolution": resolution, "story_points": state.amount}


WORLD = JiraWorld
