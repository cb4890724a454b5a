# ruff: noqa: T201 - a tap speaks by printing
"""A well-behaved tap over a file of issues, labels and comments, as taps over APIs are written.

It signs in, describes its streams with metadata, reads what the catalog chooses of them, goes on from its bookmark
with >=, and says where it stands after every second record. Config: `token`, `file`, and `crash_after` so many records.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

TIME = {"type": ["null", "string"], "format": "date-time"}
TEXT = {"type": ["null", "string"]}
ISSUES = {
    "id": {"type": "integer"},
    "title": TEXT,
    "points": {"type": ["null", "number"]},
    "user": {"type": ["null", "object"], "properties": {"login": TEXT}},
    "labels": {"type": ["null", "array"], "items": TEXT},
    "created_at": TIME,
    "updated_at": TIME,
    "_sdc_deleted_at": TIME,
}
LABELS = {"name": {"type": "string"}, "color": TEXT}
COMMENTS = {"id": {"type": "integer"}, "issue_id": {"type": "integer"}, "body": TEXT}


def entry(name: str, properties: dict[str, Any], key: str, method: str) -> dict[str, Any]:
    automatic = {key, "updated_at"} if method == "INCREMENTAL" else {key}
    about = {"table-key-properties": [key], "forced-replication-method": method, "inclusion": "available"}
    metadata = [{"breadcrumb": [], "metadata": about}] + [
        {
            "breadcrumb": ["properties", one],
            "metadata": {"inclusion": "automatic" if one in automatic else "available"},
        }
        for one in properties
    ]
    schema = {"type": "object", "properties": properties}
    return {"tap_stream_id": name, "stream": name, "schema": schema, "metadata": metadata}


CATALOG = {
    "streams": [
        entry("issues", ISSUES, "id", "INCREMENTAL"),
        entry("labels", LABELS, "name", "FULL_TABLE"),
        entry("comments", COMMENTS, "id", "FULL_TABLE"),
    ]
}


def say(kind: str, **members: Any) -> None:
    print(json.dumps({"type": kind, **members}), flush=True)


def chosen(one: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    said = {tuple(part["breadcrumb"]): part["metadata"] for part in one["metadata"]}

    def is_wanted(name: str) -> bool:
        about = said.get(("properties", name), {})
        return about.get("inclusion") == "automatic" or bool(about.get("selected"))

    return {name: value for name, value in row.items() if is_wanted(name)}


def read_changes(one: dict[str, Any], rows: list[dict[str, Any]], state: dict[str, Any], crash_after: int) -> None:
    bookmark = state.get("bookmarks", {}).get("issues", {}).get("updated_at", "")
    changed = sorted((row for row in rows if row["updated_at"] >= bookmark), key=lambda row: row["updated_at"])
    say("STATE", value=state)
    for number, row in enumerate(changed, start=1):
        say("RECORD", stream="issues", record=chosen(one, row))
        if number % 2 == 0:
            say("STATE", value={"bookmarks": {"issues": {"updated_at": row["updated_at"]}}})
        if number == crash_after:
            raise RuntimeError("the API answered 500")
    if changed:
        say("STATE", value={"bookmarks": {"issues": {"updated_at": changed[-1]["updated_at"]}}})


def read_all(one: dict[str, Any], rows: list[dict[str, Any]], version: int) -> None:
    for row in rows:
        say("RECORD", stream=one["stream"], record=chosen(one, row), version=version)
    say("ACTIVATE_VERSION", stream=one["stream"], version=version)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--catalog", type=Path)
    parser.add_argument("--state", type=Path)
    parser.add_argument("--discover", action="store_true")
    asked = parser.parse_args()
    config = json.loads(asked.config.read_text())
    if config["token"] != "s3cret/token":
        sys.exit(f"CRITICAL 401 Unauthorized: token {config['token']} is not known")
    if asked.discover:
        print(json.dumps(CATALOG, indent=2))
        return
    state = json.loads(asked.state.read_text()) if asked.state else {}
    data = json.loads(Path(config["file"]).read_text())
    streams = json.loads(asked.catalog.read_text())["streams"]
    selected = [one for one in streams if one["metadata"][0]["metadata"].get("selected")]
    if [one["stream"] for one in selected] == ["comments"]:
        sys.exit("CRITICAL comments cannot be read without issues")
    for one in selected:
        say("SCHEMA", stream=one["stream"], schema=one["schema"], key_properties=CATALOG_KEYS[one["stream"]])
        if one["stream"] == "issues":
            read_changes(one, data["issues"], state, config.get("crash_after", 0))
        else:
            read_all(one, data[one["stream"]], int(time.time() * 1000))


CATALOG_KEYS = {"issues": ["id"], "labels": ["name"], "comments": ["id"]}

if __name__ == "__main__":
    main()
