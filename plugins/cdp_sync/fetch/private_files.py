"""Files and folders that only their owner may read, where the store has modes: on a file system."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

FILE, FOLDER = 0o600, 0o700


def make_folder(folder: Any, *, root: Any = None) -> None:
    """
    Make a folder, for its owner only.

    :param folder: any path with pathlib's interface.
    :param root: folder around it; it is made like those between, but keeps its mode if it exists: others may use it.
    """
    local = _local(folder)
    if local is None:
        folder.mkdir(parents=True, exist_ok=True)
        return
    around = _local(root) or local.parent
    # Its own parents get the usual mode: mkdir applies one to the last folder only.
    around.mkdir(FOLDER, parents=True, exist_ok=True)
    for level in _below(around, local):
        level.mkdir(FOLDER, exist_ok=True)
        _restrict(level, FOLDER)


def write_file(file: Any, content: bytes) -> None:
    """Write a file in one go, for its owner only. :param file: any path with pathlib's interface."""
    local = _local(file)
    if local is None:
        file.write_bytes(content)
        return
    with os.fdopen(os.open(local, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE), "wb") as opened:
        _restrict(local, FILE)  # it may be there already
        opened.write(content)


def _below(around: Path, folder: Path) -> Iterator[Path]:
    """Yield the folders below another one, down to the last; only the last if it is elsewhere."""
    parents = list(folder.parents)
    between = parents[: parents.index(around)] if around in parents else []
    yield from (*reversed(between), folder)


def _restrict(path: Path, mode: int) -> None:
    with suppress(PermissionError):  # a network share without modes
        path.chmod(mode)


def _local(path: Any) -> Path | None:
    """Return the path on this machine's file system; None if it is on another store."""
    if path is None or isinstance(path, Path):
        return path
    return Path(path.path) if path.protocol == "file" else None
