"""Balancing: trees of one associative gate rebuilt for least depth.

A tree is a gate and all gates of its kind below it that nothing else reads: its leaves are ANDed
(an OR is an AND of complements) or XORed in any order. The two that are there first are joined
again and again, as in Huffman's code, with the later of them and one more in place of their sum:
that is least for each tree (Golumbic, "Combinatorial merging", IEEE Transactions on Computers,
1976). As many gates are made as there were, and what reads a root finds it no later than before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lgc.loops import Row, loop
from lgc.netlist import Netlist

from .gates import Gates, assemble
from .rewriting import split

Ints = NDArray[np.int64]


def _collect(root: int, left: Row, right: Row, inside: Row, leaf: Row, stack: Row) -> int:
    """The leaves of the tree of an old gate, as literals; how many."""
    count = 0
    stack[0], stack[1] = left[root], right[root]
    top = 2
    while top > 0:
        top -= 1
        literal = stack[top]
        u = literal >> 1
        if inside[u]:
            stack[top] = left[u]
            stack[top + 1] = right[u]
            top += 2
        else:
            leaf[count] = literal
            count += 1
    return count


def _sink(at: int, count: int, leaf: Row, level: Row) -> None:
    """Restore the heap of leaves, the least level first, below ``at``."""
    while 2 * at + 1 < count:
        low = 2 * at + 1
        if low + 1 < count and level[leaf[low + 1] >> 1] < level[leaf[low] >> 1]:
            low += 1
        if level[leaf[at] >> 1] <= level[leaf[low] >> 1]:
            break
        leaf[at], leaf[low] = leaf[low], leaf[at]
        at = low


@loop(_collect, _sink)
def _balance(
    inputs: int, left: Row, right: Row, xor: Row, inside: Row, literals: Row, level: Row,
    new_left: Row, new_right: Row, new_xor: Row, leaf: Row, stack: Row, made: Row,
) -> None:  # fmt: skip
    """Build every tree anew; ``literals`` are the new nets of the old roots and inputs.

    ``inside`` says which gates only their own tree reads. New gates get numbers from ``made[0]``.
    """
    for v in range(inputs, len(left)):
        if inside[v]:
            continue
        count = _collect(v, left, right, inside, leaf, stack)
        for i in range(count):
            leaf[i] = literals[leaf[i] >> 1] ^ (leaf[i] & 1)
        for i in range(count // 2 - 1, -1, -1):
            _sink(i, count, leaf, level)
        while count > 1:
            a = leaf[0]
            count -= 1
            leaf[0] = leaf[count]
            _sink(0, count, leaf, level)
            b = leaf[0]
            u = made[0]
            made[0] = u + 1
            new_left[u], new_right[u], new_xor[u] = a, b, xor[v]
            level[u] = max(level[a >> 1], level[b >> 1]) + 1
            leaf[0] = 2 * u
            _sink(0, count, leaf, level)
        literals[v] = leaf[0]


def balance(net: Netlist) -> Netlist:
    """The same function in no more gates of two fan-ins, and no deeper."""
    old = split(net)
    size = len(old.xor)
    nets = 1 + old.inputs + size
    literal = np.concatenate([old.left, old.right])
    reads = literal >> 1
    readers = np.bincount(np.concatenate([reads, old.outputs >> 1]), minlength=nets)
    kind = np.concatenate([np.full(1 + old.inputs, -1), old.xor])
    inside = np.zeros(nets, np.int64)
    same = kind[reads] == np.concatenate([old.xor, old.xor])
    inside[reads[same & (readers[reads] == 1) & (literal & 1 == 0)]] = 1

    def row(values: Ints) -> Ints:
        return np.concatenate([np.zeros(1 + old.inputs, np.int64), values])

    literals = 2 * np.arange(nets)
    left, right, xor = (np.zeros(nets, np.int64) for _ in range(3))
    _balance(
        size * 30, 1 + old.inputs, row(old.left), row(old.right), kind, inside, literals,
        np.zeros(nets, np.int64), left, right, xor, np.zeros(size + 2, np.int64),
        np.zeros(size + 2, np.int64), np.array([1 + old.inputs], np.int64),
    )  # fmt: skip
    made = slice(1 + old.inputs, nets)
    outputs = literals[old.outputs >> 1] ^ (old.outputs & 1)
    return assemble(Gates(old.inputs, left[made], right[made], xor[made], outputs))
