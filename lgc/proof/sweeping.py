"""SAT sweeping: which nets of a circuit are equal, complementary or constant, proved one by one.

Simulation puts nets that may be equal into one class; from the inputs upwards each net is then
proved equal to the first of its class, or told from it by a counterexample, which simulation uses
to split more classes. What is proved is used at once, so that later questions are about circuits
that differ little (Kuehlmann, "Dynamic transition relation simplification for bounded property
checking", ICCAD 2004; Mishchenko, Chatterjee, Brayton and Eén, "Improvements to combinational
equivalence checking", ICCAD 2006).
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ..evaluation import Planes
from ..facts import Facts
from ..levels import levels
from ..netlist import Netlist
from ..surgery import live_gates
from .classes import Classes
from .cones import Cones
from .patterns import Example, Patterns
from .solver import NAME

BATCH = 64
"""Counterexamples after which classes are split."""

WORDS = 4
"""Words of vectors made of a batch."""

MEMBERS = 8
"""Nets of a class, besides the first, that a net is compared with."""

STEPS = 64
"""Groups of levels in which nets are taken, so that a deep circuit is not simulated too often."""


@dataclass(frozen=True)
class Limits:
    """Where a proof gives up.

    Attributes:
        conflicts: of the solver, for one question; 0 for never.
        seconds: in all; 0 for never.
        vectors: random ones to begin with.
        seed: of the random vectors.
    """

    conflicts: int = 1000
    seconds: float = 60.0
    vectors: int = 4096
    seed: int = 0


DEFAULT = Limits()


@dataclass
class Effort:
    """What a sweep took and what it left open.

    Attributes:
        alike: nets merged because they are the same function of the same nets.
        questions, conflicts: of the solver.
        undecided: nets given up after so many conflicts as the limits allow.
        untried: nets that there was no time for.
        vectors: simulated.
    """

    alike: int = 0
    questions: int = 0
    conflicts: int = 0
    undecided: int = 0
    untried: int = 0
    vectors: int = 0
    seconds: float = 0.0

    @property
    def open(self) -> int:
        """Pairs of nets of which it is not known whether they are equal."""
        return self.undecided + self.untried

    def __str__(self) -> str:
        asked = f"{self.questions:,} questions to {NAME}, {self.conflicts:,} conflicts"
        return f"{self.alike:,} nets by their tables, {asked}"

    def limits(self, given: Limits) -> str:
        """What was left open, and which option is to be raised; empty if nothing was."""
        parts: list[str] = []
        if self.undecided:
            parts.append(
                f"{self.undecided:,} pairs undecided after {given.conflicts:,} conflicts "
                "(option conflicts)"
            )
        if self.untried:
            parts.append(
                f"{self.untried:,} pairs not tried within {given.seconds:g} s (option seconds)"
            )
        return ", ".join(parts)


@dataclass(frozen=True, eq=False)
class Equal:
    """What is proved about the nets of a circuit.

    Attributes:
        first: int32 ``(nets,)``, the net that stands for each net, itself where nothing is known;
            -1 is the constant 0. It reads nothing that depends on the net it stands for.
        complement: bool ``(nets,)``, whether a net is the complement of the one that stands for it.
        effort: what it took.
        told: uint64 ``(inputs, words)``: vectors that told nets apart.
        proof: if asked for, see `Cones`; in the numbers of the circuit given.
    """

    first: NDArray[np.int32]
    complement: NDArray[np.bool_]
    effort: Effort
    told: Planes
    proof: list[list[int]] | None = None

    def literals(self, nets: NDArray[np.int32]) -> NDArray[np.int64]:
        """Twice what stands for a net, plus one for a complement; -2 and -1 are constants."""
        return 2 * self.first[nets].astype(np.int64) + self.complement[nets]

    @property
    def varying(self) -> Equal:
        """The same, nets that are constant standing for themselves: what was proved to be constant
        has an equation still.
        """
        own = np.arange(len(self.first), dtype=np.int32)
        first = np.where(self.first < 0, own, self.first)
        return replace(self, first=first, complement=self.complement & (self.first >= 0))

    @property
    def counts(self) -> tuple[int, int, int]:
        """Nets that equal another, are the complement of another, are constant."""
        constant = self.first < 0
        other = ~constant & (self.first != np.arange(len(self.first)))
        return (
            int((other & ~self.complement).sum()),
            int((other & self.complement).sum()),
            int(constant.sum()),
        )


def equal_nets(
    net: Netlist,
    facts: Facts,
    limits: Limits = DEFAULT,
    *,
    proof: bool = False,
    vectors: Planes | None = None,
    tick: Callable[[int, int], None] | None = None,
) -> Equal:
    """Find the nets that are equal, complementary or constant on all vectors that can occur.

    Args:
        proof: keep the clauses that lead to the result.
        vectors: to simulate besides random ones; all can occur.
        tick: called with nets done and nets in all.

    Raises:
        UnsupportedError: python-sat is not installed.
    """
    level = np.concatenate([np.zeros(net.inputs, np.int32), levels(net.inputs, net.fanin)])
    order = np.argsort(level, kind="stable").astype(np.int32)
    own = np.empty(net.nets + 1, np.int32)
    own[order], own[-1] = np.arange(net.nets, dtype=np.int32), net.nets
    gates = order[net.inputs :] - net.inputs
    ordered = Netlist(net.inputs, net.table[gates], own[net.fanin[gates]], own[net.outputs])
    sweep = _Sweep(ordered, facts, limits, proof, level[order], vectors)
    sweep.run(tick)
    literal = np.array(sweep.cones.literal[:-1], np.int32)
    back = np.append(order, np.int32(-1))
    first, complement = np.empty(net.nets, np.int32), np.empty(net.nets, np.bool_)
    first[order], complement[order] = back[np.abs(literal) - 1], literal < 0
    lemmas = sweep.cones.proof
    if lemmas is not None:
        name = np.append(order, np.int32(net.nets)) + 1
        lemmas = [[int(name[abs(x) - 1]) * (1 if x > 0 else -1) for x in one] for one in lemmas]
    told = sweep.told or [np.zeros((net.inputs, 0), np.uint64)]
    return Equal(first, complement, sweep.effort, np.concatenate(told, axis=1), lemmas)


@dataclass
class _Sweep:
    """One sweep over a circuit whose nets stand in the order of their levels."""

    net: Netlist
    facts: Facts
    limits: Limits
    proof: bool
    level: NDArray[np.int32]
    vectors: Planes | None
    effort: Effort = field(default_factory=Effort)
    told: list[Planes] = field(default_factory=list[Planes])

    def __post_init__(self) -> None:
        self.start = time.perf_counter()
        self.patterns = Patterns(self.facts, self.limits.seed)
        words = max(1, -(-self.limits.vectors // 64))
        self.classes = Classes(self.net, self.patterns.plain(words))
        self.effort.vectors = 64 * words
        if self.vectors is not None:
            self.classes.refine(self.vectors)
            self.effort.vectors += 64 * self.vectors.shape[1]
        self.cones = Cones(self.net, self.facts, self.patterns, proof=self.proof)
        self.examples: list[Example] = []
        self.stuck: defaultdict[int, list[int]] = defaultdict(list)

    @property
    def late(self) -> bool:
        seconds = self.limits.seconds
        return seconds > 0 and time.perf_counter() - self.start > seconds

    def run(self, tick: Callable[[int, int], None] | None) -> None:
        live = np.concatenate([np.ones(self.net.inputs, np.bool_), live_gates(self.net)])
        step = self.level * STEPS // max(int(self.level[-1]) + 1, STEPS)
        edges = np.flatnonzero(np.diff(step)) + 1
        for nets in np.split(np.arange(self.net.nets), edges):
            self.take(nets[live[nets]])
            if tick is not None:
                tick(int(nets[-1]) + 1, self.net.nets)
        self.effort.alike = self.cones.alike
        self.effort.questions = self.cones.questions
        self.effort.conflicts = self.cones.conflicts
        self.effort.seconds = time.perf_counter() - self.start

    def take(self, nets: NDArray[np.int64]) -> None:
        """Settle some nets: each is merged, alone, or given up."""
        first = self.classes.first
        waiting: list[int] = nets[first[nets] != nets].tolist()
        while waiting:
            again: list[int] = []
            for place, net in enumerate(waiting):
                if self.late:
                    self.effort.untried += len(waiting) - place
                    break
                if not self.settle(net):
                    again.append(net)
                if len(self.examples) == BATCH:
                    again += waiting[place + 1 :]
                    break
            self.split()
            waiting = [net for net in again if self.classes.first[net] != net]

    def settle(self, net: int) -> bool:
        """Ask about a net and the first of its class; false if an example told them apart.

        Where that stays open, the next of the class that stayed open stand in for the first: sums
        have bits that are never 1 but on inputs which are hard to find.
        """
        first = int(self.classes.first[net])
        stuck = self.stuck[first]
        for one in (first, *stuck[-MEMBERS:]):
            if one != first and (one >= net or self.classes.first[one] != first):
                continue
            flip = bool(self.classes.phase[net]) != bool(self.classes.phase[one])
            literal = -(one + 1) if flip else one + 1
            answer = self.cones.same(net + 1, literal, self.limits.conflicts)
            if answer:
                self.cones.merge(net, literal)
                return True
            if self.cones.example is not None:
                self.examples.append(self.cones.example)
                return False
        self.effort.undecided += 1
        stuck.append(net)
        return True

    def split(self) -> None:
        """Tell more nets apart by what the counterexamples are."""
        if self.examples:
            planes = self.patterns.around(self.examples, WORDS)
            self.classes.refine(planes)
            self.told.append(planes)
            self.effort.vectors += 64 * WORDS
            self.examples = []
