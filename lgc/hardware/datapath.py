"""Datapath: a model as parts, each a netlist, from the bits of a port to words of results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..chain import Chain, Mapped
from ..dialect import MapOp
from ..dialect.operations import width
from ..dialect.unpacking import netlist_of
from ..errors import UsageError
from ..mapping import unrolled
from ..netlist import Netlist
from ..sums.arithmetic import Gates, Number, argmax
from ..sums.classifier import classifier
from ..sums.terms import Weights
from ..surgery import wires
from .encoder import encoder_of, needed
from .formats import InputFormat, Ints

Finish = Callable[[Netlist], Netlist]
"""Brings a netlist into the gates of a style, the function the same."""


@dataclass(frozen=True, eq=False)
class Part:
    """Reads the outputs of the part before it."""

    name: str
    net: Netlist

    @property
    def flat(self) -> Netlist:
        """All that it computes, as one netlist."""
        return self.net


@dataclass(frozen=True, eq=False)
class Places(Part):
    """A netlist at many places, as `logic.map` has it.

    Attributes:
        index: int32 ``(places, inputs)``, what each reads, -1 for a zero.
        kept: bits that are passed on in front of the results.
        bits: that come in.
    """

    index: NDArray[np.int32]
    kept: NDArray[np.int32]
    bits: int

    @property
    def flat(self) -> Netlist:
        return unrolled(Mapped(self.net, self.index, self.kept), self.bits)


@dataclass(frozen=True)
class Word:
    """Numbers that leave the datapath, the first in the lowest bits.

    Attributes:
        name: of the port.
        width: bits of one number.
        count: of numbers.
        signed: two's complement.
    """

    name: str
    width: int
    count: int = 1
    signed: bool = False

    @property
    def bits(self) -> int:
        return self.width * self.count

    def read(self, bits: NDArray[np.bool_]) -> Ints:
        """The numbers in bits ``(n, bits)``, int64 ``(n, count)``."""
        weight = 1 << np.arange(self.width, dtype=np.int64)
        if self.signed:
            weight[-1] *= -1
        return bits.reshape(len(bits), self.count, self.width) @ weight

    def write(self, numbers: Ints) -> NDArray[np.bool_]:
        """The bits of numbers ``(n, count)``, bool ``(n, bits)``."""
        places = np.arange(self.width)
        return (numbers[:, :, None] >> places & 1).astype(np.bool_).reshape(len(numbers), -1)


@dataclass(frozen=True, eq=False)
class Datapath:
    """What is between the ports.

    Attributes:
        inputs: bits of the input port.
        given: how numbers stand on it; None for the bits that thresholds give.
        parts: one after another.
        results: what the outputs of the last part are, from the first on.
        initial: bool ``(state,)``, of a recurrent model the state before the first step. The state
            is behind the other inputs, the next one behind the results.
    """

    inputs: int
    given: InputFormat | None
    parts: tuple[Part, ...]
    results: tuple[Word, ...]
    initial: NDArray[np.bool_]


def datapath(
    chain: Chain, what: str, given: InputFormat | None, finish: Finish, *, separate: bool = False
) -> Datapath:
    """The parts of a model: encoder, layers or core, class sums, argmax.

    With ``auto`` it gives the class where the model has class sums, else the last bits.

    What the circuits of the model hold already stays; what is still symbolic is built here and
    finished in the style. With ``separate`` the last circuits are what `lower-sums` built apart.

    Raises:
        UsageError: results are asked for that the model does not give.
        InputError: the format cannot hold the thresholds.
    """
    if what == "auto":
        what = "class" if chain.gives_class or chain.group_sum is not None else "bits"
    parts = _layers(chain, separate)
    results = (Word("bits", 1, chain.outputs),)
    if chain.index:
        results = (Word("class_index", chain.outputs),)
        if what != "class":
            raise UsageError(
                f"the model gives the class alone, as a binary number, not {what}",
                where="--outputs",
                hint="start from the model before lower-sums{to=class}, or without --head index",
            )
    elif what != "bits":
        if chain.group_sum is None:
            raise UsageError(
                "the model has no class sums", where="--outputs", hint="bits is what it gives"
            )
        more, results = _sums(chain.group_sum.weighted(), what, finish)
        parts += [Part(part.name, past(part.net, chain.state)) for part in more]
    if given is not None:
        parts.insert(0, _encoder(chain, given, parts, finish))
    return Datapath(parts[0].flat.inputs, given, tuple(parts), results, chain.initial)


def past(net: Netlist, state: int) -> Netlist:
    """The netlist, and beside it wires for a state that passes it."""
    if not state:
        return net
    number = np.concatenate([np.arange(net.inputs), state + np.arange(net.inputs, net.nets)])
    number = number.astype(np.int32)
    wires = net.inputs + np.arange(state, dtype=np.int32)
    outputs = np.concatenate([number[net.outputs], wires])
    return Netlist(net.inputs + state, net.table, number[net.fanin], outputs)


def _layers(chain: Chain, separate: bool) -> list[Part]:
    stages = chain.stages
    if not stages:
        return [Part("core", wires(chain.bits))]
    sums = chain.group_sum
    last: list[str] = []
    if separate and chain.index:
        last = ["group_sum", "argmax"]
    elif separate and sums is not None and written(sums.weighted()) is not None:
        last = ["group_sum"]
    count = len(stages) - len(last)
    if any(isinstance(stage, MapOp) for stage in stages[max(count, 0) :]) or count < 1:
        count, last = len(stages), []
    circuits = sum(not isinstance(stage, MapOp) for stage in stages[:count])
    parts: list[Part] = []
    bits, maps = chain.bits, 0
    for number, stage in enumerate(stages):
        if isinstance(stage, MapOp):
            parts.append(Places(f"map_{maps}", stage.net.data, stage.rows, stage.kept, bits))
            maps += 1
        else:
            name = "core" if circuits == 1 else f"layer_{number}"
            parts.append(Part(last[number - count] if number >= count else name, netlist_of(stage)))
        bits = width(stage.result)
    return parts


def _encoder(chain: Chain, given: InputFormat, parts: list[Part], finish: Finish) -> Part:
    used = needed([part.flat for part in parts])[: chain.own_bits]
    return Part("encoder", past(finish(encoder_of(chain, given, used)), chain.state))


def _sums(sums: Weights, what: str, finish: Finish) -> tuple[list[Part], tuple[Word, ...]]:
    """Class sums over wires, then argmax."""
    parts: list[Part] = []
    word = written(sums)
    if word is None:
        made = classifier(wires(len(sums.group)), sums, "scores")
        width = max(made.sizes)
        net = _padded(made.net, made.sizes, width)
        word = Word("scores", width, sums.classes, made.signed)
        parts.append(Part("group_sum", finish(net)))
    if what == "scores":
        return parts, (word,)
    index = Word("class_index", max(1, (sums.classes - 1).bit_length()))
    parts.append(Part("argmax", finish(_argmax(word, what == "both"))))
    return parts, (index, word) if what == "both" else (index,)


def written(sums: Weights) -> Word | None:
    """The bits of the last layer as numbers, where that is what they are: of `lower-sums`."""
    width, odd = divmod(len(sums.group), sums.classes)
    if odd or not width or sums.offset.any():
        return None
    if not np.array_equal(sums.group, np.repeat(np.arange(sums.classes), width)):
        return None
    for signed in (False, True):
        word = Word("scores", width, sums.classes, signed)
        weight = 1 << np.arange(width, dtype=np.int64)
        weight[-1] *= -1 if signed else 1
        if np.array_equal(sums.weight, np.tile(weight, sums.classes)):
            return word
    return None


def _padded(net: Netlist, sizes: tuple[int, ...], width: int) -> Netlist:
    """The numbers with zeros above, so that all have the same width."""
    if all(size == width for size in sizes):
        return net
    zero = net.nets
    outputs = np.full((len(sizes), width), zero, np.int32)
    start = 0
    for row, size in enumerate(sizes):
        outputs[row, :size] = net.outputs[start : start + size]
        start += size
    table = np.append(net.table, np.uint64(0))
    fanin = np.concatenate([net.fanin, np.zeros((1, net.k), np.int32)])
    return Netlist(net.inputs, table, fanin, outputs.ravel())


def _argmax(word: Word, keep: bool) -> Netlist:
    """The first largest of numbers on wires; with ``keep`` these follow it."""
    gates = Gates(word.bits)
    numbers: list[Number] = []
    for number in range(word.count):
        literals: Number = [2 * (number * word.width + place) for place in range(word.width)]
        top = literals[-1]
        if word.signed and top is not None:
            literals[-1] = top ^ 1
        numbers.append(literals)
    net = gates.netlist(argmax(gates, numbers) or [None])
    if not keep:
        return net
    outputs = np.concatenate([net.outputs, np.arange(word.bits, dtype=np.int32)])
    return Netlist(net.inputs, net.table, net.fanin, outputs)
