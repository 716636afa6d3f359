"""Tables people read: pass statistics, timings, lists."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from .pipeline import PassStats


def stats_table(stats: Sequence[PassStats]) -> Table:
    """Gates and seconds of every pass."""
    table = _table("pass", "gates", "", "seconds", "check", "checked by")
    for one in stats:
        change = one.gates_after - one.gates_before
        table.add_row(
            one.name,
            f"{one.gates_after:,}",
            f"{change:+,}" if change else "",
            f"{one.seconds:.4f}",
            f"{one.check_seconds:.4f}",
            one.checked,
        )
    return table


def timing_table(stats: Sequence[PassStats]) -> Table:
    """Seconds of every pass, with its share."""
    total = sum(one.seconds for one in stats) or 1.0
    table = _table("pass", "seconds", "share")
    for one in stats:
        table.add_row(one.name, f"{one.seconds:.4f}", f"{one.seconds / total:.0%}")
    table.add_row("total", f"{sum(one.seconds for one in stats):.4f}", "")
    return table


def stats_json(stats: Sequence[PassStats]) -> str:
    """The statistics as JSON."""
    return json.dumps([one.as_dict() for one in stats], indent=2)


def profile_table(seconds: dict[str, float], rows: int) -> Table:
    """Where the time of a batch goes."""
    table = _table("phase", "ns/image", "images/s")
    for name, spent in seconds.items():
        rate = f"{rows / spent:,.0f}" if spent else "–"
        table.add_row(name, f"{spent / rows * 1e9:.1f}", rate)
    return table


def listing(rows: Sequence[tuple[str, str]], title: str) -> Table:
    """Names with one line each."""
    table = _table(title, "")
    table.columns[1].justify = "left"
    for row in rows:
        table.add_row(*row)
    return table


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number and heading != "checked by" else "left")
    return table


def show(console: Console, table: Table) -> None:
    """Print a table; never cut to the width of something that is not a terminal."""
    if not console.is_terminal:
        console = Console(file=console.file, width=200, color_system=None)
    console.print(table)
