"""Designs in sections: a module for each circuit, and one for a kernel, whatever its places."""

from __future__ import annotations

from collections.abc import Iterator

from lgc.guards import ints
from lgc.hardware.options import HardwareOptions
from lgc.hardware.sections import Section, Sectioned
from lgc.hardware.sources import Module

from .blocks import Blocks, assign
from .gates import Style
from .text import Bit, concatenation, vector
from .top import Lines, Ports, datapath_name, module

ZERO: Bit = ("1'b0", -1)
"""What stands for padding."""


def sections(made: Sectioned, options: HardwareOptions, style: Style) -> list[Module]:
    """The modules of all sections, and the datapath that joins them."""
    found: list[Module] = []
    enabled = options.interface != "plain"
    for section in made.sections:
        found += section_modules(section, f"{options.name}_{section.name}", options, style, enabled)
    found.append(Module(datapath_name(made, options), _datapath(made, options, enabled)))
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


def _datapath(made: Sectioned, options: HardwareOptions, enabled: bool) -> Lines:
    """Circuits, and kernels at all places: what one reads there is wiring, padding is a zero.

    Each place has wires of its own: simulators look again at all that reads a vector when any bit
    of it changes.
    """
    ports = Ports(made)
    body: Lines = []
    bits: list[Bit] = [("x", bit) for bit in range(made.inputs)]
    low = 0
    for section in made.sections:
        title = f"{options.name}_{section.name}"
        ranks = _ranked(section.made.latency, enabled, low)
        size = vector(len(section.made.net.outputs))
        if section.places is None:
            name = f"{section.name}_y"
            body += _instance(title, section.name, name, size, ranks, bits)
            bits = _all(section, name)
        else:
            found = [bits[bit] for bit in ints(section.places.kept)]
            if found and section.made.latency:
                body += _delayed(section, found, enabled, low)
                found = [(f"{section.name}_kept", bit) for bit in range(len(found))]
            for place, row in enumerate(section.places.index):
                name = f"{section.name}_{place}"
                read = [bits[bit] if bit >= 0 else ZERO for bit in ints(row)]
                body += _instance(title, f"at_{name}", name, size, ranks, read)
                found += _all(section, name)
            bits = found
        low += section.made.latency
    body += [f"    wire {vector(len(bits))} y;", *assign("y", bits), *ports.assigned("y")]
    given = [*_clock(made.latency, enabled), f"    input  wire {vector(ports.inputs)} x"]
    return module(datapath_name(made, options), given + ports.declared(), body)


def _all(section: Section, name: str) -> list[Bit]:
    return [(name, bit) for bit in range(len(section.made.net.outputs))]


def _instance(
    title: str, name: str, output: str, size: str, ranks: str, bits: list[Bit]
) -> Iterator[str]:
    """A module that reads some bits, and the wires of its results."""
    lines = concatenation(bits)
    lines[0] = f".x({lines[0]}"
    lines[-1] += "));"
    yield f"    wire {size} {output};"
    yield f"    {title} {name} ({ranks}.y({output}),"
    yield from (f"        {line}" for line in lines)


def _delayed(section: Section, bits: list[Bit], enabled: bool, low: int) -> Iterator[str]:
    """Bits that are passed on, through as many registers as a kernel has."""
    size, name = vector(len(bits)), f"{section.name}_kept"
    ranks = section.made.latency
    yield f"    wire {size} {name}0;"
    yield from assign(f"{name}0", bits)
    for rank in range(1, ranks + 1):
        load = f"if (load[{low + rank - 1}]) " if enabled else ""
        after, before = f"{name}{rank}", f"{name}{rank - 1}"
        yield from (
            "`ifdef LGC_COMBINATIONAL",
            f"    wire {size} {after} = {before};",
            "`else",
            f"    reg {size} {after};",
            f"    always @(posedge clk) {load}{after} <= {before};",
            "`endif",
        )
    yield f"    wire {size} {name} = {name}{ranks};"
