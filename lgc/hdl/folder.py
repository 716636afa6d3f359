"""Folder: a project written whole or not at all, over nothing but an older project."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors import InputError, UsageError
from ..guards import is_dict

REPORT = "report.json"
MARK = "lgc hardware project"


def check_folder(folder: Path, force: bool) -> None:
    """Find out before the work whether a project can be written.

    Raises:
        UsageError: the folder is not empty and ``force`` is not given, or it is no project.
        InputError: it cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError("is a file, a folder is needed", where=str(folder))
    if not folder.parent.is_dir():
        raise InputError(f"the folder {folder.parent} does not exist", where=str(folder))
    if not os.access(folder.parent, os.W_OK):
        raise InputError("cannot be written: permission denied", where=str(folder))
    if not folder.is_dir() or not _holds(folder):
        return
    if not force:
        raise UsageError(
            "the folder is not empty",
            where=str(folder),
            hint="--force replaces an older project, another folder leaves it",
        )
    if not _is_project(folder):
        raise UsageError(
            "the folder is not empty and no project of lgc",
            where=str(folder),
            hint="--force replaces nothing else; choose another folder",
        )


def _holds(folder: Path) -> bool:
    try:
        return any(folder.iterdir())
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(folder)) from None


def _is_project(folder: Path) -> bool:
    try:
        read_report(folder)
    except InputError:
        return False
    return True


def read_report(folder: Path) -> dict[str, Any]:
    """What a project says of itself.

    Raises:
        InputError: the folder is no project.
    """
    path = folder / REPORT
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = None
    if not is_dict(found) or found.get("kind") != MARK:
        raise InputError(
            f"there is no {REPORT} of a project of lgc",
            where=str(folder),
            hint="lgc.hdl.generate(model, folder) makes one",
        )
    return found


def write_folder(folder: Path, files: Iterable[tuple[str, str]], force: bool) -> None:
    """Write files by their path in the folder; an older project is replaced.

    Raises:
        UsageError, InputError: see `check_folder`.
    """
    check_folder(folder, force)
    try:
        temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name[:40]}-"))
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=str(folder)) from None
    try:
        whole = temporary / "new"
        for name, text in files:
            file = whole / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
        if folder.exists():
            folder.replace(temporary / "old")
        whole.replace(folder)
    except OSError as error:
        old = temporary / "old"
        if old.is_dir() and not folder.exists():
            old.replace(folder)
        raise InputError(f"cannot be written: {error.strerror}", where=str(folder)) from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
