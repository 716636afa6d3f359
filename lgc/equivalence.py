"""Are two models the same function? Simulation: exhaustive where that is small, else random.

A random check that finds no difference is evidence, not proof, and its result says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from .chain import Chain, read_chain
from .errors import UsageError
from .evaluation import exhaustive_planes, pack_planes, unpack_planes
from .facts import Facts, nothing
from .inputs import PackedBits, packed
from .netlist import Netlist
from .numbers_around import VECTORS, around_levels, obey, promise, reads_whole, whole_numbers
from .reference import binary, scores, stages

Mode = Literal["off", "fast", "exhaustive", "proof"]
"""How to check; what `proof` adds to `fast` is in `lgc.proving`."""

EXHAUSTIVE_INPUTS = 16
"""Up to this many free input bits, or as many vectors that can occur, every one is tried."""

GATE_VECTORS = 1 << 28
"""A random check simulates about this many gate values, with 256 to VECTORS vectors."""


Batch = NDArray[Any] | PackedBits


@dataclass(frozen=True, eq=False)
class Counterexample:
    """One input on which two models differ.

    Attributes:
        bits: bool ``(inputs,)``, the bits that enter the first layer.
        what: ``output bit``, ``score of class``, ``class`` or ``state bit``, of the next state.
        output: number of the first output bit or score that differs; 0 for the class.
        left, right: what the two give there.
        numbers: float32 ``(columns,)``, numbers that are these bits.
    """

    bits: NDArray[np.bool_]
    what: str
    output: int
    left: int
    right: int
    numbers: NDArray[np.float32] | None = None

    @property
    def text(self) -> str:
        """The input as a row of 0 and 1."""
        return "".join(map(str, self.bits.astype(int).tolist()))

    def __str__(self) -> str:
        text = self.text
        shown = text if len(text) <= 72 else f"{text[:64]}… ({len(text)} bits)"
        what = self.what if self.what == "class" else f"{self.what} {self.output}"
        return f"{what} is {self.left} and {self.right} on input {shown}"


@dataclass(frozen=True, eq=False)
class Result:
    """Whether two models are equal, and how that was found.

    Attributes:
        equal: no difference was found.
        how: ``exhaustive, 65,536 vectors``, ``random, 2,048 vectors, seed 0``, ``proved by …``
            or, where the models cannot be the same function at all, the reason.
        counterexample: present when a vector told them apart.
    """

    equal: bool
    how: str
    counterexample: Counterexample | None = None

    def __bool__(self) -> bool:
        return self.equal

    def __str__(self) -> str:
        verdict = "equal" if self.equal else "different"
        detail = "" if self.counterexample is None else f": {self.counterexample}"
        return f"{verdict} ({self.how}){detail}"


@dataclass(frozen=True, eq=False)
class Vectors:
    """What a check feeds to both models, and what to call it."""

    batch: Batch
    how: str


@dataclass(frozen=True, eq=False)
class Observation:
    """What one model gave: bits of the last layer, bool ``(n, m)``, or scores, or both.

    Of a recurrent model also the next state, bool ``(n, state)``.
    """

    chain: Chain
    bits: NDArray[np.bool_] | None
    counts: NDArray[np.int32] | None = None
    state: NDArray[np.bool_] | None = None

    def scores(self) -> NDArray[np.int32]:
        """Scores of all classes, int32 ``(n, classes)``."""
        if self.counts is not None:
            return self.counts
        assert self.bits is not None
        assert self.chain.group_sum is not None
        return scores(self.chain.group_sum, self.bits)

    def classes(self) -> NDArray[np.int64]:
        """The class of each sample, int64 ``(n, 1)``."""
        if self.chain.index:
            assert self.bits is not None
            return binary(self.bits)[:, None]
        return self.scores().argmax(axis=1)[:, None]


@dataclass(frozen=True, eq=False)
class Subject:
    """A model as the checker sees it.

    Attributes:
        chain: its shape; ``gates``: its size.
        observe: runs it.
        packs: it turns numbers into bits in code of its own, which is to be checked too.
    """

    chain: Chain
    gates: int
    observe: Callable[[Batch], Observation]
    packs: bool = False


def subject(module: ModuleOp) -> Subject:
    """A module, run by the reference interpreter."""
    chain = read_chain(module, recurrent=True)

    def observe(batch: Batch) -> Observation:
        planes = stages(chain, chain.encoding.planes(batch))
        bits = unpack_planes(planes, len(batch))
        return Observation(chain, bits[:, : chain.outputs], None, bits[:, chain.outputs :])

    return Subject(chain, chain.work, observe)


def compare_netlists(
    left: Netlist, right: Netlist, mode: Mode = "fast", *, seed: int = 0
) -> Result:
    """Compare two netlists output by output."""
    shapes = [f"{net.inputs} inputs and {len(net.outputs)} outputs" for net in (left, right)]
    if shapes[0] != shapes[1]:
        return Result(False, f"{shapes[0]} against {shapes[1]}")
    facts = nothing(left.inputs)
    bits, how = bit_vectors(facts, max(left.gates, right.gates), mode, seed)
    values = [unpack_planes(net.evaluate(pack_planes(bits)), len(bits)) for net in (left, right)]
    return _first_difference(values[0], values[1], "output bit", bits, how)


def compare(left: Subject, right: Subject, mode: Mode = "fast", *, seed: int = 0) -> Result:
    """Compare two models: bit by bit if both sum the same way, else score by score."""
    if (reason := shape_difference(left.chain, right.chain)) is not None:
        return Result(False, reason)
    chosen = choose_vectors(left, right, mode, seed)
    result = compare_observations(chosen, left.observe(chosen.batch), right.observe(chosen.batch))
    if not result or not (left.packs or right.packs):
        return result
    numbers = _compare_numbers(left, right, seed)
    return Result(True, f"{result.how}; {numbers.how}") if numbers else numbers


def choose_vectors(left: Subject, right: Subject, mode: Mode, seed: int) -> Vectors:
    """Vectors for a check of two models of the same shape.

    What one of them promises of its numbers (one-hot groups) is taken to be true for both.

    Raises:
        UsageError: ``exhaustive`` is asked for and there are too many inputs.
    """
    a, b = left.chain, right.chain
    if a.encoding != b.encoding:
        return _vectors_around_levels(a, b, mode, seed)
    bits, how = bit_vectors(promise(a, b).facts, max(left.gates, right.gates), mode, seed)
    return Vectors(packed(bits), how)


def compare_observations(chosen: Vectors, left: Observation, right: Observation) -> Result:
    """Compare what two models of the same shape gave for the same vectors."""
    chain = left.chain
    bits = unpack_planes(chain.encoding.planes(chosen.batch), len(chosen.batch))
    result = _compare_results(chosen, left, right, bits)
    if not result or left.state is None or right.state is None:
        return result
    return _first_difference(left.state, right.state, "state bit", bits, chosen.how)


def _compare_results(
    chosen: Vectors, left: Observation, right: Observation, bits: NDArray[np.bool_]
) -> Result:
    chain = left.chain
    if left.bits is not None and right.bits is not None and _same_sums(chain, right.chain):
        result = _first_difference(left.bits, right.bits, "output bit", bits, chosen.how)
        # bits that differ may add up to the same all the same
        if result or chain.group_sum is None or (left.scores() != right.scores()).any():
            return result
    if left.chain.index or right.chain.index:
        return _first_difference(left.classes(), right.classes(), "class", bits, chosen.how)
    one, other = left.scores(), right.scores()
    if left.chain.argmax or right.chain.argmax:  # what all scores share does not show
        one, other = one - one[:, :1], other - other[:, :1]
    return _first_difference(one, other, "score of class", bits, chosen.how)


def bit_vectors(facts: Facts, gates: int, mode: Mode, seed: int) -> tuple[NDArray[np.bool_], str]:
    """Input vectors that can occur, bool ``(n, inputs)``, and how they were chosen."""
    inputs = facts.inputs
    if facts.possible <= 1 << EXHAUSTIVE_INPUTS:
        free = facts.trivial
        bits = unpack_planes(exhaustive_planes(inputs), 1 << inputs) if free else facts.every()
        return bits, f"exhaustive, {len(bits):,} vectors"
    if mode == "exhaustive":
        raise UsageError(
            f"an exhaustive check takes up to {EXHAUSTIVE_INPUTS} input bits, this has {inputs}",
            hint="--check=fast tries random vectors",
        )
    count = min(max(GATE_VECTORS // max(gates, 1), 256), VECTORS)
    planes = facts.planes(-(-count // 64), np.random.default_rng(seed))
    return unpack_planes(planes, count), f"random, {count:,} vectors, seed {seed}"


def _vectors_around_levels(a: Chain, b: Chain, mode: Mode, seed: int) -> Vectors:
    """Different thresholds: numbers at, just above and just below the levels in use."""
    if mode == "exhaustive":
        raise UsageError(
            "the models binarise differently, so their bits cannot be enumerated",
            hint="--check=fast draws numbers around the thresholds of both",
        )
    if reads_whole(a, b):
        x = whole_numbers(a, b, seed)
        return Vectors(x, f"random, {len(x):,} rows of whole numbers, seed {seed}")
    x = around_levels(a, b, seed)
    return Vectors(x, f"random, {len(x):,} vectors around the thresholds, seed {seed}")


def _compare_numbers(left: Subject, right: Subject, seed: int) -> Result:
    """A kernel packs numbers in code of its own: floats and bytes around the levels in use."""
    if reads_whole(left.chain, right.chain):
        return _compare_whole(left, right, seed)
    floats = around_levels(left.chain, right.chain, seed)
    with np.errstate(invalid="ignore"):
        low = np.floor(np.clip(floats, 0, 254))
    random = np.random.default_rng(seed)
    drawn = (low + random.integers(0, 2, floats.shape)).astype(np.float32)
    whole = obey(drawn, left.chain, right.chain, random, whole=True)
    return _compare_batches(left, right, [floats, whole.astype(np.uint8)], " around the thresholds")


def _compare_whole(left: Subject, right: Subject, seed: int) -> Result:
    """Whole numbers as floats, between them and below 0 where no thresholds are compared, and as
    bytes."""
    x = whole_numbers(left.chain, right.chain, seed)
    floats, low = x, np.minimum(x, 255).astype(np.uint8)
    if left.chain.encoding == right.chain.encoding:
        random = np.random.default_rng(seed)
        floats = x * random.choice(np.array([-1, 1], np.float32), x.shape) + np.float32(0.25)
        low = random.integers(0, 256, x.shape, np.uint8)
        state = slice(left.chain.features, None)
        floats[:, state] = low[:, state] = x[:, state]
    return _compare_batches(left, right, [floats, low], "")


def _compare_batches(
    left: Subject, right: Subject, batches: list[NDArray[Any]], around: str
) -> Result:
    for x in batches:
        how = f"{len(x):,} rows of {x.dtype}{around}"
        result = compare_observations(Vectors(x, how), left.observe(x), right.observe(x))
        if not result:
            return result
    return Result(True, f"{len(batches[0]):,} rows of floats and of bytes{around}")


def shape_difference(a: Chain, b: Chain) -> str | None:
    if a.state != b.state:
        return f"bits of state: {a.state} against {b.state}"
    if (a.initial != b.initial).any():
        return f"bit {int((a.initial != b.initial).argmax())} of the initial state"
    if (a.index or b.index) and all(c.index or c.group_sum for c in (a, b)):
        return None if a.features == b.features else f"features: {a.features} against {b.features}"
    sums = [chain.group_sum for chain in (a, b)]
    for what, values in {
        "features": [a.features, b.features],
        "classes": [s.classes if s else 0 for s in sums],
        "tau": [s.tau.value.data if s else 0 for s in sums],
        "beta": [s.shift if s else 0 for s in sums],
        "one-hot groups": [_groups(a), _groups(b)] if _groups(a) and _groups(b) else [0, 0],
        "output bits": [a.outputs, b.outputs] if None in sums else [0, 0],
    }.items():
        if values[0] != values[1]:
            return f"{what}: {values[0]} against {values[1]}"
    return None


def _groups(chain: Chain) -> list[list[int]]:
    """The features of each one-hot group."""
    numbers = np.unique(chain.one_hot[chain.one_hot >= 0])
    return [np.flatnonzero(chain.one_hot == number).tolist() for number in numbers]


def _same_sums(a: Chain, b: Chain) -> bool:
    one, other = a.group_sum, b.group_sum
    if one is None or other is None:
        return one is other
    return a.outputs == b.outputs and all(
        np.array_equal(x, y)
        for x, y in (
            (one.groups(), other.groups()),
            (one.weights(), other.weights()),
            (one.offsets(), other.offsets()),
        )
    )


def _first_difference(
    left: NDArray[Any],
    right: NDArray[Any],
    what: str,
    bits: NDArray[np.bool_],
    how: str,
) -> Result:
    """Compare values ``(n, outputs)``; the example is the first sample with a difference."""
    wrong = left != right
    if not wrong.any():
        return Result(True, how)
    sample = int(wrong.any(axis=1).argmax())
    output = int(wrong[sample].argmax())
    values = int(left[sample, output]), int(right[sample, output])
    return Result(False, how, Counterexample(bits[sample].copy(), what, output, *values))
