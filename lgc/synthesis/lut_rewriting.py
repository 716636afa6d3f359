"""Rewriting of LUTs: gates of up to three fan-ins that read other nets where that is cheaper.

The netlist changes in place, gate by gate; a change never costs more than it saves. Changes that
save nothing are made too: from where they lead others save (see `lgc.synthesis.rewriting`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lgc import tables
from lgc.covering import cover
from lgc.deadlines import NEVER, Deadline
from lgc.loops import Row, loop
from lgc.netlist import Netlist
from lgc.sharing import sweep
from lgc.surgery import arity, keep, live_gates, tidy, widen

from .lut_cones import CUTS, WIDE
from .lut_decomposing import STEP as WORDS
from .lut_decomposing import STEPS
from .lut_nets import LUT_NETS, SPACE, attach
from .lut_phases import choose_phases
from .lut_restructuring import LUT_RESTRUCTURING, restructure
from .lut_resubstitution import LUT_RESUBSTITUTION, PAIRS, resubstitute
from .lut_windows import LONGEST, LUT_WINDOWS, MOST, ROOM, clear, window
from .rewriting import PATTERN, STEP

Ints = NDArray[np.int64]

K = 3

_EVERY = np.arange(1 << (1 << K), dtype=np.uint64)
_SUPPORT = np.sum([tables.depends(_EVERY, K, i) for i in range(K)], axis=0)
UNIT = tuple((_SUPPORT > 1).astype(int).tolist())
"""The cost of each table where all LUTs cost the same: wires and constants are free."""

LEAVES = 10
"""Most leaves of a window."""

COVERING = 32
"""Rounds of covering."""

EFFORT = 1_000_000
"""Gates looked at in all rounds together."""

PATIENCE = 6
"""Rounds without gain after which the search ends."""


@loop(*LUT_NETS, *LUT_WINDOWS, *LUT_RESUBSTITUTION, *LUT_RESTRUCTURING)
def _improve(
    leaves: int, pattern: Row, order: Row, table: Row, fanin: Row, many: Row, refs: Row, key: Row,
    leaving: Row, head: Row, after: Row, before: Row, price: Row, rank: Row, stack: Row,
    member: Row, place: Row, value: Row, frame: Row, care: Row, scratch: Row, usable: Row,
    on: Row, off: Row, operands: Row, cells: Row, pairs: Row, choice: Row,
    cut: Row, size: Row, mark: Row, word: Row, sign: Row, signal: Row, steps: Row, made: Row,
    best: Row, top: Row, state: Row,
) -> None:  # fmt: skip
    """Look at every gate once, in the given order."""
    for v in order:
        attach(v, fanin, many, head, after, before)
    for v in order:
        if refs[v] == 0 or many[v] < 2:
            continue
        restructure(
            v, pattern, table, fanin, many, refs, key, head, after, before, price, stack, cut,
            size, mark, word, sign, signal, steps, made, operands, best, top, state,
        )  # fmt: skip
        if leaves == 0:
            continue
        window(
            v, leaves, pattern, table, fanin, many, refs, key, leaving, head, after, before,
            member, place, value, frame, care, scratch,
        )  # fmt: skip
        resubstitute(
            v, table, fanin, many, refs, key, head, after, before, price, rank, stack, member,
            place, value, frame, care, usable, on, off, operands, cells, pairs, choice,
        )  # fmt: skip
        clear(member, place, frame)


def improve(net: Netlist, prices: Sequence[int], leaves: int, seed: int) -> Netlist:
    """One round.

    Args:
        net: of gates of three fan-ins, as `_clean` leaves it.
        prices: cost of each table of three fan-ins.
        leaves: of a window, at most 10; with 0 there are none.
        seed: of the choice among equal gains.
    """
    inputs, gates = net.inputs, net.gates
    room = net.nets + gates // 2 + 4 * STEPS

    def row(size: int) -> Ints:
        return np.zeros(size, np.int64)

    def placed(values: Ints) -> Ints:
        filled = row(room)
        filled[inputs : net.nets] = values
        return filled

    used = np.arange(K) < arity(net)[:, None]
    table, many = placed(net.table.astype(np.int64)), placed(arity(net))
    fanin = np.zeros((room, K), np.int64)
    fanin[inputs : net.nets] = net.fanin
    fanin = fanin.ravel()
    leaving = np.bincount(net.outputs, minlength=room)
    refs = leaving + np.bincount(net.fanin[used], minlength=room)
    key = np.arange(room) * SPACE
    price = np.array(prices, np.int64)
    top = np.array([net.nets], np.int64)
    _improve(
        gates * 20_000, leaves, PATTERN, np.arange(inputs, net.nets), table, fanin, many,
        refs, key, leaving, row(room) - 1, row(K * room), row(K * room), price,
        price * 4 + _SUPPORT,
        row(K * room + K), row(MOST + LONGEST), row(room), row((MOST + 2 * LONGEST) * ROOM),
        row(5), row(ROOM), row(4 * MOST), row(MOST), row(ROOM), row(ROOM), row(K), row(2),
        row(PAIRS), np.array([0, 0, 0, 0, 0, seed], np.int64), row((CUTS + 1) * WIDE),
        row(CUTS + 1), row(room), row(room), row(STEPS + 1), row((STEPS + 1) * WIDE),
        row(2 * STEPS * WORDS), row(STEPS), np.array([0, 0, 0, 0, 0, seed], np.int64), top, row(1),
    )  # fmt: skip
    made = inputs + np.argsort(key[inputs : top[0]], kind="stable")
    number = np.arange(room)
    number[made] = np.arange(inputs, top[0])
    return _clean(
        Netlist(inputs, table[made], number[fanin.reshape(room, K)[made]], number[net.outputs]),
        prices,
    )


def _clean(net: Netlist, prices: Sequence[int]) -> Netlist:
    """Constants, wires, twins and dead gates gone; a gate's fan-ins in use stand first."""
    net = sweep(net, share=True)
    net = _upright(tidy(widen(keep(net, live_gates(net)), K)))
    return choose_phases(net, prices, arity(net))


def _upright(net: Netlist) -> Netlist:
    """Gates that outputs read through inverters only give the complement themselves."""
    size = arity(net)
    inverter = np.concatenate([np.zeros(net.inputs, np.bool_), size == 1])
    reads = np.concatenate([np.zeros(net.inputs, np.int32), net.fanin[:, 0]])
    through = net.outputs[inverter[net.outputs]]
    turned = np.zeros(net.nets, np.bool_)
    turned[reads[through]] = True
    turned[: net.inputs] = False
    turned[net.outputs] = False
    table = np.where(turned[net.inputs :], net.table ^ tables.ones(K), net.table)
    for i in range(K):
        flips = turned[net.fanin[:, i]] & (i < size)
        table = np.where(flips, tables.flip(table, K, i), table)
    outputs = np.where(inverter & turned[reads], reads, np.arange(net.nets))[net.outputs]
    made = Netlist(net.inputs, table, net.fanin, outputs)
    return keep(made, live_gates(made))


def rewrite_luts(
    net: Netlist,
    prices: Sequence[int] = UNIT,
    rounds: int = 40,
    leaves: int = LEAVES,
    seed: int = 1,
    deadline: Deadline = NEVER,
) -> Netlist:
    """The same function in gates of up to three fan-ins, never dearer; a net of gates of two is
    covered first.

    Args:
        net: gates of at most three fan-ins.
        prices: cost of each table of three fan-ins.
        rounds: at most; a large netlist gets fewer, and `PATIENCE` rounds without gain are the end.
        leaves: of the windows of every second round, at most `LEAVES`; with 0 there are none.
        seed: of the choice among equal gains.
        deadline: after which no round begins.
    """
    start = cover(net, K, COVERING, None if prices is UNIT else prices)
    if cost_of(net, prices) < cost_of(start, prices):
        start = net
    best = now = _clean(start, prices)
    least, idle, effort = cost_of(best, prices), 0, 0
    for turn in range(rounds):
        effort += now.gates
        if idle == PATIENCE or (effort > EFFORT and turn > 1) or deadline.passed():
            break
        windows = min(leaves, LEAVES) if turn % 2 else 0
        now = improve(now, prices, windows, seed + turn * STEP)
        idle += 1
        cost = cost_of(now, prices)
        if cost < least:
            best, least, idle = now, cost, 0
    return best if least < cost_of(start, prices) else start


def cost_of(net: Netlist, prices: Sequence[int]) -> int:
    """The cost of all gates."""
    table = widen(tidy(net), K).table
    return int(np.array(prices)[table.astype(np.int64)].sum())
