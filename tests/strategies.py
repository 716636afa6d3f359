"""Hypothesis strategies: random netlists of any width."""

from __future__ import annotations

from hypothesis import strategies as st

from lgc import tables
from lgc.netlist import Netlist


@st.composite
def netlists(
    draw: st.DrawFn,
    max_inputs: int = 6,
    max_gates: int = 20,
    k: int | None = 2,
    max_outputs: int = 6,
) -> Netlist:
    """A netlist; ``k=None`` draws the number of fan-ins too."""
    width = draw(st.integers(1, 5)) if k is None else k
    inputs = draw(st.integers(1, max_inputs))
    gates = draw(st.integers(0, max_gates))
    # Constants, wires and inverters are frequent in trained networks and interesting to passes.
    special = [0, int(tables.ones(width))]
    for i in range(width):
        wire = int(tables.variable(width, i))
        special += [wire, wire ^ int(tables.ones(width))]
    any_table = st.one_of(st.sampled_from(special), st.integers(0, int(tables.ones(width))))
    table = draw(st.lists(any_table, min_size=gates, max_size=gates))
    fanin = [
        [draw(st.integers(0, inputs + gate - 1)) for _ in range(width)] for gate in range(gates)
    ]
    outputs = draw(st.lists(st.integers(0, inputs + gates - 1), min_size=1, max_size=max_outputs))
    return build(inputs, table, fanin, outputs, width)


def build(
    inputs: int, table: list[int], fanin: list[list[int]], outputs: list[int], k: int = 2
) -> Netlist:
    """A netlist from lists."""
    import numpy as np

    rows = np.array(fanin, np.int32).reshape(len(table), k)
    return Netlist(inputs, np.array(table, np.uint64), rows, outputs)
