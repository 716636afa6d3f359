"""Designs in sections: a module for each circuit, one for a kernel, and one for its places."""

from __future__ import annotations

from collections.abc import Iterator

from lgc.guards import ints
from lgc.hardware.datapath import Places
from lgc.hardware.options import HardwareOptions
from lgc.hardware.sections import Section, Sectioned
from lgc.hardware.sources import Module

from .blocks import Blocks, assign
from .gates import Style
from .text import Bit, concatenation, vector
from .top import Lines, Ports, datapath_name, module


def sections(made: Sectioned, options: HardwareOptions, style: Style) -> list[Module]:
    """The modules of all sections, and the datapath that joins them."""
    found: list[Module] = []
    enabled = options.interface != "plain"
    for section in made.sections:
        title = f"{options.name}_{section.name}"
        found += section_modules(section, title, options, style, enabled)
        if section.places is not None:
            found.append(
                Module(f"{title}_places", _places(section, section.places, title, enabled))
            )
    found.append(Module(datapath_name(options), _datapath(made, options, enabled)))
    return found


def section_modules(
    section: Section, title: str, options: HardwareOptions, style: Style, enabled: bool
) -> list[Module]:
    """The circuit of a section from ``x`` to ``y``: one module, or pieces and one that joins them.

    Args:
        title: name of that module.
        enabled: its register ranks load where a bit of ``load`` is 1.
    """
    blocks = Blocks(section.made, options.name, style, options.max_lines, {})
    whole = blocks.whole(title)
    if whole is not None:
        return [Module(title, whole)]
    found = [
        Module(f"{options.name}_{name}", blocks.module(block, name))
        for block, name in zip(blocks.all, blocks.titles)
    ]
    made = section.made
    ports = [*_clock(made.latency, enabled), *_ends(made.inputs, len(made.net.outputs))]
    return [*found, Module(title, module(title, ports, list(blocks.body(enabled))))]


def _clock(ranks: int, enabled: bool) -> Lines:
    """Ports of what has so many register ranks."""
    ports: Lines = ["    input  wire clk"] if ranks else []
    return ports + ([f"    input  wire {vector(ranks)} load"] if ranks and enabled else [])


def _ends(inputs: int, outputs: int) -> Lines:
    return [f"    input  wire {vector(inputs)} x", f"    output wire {vector(outputs)} y"]


def _ranked(ranks: int, enabled: bool, low: int = 0) -> str:
    """Connections of these ports, the ranks counted from ``low``."""
    if not ranks:
        return ""
    bits = f"load[{low + ranks - 1}:{low}]" if ranks > 1 else f"load[{low}]"
    return ".clk(clk), " + (f".load({bits}), " if enabled else "")


def _places(section: Section, places: Places, title: str, enabled: bool) -> Lines:
    """A kernel at all places: what it reads there is wiring, a zero where it reads padding."""
    made = section.made
    ranks, outputs, kept = made.latency, len(made.net.outputs), len(places.kept)
    body: Lines = []
    for place, row in enumerate(places.index):
        bits: list[Bit] = [("x", bit) if bit >= 0 else ("1'b0", -1) for bit in ints(row)]
        lines = concatenation(bits)
        low = kept + place * outputs
        body.append(
            f"    {title} at_{place} ({_ranked(ranks, enabled)}.y(y[{low + outputs - 1}:{low}]),"
        )
        body += [f"        .x({lines[0]}", *(f"        {line}" for line in lines[1:])]
        body[-1] += "));"
    if kept:
        body += _delayed(places, ranks, enabled)
    ports = [*_clock(ranks, enabled), *_ends(section.inputs, section.outputs)]
    return module(f"{title}_places", ports, body)


def _delayed(places: Places, ranks: int, enabled: bool) -> Iterator[str]:
    """Bits that are passed on, through as many registers as a kernel has."""
    size, before = vector(len(places.kept)), "kept0"
    yield f"    wire {size} kept0;"
    yield from assign("kept0", [("x", bit) for bit in ints(places.kept)])
    for rank in range(1, ranks + 1):
        load = f"if (load[{rank - 1}]) " if enabled else ""
        yield from (
            "`ifdef LGC_COMBINATIONAL",
            f"    wire {size} kept{rank} = {before};",
            "`else",
            f"    reg {size} kept{rank};",
            f"    always @(posedge clk) {load}kept{rank} <= {before};",
            "`endif",
        )
        before = f"kept{rank}"
    yield f"    assign y[{len(places.kept) - 1}:0] = {before};"


def _datapath(made: Sectioned, options: HardwareOptions, enabled: bool) -> Lines:
    ports = Ports(made)
    given = [*_clock(made.latency, enabled), f"    input  wire {vector(ports.inputs)} x"]
    body: Lines = []
    before, low = "x", 0
    for section in made.sections:
        ranks = section.made.latency
        title = section.name + ("" if section.places is None else "_places")
        body.append(f"    wire {vector(section.outputs)} {section.name}_y;")
        body.append(
            f"    {options.name}_{title} {section.name} "
            f"({_ranked(ranks, enabled, low)}.x({before}), .y({section.name}_y));"
        )
        before, low = f"{section.name}_y", low + ranks
    return module(
        datapath_name(options), given + ports.declared(), body + list(ports.assigned(before))
    )
