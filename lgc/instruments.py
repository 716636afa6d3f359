"""Instruments: watch a pipeline run, pass by pass, without changing it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from xdsl.dialects.builtin import ModuleOp

from .chain import read_chain
from .dialect import CircuitOp
from .errors import InputError, UnsupportedError
from .files import atomic_write
from .interfaces import LogicPass
from .metrics import depth
from .surgery import arity
from .synthesis.inverters import inverters
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


@dataclass(frozen=True)
class Shape:
    """What a pipeline's table says of a model besides its gates; None where it is not known.

    Attributes:
        depth: gates on the longest path; those of circuits in a row are added up.
        inverters: nets that gates of AND, OR and XOR read complemented; see
            `lgc.synthesis.inverters`.
    """

    depth: int | None = None
    inverters: int | None = None


@dataclass
class Shapes:
    """Measure the model before the first pass and after every one."""

    found: list[Shape] = field(default_factory=list[Shape], init=False)

    def before(self, step: LogicPass, module: ModuleOp) -> None:
        """Measure the input, before the first pass."""
        if not self.found:
            self.found.append(shape(module))

    def after(self, step: LogicPass, module: ModuleOp, seconds: float, changed: bool) -> None:
        """Measure what a pass has changed."""
        self.found.append(shape(module) if changed else self.found[-1])


def shape(module: ModuleOp) -> Shape:
    """Depth and inverters of the circuits of a model; nothing of any other module."""
    try:
        stages = read_chain(module, recurrent=True).stages
    except (InputError, UnsupportedError):
        return Shape()
    nets = [stage.net.data for stage in stages if isinstance(stage, CircuitOp)]
    if len(nets) != len(stages):
        return Shape()
    wide = any(arity(net).max(initial=0) > 2 for net in nets)
    return Shape(sum(map(depth, nets)), None if wide else sum(map(inverters, nets)))
