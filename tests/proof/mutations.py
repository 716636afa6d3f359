"""Faults planted in circuits: a check must find each, or prove that it is none.

``python -m tests.proof.mutations N SEED`` plants N faults in small circuits, a tenth of that in
larger ones, and says what became of them.
"""

from __future__ import annotations

import sys
from collections import Counter

import numpy as np

from lgc import tables
from lgc.evaluation import exhaustive_planes
from lgc.facts import nothing
from lgc.netlist import Netlist
from lgc.passes.dedupe import Dedupe
from lgc.passes.map_lut import MapLut
from lgc.proof.equality import prove
from lgc.proof.sweeping import Limits
from lgc.sharing import sweep
from lgc.surgery import compose
from tests.support import random_layers

SMALL = [(8, [12, 12, 8]), (12, [30, 30, 20]), (16, [60, 60, 40])]
"""Inputs and layers of circuits on which every vector can be tried."""

LARGE = [(64, [300, 300, 200]), (200, [800, 800, 400])]


def circuit(inputs: int, layers: list[int], seed: int) -> Netlist:
    """An optimised circuit: shared, some deduped, some covered by wider gates."""
    net = sweep(compose(random_layers(layers, inputs, seed)), share=True)
    if seed % 3 == 1:
        net = Dedupe(vectors=256).rewrite(net, nothing(inputs))
    if seed % 3 == 2 and net.gates:
        net = MapLut(k=3 + seed % 2).rewrite(net)
    return net


def mutate(net: Netlist, random: np.random.Generator) -> tuple[Netlist, str]:
    """A netlist with one fault: a table bit flipped, a fan-in or an output exchanged."""
    table, fanin, outputs = net.table.copy(), net.fanin.copy(), net.outputs.copy()
    kind = str(random.choice(["table", "fan-in", "output"])) if net.gates else "output"
    if kind == "output":
        outputs[random.integers(len(outputs))] = random.integers(net.nets)
        return Netlist(net.inputs, table, fanin, outputs), kind
    gate = int(random.integers(net.gates))
    if kind == "table":
        table[gate] ^= np.uint64(1 << int(random.integers(1 << net.k)))
        assert table[gate] <= tables.ones(net.k)
    else:
        fanin[gate, random.integers(net.k)] = random.integers(net.inputs + gate)
    return Netlist(net.inputs, table, fanin, outputs), kind


def verdict(net: Netlist, fault: Netlist, vectors: int) -> str:
    """What a proof says of a fault, itself checked: ``found`` or ``none``."""
    result = prove(net, fault, nothing(net.inputs), Limits(vectors=vectors))
    assert result.equal is not None, result.how
    if result.equal:
        if net.inputs <= 16:
            planes = exhaustive_planes(net.inputs)
            assert (net.evaluate(planes) == fault.evaluate(planes)).all(), "a fault was missed"
        return "none"
    assert result.example is not None
    planes = result.example.astype(np.uint64)[:, None]
    one, other = net.evaluate(planes) & np.uint64(1), fault.evaluate(planes) & np.uint64(1)
    assert (one != other).any(), "an example is none"
    return "found"


def plant(count: int, seed: int, shapes: list[tuple[int, list[int]]]) -> Counter[tuple[str, str]]:
    """Plant faults in circuits of some shapes; what kinds there were and what became of them."""
    random = np.random.default_rng(seed)
    seen: Counter[tuple[str, str]] = Counter()
    for number in range(count):
        if number % 20 == 0:  # so many faults a circuit
            place = number // 20
            net = circuit(*shapes[place % len(shapes)], seed + place)
        fault, kind = mutate(net, random)
        seen[kind, verdict(net, fault, vectors=64)] += 1
    return seen


def main() -> None:
    count, seed = (int(word) for word in sys.argv[1:])
    for shapes, many in ((SMALL, count), (LARGE, count // 10)):
        for (kind, became), times in sorted(plant(many, seed, shapes).items()):
            print(f"{kind:8} {became:6} {times:,}")


if __name__ == "__main__":
    main()
