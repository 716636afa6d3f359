"""Properties of one model: each proved, refuted by an example, or left undecided by a limit.

An example is run through the reference before it is told.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from .checking import check
from .driver import as_model, compile
from .errors import UsageError
from .flattening import classifier, flatten
from .inputs import PackedBits
from .interfaces import Progress
from .model import Model
from .neighbours import Near, Samples, samples
from .proof.dependence import constants, dead, units, unreachable, winners
from .proof.questions import Limits
from .proof.robustness import Answer, Verdict, decide
from .reference import run

Bools = NDArray[np.bool_]
Property = Literal["robust", "dead-inputs", "constant-outputs", "unreachable-classes"]
PROPERTIES: tuple[Property, ...] = get_args(Property)

ENUMERATE = 1 << 26
"""Inputs of a ball that are gone through rather than asked about."""

KERNEL_WORK = 1 << 27
"""Gates evaluated, all samples together, after which a kernel takes over from the reference."""

WORDS = {
    "robust": ("robust", "not robust"),
    "dead-inputs": ("dead", "live"),
    "constant-outputs": ("constant", "varies"),
    "unreachable-classes": ("unreachable", "reachable"),
}
"""What a property is called where it is proved and where it is refuted."""


@dataclass(frozen=True, eq=False)
class Finding:
    """What was found about one sample, input, output or class.

    Attributes:
        index: its number.
        answer: ``proved``, ``refuted`` or ``undecided``.
        how: in words.
        bits: an input that refutes it, as the bits that enter the circuit.
        numbers: the same as the numbers of one sample, where samples are numbers.
        before, after: the classes of the sample and of that input; of an output its value.
        proved, broken: with ``smallest`` the largest size that was proved and the smallest that
            was refuted.
    """

    index: int
    answer: Answer
    how: str
    seconds: float
    bits: Bools | None = None
    numbers: NDArray[Any] | None = None
    before: int | None = None
    after: int | None = None
    proved: float | None = None
    broken: float | None = None


@dataclass(frozen=True, eq=False)
class Report:
    """All that was found about a property.

    Attributes:
        name: of the property.
        item: what the findings are about: ``sample``, ``feature``, ``bit``, ``output``, ``class``.
        about: the property in words.
    """

    name: Property
    item: str
    about: str
    findings: list[Finding]

    def verdict(self, finding: Finding) -> str:
        """One word or two about a finding."""
        proved, refuted = WORDS[self.name]
        return {"proved": proved, "refuted": refuted}.get(finding.answer, "undecided")

    def count(self, answer: Answer) -> int:
        return sum(one.answer == answer for one in self.findings)

    @property
    def summary(self) -> str:
        """How many were proved, refuted and left."""
        proved, refuted = WORDS[self.name]
        total = len(self.findings)
        share = f" ({self.count('proved') / total:.2%})" if total else ""
        return (
            f"{proved} {self.count('proved'):,} of {total:,}{share}, "
            f"{refuted} {self.count('refuted'):,}, undecided {self.count('undecided'):,}"
        )


def verify(
    model: Model | str | os.PathLike[str] | object,
    property: Property,
    x: Any = None,
    *,
    flips: int | None = None,
    features: int | None = None,
    radius: float | None = None,
    smallest: bool = False,
    chosen: Sequence[int] | None = None,
    per: Literal["feature", "bit"] = "feature",
    target: Literal["outputs", "class"] = "outputs",
    conflicts: int = 1_000_000,
    seconds: float = 60.0,
    enumerate: int = ENUMERATE,
    seed: int = 0,
    progress: Progress | None = None,
) -> Report:
    """Prove or refute a property.

    Args:
        property: ``robust``: no input near a sample has another class. ``dead-inputs``: inputs that
            no output depends on. ``constant-outputs``: bits of the last layer that never change.
            ``unreachable-classes``: classes that no input is given.
        x: the samples, for ``robust``.
        flips, features, radius: one of them says what is near: so many bits that enter the circuit
            flipped, so many features with any other value, or every number changed by so much.
        smallest: search for the smallest size that changes the class, up to the one that is given.
        chosen: numbers of the samples; by default all.
        per: whether ``dead-inputs`` are features or the bits that enter the circuit.
        target: whether they are dead for the bits of the last layer or for the class.
        conflicts, seconds: limits of the solver for each sample, input, output or class.
        enumerate: balls of up to so many inputs are gone through, each input run.
        seed: of random inputs.
        progress: called with (done, in all).

    Raises:
        UsageError: something is missing or contradicts something else.
        UnsupportedError: a solver is needed and python-sat is missing; the model has no class sums.
    """
    if property not in PROPERTIES:
        raise UsageError(f"a property is one of {', '.join(PROPERTIES)}, not {property!r}")
    source, limits = as_model(model), Limits(conflicts, seconds)
    if property == "robust":
        near, given = near_of(flips, features, radius), samples_of(source, x)
        numbers = chosen_samples(chosen, len(given))
        search = _Robust(source, given, near, limits, enumerate)
        found = (search.smallest(i) if smallest else search.one(i) for i in numbers)
        about = f"the class is that of all inputs with {near}"
        return _report(property, "sample", about, found, len(numbers), progress)
    if property == "dead-inputs":
        found, count = _dead(source, per, target, limits, seed)
        about = f"no {'output' if target == 'outputs' else 'class'} depends on it"
        return _report(property, per, about, found, count, progress)
    if property == "constant-outputs":
        found, count = _constants(source, limits, seed), source.chain.outputs
        return _report(property, "output", "it has one value", found, count, progress)
    found, count = _unreachable(source, limits, seed), classifier(source.chain).classes
    return _report(property, "class", "no input is given it", found, count, progress)


def near_of(flips: int | None, features: int | None, radius: float | None) -> Near:
    """What is near, where exactly one is given."""
    given: list[Near] = []
    given += [] if flips is None else [Near("flips", flips)]
    given += [] if features is None else [Near("features", features)]
    given += [] if radius is None else [Near("radius", radius)]
    if len(given) != 1:
        raise UsageError(
            f"what is near is said by one of flips, features and radius, not {len(given)}",
            where="robust",
        )
    return given[0]


def samples_of(model: Model, x: Any) -> Samples:
    """The samples to be verified, which must be there."""
    if x is None:
        raise UsageError("the samples are missing", where="robust", hint="--data FILE, or x")
    return samples(model.chain, x)


def chosen_samples(chosen: Sequence[int] | None, count: int) -> Sequence[int]:
    """Numbers of samples, all there."""
    numbers = range(count) if chosen is None else chosen
    for number in numbers:
        if not 0 <= number < count:
            raise UsageError(f"there is no sample {number}, there are {count}", where="samples")
    return numbers


def _report(
    property: Property,
    item: str,
    about: str,
    found: Iterator[Finding],
    count: int,
    progress: Progress | None,
) -> Report:
    findings: list[Finding] = []
    for finding in found:
        findings.append(finding)
        if progress is not None:
            progress(len(findings), count)
    return Report(property, item, about, sorted(findings, key=lambda one: one.index))


class Runner:
    """Scores of a model: by the reference, or by a kernel once that pays."""

    def __init__(self, model: Model) -> None:
        self.model, self.gates, self.work = model, model.gates, 0
        self._kernel: Any = None

    def __call__(self, batch: PackedBits) -> NDArray[np.int32]:
        self.work += len(batch) * self.gates
        if self._kernel is None and self.work > KERNEL_WORK:
            self._kernel = compile(self.model)
            if not (result := check(self.model, self._kernel)):
                raise AssertionError(f"the kernel is another function: {result}")
        if self._kernel is not None:
            return self._kernel.counts(batch)
        counts = run(self.model.module, batch).counts
        assert counts is not None
        return counts


@dataclass
class _Robust:
    """Samples and what is near them."""

    model: Model
    samples: Samples
    near: Near
    limits: Limits
    enumerate: int

    def __post_init__(self) -> None:
        self.runner = Runner(self.model)
        self.classifier = classifier(self.model.chain).swept()
        self.classifier = replace(self.classifier, facts=self.samples.facts)

    def one(self, number: int) -> Finding:
        """Whether a sample is robust."""
        limits, started = self.limits.again(), time.perf_counter()
        verdict = self._decide(number, self.near, limits)
        return self._finding(number, verdict, started)

    def _decide(self, number: int, near: Near, limits: Limits) -> Verdict:
        ball = self.samples.ball(number, near)
        return decide(self.classifier, ball, self.runner, limits, self.enumerate)

    def smallest(self, number: int) -> Finding:
        """The smallest size that changes the class, by bisection."""
        limits, started = self.limits.again(), time.perf_counter()
        sizes, low = self._sizes(number), 0
        high, example, how = len(sizes), None, list[str]()
        step = 0 if self.near.kind != "radius" else None  # counts go up one by one
        while low < high:
            middle = low if step is not None else (low + high) // 2
            verdict = self._decide(number, replace(self.near, size=sizes[middle]), limits)
            how.append(verdict.how)
            if verdict.answer == "undecided":
                break
            if verdict.answer == "proved":
                low = middle + 1
            else:
                example = verdict
                assert verdict.bits is not None
                high = int(np.searchsorted(sizes, self._size(number, verdict.bits)))
        else:
            verdict = example or Verdict("proved", how[-1] if how else "nothing can change")
        found = self._finding(number, verdict, started)
        broken = float(sizes[high]) if high < len(sizes) else None
        return replace(found, proved=float(sizes[low - 1]) if low else 0.0, broken=broken)

    def _sizes(self, number: int) -> list[float]:
        if self.near.kind != "radius":
            return [float(size) for size in range(1, int(self.near.size) + 1)]
        far = np.unique(self.samples.distances(number))
        return far[far <= self.near.size].tolist()

    def _size(self, number: int, bits: Bools) -> float:
        """How near an example is."""
        changed = bits != self.samples.bits[number]
        if self.near.kind == "radius":
            return float(self.samples.distances(number)[changed].max())
        feature = self.model.chain.feature[changed]
        return float(changed.sum() if self.near.kind == "flips" else len(np.unique(feature)))

    def _finding(self, number: int, verdict: Verdict, started: float) -> Finding:
        own = class_of(self.model, self.samples.bits[number])
        after, numbers = None, None
        if verdict.bits is not None:
            numbers = self.samples.numbers(number, verdict.bits)
            after = confirm(self.model, verdict.bits, numbers)
            if after == own:
                raise AssertionError(f"the example for sample {number} does not change the class")
        seconds = time.perf_counter() - started
        return Finding(
            number, verdict.answer, verdict.how, seconds, verdict.bits, numbers, own, after
        )


def class_of(model: Model, bits: Bools) -> int:
    """The class that the reference gives the bits that enter the circuit."""
    return _class(model, PackedBits(np.packbits(bits)[None], len(bits)))


def _class(model: Model, batch: Any) -> int:
    classes = model.evaluate(batch).classes
    assert classes is not None
    return int(classes[0])


def confirm(model: Model, bits: Bools, numbers: NDArray[Any] | None) -> int:
    """The class that the reference gives an example."""
    found = class_of(model, bits)
    if numbers is not None:
        again = samples(model.chain, numbers[None])
        if not np.array_equal(again.bits[0], bits) or _class(model, numbers[None]) != found:
            raise AssertionError("the numbers of an example do not give its bits")
    return found


def _dead(
    model: Model, per: str, target: str, limits: Limits, seed: int
) -> tuple[Iterator[Finding], int]:
    chain = model.chain
    net = winners(classifier(chain)) if target == "class" else flatten(chain)
    found = units(chain.facts, chain.feature, chain.features, per)
    return _timed(dead(net, chain.facts, found, limits, seed)), len(found)


def _timed(found: Iterator[tuple[int, Verdict]]) -> Iterator[Finding]:
    started = time.perf_counter()
    for number, verdict in found:
        now = time.perf_counter()
        yield Finding(number, verdict.answer, verdict.how, now - started, verdict.bits)
        started = now


def _constants(model: Model, limits: Limits, seed: int) -> Iterator[Finding]:
    chain = model.chain
    found = list(constants(flatten(chain), chain.facts, limits, seed))
    values = {number: value for number, value, _ in found}
    for one in _timed((number, verdict) for number, _, verdict in found):
        yield replace(one, before=int(values[one.index]))


def _unreachable(model: Model, limits: Limits, seed: int) -> Iterator[Finding]:
    found = unreachable(classifier(model.chain), Runner(model), limits, seed)
    for one in _timed(found):
        if one.bits is None:
            yield one
            continue
        given = confirm(model, one.bits, None)
        if given != one.index:
            raise AssertionError(f"the example for class {one.index} is given class {given}")
        yield replace(one, after=given)
