"""Pictures of what was measured: choices, their certainty, accuracies, class sums."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from .gates import shown

SOFT, HARD, GREY, DARK = "#66ccee", "#4477aa", "#bbbbbb", "#222222"
BANDS = ("#4477aa", "#ccbb44", "#228833", "#cc6677")
"""The gates with most probability, in turn."""
DARK_BANDS = (BANDS[0], BANDS[2])
THIN = 0.05
"""A band that has no name, of 1."""

WEIGHTS = {"normal": "normal weights", "residual": "residual weights"}


def neurons(measured: dict[str, Any]) -> Figure:
    """Distributions of three neurons of each network over the epochs, as stacked bands."""
    figure = Figure(figsize=(10, 4.8))
    for line, (init, title) in zip(
        figure.subplots(2, 3, sharex=True, sharey=True), WEIGHTS.items()
    ):
        for axes, neuron in zip(line, measured["runs"][init]["neurons"]):
            _bands(axes, np.array(neuron["chances"]))
            axes.set_title(f"{title}, neuron {neuron['neuron']} of layer {neuron['layer']}")
            axes.label_outer()
        line[0].set_ylabel("probability")
    for axes in figure.axes[3:]:
        axes.set_xlabel("epochs")
    return figure


def _bands(axes: Any, chances: np.ndarray) -> None:
    """One band for each gate that matters, with its name where it ends."""
    order = np.argsort(-chances.mean(0), kind="stable")
    first, rest = order[: len(BANDS)], order[len(BANDS) :]
    epochs = np.arange(len(chances))
    heights = np.stack([*chances[:, first].T, chances[:, rest].sum(1)])
    names = [*map(shown, first.tolist()), "the other 12"]
    colours = [*BANDS, "#dddddd"]
    axes.stackplot(epochs, heights, colors=colours, lw=0)
    axes.set(xlim=(0, epochs[-1]), ylim=(0, 1))
    tops = np.cumsum(heights[:, -1])
    for name, colour, top, height in zip(names, colours, tops, heights[:, -1]):
        if height > THIN:
            axes.text(
                0.97 * epochs[-1], top - height / 2, name, ha="right", va="center",
                color="white" if colour in DARK_BANDS else "black",
            )  # fmt: skip


def choices(measured: dict[str, Any]) -> Figure:
    """Gates that neurons would become, before and after training."""
    figure = Figure(figsize=(10, 4.2))
    places = np.arange(16)
    lines = figure.subplots(2, 1, sharex=True)
    for axes, (init, title) in zip(lines, WEIGHTS.items()):
        run = measured["runs"][init]
        most = 0.0
        for shift, key, colour, label in (
            (-0.2, "before", GREY, "before training"),
            (0.2, "after", HARD, f"after {measured['settings']['epochs']} epochs"),
        ):
            share = 100 * np.array(run[key]) / sum(run[key])
            axes.bar(places + shift, share, 0.4, color=colour, label=label)
            most = max(most, *(each for each in share if each < 99))
        high = 1.35 * most or 1.0
        axes.set_ylim(0, high)
        for place in np.flatnonzero(np.array(run["before"]) == sum(run["before"])):
            axes.annotate(
                "100 %", (place - 0.2, high), xytext=(-12, -10),
                textcoords="offset points", ha="right", va="center",
                arrowprops={"arrowstyle": "->", "color": "black"},
            )  # fmt: skip
        axes.set_title(title)
        axes.set_ylabel("% of gates")
    lines[0].legend(loc="upper right", ncols=2)
    lines[1].set_xticks(
        places, [f"{shown(table)}\n{table}" for table in places.tolist()], fontsize=8
    )
    return figure


def gap(measured: dict[str, Any]) -> Figure:
    """Accuracy of the relaxed and the hard network, epoch by epoch."""
    figure = Figure(figsize=(10, 3.4))
    for axes, (init, title) in zip(figure.subplots(1, 2, sharey=True), WEIGHTS.items()):
        relaxed, hard = 100 * np.array(measured["runs"][init]["history"]).T
        epochs = np.arange(len(relaxed))
        axes.fill_between(epochs, relaxed, hard, color=SOFT, alpha=0.35, lw=0, label="gap")
        axes.plot(epochs, relaxed, "--", color=DARK, lw=1.5, label="relaxed: mixtures of gates")
        axes.plot(epochs, hard, color=HARD, lw=2, label="hard: one gate each")
        axes.set(xlim=(0, epochs[-1]), ylim=(0, 100), xlabel="epochs", title=title)
        axes.grid(alpha=0.3)
        axes.label_outer()
    figure.axes[0].set_ylabel("% of test images right")
    figure.axes[0].legend(loc="lower right")
    return figure


def sums(measured: dict[str, Any]) -> Figure:
    """Two images and their class sums."""
    figure = Figure(figsize=(10, 2.9))
    grid = figure.subplots(1, 4, width_ratios=[1, 2.6, 1, 2.6])
    places = np.arange(10)
    for image, bars, found in zip(grid[::2], grid[1::2], measured["sums"]):
        _image(image, np.reshape(found["image"], (8, 8)))
        image.set_title(f"a {found['label']}")
        colours = [HARD if place == found["label"] else GREY for place in places.tolist()]
        bars.bar(places, found["hard"], color=colours, label="hard")
        bars.plot(places, found["relaxed"], "D", color=DARK, ms=4, label="relaxed")
        first, second = sorted(found["hard"])[:-3:-1]
        bars.set_title(f"{first} against {second}: a lead of {first - second}")
        bars.set_xticks(places)
        bars.set_ylim(0, 1.3 * max(*found["hard"], *found["relaxed"]))
        bars.set(xlabel="class", ylabel="class sum")
        bars.legend(loc="upper right", ncols=2, fontsize=8)
    return figure


def _image(axes: Any, values: np.ndarray) -> None:
    axes.pcolormesh(np.arange(9), np.arange(9), values, cmap="gray_r", vmin=0, vmax=16)
    axes.set_aspect("equal")
    axes.invert_yaxis()
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
