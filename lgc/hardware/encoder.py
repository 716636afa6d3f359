"""Encoder: thresholds as comparators with constants, over the bits of numbers.

``x > t`` is ``x ≥ c`` for the smallest number c above t. Bits of x below the lowest 1 of c do not
matter. From there upwards, a bit of c that is 1 asks for the bit of x and the verdict of those
below it, a 0 for either of them: one gate a bit. Thresholds of one feature whose constants end
alike share those gates.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..chain import Chain
from ..errors import InputError
from ..levels import reach
from ..netlist import Netlist
from ..sharing import sweep
from .formats import InputFormat, Ints

AND, OR, INVERTED_FIRST = 0x1, 0x7, (0x4, 0xD)
"""Tables of bit and verdict; of the complement of the bit, and the same."""

ZERO, ONE = 0x0, 0xF


def encoder_of(chain: Chain, given: InputFormat, used: NDArray[np.bool_] | None = None) -> Netlist:
    """The bits that enter the first layer of a model, from the bits of the numbers.

    Raises:
        InputError: the format does not suit the thresholds.
    """
    own = chain.own_encoding
    if own.place is None:
        return encoder(own.feature, own.level, chain.features, given, used)
    return selector(own.feature, own.place, chain.features, given)


def selector(
    feature: NDArray[np.int32], place: NDArray[np.int32], features: int, given: InputFormat
) -> Netlist:
    """Wires to bit ``place[i]`` of the whole part of the number ``feature[i]``.

    Above the bits of the format stands the sign, or 0.
    """
    zero = features * given.bits
    wire = place.astype(np.int64) + given.fraction
    above = wire >= given.bits
    chosen = feature * np.int64(given.bits) + np.minimum(wire, given.bits - 1)
    if not given.signed:
        chosen = np.where(above, zero, chosen)
    table, fanin = np.zeros(1, np.uint64), np.zeros((1, 2), np.int32)
    return Netlist(zero, table, fanin, chosen.astype(np.int32))


def encoder(
    feature: NDArray[np.int32],
    level: NDArray[np.float32],
    features: int,
    given: InputFormat,
    used: NDArray[np.bool_] | None = None,
) -> Netlist:
    """The bits of `logic.threshold` from the bits of the numbers, in gates of two fan-ins.

    Args:
        feature, level: output i is ``x[feature[i]] > level[i]``.
        features: numbers in one sample; number f has the inputs ``f · bits`` and the next.
        given: how a number stands on wires.
        used: bool, which outputs somebody reads; the others are not checked, and 0.

    Raises:
        InputError: a threshold lies outside the format, or no number of it between two thresholds.
    """
    used = np.ones(len(feature), np.bool_) if used is None else used
    cut = given.cuts(level)
    _check(feature, level, cut, given, used)
    raised = cut - given.least  # as if 0 were the least number: the sign's bit counts inverted
    inputs, bits = features * given.bits, given.bits
    first = feature.astype(np.int64) * bits
    constant = ~used | (raised <= 0) | (raised >= 1 << bits)
    lowest = np.where(constant, bits, _lowest(np.maximum(raised, 1)))
    net = np.where(lowest < bits, first + np.minimum(lowest, bits - 1), -1)
    table, fanin = [np.array([ZERO, ONE])], [np.zeros((2, 2), np.int64)]
    count = inputs + 2
    if given.signed:  # a comparator of the sign alone
        alone = np.flatnonzero(lowest == bits - 1)
        table.append(np.full(len(alone), 0xC))
        fanin.append(np.stack([net[alone]] * 2, axis=1))
        net[alone] = count + np.arange(len(alone))
        count += len(alone)
    for place in range(1, bits):
        chosen = np.flatnonzero(lowest < place)
        asks = raised[chosen] >> place & 1 > 0
        flip = given.signed and place == bits - 1
        kinds = np.where(asks, *(INVERTED_FIRST if flip else (AND, OR)))
        table.append(kinds)
        fanin.append(np.stack([first[chosen] + place, net[chosen]], axis=1))
        net[chosen] = count + np.arange(len(chosen))
        count += len(chosen)
    net[constant] = inputs + (used & (raised <= 0))[constant]
    whole = Netlist(inputs, np.concatenate(table), np.concatenate(fanin), net)
    return sweep(whole, share=True)


def needed(nets: Sequence[Netlist]) -> NDArray[np.bool_]:
    """Which inputs of the first of some netlists in a row reach an output of the last, bool."""
    used = np.ones(len(nets[-1].outputs), np.bool_)
    for net in reversed(nets):
        used = reach(net.inputs, net.fanin, net.outputs[used])[: net.inputs]
    return used


def _lowest(numbers: Ints) -> Ints:
    """The place of the lowest 1 of numbers above 0."""
    return np.log2((numbers & -numbers).astype(np.float64)).astype(np.int64)


def _check(
    feature: NDArray[np.int32],
    level: NDArray[np.float32],
    cut: Ints,
    given: InputFormat,
    used: NDArray[np.bool_],
) -> None:
    finite = used & np.isfinite(level)
    outside = finite & ((cut <= given.least) | (cut > given.most))
    if outside.any():
        i = int(outside.argmax())
        raise InputError(
            f"a number of the format {given.text} reaches from {given.range}, so none is "
            f"{'below or equal to' if cut[i] <= given.least else 'above'} "
            f"the threshold {level[i]:g} of number {feature[i]}",
            where="--input-format",
            hint="choose a format that holds the thresholds, or bits to leave the encoder out",
        )
    own = np.flatnonzero(finite)
    own = own[np.lexsort((level[own], feature[own]))]
    same = (feature[own[1:]] == feature[own[:-1]]) & (cut[own[1:]] == cut[own[:-1]])
    same &= level[own[1:]] != level[own[:-1]]
    if same.any():
        i = int(same.argmax())
        raise InputError(
            f"no number of the format {given.text} lies between the thresholds {level[own[i]]:g} "
            f"and {level[own[i + 1]]:g} of number {feature[own[i]]}",
            where="--input-format",
            hint="were the data scaled? a format with more bits after the point holds the "
            "difference",
        )
