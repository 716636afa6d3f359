"""Exact synthesis: the smallest circuits of all functions of four inputs, as a data file.

    python -m lgc.synthesis.search            # writes lgc/synthesis/four.npz, some minutes
    python -m lgc.synthesis.search --most 5   # a quick look: smaller circuits only, nothing written

All chains of up to seven gates are run through (see `lgc.synthesis.chains`), so with every gate at
cost 1 no smaller circuit exists for any class; the counts are Knuth's. With an XOR at cost 3 (the
AND gates of an and-inverter graph) the cost is proved least up to 7; beyond, it is the least of
all circuits of at most seven gates. For *depth* levels count first, then gates: seven gates are
all that three levels can hold, so where three are enough no circuit is less deep, nor as deep and
smaller.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lgc.files import atomic_write

from .chains import INPUTS, MOST, OPERATIONS, WIDTH, XOR, enumerate_chains
from .classes import classes

FILE = Path(__file__).with_name("four.npz")

SAMPLE = 400
"""Chains looked at for each class."""

KEPT = 16
"""Circuits kept for each class."""

PRICES = {"gates": (1, 0), "aig": (3, 0), "depth": (1, 16)}
"""What an XOR costs where any other gate costs 1, and a level: 16 is more than all gates."""

Ints = NDArray[np.int64]
Gate = tuple[int, int, int]
"""Whether it is an XOR, and the two literals it reads: 2 · net + sign."""

_VARIABLES: tuple[int, ...] = (0x00FF, 0x0F0F, 0x3333, 0x5555)
_ONES = 0xFFFF


@dataclass(frozen=True)
class Circuit:
    """A circuit of a class.

    Attributes:
        gates: nets 0 to 3 are the inputs, gates follow.
        output: literal.
    """

    gates: tuple[Gate, ...]
    output: int

    def values(self) -> list[int]:
        """The tables of all nets."""
        value = list(_VARIABLES)
        for xor, left, right in self.gates:
            a, b = (value[lit >> 1] ^ (_ONES if lit & 1 else 0) for lit in (left, right))
            value.append(a ^ b if xor else a & b)
        return value

    @property
    def table(self) -> int:
        return self.values()[self.output >> 1] ^ (_ONES if self.output & 1 else 0)

    @property
    def depth(self) -> int:
        level = [0] * INPUTS
        for _, left, right in self.gates:
            level.append(max(level[left >> 1], level[right >> 1]) + 1)
        return level[self.output >> 1]


def chains(price: int, deep: int = 0, most: int = MOST) -> tuple[Ints, list[Ints]]:
    """The least cost of every class, -1 where no chain of ``most`` gates has it, and its chains."""
    known = classes()
    size = len(known.smallest)
    best = np.full(size, np.iinfo(np.int64).max)
    best[known.number[[0, _VARIABLES[0]]]] = 0
    kept, count = np.zeros(size * SAMPLE * MOST, np.int64), np.zeros(size, np.int64)
    value = np.zeros(INPUTS + MOST, np.int64)
    value[:INPUTS] = _VARIABLES
    level = np.zeros(INPUTS + MOST, np.int64)
    for gates in range(1, most + 1):
        enumerate_chains(
            30**gates, gates, price, deep, SAMPLE, known.number, value, level.copy(), level.copy(),
            np.zeros(MOST, np.int64), best, kept, count, np.ones(1, np.int64),
        )  # fmt: skip
    best[best == np.iinfo(np.int64).max] = -1
    rows = kept.reshape(size, SAMPLE, MOST)
    return best, [rows[c, : min(SAMPLE, count[c])] for c in range(size)]


def circuits(number: int, found: Ints) -> list[Circuit]:
    """Different circuits of a class, from chains of any of its functions: few shared gates."""
    table = int(classes().smallest[number])
    if not len(found):  # a constant or an input
        return [Circuit((), 0)] if table else []
    images = classes().images(table)
    known: dict[frozenset[int], Circuit] = {}
    for codes in found.tolist():
        gates = [divmod(code, OPERATIONS) for code in codes if code >= 0]
        steps = [(*divmod(pair, WIDTH), operation) for pair, operation in gates]
        made = _normal(steps)
        for transform in np.flatnonzero(images == made).tolist():
            circuit = _circuit(steps, transform)
            assert circuit.table == table
            tables = circuit.values()[INPUTS:-1]
            known.setdefault(frozenset(min(t, t ^ _ONES) for t in tables), circuit)
    rows = sorted(known.items(), key=lambda item: (item[1].depth, sorted(item[0])))
    chosen: list[Circuit] = []
    covered: set[int] = set()
    while rows and len(chosen) < KEPT:
        at = max(range(len(rows)), key=lambda i: (len(rows[i][0] - covered), -i))
        tables, circuit = rows.pop(at)
        covered |= tables
        chosen.append(circuit)
    return chosen


def _normal(steps: list[tuple[int, int, int]]) -> int:
    """The table of a chain."""
    value = list(_VARIABLES)
    for i, j, operation in steps:
        a, b = value[i], value[j]
        value.append((a & b, a & ~b, ~a & b, a | b, a ^ b)[operation])
    return value[-1]


def _circuit(steps: list[tuple[int, int, int]], transform: int) -> Circuit:
    """A chain of f as a circuit of f's class: ``x[order[i]] = y[i] ^ phase[i]``."""
    known = classes()
    literal = [0] * INPUTS
    for i, (variable, phase) in enumerate(zip(known.order[transform], known.phase[transform])):
        literal[variable] = 2 * i + int(phase)
    gates: list[Gate] = []
    for i, j, operation in steps:
        a, b, sign = literal[i], literal[j], 0
        if operation == XOR:
            sign = (a ^ b) & 1
            a, b = a & ~1, b & ~1
        elif operation == 3:  # a ∨ b = ¬(¬a ∧ ¬b)
            a, b, sign = a ^ 1, b ^ 1, 1
        else:
            a, b = a ^ (operation == 2), b ^ (operation == 1)
        literal.append(2 * (INPUTS + len(gates)) + sign)
        gates.append((int(operation == XOR), int(a), int(b)))
    return Circuit(tuple(gates), literal[-1] ^ int(known.sign[transform]))


def write(path: Path) -> None:
    """All circuits: ``start`` says where those of each class begin, a gate is a row of three."""
    arrays: dict[str, Any] = {}
    for name, (price, deep) in PRICES.items():
        _, found = chains(price, deep)
        start, output, first, gates = [0], list[int](), [0], list[Gate]()
        for number, rows in enumerate(found):
            for circuit in circuits(number, rows):
                gates += circuit.gates
                first.append(len(gates))
                output.append(circuit.output)
            start.append(len(output))
        for part, values in (("start", start), ("first", first), ("output", output)):
            arrays[f"{name}_{part}"] = np.array(values, np.int16)
        arrays[f"{name}_gates"] = np.array(gates, np.int8)
    with atomic_write(path) as file:
        np.savez_compressed(file, **arrays)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--most", type=int, choices=range(1, MOST + 1), help="most gates")
    options = parser.parse_args()
    if options.most is None:
        write(FILE)
        return
    for name, (price, deep) in PRICES.items():
        best, _ = chains(price, deep, options.most)
        counts = np.bincount(best[best >= 0])
        counted = ", ".join(f"{c}: {counts[c]}" for c in np.flatnonzero(counts))
        sys.stdout.write(f"{name}: classes by cost {counted}\n")


if __name__ == "__main__":
    main()
