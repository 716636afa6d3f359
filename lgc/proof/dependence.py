"""What a circuit depends on: inputs without effect, outputs that never change, classes never given.

Random inputs settle nearly all cases by example; what is left goes to a solver.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ..evaluation import pack_planes, unpack_planes
from ..facts import Facts
from ..inputs import PackedBits
from ..netlist import Netlist
from ..surgery import arity
from .balls import Attack, Ball, Scores, margins
from .classifier import Classifier, swept
from .counting import NOT, XOR, Builder
from .questions import Limits, Question, Solver
from .robustness import Verdict

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Unit = tuple[Ints, Bools]
"""Some inputs, and the values they can have together, bool ``(choices, inputs)``."""

SAMPLES = 64
"""Random inputs in a round: those of one word of planes."""

PATIENCE = 8
"""Rounds without a new example after which the solver takes over."""

VECTORS = 1 << 13
"""Random inputs that look for classes and for outputs that change."""

STARTS = 4
"""Of these, how many a search for a class begins at."""


def winners(model: Classifier) -> Netlist:
    """The classifier in gates: one output a class, which says whether that class is given."""
    builder = Builder(model.net)
    base = model.offset.copy()
    np.add.at(base, model.group, np.minimum(model.weight, 0))
    base -= base.min()
    one = np.array([builder.constant(True)])
    scores: list[list[int]] = []
    for number in range(model.classes):
        own = np.flatnonzero((model.group == number) & (model.weight != 0))
        bits = builder.literals(model.net.outputs[own].astype(np.int64), model.weight[own] < 0)
        weight = np.concatenate([np.abs(model.weight[own]), base[[number]]])
        scores.append(builder.total(np.concatenate([bits, one]), weight))
    beaten: list[list[int]] = [[] for _ in scores]
    for later in range(model.classes):
        for earlier in range(later):
            loses = builder.compare(scores[later], scores[earlier], equal=False)
            beaten[earlier].append(loses)
            beaten[later].append(int(builder.gates(NOT, [loses])[0]))
    lost = np.array([builder.any(np.array(those, np.int64)) for those in beaten])
    return swept(builder.finish(builder.gates(NOT, lost).tolist()))


def units(facts: Facts, feature: NDArray[np.int32], features: int, per: str) -> list[Unit]:
    """What may be dead: each bit, or the bits of each feature and all they can be together."""
    if per == "bit":
        either = np.array([[False], [True]])
        return [(np.array([bit]), either) for bit in range(facts.inputs)]
    found: list[Unit] = [(np.zeros(0, np.int64), np.zeros((1, 0), np.bool_))] * features
    for bits, values in facts.parts():
        for one in np.unique(feature[bits]):
            found[one] = (bits, values)
    return found


def dead(
    net: Netlist, facts: Facts, units: Sequence[Unit], limits: Limits, seed: int
) -> Iterator[tuple[int, Verdict]]:
    """Which units no output depends on.

    A unit is dead when no two inputs that can occur, and differ in this unit alone, give different
    outputs. Each is dead for itself: a netlist may need one of two.

    Yields:
        Number of the unit and what was found, in the order in which it is found.
    """
    net = swept(net)
    used = np.zeros(net.inputs, np.bool_)
    reads = np.concatenate([net.fanin[net.fanin < net.inputs], net.outputs])
    used[reads[reads < net.inputs]] = True
    left = list[int]()
    for number, (bits, _) in enumerate(units):
        if used[bits].any():
            left.append(number)
        else:
            yield number, Verdict("proved", "structure")
    random, idle = np.random.default_rng(seed), 0
    while left and idle < PATIENCE:
        found = _round(net, facts, [units[number] for number in left], random)
        for place, example in found.items():
            yield left[place], Verdict("refuted", "random inputs", example)
        idle = 0 if found else idle + 1
        left = [number for place, number in enumerate(left) if place not in found]
    for number in left:
        yield number, _dead(net, facts, units[number], limits.again())


def _round(
    net: Netlist, facts: Facts, units: Sequence[Unit], random: np.random.Generator
) -> dict[int, Bools]:
    """Change each unit of random inputs; an example for each that made a difference."""
    base = unpack_planes(facts.planes(1, random), SAMPLES)
    changed = np.repeat(base[None], len(units), axis=0)
    for place, (bits, choices) in enumerate(units):
        now = (base[:, None, bits] == choices).all(axis=2).argmax(axis=1)
        other = (now + random.integers(1, max(len(choices), 2), SAMPLES)) % len(choices)
        changed[place][:, bits] = choices[other]
    flat = changed.reshape(-1, net.inputs)
    before, after = net.evaluate(pack_planes(base)), net.evaluate(pack_planes(flat))
    wrong = unpack_planes(np.bitwise_or.reduce(before ^ after, axis=0)[None], len(flat))[:, 0]
    suspects = np.flatnonzero(wrong)
    suspects = suspects[facts.hold(flat[suspects])]
    places, first = np.unique(suspects // SAMPLES, return_index=True)
    return {int(p): base[suspects[i] % SAMPLES] for p, i in zip(places, first)}


def _dead(net: Netlist, facts: Facts, unit: Unit, limits: Limits) -> Verdict:
    asked = difference(net, facts, unit)
    if _constant_zero(asked.net):
        return Verdict("proved", "structure")
    with Solver(asked) as solver:
        return _verdict(solver.ask(0, limits), limits, net.inputs)


def difference(net: Netlist, facts: Facts, unit: Unit) -> Question:
    """Whether another value of a unit can change an output; the inputs after all are that value."""
    both = twice(net, unit)
    return Question(swept(differs(swept(both))), twofold(facts, unit))


def twice(net: Netlist, unit: Unit) -> Netlist:
    """The circuit and, behind its outputs, those for another value of a unit: the last inputs."""
    bits, _ = unit
    inputs, size = net.inputs, len(bits)
    number = np.arange(inputs + net.nets + size + net.gates, dtype=np.int32)
    first = np.concatenate([number[:inputs], number[inputs + size : net.nets + size]])
    second = np.concatenate(
        [number[:inputs], number[net.nets + size : net.nets + size + net.gates]]
    )
    second[bits] = number[inputs : inputs + size]
    return Netlist(
        inputs + size,
        np.concatenate([net.table, net.table]),
        np.concatenate([first[net.fanin], second[net.fanin]]),
        np.concatenate([first[net.outputs], second[net.outputs]]),
    )


def differs(both: Netlist) -> Netlist:
    """Whether any output of the first half differs from that of the second."""
    builder = Builder(both)
    one, other = both.outputs.reshape(2, -1)
    unequal = one != other
    return builder.finish([builder.any(builder.gates(XOR, one[unequal], other[unequal]))])


def twofold(facts: Facts, unit: Unit) -> list[list[int]]:
    """The facts, for both values of a unit."""
    place = {int(bit) + 1: facts.inputs + i + 1 for i, bit in enumerate(unit[0])}
    known = list(facts.clauses())
    return known + [
        [place.get(abs(x), abs(x)) * (1 if x > 0 else -1) for x in clause]
        for clause in known
        if any(abs(x) in place for x in clause)
    ]


def _constant_zero(net: Netlist) -> bool:
    gate = int(net.outputs[0]) - net.inputs
    return gate >= 0 and arity(net)[gate] == 0 and net.table[gate] == 0


def _verdict(answer: Bools | bool | None, limits: Limits, inputs: int) -> Verdict:
    if answer is None:
        return Verdict("undecided", f"stopped after {limits.reached}")
    if isinstance(answer, bool):
        return Verdict("proved", f"SAT, {limits.spent:,} conflicts")
    return Verdict("refuted", "SAT", answer[:inputs])


def unreachable(
    model: Classifier, scores: Scores, limits: Limits, seed: int
) -> Iterator[tuple[int, Verdict]]:
    """Which classes no input that can occur is given.

    Yields:
        Number of the class and what was found, in the order in which it is found.
    """
    facts, random = model.facts, np.random.default_rng(seed)
    bits = unpack_planes(facts.planes(VECTORS // 64, random), VECTORS)
    found = scores(PackedBits(np.packbits(bits, axis=1), facts.inputs))
    given, first = np.unique(found.argmax(axis=1), return_index=True)
    for number, row in zip(given.tolist(), first):
        yield number, Verdict("refuted", "random inputs", bits[row])
    left = [number for number in range(model.classes) if number not in given]
    if not left:
        return
    model = model.swept()
    asked: list[int] = []
    for number in left:
        if any(
            model.lead(number, rival).never for rival in range(model.classes) if rival != number
        ):
            yield number, Verdict("proved", "bounds")
        elif (example := _climb(number, bits, found, scores, facts)) is not None:
            yield number, Verdict("refuted", "search", example)
        else:
            asked.append(number)
    if not asked:
        return
    with Solver(Question(winners(model), list(facts.clauses()))) as solver:
        for number in asked:
            own = limits.again()
            yield number, _verdict(solver.ask(number, own), own, facts.inputs)


def _climb(
    number: int, bits: Bools, found: NDArray[np.int32], scores: Scores, facts: Facts
) -> Bools | None:
    """Go from the inputs that are nearest to a class to one that is given it."""

    def gain(given: NDArray[np.int32]) -> Ints:
        return 1 - margins(given, number)

    every = np.ones(facts.inputs, np.bool_)
    for start in np.argsort(-gain(found), kind="stable")[:STARTS]:
        ball = Ball(bits[start], every, None, np.arange(facts.inputs), facts)
        if (example := Attack(ball, scores, gain).run()) is not None:
            return example
    return None


def constants(
    net: Netlist, facts: Facts, limits: Limits, seed: int
) -> Iterator[tuple[int, bool, Verdict]]:
    """Which outputs have one value for all inputs that can occur.

    Yields:
        Number of the output, the value it has (on some input), and what was found.
    """
    net = swept(net)
    planes = facts.planes(VECTORS // 64, np.random.default_rng(seed))
    values = net.evaluate(planes)
    first = values[:, 0] & np.uint64(1) != 0
    other = values ^ np.where(first, ~np.uint64(0), np.uint64(0))[:, None]
    varies = other.any(axis=1)
    word = (other != 0).argmax(axis=1)
    for number in np.flatnonzero(varies).tolist():
        columns = unpack_planes(planes[:, word[number], None], SAMPLES)
        place = unpack_planes(other[number, word[number]].reshape(1, 1), SAMPLES)[:, 0].argmax()
        yield number, bool(first[number]), Verdict("refuted", "random inputs", columns[place])
    gate = net.outputs - net.inputs
    trivial = gate >= 0
    trivial[trivial] = arity(net)[gate[trivial]] == 0
    for number in np.flatnonzero(trivial).tolist():
        yield number, bool(first[number]), Verdict("proved", "structure")
    left = np.flatnonzero(~varies & ~trivial)
    if not len(left):
        return
    builder = Builder(net)
    asked = builder.literals(net.outputs[left].astype(np.int64), first[left])
    with Solver(Question(builder.finish(asked.tolist()), list(facts.clauses()))) as solver:
        for place, number in enumerate(left.tolist()):
            own = limits.again()
            answer = _verdict(solver.ask(place, own), own, facts.inputs)
            yield number, bool(first[number]), answer
