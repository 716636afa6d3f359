"""Records of a training while it runs: CSV, TensorBoard, and a picture that is drawn again."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..extras import check_drawable, extra
from ..files import atomic_write, check_writable
from .trainer import Progress

Record = Callable[[Sequence[Progress]], None]
"""Is told of all evaluations so far, after each of them."""

WINDOW = "window"

_SERIES = (("relaxed", "#4477aa"), ("hard", "#228833"))
_LOSS = "#888888"


def csv_record(path: Path) -> Record:
    """A table with a row for each evaluation; of a training that goes on, all of them."""
    check_writable(path)
    names = [field.name for field in fields(Progress)]

    def record(history: Sequence[Progress]) -> None:
        with atomic_write(path) as temporary, temporary.open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([*names, "gap"])
            writer.writerows(
                [*(getattr(each, name) for name in names), each.gap] for each in history
            )

    return record


def tensorboard_record(folder: Path, begun: int) -> Record:
    """Events for TensorBoard.

    Args:
        begun: step with which the training goes on; later events in the folder are void.
    """
    extra("tensorboard", "tensorboard")
    writer: Any = extra("torch.utils.tensorboard", "tensorboard").SummaryWriter(
        str(folder), purge_step=begun
    )

    def record(history: Sequence[Progress]) -> None:
        last = history[-1]
        writer.add_scalar("loss", last.loss, last.step)
        writer.add_scalar("accuracy/relaxed", last.relaxed, last.step)
        writer.add_scalar("accuracy/hard", last.hard, last.step)
        writer.add_scalar("accuracy/gap", last.gap, last.step)
        writer.flush()

    return record


def picture_record(where: str, title: str) -> Record:
    """A picture of loss and accuracies, drawn again after each evaluation.

    Args:
        where: a ``.png`` or ``.svg`` file, or ``window``.

    Raises:
        UsageError: pictures have other endings, or there is no screen.
    """
    if where == WINDOW:
        return _window(title)
    path = Path(where)
    check_drawable(path)
    check_writable(path)

    def record(history: Sequence[Progress]) -> None:
        figure = extra("matplotlib.figure", "plot").Figure(figsize=(7, 4.5), layout="constrained")
        _draw(figure, history, title)
        with atomic_write(path) as temporary:
            figure.savefig(temporary, dpi=150)

    return record


def _window(title: str) -> Record:
    pyplot: Any = extra("matplotlib.pyplot", "plot")
    if not getattr(pyplot.get_backend(), "lower", str)().endswith(("tkagg", "qtagg", "macosx")):
        raise UsageError(
            "there is no screen for a window, or no toolkit that opens one",
            where="--plot",
            hint="--plot FILE.png is drawn again after every evaluation",
        )
    pyplot.ion()
    figure = pyplot.figure(figsize=(7, 4.5), layout="constrained")

    def record(history: Sequence[Progress]) -> None:
        figure.clear()
        _draw(figure, history, title)
        pyplot.pause(0.001)

    return record


def _draw(figure: Any, history: Sequence[Progress], title: str) -> None:
    axes = figure.subplots()
    steps = [each.step for each in history]
    for name, colour in _SERIES:
        values = [100 * getattr(each, name) for each in history]
        axes.plot(steps, values, "o-", ms=3, color=colour, label=f"{name} {values[-1]:.2f} %")
    axes.fill_between(
        steps, [100 * each.hard for each in history], [100 * each.relaxed for each in history],
        color=_SERIES[0][1], alpha=0.15, label=f"gap {100 * history[-1].gap:.2f}",
    )  # fmt: skip
    axes.set_xlabel(f"step, of {history[-1].steps:,}")
    axes.set_ylabel("accuracy on rows not learnt from, %")
    axes.grid(alpha=0.3)
    losses = axes.twinx()
    losses.plot(steps, [each.loss for each in history], "--", color=_LOSS, label="loss")
    losses.set_ylabel("loss")
    lines = [*axes.get_legend_handles_labels(), *losses.get_legend_handles_labels()]
    axes.legend(lines[0] + lines[2], lines[1] + lines[3], loc="center right")
    axes.set_title(title, fontsize=10)
