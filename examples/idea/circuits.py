"""The small network as a circuit: as it was trained, without what is not needed, as a class."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lgc.tables import EXPRESSIONS

from .measuring import SELECTED

Place = tuple[float, float]

SIGNS = {"&": "∧", "|": "∨", "^": "⊕"}
HALF, BROAD, APART = 0.13, 0.3, 0.018
"""Of a box: half its width, half that of a sum; how far from its middle wires arrive."""

BOX, IDLE = "#e8eef5", "white"
COLOURS = ("#cc6677", "#228833", "#4477aa")
"""Of wires that come from an input; others are grey."""


def circuit(measured: dict[str, Any]) -> Figure:
    """Three stages of the compiler, side by side."""
    small = measured["small"]
    figure = Figure(figsize=(10, 4.6))
    titles = {
        "O0": "trained: {} gates",
        "O2": "-O2: {} gates",
        "class": "with sums and argmax: {} gates",
    }
    panels = figure.subplots(1, 3, width_ratios=[1.15, 1.15, 1])
    for axes, (stage, title) in zip(panels, titles.items()):
        net = small[stage]
        _draw(axes, net, sums=stage != "class")
        axes.set_title(title.format(len(net["gates"])))
        axes.set_axis_off()
    return figure


def _draw(axes: Any, net: dict[str, Any], *, sums: bool) -> None:
    """Inputs on the left, every gate behind its fan-ins, sums on the right."""
    inputs, gates, outputs = net["inputs"], net["gates"], net["outputs"]
    level = [0] * inputs
    for gate in gates:
        level.append(1 + max((level[net] for net in gate["reads"]), default=0))
    last = max(level) + 1
    places = _places(level)
    for number, gate in enumerate(gates, inputs):
        x, y = places[number]
        label, turned, whole = _signs(gate)
        for read, inverted, side in zip(gate["reads"], turned, (APART, -APART)):
            end = (x, y + (side if len(gate["reads"]) > 1 else 0))
            _wire(axes, places[read], end, read, inputs, turned=inverted)
        used = number in outputs or any(number in other["reads"] for other in gates)
        _box(axes, places[number], label, fill=BOX if used else IDLE)
        if whole:
            _ring(axes, (x + HALF, y))
    for half in range(2 if sums else 1):
        size = len(outputs) // 2 if sums else 1
        target = (last, 0.72 - 0.44 * half) if sums else (last, 0.5)
        for place, output in enumerate(outputs[half * size : (half + 1) * size]):
            end = (
                target[0] - BROAD + HALF,
                target[1] + (size - 1 - 2 * place) * APART if sums else 0.5,
            )
            _wire(axes, places[output], end, output, inputs)
        _box(axes, target, f"sum of\nclass {half}" if sums else "class", wide=BROAD, high=0.09)
    for number, (place, name) in enumerate(zip(places, SELECTED)):
        axes.text(*place, name, ha="center", va="center", color=COLOURS[number], fontsize=13,
                  fontweight="bold")  # fmt: skip
    axes.set(xlim=(-0.3, last + 0.4), ylim=(-0.02, 1.02))


def _box(
    axes: Any, place: Place, label: str, *, fill: str = BOX, wide: float = HALF, high: float = 0.04
) -> None:
    corner = (place[0] - wide, place[1] - high)
    axes.add_patch(Rectangle(corner, 2 * wide, 2 * high, fc=fill, ec="#4477aa", zorder=2))
    axes.text(*place, label, ha="center", va="center", fontsize=8, zorder=4)


def _places(level: list[int]) -> list[Place]:
    """Of every net: its level, and gates of one level one below the other."""
    heights = np.zeros(len(level))
    for each in range(max(level) + 1):
        of_level = np.flatnonzero(np.array(level) == each)
        heights[of_level] = 1 - (np.arange(len(of_level)) + 0.5) / len(of_level)
    return list(zip(map(float, level), heights.tolist()))


def _wire(
    axes: Any, start: Place, end: Place, net: int, inputs: int, *, turned: bool = False
) -> None:
    """From the right of a box to the left of another, with a ring where it is inverted."""
    colour = COLOURS[net] if net < inputs else "#888888"
    x, y = end[0] - HALF, end[1]
    axes.plot([start[0] + HALF, x], [start[1], y], color=colour, lw=1, zorder=0)
    if turned:
        _ring(axes, (x, y))


def _ring(axes: Any, place: Place) -> None:
    axes.plot(*place, "o", ms=5, mec="#222222", mfc="white", mew=1, zorder=3)


def _signs(gate: dict[str, Any]) -> tuple[str, tuple[bool, ...], bool]:
    """What stands in a box, which of its fan-ins are inverted, and whether the result is."""
    table = gate["table"]
    if len(gate["reads"]) == 1:
        return ("0", "=", "=", "1")[table], (False,), table == 2
    text = EXPRESSIONS[table]
    whole = text.startswith("~(")
    left, right = "~a" in text, "~b" in text
    sign = next((theirs for ours, theirs in SIGNS.items() if ours in text), "=")
    return sign if text not in "01" else text, (left, right), whole
