"""Are two models the same function? Proved, not sampled; what stays undecided is an error."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .chain import Chain
from .encoding import Encoding
from .equivalence import Counterexample, Result, Subject, compare, shape_difference
from .errors import UndecidedError, UnsupportedError
from .evaluation import Planes
from .facts import LARGEST, Facts
from .flattening import common_encoding, flatten
from .hardware.encoder import encoder, encoder_of
from .hardware.formats import InputFormat
from .netlist import Netlist
from .proof.certificate import Certificate, certify
from .proof.equality import LAST, Tick, Verdict, prove
from .proof.following import follow
from .proof.linear import Ints
from .proof.sweeping import Limits
from .reference import binary
from .sums.terms import Weights
from .surgery import compose, restrict, rewired

LIMITS = Limits(conflicts=1000, seconds=600)
"""Of a proof, where nothing else is said."""

Part = Literal["results", "state"]

ADDERS = 20
"""Times as many conflicts for each question where adders and comparators are compared."""


def compare_proved(
    left: Subject, right: Subject, limits: Limits = LIMITS, *, tick: Tick | None = None
) -> Result:
    """Prove two models equal, or show where they differ.

    Of a kernel the circuit it was made from is proved; the kernel itself runs on vectors.

    Raises:
        UndecidedError: the limits were reached.
        UnsupportedError: python-sat is not installed.
    """
    runs = ""
    if left.packs or right.packs:
        seen = compare(left, right, seed=limits.seed)
        if not seen:
            return seen
        runs = f"; the kernel ran on: {seen.how}"
    result = prove_chains(left.chain, right.chain, limits, tick=tick)
    return replace(result, how=result.how + runs)


def prove_chains(
    left: Chain, right: Chain, limits: Limits = LIMITS, *, tick: Tick | None = None
) -> Result:
    """The same for two models as circuits, whatever made them."""
    if (reason := shape_difference(left, right)) is not None:
        return Result(False, reason)
    result = _prove_part(left, right, limits, "results", tick)
    if not result or not left.state:
        return result
    state = _prove_part(left, right, limits, "state", tick)
    return replace(state, how=f"{result.how}; next state: {state.how}") if state else state


def _prove_part(left: Chain, right: Chain, limits: Limits, part: Part, tick: Tick | None) -> Result:
    started = time.perf_counter()
    case = Case(left, right, limits, part)
    sums = None if case.bitwise else (_sums(left), _sums(right))
    shift = left.argmax and right.argmax
    spent = time.perf_counter() - started
    left_over = replace(
        limits,
        conflicts=limits.conflicts * (1 if case.vectors is None else ADDERS),
        seconds=max(limits.seconds - spent, 1e-9) if limits.seconds else 0,
    )
    verdict = prove(
        *case.nets, case.facts, left_over, sums, shift=shift, vectors=case.vectors, tick=tick
    )
    if verdict.equal is None:
        raise UndecidedError(
            f"neither equal nor different so far: {verdict.how} are open "
            f"after {verdict.effort.seconds:.0f} s, {verdict.effort}",
            hint=_more(verdict, limits),
        )
    if verdict.example is not None:
        asked = verdict.effort.questions
        how = f"found by SAT sweeping, {verdict.effort}" if asked else "found by simulation"
        return Result(False, how, case.example(verdict.example))
    known = "" if case.facts.trivial else f", facts of {case.facts.inputs:,} thresholds"
    how = f"proved by SAT sweeping{case.domain}, {verdict.effort}{known}"
    return Result(True, f"{how}; {verdict.how}" if verdict.how else how)


def certified(
    left: Chain, right: Chain, limits: Limits = LIMITS, *, tick: Tick | None = None
) -> Certificate:
    """A certificate that two models which are equal are equal (see `lgc.proof.certificate`).

    Raises:
        UnsupportedError: their class sums add up different bits, the limits were reached, or they
            are recurrent.
    """
    if left.state or right.state:
        raise UnsupportedError(
            "a certificate says nothing of the next state of a recurrent model",
            where="certificate",
            hint="--proof without --drat compares that too",
        )
    case = Case(left, right, limits)
    keys = _keys(case)
    found = certify(*case.nets, keys, case.facts, limits, tick=tick)
    same = case.bitwise or np.array_equal(_sums(left).offset, _sums(right).offset)
    if isinstance(found, Certificate) and same:
        return found
    bits = found if isinstance(found, int) else 0
    raise UnsupportedError(
        f"the class sums add up different bits: {bits:,} of one model have no equal in the other",
        where="certificate",
        hint="--proof without --drat compares such sums too",
    )


def _keys(case: Case) -> tuple[Ints, Ints]:
    """Outputs that may stand for one another have equal numbers."""
    if case.bitwise:
        return np.arange(len(case.nets[0].outputs)), np.arange(len(case.nets[1].outputs))
    rows = [np.stack([_sums(one).group, _sums(one).weight], axis=1) for one in case.chains]
    _, number = np.unique(np.concatenate(rows), axis=0, return_inverse=True)
    left, right = np.split(number.ravel().astype(np.int64), [len(rows[0])])
    return left, right


def _more(verdict: Verdict, limits: Limits) -> str:
    """Which option goes further."""
    if limits.seconds and verdict.effort.seconds >= limits.seconds:
        return f"--seconds={10 * limits.seconds:g} gives it more time than {limits.seconds:g} s"
    return (
        f"--conflicts={10 * limits.conflicts} gives every question more than "
        f"{limits.conflicts:,} conflicts, and the last ones {LAST} times that"
    )


class Case:
    """Two models of the same shape as circuits over the same bits.

    Attributes:
        nets: their circuits; both read all thresholds of both.
        facts: about those.
        vectors: that are worth simulating, if there are such.
        class_only: whether the circuits go on to the class, and nothing else is compared.
        bitwise: whether output bits are compared, not scores.
        part: what of the two is compared: the results, or the next state of a recurrent model.
    """

    def __init__(self, left: Chain, right: Chain, limits: Limits, part: Part = "results") -> None:
        self.chains, self.part = (left, right), part
        self.class_only = part == "results" and (left.index or right.index)
        nets = [_part(one, part) for one in self.chains]
        self.bitwise = part == "state" or self.class_only or left.group_sum is None
        self.domain = ""
        if left.encoding == right.encoding and left.dtype == right.dtype:
            self.encoding, self.facts = left.encoding, left.facts
            self.places = [np.arange(left.bits)] * 2
        elif (left.encoding.place is None) != (right.encoding.place is None):
            self.domain = " for bytes"
            self.encoding, nets = _over_bytes(self.chains, nets)
            self.facts: Facts = self.encoding.facts("uint8")
            self.places = [np.arange(len(self.encoding.feature))] * 2
        else:
            self.encoding, self.places = common_encoding(self.chains)
            self.facts = self.encoding.facts(left.dtype if left.dtype == right.dtype else "float32")
        bits = len(self.encoding.feature)
        one, other = (rewired(net, bits, own) for net, own in zip(nets, self.places))
        self.vectors: Planes | None = None
        if self.class_only and left.group_sum is not None:
            one, self.vectors = follow(one, _sums(left), other, self.facts, limits)
        elif self.class_only and right.group_sum is not None:
            other, self.vectors = follow(other, _sums(right), one, self.facts, limits)
        self.nets: tuple[Netlist, Netlist] = (one, other)

    def example(self, bits: NDArray[np.bool_]) -> Counterexample:
        """What the two give for some bits."""
        planes = np.where(bits, ~np.uint64(0), np.uint64(0))[:, None]
        given = [(net.evaluate(planes)[:, 0] & np.uint64(1)).astype(np.int64) for net in self.nets]
        what = "output bit" if self.part == "results" else "state bit"
        if self.class_only:
            what = "class"
            given = [binary(values[None].astype(np.bool_)) for values in given]
        elif not self.bitwise:
            what = "score of class"
            given = [
                _sums(chain).values(values[None].astype(np.bool_))[0]
                for chain, values in zip(self.chains, given)
            ]
        wrong = given[0] != given[1]
        assert wrong.any(), "an example that is none"
        number = int(wrong.argmax())
        own = bits[self.places[0]]
        numbers = numbers_of(self.chains[0], self.encoding, bits)
        return Counterexample(
            own, what, number, int(given[0][number]), int(given[1][number]), numbers
        )


def _part(chain: Chain, part: Part) -> Netlist:
    """The circuit of what is compared, and no more of it where there is a state."""
    net = flatten(chain)
    if not chain.state:
        return net
    outputs = chain.outputs
    return restrict(net, net.outputs[:outputs] if part == "results" else net.outputs[outputs:])


def _sums(chain: Chain) -> Weights:
    assert chain.group_sum is not None
    return chain.group_sum.weighted()


BYTES = InputFormat("u8", 8, 0, signed=False)


def _over_bytes(chains: tuple[Chain, Chain], nets: list[Netlist]) -> tuple[Encoding, list[Netlist]]:
    """A model that compares numbers and one that reads their bits, over the bits of bytes.

    Raises:
        UnsupportedError: the one that reads bits reads more than those of bytes.
    """
    if any(one.encoding.place is not None and one.dtype not in LARGEST for one in chains):
        raise UnsupportedError(
            "one model compares numbers, the other reads the bits of numbers wider than a byte",
            where="proof",
            hint="--check=fast draws whole numbers",
        )
    if chains[0].state:
        raise UnsupportedError(
            "one recurrent model compares numbers, the other reads their bits",
            where="proof",
            hint="--check=fast draws whole numbers",
        )
    features = chains[0].features
    wires = np.repeat(np.arange(features, dtype=np.int32), BYTES.bits)
    places = np.tile(np.arange(BYTES.bits, dtype=np.int32), features)
    over = [compose([_from_bytes(one), net]) for one, net in zip(chains, nets)]
    return Encoding(wires, None, places), over


def _from_bytes(chain: Chain) -> Netlist:
    """What enters the first layer of a model from the bits of bytes; x > 300 never holds."""
    level = chain.encoding.thresholds
    if level is None:
        return encoder_of(chain, BYTES)
    whole = np.floor(level)
    whole = np.where(whole < 0, -np.inf, np.where(whole >= 255, np.inf, whole))
    return encoder(chain.feature, whole.astype(np.float32), chain.features, BYTES)


def numbers_of(chain: Chain, encoding: Encoding, bits: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Numbers, float32 ``(columns,)``, that are encoded as these bits."""
    feature = encoding.feature
    if encoding.place is not None:
        whole = np.zeros(chain.columns, np.int64)
        np.bitwise_or.at(whole, feature[bits], 1 << encoding.place[bits].astype(np.int64))
        return whole.astype(np.float32)
    level = encoding.level
    above = np.full(chain.columns, -np.inf, np.float32)
    up_to = np.full(chain.columns, np.inf, np.float32)
    np.maximum.at(above, feature[bits], level[bits])
    np.minimum.at(up_to, feature[~bits], level[~bits])
    whole = chain.dtype in LARGEST
    with np.errstate(all="ignore"):
        tries = [np.zeros_like(above), np.floor(above) + 1, up_to]
        if not whole:
            tries += [(above + up_to) / 2, np.nextafter(above, np.float32(np.inf))]
    numbers = np.full(chain.columns, np.nan, np.float32)
    for one in tries:
        fits = np.isnan(numbers) & (one > above) & (one <= up_to) & np.isfinite(one)
        numbers[fits] = one[fits]
    return np.nan_to_num(numbers)
