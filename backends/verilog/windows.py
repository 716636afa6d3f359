"""Windows as Verilog: line buffers, registers and masks in front of a kernel."""

from __future__ import annotations

from collections.abc import Iterator

from lgc.guards import ints
from lgc.hardware.windows import Window

from .blocks import assign
from .text import Bit, vector
from .top import Lines, module


def window_module(title: str, window: Window) -> Lines:
    """Pixels in, the inputs of a kernel out, both with valid and ready.

    A step is a pixel, or a zero behind the last one, that moves in. Where a window is complete, the
    step waits until the kernel takes it.
    """
    grid = window.grid
    ports = [
        "    input  wire clk",
        "    input  wire rst",
        "    input  wire in_valid",
        "    output wire in_ready",
        f"    input  wire {vector(grid.pixels.channels)} x",
        "    output wire out_valid",
        "    input  wire out_ready",
        f"    output wire {vector(len(grid.channel))} y",
    ]
    body = [
        f"    // {grid}",
        *_declared(window),
        f"    wire complete = {_complete(window)};",
        "    wire there = in_valid | behind;",
        "    wire free = out_ready | ~complete;",
        "    wire step = there & free;",
        "    assign in_ready = free & ~behind;",
        "    assign out_valid = there & complete;",
        *_counting(window),
        *_memory(window),
        *_taps(window),
    ]
    return module(title, ports, body)


def _size(most: int) -> int:
    """Bits of a counter up to a number."""
    return max(1, most.bit_length())


def _counters(window: Window) -> dict[str, tuple[int, int]]:
    """Bits and first values of row, column, and their phases between places."""
    grid = window.grid
    row, column = window.at(0)
    found = {
        "row": (_size(window.at(window.steps - 1)[0]), row),
        "column": (_size(grid.pixels.width - 1), column),
    }
    if grid.down > 1:
        found["down"] = (_size(grid.down - 1), (row - window.start) % grid.down)
    if grid.across > 1:
        found["across"] = (_size(grid.across - 1), column % grid.across)
    return found


def _declared(window: Window) -> Iterator[str]:
    """The counters, and what they say of the step."""
    counters = _counters(window)
    rows, columns = counters["row"][0], counters["column"][0]
    for name, (bits, _) in counters.items():
        yield f"    reg  {vector(bits)} {name};"
    end = window.grid.pixels.width - 1
    yield f"    wire wraps = column == {columns}'d{end};"
    yield f"    wire {vector(columns)} after = wraps ? {columns}'d0 : column + {columns}'d1;"
    for name, step in (("ends", window.steps), ("last_pixel", window.grid.pixels.count)):
        row, column = window.at(step - 1)
        yield f"    wire {name} = row == {rows}'d{row} & column == {columns}'d{column};"
    yield "    reg  behind;  // all pixels are in"


def _counting(window: Window) -> Iterator[str]:
    grid, counters = window.grid, _counters(window)
    yield "    always @(posedge clk)"
    yield "        if (rst | (step & ends)) begin"
    for name, (bits, first) in counters.items():
        yield f"            {name} <= {bits}'d{first};"
    yield "            behind <= 1'b0;"
    yield "        end else if (step) begin"
    yield "            column <= after;"
    yield f"            if (wraps) row <= row + {counters['row'][0]}'d1;"
    if grid.across > 1:
        bits = counters["across"][0]
        wraps = f"wraps | across == {bits}'d{grid.across - 1}"
        yield f"            across <= {wraps} ? {bits}'d0 : across + {bits}'d1;"
    if grid.down > 1:
        bits = counters["down"][0]
        wraps = f"down == {bits}'d{grid.down - 1}"
        yield f"            if (wraps) down <= {wraps} ? {bits}'d0 : down + {bits}'d1;"
    yield "            if (last_pixel) behind <= 1'b1;"
    yield "        end"


def _complete(window: Window) -> str:
    """Whether this step is one in which a window is complete."""
    grid = window.grid
    last_row, last_column = window.last
    most_row, most_column = window.at(window.steps - 1)[0], grid.pixels.width - 1
    parts = [
        *_between("row", _size(most_row), window.start, last_row, most_row),
        *_between("column", _size(most_column), 0, last_column, most_column),
        *(["~|down"] if grid.down > 1 else []),
        *(["~|across"] if grid.across > 1 else []),
    ]
    return " & ".join(parts) or "1'b1"


def _between(name: str, bits: int, low: int, high: int, most: int) -> Iterator[str]:
    """Conditions that a counter up to ``most`` is within bounds; none for what always is."""
    if low > 0:
        yield f"{name} >= {bits}'d{low}"
    if high < most:
        yield f"{name} <= {bits}'d{high}"


def _memory(window: Window) -> Iterator[str]:
    """``seen0`` is the pixel and those above it, ``seen1`` the same one column before, and so on.

    Line buffers have one read, a step ahead, and one write, of another column.
    """
    pixels, rows = window.grid.pixels, window.rows
    channels, width = pixels.channels, pixels.width
    size, bits = channels * rows, channels * (rows + 1)
    first = window.at(0)[1]
    columns = _size(width - 1)
    if rows:
        kept = f"{{above[{size - channels - 1}:0], x}}" if rows > 1 else "x"
        yield f"    reg  {vector(size)} above;"
        if width > 1:
            yield f"    reg  {vector(size)} lines [0:{width - 1}];"
            yield f"    wire {vector(columns)} next = ends ? {columns}'d{first} : after;"
            yield "    always @(posedge clk)"
            yield "        if (step) begin"
            yield f"            lines[column] <= {kept};"
            yield "            above <= lines[next];"
            yield "        end"
        else:
            yield f"    always @(posedge clk) if (step) above <= {kept};"
    yield f"    wire {vector(bits)} seen0 = {'{above, x}' if rows else 'x'};"
    for column in range(1, window.columns + 1):
        yield f"    reg  {vector(bits)} seen{column};"
        yield f"    always @(posedge clk) if (step) seen{column} <= seen{column - 1};"


def _taps(window: Window) -> Iterator[str]:
    """What the kernel reads; zero outside of the pixels."""
    grid, pixels = window.grid, window.grid.pixels
    most_row, most_column = window.last
    masks: dict[tuple[int, int], str] = {}
    bits: list[Bit] = []
    wide = _size(window.at(window.steps - 1)[0]), _size(pixels.width - 1)
    for number, (channel, row, column, rows, columns) in enumerate(
        zip(*map(ints, (grid.channel, grid.row, grid.column, *window.back)), strict=True)
    ):
        if channel < 0:
            bits.append(("1'b0", -1))
            continue
        top = window.start - row if row < 0 else 0
        bottom, right = window.start + pixels.height - 1 - row, pixels.width - 1 - column
        conditions = [
            *_between("row", wide[0], top, bottom, most_row),
            *_between("column", wide[1], max(-column, 0), right, most_column),
        ]
        inside = " & ".join(conditions)
        tap = rows * pixels.channels + channel
        if not inside:
            bits.append((f"seen{columns}", tap))
            continue
        if (row, column) not in masks:
            masks[row, column] = f"inside{len(masks)}"
            yield f"    wire {masks[row, column]} = {inside};"
        yield f"    wire tap{number} = {masks[row, column]} & seen{columns}[{tap}];"
        bits.append((f"tap{number}", -1))
    yield from assign("y", bits)
