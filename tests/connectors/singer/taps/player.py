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
from pathlib import Path
from typing import Any

SCRIPT = Path(sys.argv[1])


def note_what_was_asked() -> dict[str, str]:
    options = sys.argv[2:]
    files = {one: options[place + 1] for place, one in enumerate(options) if one in ("--config", "--catalog", "--state")}
    asked: dict[str, Any] = {name.strip("-"): json.loads(Path(path).read_text()) for name, path in files.items()}
    asked["modes"] = [oct(Path(path).stat().st_mode)[-3:] for path in files.values()]
    asked["files"] = list(files.values())
    asked["folder"] = os.getcwd()  # noqa: PTH109 - as the system has it
    asked["process"] = os.getpid()
    with Path(f"{SCRIPT}.asked").open("a") as notes:
        notes.write(json.dumps(asked) + "\n")
    return files


def do(deed: str, argument: Any, files: dict[str, str]) -> None:
    match deed:
        case "complain":
            print(argument, file=sys.stderr, flush=True)
        case "cut":
            print(argument, end="", flush=True)
        case "exit":
            sys.exit(argument)
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hang":
            signal.pause()
        case "ignore":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        case "repeat":
            for number in range(argument["times"]):
                print(json.dumps(argument["line"]).replace('"#"', str(number)), flush=number == 0)
        case "chatter":  # more than a pipe holds
            print("noise\n" * argument, file=sys.stderr, flush=True)
        case "bear":
            helper = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
            Path(argument).write_text(str(helper.pid))
        case "renew":
            config = json.loads(Path(files["--config"]).read_text())
            Path(files["--config"]).write_text(json.dumps(config | argument))
        case _:
            raise ValueError(deed)


def main() -> None:
    files = note_what_was_asked()
    script = json.loads(SCRIPT.read_text())
    if "--discover" in sys.argv:
        print(script["catalog"] if isinstance(script["catalog"], str) else json.dumps(script["catalog"], indent=1))
        return
    for step in script["steps"]:
        if isinstance(step, list):
            do(step[0], step[1] if len(step) > 1 else None, files)
        else:
            print(step if isinstance(step, str) else json.dumps(step), flush=True)


if __name__ == "__main__":
    main()
