"""Sections: a model with convolutions as circuits in a row, each there once or at many places.

A kernel is one circuit whatever the number of its places; they differ only in what they read.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..chain import Mapped
from ..evaluation import Planes
from ..mapping import unrolled
from ..netlist import Netlist
from .datapath import Datapath, Part, Places, Word
from .design import Design, Size, design
from .formats import InputFormat
from .ranking import ranks


@dataclass(frozen=True, eq=False)
class Section:
    """A circuit, or a kernel at many places.

    Attributes:
        name: of its module.
        made: the circuit.
        inputs: bits that come in.
        places: where a kernel stands; None for a circuit.
    """

    name: str
    made: Design
    inputs: int
    places: Places | None = None

    @property
    def outputs(self) -> int:
        """Bits that leave it."""
        outputs = len(self.made.net.outputs)
        if self.places is None:
            return outputs
        return len(self.places.kept) + len(self.places.index) * outputs

    @property
    def flat(self) -> Netlist:
        """All that it computes."""
        net, places = self.made.net, self.places
        if places is None:
            return net
        return unrolled(Mapped(net, places.index, places.kept), places.bits)

    @property
    def copies(self) -> int:
        return 1 if self.places is None else len(self.places.index)


@dataclass(frozen=True, eq=False)
class Sectioned:
    """A design in sections.

    Attributes:
        results: what the outputs of the last section are, from the first on.
        given: how numbers stand on the input port; None for bits.
    """

    sections: tuple[Section, ...]
    results: tuple[Word, ...]
    given: InputFormat | None

    @property
    def inputs(self) -> int:
        return self.sections[0].inputs

    @property
    def state(self) -> int:
        return 0

    @property
    def latency(self) -> int:
        return sum(section.made.latency for section in self.sections)

    @property
    def sizes(self) -> list[Size]:
        return [
            replace(size, copies=section.copies)
            for section in self.sections
            for size in section.made.sizes
        ]

    @property
    def ranked(self) -> list[tuple[int, int]]:
        """A stage begins where the one before has its rank, perhaps some sections earlier."""
        found: list[tuple[int, int]] = []
        before = 0
        for section in self.sections:
            kept = 0 if section.places is None else len(section.places.kept)
            for depth, bits in section.made.ranked:
                if not section.made.latency:
                    before += depth
                    continue
                found.append((before + depth, bits * section.copies + kept))
                before = 0
        return [*found, (before, 0)] if before or not found else found

    def evaluate(self, planes: Planes) -> Planes:
        for section in self.sections:
            planes = section.flat.evaluate(planes)
        return planes


def sectioned(path: Datapath, *, count: int | None, limit: int | None) -> Sectioned:
    """Join the parts between convolutions, and place the register ranks.

    Args:
        count: of register ranks; 0 is combinational.
        limit: most gates on a path between two ranks; the ranks are then as few as that takes.

    Raises:
        UsageError: more ranks than the logic is deep.
    """
    groups = grouped(path.parts)
    depths = [section(group, 0, 0).made.stages.limit for group in groups]
    rank = ranks(depths, count=count, limit=limit)
    sections = [
        section(group, number, ranks_)
        for number, (group, ranks_) in enumerate(zip(groups, rank, strict=True))
    ]
    return Sectioned(tuple(sections), path.results, path.given)


def grouped(parts: Sequence[Part]) -> list[tuple[Part, ...]]:
    """Convolutions alone, what stands between them together."""
    numbers = [number if isinstance(part, Places) else -1 for number, part in enumerate(parts)]
    runs = itertools.groupby(zip(numbers, parts, strict=True), lambda one: one[0])
    return [tuple(part for _, part in run) for _, run in runs]


def section(group: tuple[Part, ...], number: int, count: int) -> Section:
    """Parts in a row as one, with so many register ranks."""
    net = group[0].net.inputs
    word = Word("y", 1, len(group[-1].net.outputs))
    made = design(
        Datapath(net, None, group, (word,), np.zeros(0, np.bool_)), count=count, limit=None
    )
    first = group[0]
    if isinstance(first, Places):
        return Section(first.name, made, first.bits, first)
    return Section(f"circuit_{number}", made, net)
