"""Runs the RUN lines of tests/filecheck/*.mlir: ``lgc opt`` piped into filecheck."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = Path(__file__).resolve().parent.parent / "filecheck"
RUNS = [
    (file.name, line)
    for file in sorted(FOLDER.glob("*.mlir"))
    for line in re.findall(r"^// RUN: (.*)$", file.read_text(), re.MULTILINE)
]


@pytest.mark.parametrize(("name", "line"), RUNS)
def test_run_line(name: str, line: str) -> None:
    pytest.importorskip("filecheck", reason="the package filecheck is not installed")
    command, check = line.replace("%s", shlex.quote(str(FOLDER / name))).split(" | ")
    assert command.startswith("lgc ")
    assert check.startswith("filecheck ")
    made = subprocess.run(
        [sys.executable, "-m", "lgc", *shlex.split(command)[1:]],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert made.returncode == 0, made.stderr
    checked = subprocess.run(
        [sys.executable, "-m", "filecheck", *shlex.split(check)[1:]],
        input=made.stdout,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_there_is_a_text_test_for_every_operation_and_pass() -> None:
    from lgc import registry
    from lgc.dialect import Logic

    text = "".join(file.read_text() for file in FOLDER.glob("*.mlir"))
    for operation in Logic.operations:
        assert operation.name in text, operation.name
    for name in registry.entries("passes"):
        assert name in text, name
