"""Pictures: what ``lgc bench`` measured, the curve of ``lgc approximate``, pipeline stages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .approximation import Curve
from .benchmark import Measured
from .extras import extra
from .files import atomic_write

PHASE, LIMIT, OTHER = "#4477aa", "#228833", "#888888"


def draw(measured: Measured, path: Path) -> None:
    """Write the picture, whole or not at all."""
    panels = [_phases, _limits]
    panels += [_batches] if measured.batches else []
    panels += [_duels] if measured.duels else []
    rows = -(-len(panels) // 2)
    figure = extra("matplotlib.figure", "plot").Figure(
        figsize=(11, 0.6 + 3.4 * rows), layout="constrained"
    )
    threads = "1 thread" if measured.threads == 1 else f"{measured.threads} threads"
    figure.get_layout_engine().set(w_pad=0.12, h_pad=0.1)
    figure.suptitle(
        f"{measured.name}: {measured.rate / 1e6:.2f} M images/s "
        f"({measured.rows:,} rows of {measured.dtype}, {threads}, "
        f"{measured.info['engine']} engine, {measured.info['cpu']})"
    )
    grid = figure.subplots(rows, 2, squeeze=False).ravel()
    for axes, panel in zip(grid, panels):
        panel(axes, measured)
    for axes in grid[len(panels) :]:
        axes.set_axis_off()
    save(figure, path)


def draw_curve(curve: Curve, name: str, path: Path) -> None:
    """Accuracy over gates, for both parts of the data."""
    figure = extra("matplotlib.figure", "plot").Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    points = [curve.start, *curve.points]
    gates = [point.gates for point in points]
    for label, colour, values in (
        (f"{curve.training:,} training rows", OTHER, [point.training for point in points]),
        (f"{curve.held_back:,} rows held back", PHASE, [point.held_back for point in points]),
    ):
        axes.plot(gates, [100 * value for value in values], "o-", color=colour, label=label)
    result = curve.result
    axes.plot(
        [result.gates], [100 * result.held_back], "o", color=LIMIT, ms=11, label="kept", zorder=3
    )
    axes.set_xlabel("gates")
    axes.set_ylabel("accuracy, %")
    axes.set_title(f"{name}: {curve.start.gates:,} to {result.gates:,} gates", fontsize=10)
    axes.grid(alpha=0.3)
    axes.legend()
    plain(axes)
    save(figure, path)


def draw_stages(found: Mapping[str, Any], path: Path) -> None:
    """Depth of each pipeline stage of a hardware project, and registers behind it."""
    stages = found["stages"]
    figure = extra("matplotlib.figure", "plot").Figure(
        figsize=(9, 1.6 + 0.35 * len(stages)), layout="constrained"
    )
    figure.suptitle(
        f"{found['name']}: {found['total']:,} {found['unit']}, {found['registers']:,} register "
        f"bits, latency {found['latency']}"
    )
    names = [f"stage {number}" for number in range(len(stages))]
    for axes, key, label, colour in zip(
        figure.subplots(1, 2),
        ("depth", "registers"),
        (f"{found['unit']} deep", "register bits behind it"),
        (PHASE, LIMIT),
    ):
        values = [stage[key] for stage in stages]
        _bars(axes, names, values, [f"{value:,}" for value in values], [colour] * len(values))
        axes.set_xlabel(label)
    save(figure, path)


def save(figure: Any, path: Path) -> None:
    """Write a figure, whole or not at all."""
    with atomic_write(path) as temporary:
        stamp = {"Date": None} if path.suffix == ".svg" else {}
        figure.savefig(temporary, dpi=150, metadata=stamp)


def _phases(axes: Any, measured: Measured) -> None:
    each = {name: spent / measured.rows * 1e9 for name, spent in measured.phases.items()}
    total = sum(each.values()) or 1.0
    labels = [f"{value:.1f} ns, {value / total:.0%}" for value in each.values()]
    _bars(axes, list(each), list(each.values()), labels, [PHASE] * len(each))
    axes.set_xlabel("ns an image, one thread")
    axes.set_title("Where time goes\n(class sums: what they add to the gates)", fontsize=10)


def _limits(axes: Any, measured: Measured) -> None:
    limits, share = measured.limits, measured.share
    names, values = [f"gates on registers\n({limits.instruction})"], [100 * share.gate_share]
    labels = [f"{share.gate_bits / 1e12:.2f} of {limits.gate_bits / 1e12:.2f} T/s"]
    for level in measured.levels:
        reached, part = share.bandwidth[level] / 1e9, share.bandwidth_share[level]
        names.append(f"planes from {level}")
        values.append(100 * part)
        labels.append(f"{reached:.0f} of {reached / max(part, 1e-9):.0f} GB/s")
    level, rate, part = measured.reading
    names.append(f"packing: rows\nfrom {level}")
    values.append(100 * part)
    labels.append(f"{rate / 1e9:.0f} of {limits.bandwidth[level] / 1e9:.0f} GB/s")
    shown = [f"{value:.0f}%, {label}" for value, label in zip(values, labels)]
    _bars(axes, names, values, shown, [LIMIT] * len(names))
    axes.set_xlabel("% of what this machine reached at most")
    axes.set_title(
        "Share of the limits, by phase\n(what misses a cache by a model of it)", fontsize=10
    )


def _bars(
    axes: Any, names: list[str], values: list[float], labels: list[str], colours: list[str]
) -> None:
    """Horizontal bars, the first on top, each with its label behind it."""
    drawn = axes.barh(range(len(names)), values, color=colours, height=0.6)
    axes.bar_label(drawn, labels=labels, padding=4, fontsize=9)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.6 * max(*values, 1e-9))
    plain(axes)


def _batches(axes: Any, measured: Measured) -> None:
    rows = sorted(measured.batches)
    axes.loglog(rows, [size / measured.batches[size] for size in rows], "o-", color=PHASE)
    axes.set_xticks(rows, [f"{size:,}" for size in rows], rotation=45, fontsize=8)
    axes.minorticks_off()
    axes.set_xlabel("rows in a batch")
    axes.set_ylabel("images/s, whole call")
    axes.grid(axis="y", alpha=0.3)
    axes.set_title("Batch size", fontsize=10)
    plain(axes)


def _duels(axes: Any, measured: Measured) -> None:
    names, values, labels = list[str](), list[float](), list[str]()
    for one in measured.duels:
        names.append(one.title.replace(", ", ",\n", 1))
        values.append(one.rows / one.other)
        labels.append(f"{values[-1]:,.0f}/s, lgc is {one.ratio:.1f} ×")
    own = max(one.rows / one.own for one in measured.duels)
    names.append("lgc")
    values.append(own)
    labels.append(f"{own:,.0f}/s")
    colours = [OTHER] * len(measured.duels) + [PHASE]
    axes.hlines(range(len(names)), min(values) / 3, values, color=colours, lw=2)
    axes.scatter(values, range(len(names)), color=colours, s=60, zorder=3)
    for place, (value, label) in enumerate(zip(values, labels)):
        axes.annotate(
            label, (value, place), xytext=(8, 0), textcoords="offset points", va="center",
            fontsize=9,
        )  # fmt: skip
    axes.set_yticks(range(len(names)), names)
    axes.set_xscale("log")
    axes.set_xlim(min(values) / 3, max(values) * 30)
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.set_xlabel("images/s, bool rows in, classes out")
    axes.set_title("Peers in the same process, on the same rows", fontsize=10)
    plain(axes)


def plain(axes: Any) -> None:
    """A frame on two sides only."""
    axes.spines[["top", "right"]].set_visible(False)
