"""Bits between stages: those that are known are read no more, those that nobody reads go.

Forwards, what a stage gives is looked through: a constant, a twin of another bit, or, at a place of
a map, an input that is passed on as it is. Backwards, outputs of stages that nobody reads are
dropped, and inputs of maps that their netlists do not depend on.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from . import tables
from .chain import Mapped
from .mapping import Ints, Stages, given, merged_columns
from .netlist import Netlist
from .surgery import reads_inputs, rewired

ZERO, ONE = -1, -2
"""What a bit may be instead of a number: a constant."""


def narrowed(stages: Stages, bits: int) -> list[Netlist | Mapped]:
    """The same function in stages with fewer bits between them."""
    return _without_unread(_looked_through(stages, bits))


def _looked_through(stages: Stages, bits: int) -> list[Netlist | Mapped]:
    """Stages that read, in place of a bit that is known, what it is."""
    known = moved = np.arange(bits)  # for each bit before: what to read for it, and where it is
    found: list[Netlist | Mapped] = []
    for number, stage in enumerate(stages):
        if isinstance(stage, Netlist):
            made = _fed(stage, known, given(found[-1]) if found else bits)
            known, moved = _twins(_values(made)), np.arange(given(made))
        else:
            last = number == len(stages) - 1
            kept = known[stage.keep]
            made, known, moved = _passing(_reading(stage, known, moved), kept, last)
        found.append(made)
    return found


def _fed(net: Netlist, known: Ints, inputs: int) -> Netlist:
    """A netlist of ``inputs`` inputs that reads input ``known[i]``, or a constant, as its i-th.

    Constants are its first gates.
    """
    read = reads_inputs(net)
    if inputs == len(known) and (known == np.arange(inputs))[read].all():
        return net
    constants = [value for value in (ZERO, ONE) if (known[read] == value).any()]
    known = np.where(read, known, 0)
    for place, value in enumerate(constants):
        known = np.where(known == value, inputs + place, known)
    first = inputs + len(constants)
    number = np.concatenate([known, np.arange(first, first + net.gates)])
    fanin = np.concatenate([np.zeros((len(constants), net.k), np.int64), number[net.fanin]])
    word = {ZERO: np.uint64(0), ONE: tables.ones(net.k)}
    table = np.concatenate([np.array([word[one] for one in constants], np.uint64), net.table])
    return Netlist(inputs, table, fanin.astype(np.int32), number[net.outputs].astype(np.int32))


def _values(net: Netlist) -> Ints:
    """For each output the net that it is, or a constant."""
    output = net.outputs.astype(np.int64)
    table = np.concatenate([np.ones(net.inputs, np.uint64), net.table])[output]
    gate = output >= net.inputs
    value = np.where(gate & (table == 0), ZERO, output)
    return np.where(gate & (table == tables.ones(net.k)), ONE, value)


def _twins(value: Ints) -> Ints:
    """For each place the first that has the same value, constants as they are."""
    _, first, place = np.unique(value, return_index=True, return_inverse=True)
    return np.where(value < 0, value, first[place])


def _reading(stage: Mapped, known: Ints, moved: Ints) -> Mapped:
    """A map that reads what is known; a column of ones becomes a constant of its netlist.

    A one in a column of other bits, and a constant that is kept, go on being read as bits.
    """
    there = np.where(stage.index < 0, ZERO, known[stage.index])
    ones = np.all(there == ONE, axis=0)
    index = np.where((there == ONE) & ~ones, moved[stage.index], np.maximum(there, ZERO))
    inputs = stage.net.inputs
    net = _fed(stage.net, np.where(ones, ONE, np.arange(inputs)), inputs)
    kept = known[stage.keep]
    kept = np.where(kept < 0, moved[stage.keep], kept)
    return Mapped(net, index.astype(np.int32), kept.astype(np.int32))


def _passing(stage: Mapped, kept: Ints, last: bool) -> tuple[Mapped, Ints, Ints]:
    """A map that keeps the bits which it passes on; what is known of the bits that it gave before,
    and where these are now.

    Args:
        kept: what is known of the bits that it keeps.
        last: whether what it gives has to stay as it is.
    """
    net, index = stage.net, stage.index
    value = _values(net)
    wired = np.flatnonzero((value >= 0) & (value < net.inputs))
    through = index[:, value[wired]].astype(np.int64)
    every = stage.keep.astype(np.int64)
    if not last:
        every = np.concatenate([every, np.setdiff1d(through[through >= 0], every)])
    spot = np.full(int(every.max(initial=-1)) + 2, ZERO, np.int64)
    spot[every[::-1]] = np.arange(len(every))[::-1]  # the first of twins
    first = np.where(kept < 0, kept, spot[stage.keep])
    twins = _twins(value)
    place = len(every) + np.arange(len(index))[:, None] * len(value)
    made = np.where(twins < 0, twins, place + twins)
    if not last:
        made[:, wired] = spot[through]  # -1, a zero, is the last of them
    moved = np.concatenate([np.arange(len(kept)), (place + np.arange(len(value))).ravel()])
    return (
        Mapped(net, index, every.astype(np.int32)),
        np.concatenate([first, made.ravel()]),
        moved,
    )


def _without_unread(stages: Stages) -> list[Netlist | Mapped]:
    found = [merged_columns(stage) if isinstance(stage, Mapped) else stage for stage in stages]
    for number in reversed(range(len(found) - 1)):
        after = found[number + 1]
        read = np.zeros(given(found[number]), np.bool_)
        if isinstance(after, Netlist):
            read |= reads_inputs(after)
        else:
            read[after.index[after.index >= 0]] = True
            read[after.keep] = True
        read[0] |= not read.any()
        found[number], place = _trimmed(found[number], read)
        if isinstance(after, Netlist):
            found[number + 1] = rewired(after, given(found[number]), place)
        else:
            index = np.where(after.index < 0, ZERO, place[after.index])
            found[number + 1] = Mapped(
                after.net, index.astype(np.int32), place[after.keep].astype(np.int32)
            )
    return found


def _trimmed(stage: Netlist | Mapped, read: NDArray[np.bool_]) -> tuple[Netlist | Mapped, Ints]:
    """A stage that gives little more than is read, and the new number of each bit that is."""
    if isinstance(stage, Netlist):
        outputs = stage.outputs[read]
        return Netlist(stage.inputs, stage.table, stage.fanin, outputs), _ranks(read)
    kept, each = len(stage.keep), len(stage.net.outputs)
    wanted: NDArray[np.bool_] = np.any(read[kept:].reshape(-1, each), axis=0)
    wanted[0] |= not wanted.any()
    net = Netlist(stage.net.inputs, stage.net.table, stage.net.fanin, stage.net.outputs[wanted])
    keep = stage.keep[read[:kept]]
    there = np.concatenate([read[:kept], np.tile(wanted, len(stage.index))])
    return merged_columns(Mapped(net, stage.index, keep)), _ranks(there)


def _ranks(there: NDArray[np.bool_]) -> Ints:
    """The new number of each bit that stays; 0 for the others."""
    return np.where(there, np.cumsum(there) - 1, 0)
