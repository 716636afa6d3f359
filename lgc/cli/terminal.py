"""What the terminal shows: settings of this call, tables on stdout, progress on stderr."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

    from ..reproducer import Reproducer


@dataclass
class Settings:
    """Global options of one call of the command line."""

    quiet: bool = False
    verbose: bool = False
    color: str = "auto"
    reproducer: Reproducer | None = None

    def reset(self) -> None:
        """Forget an earlier call in the same process."""
        self.quiet, self.verbose, self.color, self.reproducer = False, False, "auto", None


settings = Settings()


def console(*, stderr: bool = False) -> Console:
    """A console for tables; colour as the user wants it (and NO_COLOR)."""
    from rich.console import Console

    return Console(
        stderr=stderr,
        force_terminal=True if settings.color == "always" else None,
        no_color=True if settings.color == "never" else None,
        highlight=False,
        soft_wrap=False,
    )


def say(text: str) -> None:
    """A line on stderr, unless ``--quiet``."""
    if not settings.quiet:
        click.echo(text, err=True)


def detail(text: str) -> None:
    """A line on stderr with ``--verbose``."""
    if settings.verbose:
        click.echo(text, err=True)


@contextmanager
def progress(what: str) -> Generator[Callable[[int, int], None] | None]:
    """A bar on stderr for something that takes a while; nothing where stderr is no terminal."""
    shown = console(stderr=True)
    if settings.quiet or not shown.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(
        TextColumn(what), BarColumn(), TimeElapsedColumn(), console=shown, transient=True
    ) as bar:
        task = bar.add_task(what, total=None)

        def update(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield update


@contextmanager
def busy(what: str) -> Generator[None]:
    """The same for something that cannot say how far it is: the bar only moves."""
    with progress(what):
        yield
