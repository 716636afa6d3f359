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
    state = np.zeros(1, np.int64)
    _build(
        most * 20, aig, cubes.inputs + 1, cubes.literal, cubes.size, cubes.first, cubes.outputs,
        known,
        left, right, xor, np.zeros(most + len(cubes.outputs) + 1, np.int64), np.zeros(4, np.int64),
        np.zeros(LENGTH, np.int64), state,
    )  # fmt: skip
    made = int(state[0])
    outputs = known[cubes.outputs >> 1] ^ (cubes.outputs & 1)
    return Gates(cubes.inputs, left[:made], right[:made], xor[:made], outputs)


@loop(*DIVISORS)
def _build(
    aig: int, base: int, literal: Row, size: Row, first: Row, outputs: Row, known: Row, left: Row,
    right: Row, xor: Row, stack: Row, part: Row, key: Row, state: Row,
) -> None:  # fmt: skip
    """The gates of all nodes that outputs need, fan-ins first; ``known`` is each node's literal."""
    made = 0
    for output in outputs:
        stack[0] = output >> 1
        top = 1
        while top > 0:
            v = stack[top - 1]
            before = top
            if known[v] < 0:
                for c in range(first[v], first[v + 1]):
                    for i in range(size[c]):
                        u = literal[c * WIDTH + i] >> 1
                        if known[u] < 0:
                            stack[top] = u
                            top += 1
            if top > before:
                continue
            top -= 1
            if known[v] >= 0:
                continue
            many = 0
            for c in range(first[v], first[v + 1]):
                if size[c] > 0:
                    many += 1
            one = first[v]
            while many and size[one] == 0:
                one += 1
            total = 0
            if not aig and many == 2 and size[one] == 2:
                other = one + 1
                while size[other] == 0:
                    other += 1
                saved = compare(one, other, literal, size, part, key)
                if saved == 3 and is_exclusive(key):
                    left[made] = known[key[KEY] >> 1]
                    right[made] = known[key[KEY + 1] >> 1]
                    xor[made] = 1
                    total = 2 * (base + made) ^ key[SIGN]
                    made += 1
                    many = 0
            if many > 0:
                for c in range(one, first[v + 1]):
                    if size[c] == 0:
                        continue
                    product = 1
                    for i in range(size[c]):
                        read = literal[c * WIDTH + i]
                        factor = known[read >> 1] ^ (read & 1)
                        if i == 0:
                            product = factor
                        else:
                            left[made], right[made], xor[made] = product, factor, 0
                            product = 2 * (base + made)
                            made += 1
                    if c == one:
                        total = product
                    else:
                        left[made], right[made], xor[made] = total ^ 1, product ^ 1, 0
                        total = 2 * (base + made) + 1
                        made += 1
            known[v] = total
    state[0] = made
