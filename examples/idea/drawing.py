"""All pictures: what they are called, and how they are written so that bytes repeat."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from . import circuits, gates, learning

PICTURES: dict[str, Callable[[dict[str, Any]], Figure]] = {
    "perceptron": lambda _: gates.perceptron(),
    "relaxed": lambda _: gates.relaxed(),
    "logics": lambda _: gates.logics(),
    "neurons": learning.neurons,
    "choices": learning.choices,
    "gap": learning.gap,
    "sums": learning.sums,
    "circuit": circuits.circuit,
}
STYLE = {
    "svg.hashsalt": "lgc",
    "svg.fonttype": "none",
    "font.sans-serif": ["DejaVu Sans", "Verdana"],
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.constrained_layout.use": True,
}


def draw(measured: dict[str, Any], folder: Path, ending: str = "svg") -> list[Path]:
    """Write all pictures; the same numbers and the same matplotlib give the same bytes."""
    written: list[Path] = []
    with mpl.rc_context({**mpl.rcParamsDefault, **STYLE}):
        for name, picture in PICTURES.items():
            path = folder / f"{name}.{ending}"
            stamp = {"Date": None} if ending == "svg" else {}
            picture(measured).savefig(path, metadata=stamp)
            if ending == "svg":
                path.write_text(_short(path.read_text()))
            written.append(path)
    return written


def _short(text: str) -> str:
    """An SVG with coordinates in tenths of a point, a path on one line, without comments."""
    text = re.sub(r"<!--.*?-->|^ +", "", text, flags=re.MULTILINE)
    text = re.sub(r" *\n([LCQz])", r"\1", text)
    tenths = re.compile(r"\d+\.\d{2,}(?![\d.])")
    return tenths.sub(lambda found: f"{float(found[0]):.1f}".removesuffix(".0"), text)
