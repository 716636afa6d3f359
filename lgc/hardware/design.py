"""Design: a datapath as one circuit whose gates have a part and a pipeline stage, cut into blocks.

A block is what becomes a module: gates of one part in one stage, at most so many. Blocks stand in
an order in which each reads only those before it, so all are free of cycles.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..evaluation import Planes
from ..guards import ints
from ..netlist import Netlist
from ..surgery import arity, compose, keep, live_gates, tidy
from .datapath import Datapath, Word
from .formats import InputFormat, Ints
from .staging import Stages, crossing, depths, place


@dataclass(frozen=True, eq=False)
class Block:
    """What becomes a module.

    Attributes:
        part: number of its part.
        stage: number of its pipeline stage.
        first, last: it holds the gates ``first … last - 1``.
        inputs: nets that it reads and does not compute, rising; no constants.
        outputs: nets that something else reads, rising.
    """

    part: int
    stage: int
    first: int
    last: int
    inputs: Ints
    outputs: Ints


@dataclass(frozen=True)
class Size:
    """Gates of a part that is there some number of times.

    Attributes:
        widths: of one copy, by how many fan-ins they read; no constants.
    """

    name: str
    widths: dict[int, int]
    copies: int = 1

    @property
    def total(self) -> int:
        """Gates of all copies."""
        return self.copies * sum(self.widths.values())


class Hardware(Protocol):
    """What is between the ports, whatever it is made of."""

    @property
    def results(self) -> tuple[Word, ...]:
        """What the outputs are, from the first on."""
        ...

    @property
    def given(self) -> InputFormat | None:
        """How numbers stand on the input port; None for bits."""
        ...

    @property
    def inputs(self) -> int:
        """Bits of a sample."""
        ...

    @property
    def state(self) -> int:
        """Bits of the state of a recurrent model."""
        ...

    @property
    def latency(self) -> int:
        """Register ranks."""
        ...

    @property
    def sizes(self) -> list[Size]:
        """Gates by part."""
        ...

    @property
    def ranked(self) -> list[tuple[int, int]]:
        """For each stage gates on its longest path, and bits of the rank behind it, 0 for none."""
        ...

    def evaluate(self, planes: Planes) -> Planes:
        """What comes out for samples, as `Netlist.evaluate`."""
        ...


def gates_of(made: Hardware) -> int:
    """Gates that are not constants."""
    return sum(size.total for size in made.sizes)


def registers_of(made: Hardware) -> int:
    """Bits of all ranks."""
    return sum(bits for _, bits in made.ranked)


@dataclass(frozen=True, eq=False)
class Design:
    """A circuit between the ports, its gates in order of stage and part.

    Attributes:
        net: tidy (see `surgery.tidy`) and without dead gates.
        names: of the parts that have gates.
        part: int32 ``(gates,)``, number of the part each gate belongs to.
        stages: the pipeline stage of each gate; register ranks.
        results: what the outputs are, from the first on.
        given: how numbers stand on the input port; None for bits.
        initial: bool ``(state,)``, of a recurrent model the state before the first step. The state
            is the last inputs, the next one the last outputs.
    """

    net: Netlist
    names: tuple[str, ...]
    part: NDArray[np.int32]
    stages: Stages
    results: tuple[Word, ...]
    given: InputFormat | None
    initial: NDArray[np.bool_]

    @property
    def state(self) -> int:
        """Bits of the state."""
        return len(self.initial)

    @property
    def inputs(self) -> int:
        """Bits of a sample."""
        return self.net.inputs - self.state

    @cached_property
    def constant(self) -> NDArray[np.int8]:
        """For each net 0 or 1 where it is constant, else -1."""
        fixed = np.full(self.net.nets, -1, np.int8)
        own = np.flatnonzero(arity(self.net) == 0)
        fixed[self.net.inputs + own] = self.net.table[own] != 0
        return fixed

    @property
    def latency(self) -> int:
        return self.stages.count

    def evaluate(self, planes: Planes) -> Planes:
        return self.net.evaluate(planes)

    @property
    def sizes(self) -> list[Size]:
        reads = arity(self.net)
        found: list[Size] = []
        for number, name in enumerate(self.names):
            counts = np.bincount(reads[self.part == number]).tolist()
            found.append(Size(name, {k: count for k, count in enumerate(counts) if k and count}))
        return found

    @cached_property
    def ranks(self) -> tuple[Ints, ...]:
        """The nets that each register rank holds."""
        return tuple(
            crossing(self.net, self.stages, rank) for rank in range(1, self.stages.count + 1)
        )

    @property
    def ranked(self) -> list[tuple[int, int]]:
        if not self.stages.count:
            return [(self.stages.limit, 0)]
        return list(zip(ints(depths(self.net, self.stages)), map(len, self.ranks)))

    def stage_of(self, net: int) -> int:
        """In which stage a net is there without a register."""
        return 0 if net < self.net.inputs else int(self.stages.stage[net - self.net.inputs])

    def blocks(self, most: int) -> Iterator[Block]:
        """The blocks, each of ``most`` gates at most."""
        net, count = self.net, self.net.gates
        key = self.stages.stage.astype(np.int64) * len(self.names) + self.part
        starts = np.flatnonzero(np.diff(key, prepend=-1))
        ends = np.append(starts[1:], count)
        block = np.zeros(count, np.int64)
        bounds: list[tuple[int, int]] = []
        for start, end in zip(ints(starts), ints(ends)):
            pieces = -(-(end - start) // most)
            edges = [start + (end - start) * piece // pieces for piece in range(pieces + 1)]
            for first, last in itertools.pairwise(edges):
                block[first:last] = len(bounds)
                bounds.append((first, last))
        used = np.arange(net.k) < arity(net)[:, None]
        varies = self.constant < 0
        wanted = np.zeros(net.nets, np.bool_)  # outside of the own block
        owner = np.concatenate([np.full(net.inputs, -1), block])
        foreign = used & (owner[net.fanin] != block[:, None])
        wanted[net.fanin[foreign]] = True
        for rank in self.ranks:
            wanted[rank] = True
        wanted[net.outputs] = True
        wanted &= varies
        for first, last in bounds:
            inner = foreign[first:last]
            inputs = np.unique(net.fanin[first:last][inner])
            own = np.arange(net.inputs + first, net.inputs + last)
            yield Block(
                int(self.part[first]), int(self.stages.stage[first]), first, last,
                inputs[varies[inputs]].astype(np.int64), own[wanted[own]],
            )  # fmt: skip


def design(path: Datapath, *, count: int | None, limit: int | None) -> Design:
    """Join the parts and place the register ranks.

    Args:
        count: of register ranks; 0 is combinational.
        limit: most gates on a path between two ranks; the ranks are then as few as that takes.

    Raises:
        UsageError: more ranks than the logic is deep.
    """
    net = tidy(compose([part.net for part in path.parts]))
    part = np.repeat(np.arange(len(path.parts)), [part.net.gates for part in path.parts])
    live = live_gates(net)
    net, part = keep(net, live), part[live]
    stages = place(net, count=count, limit=limit)
    order = np.lexsort((part, stages.stage))
    present, part = np.unique(part[order], return_inverse=True)
    names = tuple(path.parts[number].name for number in ints(present))
    stages = Stages(stages.count, stages.stage[order], stages.limit)
    return Design(
        _sorted(net, order), names, part.astype(np.int32), stages, path.results, path.given,
        path.initial,
    )  # fmt: skip


def _sorted(net: Netlist, order: NDArray[np.int64]) -> Netlist:
    """The gates in another topological order."""
    number = np.arange(net.nets, dtype=np.int32)
    number[net.inputs + order] = np.arange(net.inputs, net.nets)
    return Netlist(net.inputs, net.table[order], number[net.fanin[order]], number[net.outputs])


def check_size(made: Hardware, most: int | None) -> None:
    """Refuse a design that is larger than asked for.

    Raises:
        InputError: it has more than ``most`` LUTs, or gates.
    """
    if most is not None and (total := gates_of(made)) > most:
        raise InputError(
            f"the design takes {total:,} LUTs, more than {most:,}",
            where="--max-luts",
            hint="`lgc approximate` makes models smaller, within a budget of accuracy",
        )


def widths(made: Hardware) -> dict[int, int]:
    """Gates by how many fan-ins they read; no constants."""
    found = Counter[int]()
    for size in made.sizes:
        for width, count in size.widths.items():
            found[width] += size.copies * count
    return dict(sorted(found.items()))
