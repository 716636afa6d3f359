"""Tables people read: pass statistics, timings, lists."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .approximation import Curve
from .benchmark import Measured
from .instruments import Shape
from .pipeline import PassStats


def stats_table(stats: Sequence[PassStats], shapes: Sequence[Shape]) -> Table:
    """A line for every pass, between one for the input and one for all of them.

    Args:
        shapes: of the input, then of what each pass has left.
    """
    table = _table("pass", "gates", "", "depth", "inverters", "seconds", "check", "checked by")
    for column in table.columns[:-1]:
        column.no_wrap = True
    if not stats:
        return table
    first, last = stats[0].gates_before, stats[-1].gates_after
    table.add_row("input", f"{first:,}", "", *_shape(shapes[0]))
    for one, shape in zip(stats, shapes[1:]):
        table.add_row(
            one.name,
            f"{one.gates_after:,}",
            _change(one.gates_before, one.gates_after),
            *_shape(shape),
            f"{one.seconds:.4f}",
            f"{one.check_seconds:.4f}",
            one.checked,
        )
        for remark in one.remarks:
            table.add_row(*[""] * 7, f"remark: {remark}")
    table.add_row(
        "total",
        f"{last:,}",
        _change(first, last),
        *_shape(shapes[-1]),
        f"{sum(one.seconds for one in stats):.4f}",
        f"{sum(one.check_seconds for one in stats):.4f}",
        f"{last / first - 1:+.0%} gates" if first and last != first else "",
    )
    return table


def _change(before: int, after: int) -> str:
    return f"{after - before:+,}" if after != before else ""


def _shape(shape: Shape) -> list[str]:
    return ["–" if one is None else f"{one:,}" for one in (shape.depth, shape.inverters)]


def timing_table(stats: Sequence[PassStats]) -> Table:
    """Seconds of every pass, with its share."""
    total = sum(one.seconds for one in stats) or 1.0
    table = _table("pass", "seconds", "share")
    for one in stats:
        table.add_row(one.name, f"{one.seconds:.4f}", f"{one.seconds / total:.0%}")
    table.add_row("total", f"{sum(one.seconds for one in stats):.4f}", "")
    return table


def stats_json(stats: Sequence[PassStats], shapes: Sequence[Shape]) -> str:
    """The statistics as JSON, and what each pass has left."""
    rows = [{**one.as_dict(), **asdict(shape)} for one, shape in zip(stats, shapes[1:])]
    return json.dumps(rows, indent=2)


def bench_tables(measured: Measured) -> list[Table]:
    """What `lgc bench` prints: phases, limits, and what else was asked for."""
    tables = [_phases(measured), _limits(measured)]
    if measured.batches:
        tables.append(_batches(measured))
    if measured.duels:
        tables.append(_duels(measured))
    return tables


def curve_table(curve: Curve) -> Table:
    """Gates and accuracy of every step of an approximation."""
    table = _table(
        "nets may differ on", "gates", "", f"{curve.training:,} training rows",
        f"{curve.held_back:,} held back", "",
    )  # fmt: skip
    table.columns[5].justify = "left"
    for place, point in enumerate((curve.start, *curve.points)):
        over = "over the budget" if point.held_back < curve.least else ""
        note = "kept" if place == curve.kept else over
        table.add_row(
            f"{point.tolerance:g} % of rows" if place else "as it was",
            f"{point.gates:,}",
            f"{point.gates / max(curve.start.gates, 1) - 1:+.0%}" if place else "",
            f"{point.training:.2%}",
            f"{point.held_back:.2%}",
            note,
        )
    return table


def project_tables(found: Mapping[str, Any]) -> list[Table]:
    """Of a hardware project: what it is, its parts, its pipeline stages."""
    unit, stages = found["unit"], found["stages"]
    facts = _table(f"{found['name']}", "")
    facts.columns[1].justify = "left"
    stream = found.get("stream")
    cycles = f"{found['latency']} clock cycles, a sample every {found['initiation_interval']}"
    for row in (
        ("from", found["model"].get("source", "a model in memory")),
        ("results", ", ".join(f"{name} {width * count} bits" for name, width, count, _ in
                              found["results"])),
        ("latency", cycles if found["latency"] or stream else "combinational"),
        *_stream(stream),
        ("checked", f"passes: {found['model'].get('checked', 'none')}"),
        ("", f"hardware: {found['checked']}"),
    ):  # fmt: skip
        facts.add_row(*row)
    parts = _table("part", unit, "by inputs")
    parts.columns[2].justify = "left"
    for name, one in found["parts"].items():
        by = ", ".join(f"{count:,} of {k}" for k, count in one["by_inputs"].items())
        copies = f"; {one['copies']:,} copies" if "copies" in one else ""
        parts.add_row(name, f"{one['total']:,}", by + copies)
    ranks = _table("stage", f"{unit} deep", "", "registers behind it", "")
    for place in (2, 4):
        ranks.columns[place].justify = "left"
    for number, stage in enumerate(stages):
        row = [f"{number}"]
        for key in ("depth", "registers"):
            most = max(1, *(one[key] for one in stages), 1)
            row += [f"{stage[key]:,}", "█" * round(BAR * stage[key] / most)]
        ranks.add_row(*row)
    return [facts, parts, ranks]


def _stream(stream: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """What comes in one after another, and what is remembered of it."""
    if stream is None:
        return
    pixels = stream["pixels"]
    yield "pixels", f"{pixels['height']} x {pixels['width']} of {pixels['channels']} bits"
    kept = f"line buffers of {stream['line_buffers']:,} bits, {stream['registers']:,} in registers"
    yield "windows", f"{kept}; their counters and masks are not among the parts"


BAR = 24
"""Characters of the longest bar."""


def _phases(measured: Measured) -> Table:
    rows, total = measured.rows, sum(measured.phases.values()) or 1.0
    table = _table(f"{rows:,} rows of {measured.dtype}", "ns/image", "share", "images/s", "")
    table.columns[4].justify = "left"
    for name, spent in measured.phases.items():
        bar = "█" * round(BAR * spent / total)
        table.add_row(name, f"{spent / rows * 1e9:.1f}", f"{spent / total:.0%}", "", bar)
    threads = "1 thread" if measured.threads == 1 else f"{measured.threads} threads"
    for name, spent in (
        ("all phases, 1 thread", measured.total),
        (f"call from Python, {threads}", measured.call),
    ):
        table.add_row(name, f"{spent / rows * 1e9:.1f}", "", f"{rows / spent:,.0f}", "")
    return table


def _limits(measured: Measured) -> Table:
    traffic, limits, share = measured.traffic, measured.limits, measured.share
    table = _table("against the machine", "reached", "limit", "share", "for a plane of samples")
    table.columns[4].justify = "left"
    table.add_row(
        f"gates on registers, {limits.instruction}",
        f"{share.gate_bits / 1e12:.2f} T/s",
        f"{limits.gate_bits / 1e12:.2f} T/s",
        f"{share.gate_share:.0%}",
        f"{traffic.gates:,} gates, {traffic.sums:,} of them for class sums",
    )
    facts = [f"{traffic.loads:,} loads, {traffic.stores:,} stores of {traffic.plane_bits} bits"]
    for level, missed in traffic.misses.items():
        text = f"{missed.loads:,} loads, {missed.stores:,} stores miss {level}"
        facts.append(f"{text}, {missed.returned:,} planes return")
    for level, fact in zip(measured.levels, facts):
        reached, part = share.bandwidth[level], share.bandwidth_share[level]
        limit = f"{reached / part / 1e9:.0f} GB/s" if part else ""
        table.add_row(
            f"planes from {level}", f"{reached / 1e9:.0f} GB/s", limit, f"{part:.0%}", fact
        )
    level, rate, part = measured.reading
    table.add_row(
        f"rows from {level}, packing",
        f"{rate / 1e9:.0f} GB/s",
        f"{limits.bandwidth[level] / 1e9:.0f} GB/s",
        f"{part:.0%}",
        "",
    )
    planes, code = measured.plane_bytes / 1024, measured.info["program_bytes"] / 1024
    table.add_row("planes, and the program", "", "", "", f"{planes:,.0f} KiB, {code:,.0f} KiB")
    return table


def _batches(measured: Measured) -> Table:
    table = _table("rows in a batch", "µs/call", "images/s")
    for rows, spent in measured.batches.items():
        table.add_row(f"{rows:,}", f"{spent * 1e6:,.1f}", f"{rows / spent:,.0f}")
    return table


def _duels(measured: Measured) -> Table:
    table = _table("bool rows in, classes out", "images/s", "lgc", "ratio", "ready in", "")
    table.columns[5].justify = "left"
    for one in measured.duels:
        table.add_row(
            one.title,
            f"{one.rows / one.other:,.0f}",
            f"{one.rows / one.own:,.0f}",
            f"{one.ratio:.1f} ×",
            f"{one.seconds:.1f} s",
            f"median of {one.turns} pairs" + (", made in an earlier run" if one.cached else ""),
        )
    return table


def listing(rows: Sequence[tuple[str, str]], title: str) -> Table:
    """Names with one line each."""
    table = _table(title, "")
    table.columns[1].justify = "left"
    for row in rows:
        table.add_row(*row)
    return table


def rows_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """Rows of text; the first column and the last are words."""
    table = _table(*headings)
    table.columns[-1].justify = "left"
    for row in rows:
        table.add_row(*row)
    return table


def facts_table(rows: Sequence[Sequence[str]]) -> Table:
    """Rows of words without headings: a part, what, and how much."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for place in range(3):
        table.add_column(style="bold" if place == 0 else None, overflow="fold")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
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
