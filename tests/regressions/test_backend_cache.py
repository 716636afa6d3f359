"""Compiling for another machine a second time once said that this machine cannot run the code."""

from __future__ import annotations

from pathlib import Path

from lgc.backends.llvm import Llvm
from tests.backends.corpus import model


def test_a_foreign_entry_of_the_cache_is_not_refused(tmp_path: Path) -> None:
    for name in ("one.lgk", "two.lgk"):
        Llvm().write(model("one gate"), tmp_path / name, {"cpu": "aarch64"})
    assert (tmp_path / "one.lgk").read_bytes() == (tmp_path / "two.lgk").read_bytes()
