"""A new project: small, commented, and running at once on a file that it brings along."""

from __future__ import annotations

from pathlib import Path

from okr_sync.errors import OkrSyncError

TEMPLATE = Path(__file__).with_name("template")


def write_template(folder: Path) -> list[Path]:
    """Write the example project into `folder`, which is made where it does not exist. Returns the files written.

    Raises:
        OkrSyncError: one of the files exists already, and nothing was written; or the folder cannot be written.
    """
    texts = {
        folder / path.relative_to(TEMPLATE): path.read_bytes() for path in sorted(TEMPLATE.rglob("*")) if path.is_file()
    }
    present = [str(path) for path in texts if path.exists()]
    if present:
        raise OkrSyncError(
            f"nothing was written, since {present[0]} exists already; name another folder: okr-sync init DIR"
        )
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text)
    except OSError as error:
        raise OkrSyncError(f"{error.filename} cannot be written: {error.strerror}; name another folder") from error
    return list(texts)
