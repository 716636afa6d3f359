"""Are two circuits the same function? Proved, refuted by an example, or undecided within limits.

Both circuits become one that shares its inputs; a sweep merges what is equal inside, so that at the
end outputs are the same net or nearly so. No pass has a part in it: what a pass does is checked by
other code. Class sums are compared as linear forms over merged nets:
equal bits cancel wherever they stand, what is left is expanded by the equations of its gates, and
only what remains of that becomes adders.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ..evaluation import Planes, unpack_planes
from ..facts import Facts
from ..levels import levels
from ..netlist import Netlist
from ..sums.terms import Weights
from ..surgery import restrict, tidy, widen
from .adders import balance
from .cones import Cones
from .linear import Form, difference, subtract, vanishes, window
from .patterns import Patterns
from .shrinking import Differs, shrink
from .sweeping import DEFAULT, Effort, Equal, Limits, equal_nets

LAST = 100
"""Times as many conflicts for a question about outputs as for one about nets inside."""

BITS = 1 << 24
"""Outputs of all samples held at once, as one number each."""

Tick = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Verdict:
    """What came out of a comparison.

    Attributes:
        equal: None is undecided.
        effort: what it took.
        how: a few words on the way to the result, or on what is open.
        example: bool ``(inputs,)``, made small, where they are not equal.
    """

    equal: bool | None
    effort: Effort
    how: str = ""
    example: NDArray[np.bool_] | None = None


def joint(left: Netlist, right: Netlist) -> Netlist:
    """Both circuits side by side on the same inputs: the outputs of the left, then of the right."""
    assert left.inputs == right.inputs
    k = max(left.k, right.k)
    one, other = widen(left, k), widen(right, k)

    def moved(nets: NDArray[np.int32]) -> NDArray[np.int32]:
        return np.where(nets < left.inputs, nets, nets + left.gates).astype(np.int32)

    return Netlist(
        left.inputs,
        np.concatenate([one.table, other.table]),
        np.concatenate([one.fanin, moved(other.fanin)]),
        np.concatenate([one.outputs, moved(other.outputs)]),
    )


def prove(
    left: Netlist,
    right: Netlist,
    facts: Facts,
    limits: Limits = DEFAULT,
    sums: tuple[Weights, Weights] | None = None,
    *,
    shift: bool = False,
    vectors: Planes | None = None,
    tick: Tick | None = None,
) -> Verdict:
    """Compare two circuits on all vectors that can occur.

    Args:
        sums: compare the scores of classes instead of the outputs; one for each side.
        shift: scores may differ by what is the same for all classes.
        vectors: to simulate besides random ones; all can occur.
        tick: called with nets done and nets in all.

    Raises:
        UnsupportedError: python-sat is not installed.
    """
    both, half = joint(left, right), len(left.outputs)
    differs = differs_on(both, half, sums, shift)
    return _Case(both, half, facts, limits, sums, shift, vectors, differs).run(tick)


def differs_on(
    both: Netlist, left: int, sums: tuple[Weights, Weights] | None, shift: bool
) -> Differs:
    """A function from planes to the samples on which the two halves of a circuit differ."""

    def piece(planes: Planes) -> NDArray[np.bool_]:
        values = both.evaluate(planes)
        if sums is None:
            wrong = np.bitwise_or.reduce(values[:left] ^ values[left:], axis=0)
            return unpack_planes(wrong[None], 64 * planes.shape[1])[:, 0]
        bits = unpack_planes(values, 64 * planes.shape[1])
        scores = sums[0].values(bits[:, :left]) - sums[1].values(bits[:, left:])
        return (scores != (scores[:, :1] if shift else 0)).any(axis=1)

    def differs(planes: Planes) -> NDArray[np.bool_]:
        step = max(1, BITS // (64 * len(both.outputs)))
        starts = range(0, planes.shape[1], step)
        return np.concatenate([piece(planes[:, start : start + step]) for start in starts])

    return differs


@dataclass
class _Case:
    """One comparison; ``net`` is the joint circuit, ``left`` counts its left outputs."""

    net: Netlist
    left: int
    facts: Facts
    limits: Limits
    sums: tuple[Weights, Weights] | None
    shift: bool
    vectors: Planes | None
    differs: Differs
    effort: Effort = field(default_factory=Effort)
    start: float = field(default_factory=time.perf_counter)

    @property
    def left_over(self) -> Limits:
        """The limits, with the time that is left."""
        spent = time.perf_counter() - self.start
        seconds = self.limits.seconds
        return replace(self.limits, seconds=max(seconds - spent, 1e-9) if seconds else 0.0)

    def run(self, tick: Tick | None) -> Verdict:
        patterns = Patterns(self.facts, self.limits.seed)
        found = self.refuted(patterns.plain(max(1, -(-self.limits.vectors // 64))))
        if found is None and self.vectors is not None:
            found = self.refuted(self.vectors)
        if found is not None:
            return found
        equal = equal_nets(self.net, self.facts, self.left_over, vectors=self.vectors, tick=tick)
        self.effort = equal.effort
        found = self.refuted(equal.told) if equal.told.size else None
        if found is not None:
            return found
        if self.sums is None:
            return self.bits(equal)
        return self.scores(equal, self.sums)

    def refuted(self, planes: Planes) -> Verdict | None:
        """The verdict, if one of some vectors tells the two apart."""
        wrong = self.differs(planes)
        if not wrong.any():
            return None
        sample = int(wrong.argmax())
        bits = unpack_planes(planes[:, sample // 64 : sample // 64 + 1], 64)[sample % 64]
        return self.different(bits)

    def different(self, bits: NDArray[np.bool_]) -> Verdict:
        small = shrink(bits, self.facts, self.differs)
        return Verdict(False, self.effort, "an example", small)

    def bits(self, equal: Equal) -> Verdict:
        """Output by output: the same net now, or a last question."""
        left, right = self.net.outputs[: self.left], self.net.outputs[self.left :]
        same = equal.literals(left) == equal.literals(right)
        open_pairs = np.unique(np.stack([left, right], axis=1)[~same], axis=0)
        return self.ask(self.net, equal, open_pairs, "output bits")

    def ask(self, net: Netlist, equal: Equal, pairs: NDArray[np.int32], what: str) -> Verdict:
        """A last question for each pair of nets; ``equal`` speaks of the first nets of ``net``."""
        patterns = Patterns(self.facts, self.limits.seed)
        cones = Cones(net, self.facts, patterns)
        for place in np.flatnonzero(equal.first != np.arange(len(equal.first))).tolist():
            first = int(equal.first[place])
            literal = first + 1 if first >= 0 else net.nets + 1
            cones.literal[place] = -literal if equal.complement[place] else literal
        limit = LAST * self.limits.conflicts
        undecided = 0
        ends: list[list[int]] = pairs.tolist()
        for one, other in ends:
            if 0 < self.left_over.seconds <= 1e-9:
                undecided += 1
                continue
            answer = cones.same(cones.literal[one], cones.literal[other], limit)
            if answer is None:
                undecided += 1
            elif cones.example is not None:
                self.count(cones)
                return self.different(patterns.complete(cones.example))
        self.count(cones)
        if undecided:
            return Verdict(None, self.effort, f"{undecided:,} of {len(pairs):,} {what}")
        return Verdict(True, self.effort)

    def count(self, cones: Cones) -> None:
        self.effort.alike += cones.alike
        self.effort.questions += cones.questions
        self.effort.conflicts += cones.conflicts
        self.effort.seconds = time.perf_counter() - self.start

    def scores(self, equal: Equal, sums: tuple[Weights, Weights]) -> Verdict:
        """Class by class: as linear forms, and in gates where those do not settle it."""
        left, right = self.net.outputs[: self.left], self.net.outputs[self.left :]
        # A sign that is never 1 is still part of what cancels, hence the second of each pair.
        ways = equal, equal.varying
        forms, others = (difference((left, sums[0]), (right, sums[1]), way) for way in ways)
        if self.shift:
            forms, others = ([subtract(one, two[0]) for one in two] for two in (forms, others))
        net = tidy(self.net)
        level = np.concatenate([np.zeros(net.inputs, np.int32), levels(net.inputs, net.fanin)])
        modulus = 0 if self.shift else window(sums)
        how = "equal bits of the sums cancelled"
        left_open = 0
        for pair in zip(forms, others):
            form = pair[0]
            if not form.terms:
                continue
            how = "what is left of the sums expanded over the integers"
            if any(vanishes(one, net, way, level, modulus) for one, way in zip(pair, ways)):
                continue
            verdict = self.added(form, equal)
            if verdict.equal is False:
                return verdict
            left_open += verdict.equal is None
            how = "what is left of the sums added up in gates"
        if left_open:
            return Verdict(None, self.effort, f"{left_open:,} of {len(forms):,} class sums")
        return Verdict(True, self.effort, how)

    def added(self, form: Form, equal: Equal) -> Verdict:
        """Whether a linear form is 0, in gates."""
        whole, width = balance(self.net, form)
        small = restrict(whole, whole.outputs)
        more = equal_nets(small, self.facts, self.left_over)
        for name in ("alike", "questions", "conflicts", "undecided", "untried"):
            both = getattr(self.effort, name) + getattr(more.effort, name)
            setattr(self.effort, name, both)
        first, second = small.outputs[:width], small.outputs[width:]
        same = more.literals(first) == more.literals(second)
        pairs = np.stack([first, second], axis=1)[~same]
        return self.ask(small, more, pairs, "bits of class sums")
