"""The tap: asked what it has, and run to read it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from connectors.singer.faults import TapFaults
from connectors.singer.process import FailedError, LongLineError, Process, SilentError, environment_with
from connectors.singer.settings import SingerSettings
from connectors.singer.workplace import Workplace, read_json
from okr_sync.connector import SettingsError

log = logging.getLogger(__name__)


class Tap:
    """One tap with its config, from `connect` to `close`. Relative paths count from `folder`."""

    def __init__(self, source: str, settings: SingerSettings, folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        self._workplace = Workplace()
        self._running: set[Process] = set()
        self._given = settings.whole_config()
        if settings.config_file is None:
            self._config = self._workplace.write("config", self._given)
        else:
            self._config = folder / settings.config_file
        self.faults = TapFaults(f"source {source}", self._told)

    def _told(self) -> list[Any]:
        return [self._given, read_json(self._config), self._settings.further_environment]

    def discover(self) -> bytes:
        """What the tap prints of its streams."""
        if not self._config.is_file():
            raise SettingsError(f"{self.faults.where}: there is no file {self._settings.config_file!r} (config_file)")
        with self._run("--discover") as lines:
            return b"\n".join(line for line in lines if line is not None)

    @contextmanager
    def read(self, catalog: Mapping[str, Any], state: Any) -> Iterator[Iterator[bytes | None]]:
        """Run the tap on what `catalog` chooses, and give its lines: see `Process.lines`."""
        files = {"--catalog": self._workplace.write("catalog", catalog)}
        if state is not None:
            files["--state"] = self._workplace.write("state", state)
        try:
            with self._run(*(str(part) for option in files.items() for part in option)) as lines:
                yield lines
        finally:
            for path in files.values():
                path.unlink(missing_ok=True)

    def close(self) -> None:
        for process in tuple(self._running):
            process.stop()
        self._workplace.remove()

    @contextmanager
    def _run(self, *arguments: str) -> Iterator[Iterator[bytes | None]]:
        try:
            command = [*self._settings.tap, "--config", str(self._config), *arguments]
            process = Process(command, self._folder, environment_with(self._settings.further_environment))
        except OSError as error:
            raise self.faults.not_started(error) from error
        self._running.add(process)
        try:
            yield self._lines(process)
        finally:
            process.stop()
            self._running.discard(process)
            self._warn_of_changes()

    def _lines(self, process: Process) -> Iterator[bytes | None]:
        minutes = self._settings.silence_minutes
        try:
            yield from process.lines(minutes * 60)
        except FailedError as error:
            raise self.faults.failed(error.code, process.last_words) from error
        except SilentError as error:
            raise self.faults.silent(minutes, process.last_words) from error
        except LongLineError as error:
            raise self.faults.endless_line() from error

    def _warn_of_changes(self) -> None:
        """Taps write a token that was renewed into their config, and the old one may not be worth anything any more."""
        now = read_json(self._config)
        if self._settings.config_file is not None or not isinstance(now, dict) or now == self._given:
            return
        changed = sorted(name for name in now if now[name] != self._given.get(name))
        log.warning(
            "%s: the tap changed %s in its config, which okr-sync does not keep; write its config into a file of your"
            " own and name it as `config_file:`, or the next run may be refused",
            self.faults.where,
            ", ".join(changed),
        )
