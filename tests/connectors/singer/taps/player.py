# ruff: noqa: T201 - a tap speaks by printing
"""A tap that does what its script says: `player.py SCRIPT --config FILE [--discover] [--catalog FILE] [--state FILE]`.

The script is {"catalog": what it prints when asked to discover, "steps": what it does when asked to read}. A step is a
text or an object to print as a line, or [deed, argument]. What it was asked is noted beside the script, in
SCRIPT.asked, one object a line.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

SCRIPT = Path(sys.argv[1])
OPTIONS = sys.argv[2:]
FILES = {
    name.strip("-"): Path(OPTIONS[place + 1])
    for place, name in enumerate(OPTIONS)
    if name in ("--config", "--catalog", "--state")
}


def say(step: Any) -> None:
    print(step if isinstance(step, str) else json.dumps(step), flush=True)


def note_what_was_asked() -> None:
    asked = {name: json.loads(path.read_text()) for name, path in FILES.items()}
    asked["paths"] = [str(path) for path in FILES.values()]
    asked["modes"] = [oct(path.stat().st_mode)[-3:] for path in FILES.values()]
    asked["folder"] = str(Path.cwd())
    asked["process"] = os.getpid()
    asked["environment"] = dict(os.environ)
    with Path(f"{SCRIPT}.asked").open("a") as notes:
        notes.write(json.dumps(asked) + "\n")


def repeat(what: dict[str, Any]) -> None:
    for number in range(what["times"]):
        print(json.dumps(what["line"]).replace('"#"', str(number)))


def bear(note: str) -> None:
    """Start a program that would outlive this one, and note which."""
    helper = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    Path(note).write_text(str(helper.pid))


def renew(changes: dict[str, Any]) -> None:
    """Change the config, as taps do whose tokens are renewed."""
    FILES["config"].write_text(json.dumps(json.loads(FILES["config"].read_text()) | changes))


DEEDS: dict[str, Callable[[Any], object]] = {
    "complain": lambda text: print(text, file=sys.stderr, flush=True),
    "chatter": lambda times: print("noise\n" * times, file=sys.stderr, flush=True),
    "cut": lambda text: print(text, end="", flush=True),
    "repeat": repeat,
    "exit": sys.exit,
    "kill": lambda number: os.kill(os.getpid(), number),
    "hang": lambda _: signal.pause(),
    "ignore": lambda number: signal.signal(number, signal.SIG_IGN),
    "close": os.close,
    "bear": bear,
    "renew": renew,
}


def main() -> None:
    note_what_was_asked()
    script = json.loads(SCRIPT.read_text())
    if "--discover" in OPTIONS:
        say(script["catalog"])
        return
    for step in script["steps"]:
        if isinstance(step, list):
            DEEDS[step[0]](step[1])
        else:
            say(step)


if __name__ == "__main__":
    main()
