"""Extraction: logic that several nodes hold parts of, written once.

Rounds over all nodes: every divisor is priced (see `lgc.synthesis.cube_divisors`), and those that
save most become nodes of their own, as long as they still do; the next round may divide them too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lgc.netlist import Netlist

from .cube_divisors import (
    CUBES,
    FIRST,
    LENGTH,
    NETS,
    ROW,
    SAVED,
    WIDTH,
    find_divisors,
    write_divisors,
)
from .cubes import Cubes, cubes_of, gates_of
from .gates import assemble

Ints = NDArray[np.int64]

ROUNDS = 30
"""At most; about ten find all that saves a gate."""

SHARE = 0.7
"""Of the best gain in a round, how much a divisor must save to be extracted in it."""


def extract(net: Netlist, cost: str = "gates", seed: int = 1) -> Netlist:
    """LUTs of up to six fan-ins as gates of two, what they share extracted.

    Args:
        net: gates of up to six fan-ins.
        cost: ``gates``, an XOR counts 1, or ``aig``, it is three ANDs.
        seed: of the choice among equal gains.
    """
    aig = cost == "aig"
    random = np.random.default_rng(seed)
    cubes = cubes_of(net)
    for _ in range(ROUNDS):
        made = _round(cubes, aig, random)
        if made.nets == cubes.nets:
            break
        cubes = made
    return assemble(gates_of(cubes, aig=aig))


def _round(cubes: Cubes, aig: bool, random: np.random.Generator) -> Cubes:
    """The divisors that save most are nodes."""
    rows = _occurrences(cubes)
    if not len(rows):
        return cubes
    begins = np.append(True, (rows[1:, :FIRST] != rows[:-1, :FIRST]).any(axis=1))
    start = np.append(np.flatnonzero(begins), len(rows))
    price = _prices(rows[start[:-1]], aig)
    gain = np.add.reduceat(rows[:, SAVED], start[:-1]) - price
    limit = max(1, int(gain.max() * SHARE))
    while (gain >= limit).any():
        chosen = np.flatnonzero(gain >= limit)
        chosen = chosen[np.argsort(random.random(len(chosen)) - gain[chosen])]
        made = _write(cubes, aig, limit, chosen, start, price, rows)
        if made.nets > cubes.nets or limit == 1:
            return made
        limit //= 2  # what was counted overlaps
    return cubes


def _occurrences(cubes: Cubes) -> Ints:
    """Those of one divisor together, int64 ``(n, ROW)``."""
    # pairs of literals, and pairs of cubes
    most = sum(int((many * (many - 1) // 2).sum()) for many in (cubes.size, np.diff(cubes.first)))
    found, count = np.zeros(most * ROW, np.int64), np.zeros(1, np.int64)
    find_divisors(
        len(cubes.size) * 50, cubes.closed, cubes.literal, cubes.size, cubes.first,
        np.zeros(4, np.int64), np.zeros(LENGTH, np.int64), found, count,
    )  # fmt: skip
    rows = found.reshape(-1, ROW)[: int(count[0])]
    return rows[np.lexsort(rows[:, FIRST - 1 :: -1].T)]


def _write(
    cubes: Cubes, aig: bool, limit: int, chosen: Ints, start: Ints, price: Ints, rows: Ints
) -> Cubes:
    many = len(cubes.size)

    def longer(values: Ints, more: int) -> Ints:
        return np.concatenate([values, np.zeros(more, np.int64)])

    literal = longer(cubes.literal, 2 * len(chosen) * WIDTH)
    size, owner = longer(cubes.size, 2 * len(chosen)), longer(cubes.owner, 2 * len(chosen))
    closed = longer(cubes.closed, len(chosen))
    state = np.array([many, cubes.nets], np.int64)
    write_divisors(
        len(rows) * 30, limit, aig, chosen, start, price, rows.flatten(),
        np.zeros(many, np.int64), closed, literal, size, owner, np.zeros(4, np.int64),
        np.zeros(LENGTH, np.int64), state,
    )  # fmt: skip
    many, nets = int(state[CUBES]), int(state[NETS])
    return Cubes(
        cubes.inputs, nets, literal[: many * WIDTH], size[:many], owner[:many], closed[:nets],
        cubes.outputs,
    )  # fmt: skip


def _prices(divisors: Ints, aig: bool) -> Ints:
    """Gates of each."""
    third, fourth = divisors[:, 2], divisors[:, 3]
    double = np.where(third == 0, 3 if aig else 1, np.where(fourth == 0, 2, 3))
    return np.where((third == 0) & (fourth == 0), 1, double)
