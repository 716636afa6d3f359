"""Pictures of the sixteen gates: as tables beside half planes, and between 0 and 1."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from lgc.nn.gates import FOUR
from lgc.nn.logics import LOGICS
from lgc.tables import EXPRESSIONS

SHAPES, RARE = "#4477aa", "#cc6677"
TWO = ListedColormap(["#e8eef5", SHAPES])
"""0 and 1."""

AND, XOR = 1, 6
NO_PERCEPTRON = (6, 9)
LEVELS = np.linspace(0, 1, 11)
FINE = 13
"""Points of a side of the unit square."""


def shown(table: int) -> str:
    """A gate as people write it."""
    text = EXPRESSIONS[table]
    if text.startswith("~("):
        return f"¬({shown_plain(text[2:-1])})"
    return shown_plain(text)


def shown_plain(text: str) -> str:
    """An expression with the signs of the field."""
    for ours, theirs in (("&", " ∧ "), ("|", " ∨ "), ("^", " ⊕ "), ("~", "¬")):
        text = text.replace(ours, theirs)
    return text


def values(table: int) -> NDArray[np.int64]:
    """Of a gate, ``[a, b]``."""
    return np.array([table >> (3 - i) & 1 for i in range(4)]).reshape(2, 2)


def perceptron() -> Figure:
    """Half planes over the four points, and all sixteen gates as tables."""
    figure = Figure(figsize=(10, 3.2))
    left, right = figure.subfigures(1, 2, width_ratios=[1, 1.85], wspace=0.04)
    left.suptitle("A perceptron: one side of a line")
    right.suptitle("A gate: any of the sixteen tables")
    _half_planes(left)
    for table, axes in enumerate(right.subplots(2, 8).ravel()):
        _square(axes, values(table).T, cmap=TWO, vmin=0, vmax=1)
        axes.set_xticks([0, 1], ["a=0", "a=1"], fontsize=7)
        axes.set_yticks([0, 1], ["b=0", "b=1"], fontsize=7)
        axes.tick_params(length=0, pad=2)
        axes.label_outer()
        axes.set_title(f"{table}\n{shown(table)}", fontsize=8)
        for (a, b), value in np.ndenumerate(values(table)):
            axes.text(a, b, str(value), ha="center", va="center", fontsize=8,
                      color="white" if value else "#333333")  # fmt: skip
        if table in NO_PERCEPTRON:
            for spine in axes.spines.values():
                spine.set(visible=True, color=RARE, linewidth=2.5)
            axes.title.set(color=RARE, fontweight="bold")
    return figure


def _half_planes(part: Any) -> None:
    """AND with its line; XOR, of whose points no line separates the two kinds."""
    for axes, table, title in zip(
        part.subplots(1, 2), (AND, XOR), ("a + b > 1.5\nis a ∧ b", "no line\nmakes a ⊕ b")
    ):
        axes.set(xlim=(-0.4, 1.4), ylim=(-0.4, 1.4), xlabel="a", aspect="equal")
        axes.set_ylabel("b", rotation=0)
        axes.set_xticks([0, 1])
        axes.set_yticks([0, 1])
        axes.set_title(title, color=RARE if table == XOR else "black")
        if table == AND:
            axes.fill([0.1, 1.4, 1.4], [1.4, 1.4, 0.1], color=SHAPES, alpha=0.2, lw=0)
            axes.plot([0.1, 1.4], [1.4, 0.1], color=SHAPES, lw=1.5)
        for (a, b), value in np.ndenumerate(values(table)):
            axes.plot(a, b, "o", ms=11, mec=SHAPES, mfc=SHAPES if value else "white", mew=1.5)


def relaxed() -> Figure:
    """The sixteen gates of the product logic over the unit square."""
    figure = Figure(figsize=(10, 3.2))
    grid = figure.subplots(2, 8)
    axis = np.linspace(0, 1, FINE)
    x, y = np.meshgrid(axis, axis)
    drawn: Any = None
    for table, axes in enumerate(grid.ravel()):
        a, b, c, d = FOUR[table]
        drawn = _surface(axes, axis, a + b * x + c * y + d * x * y)
        axes.set_title(f"{table}: {shown(table)}\n{_formula(FOUR[table])}", fontsize=8)
    _bar(figure, drawn, grid)
    return figure


def logics() -> Figure:
    """AND and XOR in each real-valued logic."""
    figure = Figure(figsize=(10, 3.7))
    grid = figure.subplots(2, len(LOGICS))
    axis = torch.linspace(0, 1, FINE)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    drawn: Any = None
    for logic, column in zip(LOGICS.values(), grid.T):
        terms = (torch.ones_like(x), *logic.terms(x, y))
        for table, axes in zip((AND, XOR), column):
            made = sum(float(part) * term for part, term in zip(logic.matrix[table], terms))
            drawn = _surface(axes, axis.numpy(), np.asarray(made))
            axes.set_title(f"{logic.name}\n{shown(table)}" if table == AND else shown(table))
    _bar(figure, drawn, grid)
    return figure


def _surface(axes: Any, axis: NDArray[Any], heights: NDArray[Any]) -> Any:
    drawn = axes.contourf(axis, axis, np.clip(heights, 0, 1), LEVELS, cmap="cividis")
    axes.set_aspect("equal")
    axes.set_xticks([0, 1])
    axes.set_yticks([0, 1])
    axes.tick_params(length=2, pad=1, labelsize=7)
    axes.set_xlabel("a", labelpad=-6, fontsize=8)
    axes.set_ylabel("b", labelpad=-2, fontsize=8, rotation=0)
    axes.label_outer()
    return drawn


def _bar(figure: Figure, drawn: Any, grid: Any) -> None:
    figure.colorbar(drawn, ax=grid, ticks=[0, 0.5, 1], shrink=0.8, label="value of the gate")


def _square(axes: Any, heights: NDArray[Any], **options: Any) -> None:
    """Four cells, as polygons."""
    cells = axes.pcolormesh(
        [-0.5, 0.5, 1.5], [-0.5, 0.5, 1.5], heights, ec="white", lw=1, **options
    )
    cells.set_clip_on(False)  # matplotlib names the clip path of a mesh by its address in memory
    axes.set_aspect("equal")
    axes.spines[:].set_visible(False)


def _formula(coefficients: NDArray[Any]) -> str:
    """``a + b - 2ab`` of the coefficients of 1, a, b, ab."""
    text = ""
    for number, name in zip(coefficients.astype(int).tolist(), ("", "a", "b", "ab")):
        if number:
            size = "" if abs(number) == 1 and name else str(abs(number))
            sign = ("+ " if number > 0 else "− ") if text else ("" if number > 0 else "−")
            text += f" {sign}{size}{name}"
    return text.strip() or "0"
