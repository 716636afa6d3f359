"""Streamed designs: windows and kernels in turn, a collector, and what comes after it."""

from __future__ import annotations

from collections.abc import Iterator

from lgc.hardware.options import HardwareOptions
from lgc.hardware.sections import Section
from lgc.hardware.sources import Module
from lgc.hardware.streaming import Streamed

from .gates import Style
from .sections import section_modules
from .text import vector
from .top import Lines, Ports, module, valid
from .windows import window_module


def streams(made: Streamed, options: HardwareOptions, style: Style) -> list[Module]:
    """All modules, the top one last."""
    name = options.name
    found: list[Module] = []
    for number, (window, kernel) in enumerate(zip(made.windows, made.kernels, strict=True)):
        title = f"{name}_window_{number}"
        found.append(Module(title, window_module(title, window)))
        found += _piped(kernel, options, style)
    title = f"{name}_collector"
    found.append(Module(title, _collector(title, made)))
    found += _piped(made.rest, options, style)
    return [*found, Module(name, _top(made, name))]


def _piped(section: Section, options: HardwareOptions, style: Style) -> list[Module]:
    """A section, and around it valid and ready."""
    title = f"{options.name}_{section.name}"
    inner = section_modules(section, f"{title}_datapath", options, style, enabled=True)
    return [*inner, Module(title, valid(section.made, title, title))]


def _collector(title: str, made: Streamed) -> Lines:
    """The results of all places, shifted in from above, so that the first ends in the lowest bits.

    They stay until they are taken; the next place is taken in the same cycle.
    """
    bits, places = made.collected // made.places, made.places
    digits = max(1, (places - 1).bit_length())
    shifted = f"{{x, all[{made.collected - 1}:{bits}]}}" if places > 1 else "x"
    body = [
        f"    reg  {vector(made.collected)} all;",
        f"    reg  {vector(digits)} place;",
        "    reg  full;",
        "    wire take = in_valid & in_ready;",
        f"    wire last = place == {digits}'d{places - 1};",
        "    assign in_ready = ~full | out_ready;",
        "    assign out_valid = full;",
        "    assign y = all;",
        "    always @(posedge clk) begin",
        f"        if (take) all <= {shifted};",
        "        if (rst) begin",
        f"            place <= {digits}'d0;",
        "            full <= 1'b0;",
        "        end else begin",
        f"            if (take) place <= last ? {digits}'d0 : place + {digits}'d1;",
        "            if (take & last)",
        "                full <= 1'b1;",
        "            else if (out_ready)",
        "                full <= 1'b0;",
        "        end",
        "    end",
    ]
    return module(title, [*_stream("x", bits, "in", "input "), *_stream("y", made.collected)], body)


def _stream(name: str, bits: int, way: str = "out", direction: str = "output") -> Iterator[str]:
    """Ports of a stream; with those of the clock where it comes in."""
    other = "output" if way == "in" else "input "
    if way == "in":
        yield "    input  wire clk"
        yield "    input  wire rst"
    yield f"    {direction} wire {way}_valid"
    yield f"    {other} wire {way}_ready"
    yield f"    {direction} wire {vector(bits)} {name}"


def _top(made: Streamed, name: str) -> Lines:
    """All stages in a row; what is between them is called after the one that gives it."""
    rest = made.rest
    stages: list[tuple[str, int]] = []
    for number, (window, kernel) in enumerate(zip(made.windows, made.kernels, strict=True)):
        stages.append((f"window_{number}", len(window.grid.channel)))
        stages.append((kernel.name, len(kernel.made.net.outputs)))
    stages += [("collector", made.collected), (rest.name, rest.outputs)]
    body: Lines = []
    before = "in"
    for number, (stage, bits) in enumerate(stages):
        after = stage if number < len(stages) - 1 else "out"
        if after != "out":
            body.append(f"    wire {after}_valid, {after}_ready;")
        body.append(f"    wire {vector(bits)} {stage}_y;")
        body += [
            f"    {name}_{stage} {stage} (.clk(clk), .rst(rst),",
            f"        .in_valid({before}_valid), .in_ready({before}_ready), "
            f".x({'x' if before == 'in' else f'{before}_y'}),",
            f"        .out_valid({after}_valid), .out_ready({after}_ready), .y({stage}_y));",
        ]
        before = after
    ports = Ports(made)
    given = list(_stream("x", made.pixels.channels, "in", "input "))
    given += ["    output wire out_valid", "    input  wire out_ready", *ports.declared()]
    return module(name, given, [*body, *ports.assigned(f"{rest.name}_y")])
