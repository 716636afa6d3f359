"""A circuit as nodes of cubes: what extraction works on, made from LUTs and made into gates.

Literals are 2 · net + 1 if complemented; net 0 is the constant 0, then come the inputs, then the
nodes. A node is the sum of its cubes; a cube is a row of `WIDTH` places, its literals ascending.
The cubes of a node stand together, nodes in ascending order; a cube of size 0 is gone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lgc.covers import cover
from lgc.loops import Row, loop
from lgc.netlist import Netlist
from lgc.sharing import sweep
from lgc.surgery import tidy

from .cube_divisors import DIVISORS, KEY, LENGTH, SIGN, WIDTH, compare, is_exclusive
from .gates import Gates

Ints = NDArray[np.int64]

MADE, BASE = range(2)
"""Places in ``state``: gates, and the net of the first."""


@dataclass(frozen=True, eq=False)
class Cubes:
    """A circuit of nodes.

    Attributes:
        inputs: how many.
        nets: the constant, inputs and nodes.
        literal: int64 ``(cubes · WIDTH,)``.
        size: int64 ``(cubes,)``, literals of each cube.
        owner: int64 ``(cubes,)``, the net of its node, ascending.
        closed: int64 ``(nets,)``, 1 for a node that is one XOR gate and stays so.
        outputs: int64 ``(m,)``, literals.
    """

    inputs: int
    nets: int
    literal: Ints
    size: Ints
    owner: Ints
    closed: Ints
    outputs: Ints

    @property
    def first(self) -> Ints:
        """Where the cubes of each net begin, int64 ``(nets + 1,)``."""
        return np.searchsorted(self.owner, np.arange(self.nets + 1))


def cubes_of(net: Netlist) -> Cubes:
    """Each gate of up to six fan-ins as the irredundant cubes of its table or of its complement."""
    net = tidy(sweep(net, share=True))  # then nothing reads a constant but outputs
    distinct, which = np.unique(net.table, return_inverse=True)
    covers = [cover(int(table), net.k) for table in distinct]
    count = np.array([len(chosen) for chosen, _ in covers], np.int64)
    sign = np.array([1 - plain for _, plain in covers], np.int64)
    text = "".join(cube for chosen, _ in covers for cube in chosen)
    rows = np.frombuffer(text.encode(), np.uint8).reshape(-1, net.k)
    first = np.cumsum(count) - count

    many = count[which]
    gate = np.repeat(np.arange(net.gates), many)
    at = first[which][gate] + np.arange(len(gate)) - (np.cumsum(many) - many)[gate]
    phase = np.concatenate([np.zeros(net.inputs, np.int64), sign[which]])
    fanin = net.fanin.astype(np.int64)[gate]
    reads = rows[at]
    literal = (2 * (fanin + 1) + (reads == ord("0"))) ^ phase[fanin]
    unused = np.int64(np.iinfo(np.int64).max)
    row = np.full((len(gate), WIDTH), unused)
    row[:, : net.k] = np.where(reads == ord("-"), unused, literal)
    row.sort(axis=1)
    size = (row < unused).sum(axis=1)
    outputs = net.outputs.astype(np.int64)
    return Cubes(
        net.inputs, net.nets + 1, row.ravel(), size, gate + net.inputs + 1,
        np.zeros(net.nets + 1, np.int64), 2 * (outputs + 1) + phase[outputs],
    )  # fmt: skip


def gates_of(cubes: Cubes, *, aig: bool) -> Gates:
    """Each node as a sum of products; unless ``aig``, a ⊕ b becomes one gate."""
    most = int(cubes.size.sum()) + 1
    left, right, xor = (np.zeros(most, np.int64) for _ in range(3))
    known = np.full(cubes.nets, -1, np.int64)
    known[: cubes.inputs + 1] = 2 * np.arange(cubes.inputs + 1)
    state = np.array([0, cubes.inputs + 1], np.int64)
    _build(
        most * 20, aig, cubes.literal, cubes.size, cubes.first, cubes.outputs,
        known,
        left, right, xor, np.zeros(most + len(cubes.outputs) + 1, np.int64), np.zeros(4, np.int64),
        np.zeros(LENGTH, np.int64), state,
    )  # fmt: skip
    made = int(state[MADE])
    outputs = known[cubes.outputs >> 1] ^ (cubes.outputs & 1)
    return Gates(cubes.inputs, left[:made], right[:made], xor[:made], outputs)


def need(v: int, top: int, literal: Row, size: Row, first: Row, known: Row, stack: Row) -> int:
    """Put the nodes on the stack that a node reads and that are not known; the new top."""
    for c in range(first[v], first[v + 1]):
        for i in range(size[c]):
            u = literal[c * WIDTH + i] >> 1
            if known[u] < 0:
                stack[top] = u
                top += 1
    return top


def put(kind: int, a: int, b: int, left: Row, right: Row, xor: Row, state: Row) -> int:
    """The literal of a new gate."""
    made = state[MADE]
    left[made], right[made], xor[made] = a, b, kind
    state[MADE] = made + 1
    return 2 * (state[BASE] + made)


def product(
    c: int, literal: Row, size: Row, known: Row, left: Row, right: Row, xor: Row, state: Row
) -> int:  # fmt: skip
    """The literal of a cube."""
    made = 1
    for i in range(size[c]):
        read = literal[c * WIDTH + i]
        factor = known[read >> 1] ^ (read & 1)
        made = put(0, made, factor, left, right, xor, state) if i else factor
    return made


def add_up(
    aig: int, begin: int, end: int, literal: Row, size: Row, known: Row, left: Row, right: Row,
    xor: Row, part: Row, key: Row, state: Row,
) -> int:  # fmt: skip
    """The literal of the sum of some cubes."""
    total, many, one, last = 0, 0, begin, begin
    for c in range(begin, end):
        if size[c] > 0:
            one, last = last, c
            many += 1
    if not aig and many == 2 and size[one] == 2:
        saved = compare(one, last, literal, size, part, key)
        if saved == 3 and is_exclusive(key):
            a, b = known[key[KEY] >> 1], known[key[KEY + 1] >> 1]
            return put(1, a, b, left, right, xor, state) ^ key[SIGN]
    many = 0
    for c in range(begin, end):
        if size[c] > 0:
            term = product(c, literal, size, known, left, right, xor, state)
            if many > 0:
                term = put(0, total ^ 1, term ^ 1, left, right, xor, state) ^ 1
            total = term
            many += 1
    return total


@loop(*DIVISORS, need, put, product, add_up)
def _build(
    aig: int, literal: Row, size: Row, first: Row, outputs: Row, known: Row, left: Row, right: Row,
    xor: Row, stack: Row, part: Row, key: Row, state: Row,
) -> None:  # fmt: skip
    """The gates of all nodes that outputs need, fan-ins first; ``known`` is each node's literal."""
    for output in outputs:
        stack[0] = output >> 1
        top = 1
        while top > 0:
            v = stack[top - 1]
            before = top
            if known[v] < 0:
                top = need(v, top, literal, size, first, known, stack)
            if top == before:
                top -= 1
                if known[v] < 0:
                    known[v] = add_up(
                        aig, first[v], first[v + 1], literal, size, known, left, right, xor, part,
                        key, state,
                    )  # fmt: skip
