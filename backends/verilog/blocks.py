"""Blocks as combinational modules, and what connects them: wires and register ranks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lgc.guards import int_rows, ints
from lgc.hardware.design import Block, Design
from lgc.surgery import arity
from lgc.tables import narrow

from .gates import Style
from .text import Bit, concatenation, vector

FRAME = 40
"""Lines of a module that are not gates, about."""


@dataclass(frozen=True, eq=False)
class Blocks:
    """All blocks of a design, with names.

    Attributes:
        made: the design.
        name: of the model; names of modules begin with it.
        style: how gates are written.
        most: lines of a module at most.
        known: names of nets that have one; the others are n and their number.
    """

    made: Design
    name: str
    style: Style
    most: int
    known: Mapping[int, str]

    @cached_property
    def all(self) -> list[Block]:
        return list(self.made.blocks(max(1, self.most - FRAME)))

    @cached_property
    def titles(self) -> list[str]:
        """The name of each block, without that of the model."""
        parts = [(block.part, block.stage) for block in self.all]
        total = {one: parts.count(one) for one in parts}
        seen: dict[tuple[int, int], int] = {}
        titles: list[str] = []
        for one in parts:
            part, stage = one
            title = self.made.names[part]
            title += f"_stage{stage}" if self.made.stages.count else ""
            number = seen[one] = seen.get(one, -1) + 1
            titles.append(title + (f"_{number}" if total[one] > 1 else ""))
        return titles

    @cached_property
    def _reads(self) -> list[list[int]]:
        return int_rows(self.made.net.fanin)

    @cached_property
    def _functions(self) -> tuple[list[int], list[int]]:
        """The table of each gate over the fan-ins that it reads, and how many these are."""
        net = self.made.net
        reads = arity(net)
        table = np.zeros(net.gates, np.uint64)
        for k in range(net.k + 1):
            own = reads == k
            table[own] = narrow(net.table[own], net.k, k)
        return ints(table), ints(reads)

    def module(self, block: Block, title: str) -> list[str]:
        """The lines of one module; its inputs are the vectors that it reads a bit of."""
        lines = [f"module {self.name}_{title} ("]
        lines += [
            f"    input  wire {vector(width)} {name}," for name, width in self._ports(block).items()
        ]
        lines += [f"    output wire {vector(max(1, len(block.outputs)))} o", ");"]
        inside, gates = self._gates(block)
        lines += gates
        bits: list[Bit] = [(inside[net], -1) for net in ints(block.outputs)]
        if bits:
            lines += assign("o", bits)
        lines.append("endmodule")
        return lines

    def whole(self, title: str) -> list[str] | None:
        """The lines of the only module from ``x`` to ``y``; None where it takes several."""
        if len(self.all) != 1 or self.made.stages.count:
            return None
        net = self.made.net
        inside, gates = self._gates(self.all[0])
        bits: list[Bit] = [
            (inside[one], -1) if one >= net.inputs and one in inside else self._where(one, 0)
            for one in ints(net.outputs)
        ]
        return [
            f"module {title} (",
            f"    input  wire {vector(net.inputs)} x,",
            f"    output wire {vector(len(net.outputs))} y",
            ");",
            *gates,
            *assign("y", bits),
            "endmodule",
        ]

    def _gates(self, block: Block) -> tuple[dict[int, str], list[str]]:
        """What the nets of a block are called, those that it reads too; a line for each gate."""
        first, fixed = self.made.net.inputs, self.made.constant
        inside = {net: f"{name}[{place}]" for net, name, place in self._read(block)}
        tables, arities = self._functions
        lines: list[str] = []
        for gate in range(block.first, block.last):
            net, count = first + gate, arities[gate]
            if not count:
                continue
            inside[net] = self.known.get(net) or f"n{net}"
            reads = [
                inside[read] if read in inside else _bit(int(fixed[read]))
                for read in self._reads[gate][:count]
            ]
            lines.append("    " + self.style.gate(tables[gate], inside[net], reads))
        return inside, lines

    def _read(self, block: Block) -> Iterator[tuple[int, str, int]]:
        """The nets that a block reads, and the vector and place where each is."""
        for net in ints(block.inputs):
            yield (net, *self._where(net, block.stage))

    def _ports(self, block: Block) -> dict[str, int]:
        """The vectors that a block reads, with their widths."""
        names = dict.fromkeys(name for _, name, _ in self._read(block))
        return {name: self._widths[name] for name in names}

    @cached_property
    def _widths(self) -> dict[str, int]:
        found = {"x": self.made.net.inputs}
        found |= {f"rank{number}": len(rank) for number, rank in enumerate(self.made.ranks, 1)}
        pairs = zip(self.all, self.titles)
        return found | {f"{title}_o": len(block.outputs) for block, title in pairs}

    def _bits(self, nets: Sequence[int], stage: int) -> list[Bit]:
        """Where in the datapath nets are to be read in a stage, register rank ``stage`` below."""
        return [self._where(net, stage) for net in nets]

    def _where(self, net: int, stage: int) -> Bit:
        fixed = int(self.made.constant[net])
        if fixed >= 0:
            return _bit(fixed), -1
        if stage and self.made.stage_of(net) < stage:
            return f"rank{stage}", self._places[stage - 1][net]
        if net < self.made.net.inputs:
            return "x", net
        return self._outputs[net]

    @cached_property
    def _places(self) -> list[dict[int, int]]:
        return [{net: place for place, net in enumerate(ints(rank))} for rank in self.made.ranks]

    @cached_property
    def _outputs(self) -> dict[int, Bit]:
        return {
            net: (f"{title}_o", place)
            for block, title in zip(self.all, self.titles)
            for place, net in enumerate(ints(block.outputs))
        }

    def body(self, enabled: bool) -> Iterator[str]:
        """Instances and register ranks, stage by stage, with the results assigned to ``y``.

        Args:
            enabled: rank j loads only where ``load[j - 1]`` is 1.
        """
        pairs = list(zip(self.all, self.titles))
        for stage in range(max(1, self.made.stages.count)):
            for block, title in pairs:
                if block.stage == stage:
                    yield from self._instance(block, title)
            if stage < self.made.stages.count and len(self.made.ranks[stage]):
                yield from self._rank(stage + 1, enabled)
        yield from assign("y", self._bits(ints(self.made.net.outputs), self.made.stages.count))

    def _instance(self, block: Block, title: str) -> Iterator[str]:
        yield f"    wire {vector(max(1, len(block.outputs)))} {title}_o;"
        yield f"    {self.name}_{title} {title} ("
        yield from (f"        .{name}({name})," for name in self._ports(block))
        yield f"        .o({title}_o)"
        yield "    );"

    def _rank(self, rank: int, enabled: bool) -> Iterator[str]:
        nets = ints(self.made.ranks[rank - 1])
        size = vector(len(nets))
        lines = concatenation(self._bits(nets, rank - 1))
        lines[0] = f"wire {size} rank{rank}_next = {lines[0]}"
        lines[-1] += ";"
        yield from (f"    {line}" for line in lines)
        yield "`ifdef LGC_COMBINATIONAL"
        yield f"    wire {size} rank{rank} = rank{rank}_next;"
        yield "`else"
        yield f"    reg {size} rank{rank};"
        load = f"if (load[{rank - 1}]) " if enabled else ""
        yield f"    always @(posedge clk) {load}rank{rank} <= rank{rank}_next;"
        yield "`endif"


def assign(name: str, bits: list[Bit]) -> list[str]:
    """The lines that give a vector its bits, the lowest first."""
    lines = concatenation(bits)
    lines[0] = f"    assign {name} = {lines[0]}"
    lines[1:] = [f"    {line}" for line in lines[1:]]
    lines[-1] += ";"
    return lines


def _bit(value: int) -> str:
    return f"1'b{value}"
