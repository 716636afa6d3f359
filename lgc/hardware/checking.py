"""Is a design the same function as its model? On random inputs, encoder included."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..chain import Chain
from ..dialect import GroupSumOp
from ..equivalence import GATE_VECTORS, VECTORS
from ..errors import CheckError
from ..evaluation import pack_planes, unpack_planes
from ..reference import binary, scores, stages
from .datapath import Word
from .design import Hardware, gates_of
from .formats import InputFormat


def wires(chain: Chain, given: InputFormat | None, x: NDArray[np.generic]) -> NDArray[np.bool_]:
    """What stands on the input port for samples ``(n, features)``, bool ``(n, inputs)``.

    Raises:
        InputError: the format does not hold a number.
    """
    if given is None:
        return unpack_planes(chain.own_encoding.planes(x), len(x))
    return given.unpack(given.quantise(x))


def expected(
    chain: Chain, results: tuple[Word, ...], bits: NDArray[np.bool_]
) -> dict[str, NDArray[np.int64]]:
    """What a model gives on each result port, int64 ``(n, count)``.

    Args:
        bits: that enter its first stage, bool ``(n, chain.bits)``.
    """
    return answered(chain, results, bits)[0]


def answered(
    chain: Chain, results: tuple[Word, ...], bits: NDArray[np.bool_]
) -> tuple[dict[str, NDArray[np.int64]], NDArray[np.bool_]]:
    """The same, and the next state, bool ``(n, state)``."""
    leaving = unpack_planes(stages(chain, pack_planes(bits)), len(bits))
    last, state = np.split(leaving, [chain.outputs], axis=1)
    found: dict[str, NDArray[np.int64]] = {}
    for word in results:
        if word.name == "bits":
            found["bits"] = last.astype(np.int64)
        elif chain.index:
            found[word.name] = binary(last)[:, None]
        else:
            sums = chain.group_sum
            assert isinstance(sums, GroupSumOp)
            counts = scores(sums, last).astype(np.int64)
            found[word.name] = counts if word.name == "scores" else counts.argmax(axis=1)[:, None]
    return found, state


@dataclass(frozen=True, eq=False)
class Stimuli:
    """Random inputs: bool ``(n, …)`` on the input port and, the same, into the first stage.

    Behind both stands the state of a recurrent model.
    """

    port: NDArray[np.bool_]
    bits: NDArray[np.bool_]


def stimuli(chain: Chain, given: InputFormat | None, count: int, seed: int) -> Stimuli:
    """Inputs that can occur, those of an encoder near its thresholds."""
    random = np.random.default_rng(seed)
    if given is None:
        bits = unpack_planes(chain.facts.planes(-(-count // 64), random), count)
        return Stimuli(bits, bits)
    numbers = _near(chain, given, count, random)
    x = numbers * 2.0**-given.fraction
    state = random.random((count, chain.state)) < 0.5
    port, bits = given.unpack(numbers), chain.own_encoding.rows(x)
    return Stimuli(*(np.concatenate([part, state], axis=1) for part in (port, bits)))


def check(chain: Chain, made: Hardware, seed: int = 0) -> str:
    """Compare on random inputs; how many there were.

    Raises:
        CheckError: they differ.
    """
    count = min(max(GATE_VECTORS // max(gates_of(made) + chain.gates, 1), 256), VECTORS)
    tried = stimuli(chain, made.given, count, seed)
    out = unpack_planes(made.evaluate(pack_planes(tried.port)), count)
    low = 0
    answers, state = answered(chain, made.results, tried.bits)
    for name, wanted in answers.items():
        word = next(one for one in made.results if one.name == name)
        if not np.array_equal(word.read(out[:, low : low + word.bits]), wanted):
            raise CheckError(f"the hardware gives other {name} than the model", where="verilog")
        low += word.bits
    if not np.array_equal(out[:, low:], state):
        raise CheckError("the hardware gives another state than the model", where="verilog")
    return f"random, {count:,} vectors, seed {seed}"


def _near(
    chain: Chain, given: InputFormat, count: int, random: np.random.Generator
) -> NDArray[np.int64]:
    """Numbers of the format: any, or one at a threshold or just below; one-hot where promised."""
    numbers = random.integers(given.least, given.most + 1, (count, chain.features))
    if chain.encoding.place is not None:
        return numbers
    own = slice(chain.own_bits)
    feature = chain.feature[own]
    cut = np.clip(given.cuts(chain.level[own]), given.least, given.most)
    order = random.permutation(chain.own_bits)
    spot = np.full(chain.features, given.least)
    for share in range(2):
        spot[feature[order]] = cut[order]
        chosen = random.random(numbers.shape) < 0.4
        beside = spot - random.integers(0, 2, numbers.shape)
        numbers = np.where(chosen, np.maximum(beside, given.least), numbers)
        order = order[::-1] if share == 0 else order
    for group in np.unique(chain.one_hot[chain.one_hot >= 0]).tolist():
        members = np.flatnonzero(chain.one_hot == group)
        hot = random.integers(0, len(members), count)[:, None] == np.arange(len(members))
        above = np.zeros(chain.features, np.int64)
        above[feature] = cut
        below = above[members] - 1
        numbers[:, members] = np.where(hot, above[members], below)
    return numbers
