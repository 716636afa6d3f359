"""Instruments: watch a pipeline run, pass by pass, without changing it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from xdsl.dialects.builtin import ModuleOp

from .errors import InputError
from .files import atomic_write
from .interfaces import LogicPass
from .text import print_module

LONGEST_LINE = 400


def shortened(text: str) -> str:
    """IR text with long lines cut: large netlists are one line of hexadecimal each."""
    return "\n".join(
        line
        if len(line) <= LONGEST_LINE
        else f"{line[: LONGEST_LINE // 2]} … ({len(line):,} characters)"
        for line in text.splitlines()
    )


@dataclass(frozen=True)
class PrintIR:
    """Print the IR after passes, large netlists shortened.

    Attributes:
        stream: where to.
        passes: names of the passes to print after; None for all.
    """

    stream: TextIO
    passes: Collection[str] | None = None

    def before(self, step: LogicPass, module: ModuleOp) -> None:
        """Nothing: the IR before a pass is that after the one before."""

    def after(self, step: LogicPass, module: ModuleOp, seconds: float, changed: bool) -> None:
        """Print, or say that nothing changed."""
        if self.passes is not None and step.name not in self.passes:
            return
        what = shortened(print_module(module)) if changed else "// unchanged"
        print(f"// ---- IR after {step.name}\n{what}", file=self.stream)


@dataclass
class DumpDir:
    """Write the IR after every pass to a numbered file, whole: each is valid input of `lgc opt`."""

    folder: Path
    count: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"cannot be made: {error.strerror}", where=str(self.folder)) from None

    def before(self, step: LogicPass, module: ModuleOp) -> None:
        """Write the input, before the first pass."""
        if self.count == 0:
            self._write("input", module)

    def after(self, step: LogicPass, module: ModuleOp, seconds: float, changed: bool) -> None:
        """Write the result of a pass."""
        self._write(step.name, module)

    def _write(self, name: str, module: ModuleOp) -> None:
        with atomic_write(self.folder / f"{self.count:02}-{name}.mlir") as temporary:
            temporary.write_text(print_module(module), encoding="utf-8")
        self.count += 1
