"""Figures about a netlist: gates by kind, depth, fan-out, live nets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import tables
from .levels import levels
from .netlist import Netlist


@dataclass(frozen=True)
class Metrics:
    """Figures about one netlist.

    Attributes:
        gates: all gates.
        and_type, xor_type: two-input gates that need a real AND or XOR, inverters absorbed;
            wider gates count under ``wide``.
        trivial: constants, buffers and inverters.
        depth: gates on the longest path.
        fanout: readers of the most read net.
        used_inputs: inputs that some gate or output reads.
        live_nets: most nets that are alive at once when gates are computed in order.
    """

    inputs: int
    outputs: int
    gates: int
    and_type: int
    xor_type: int
    wide: int
    trivial: int
    depth: int
    fanout: int
    used_inputs: int
    live_nets: int


def measure(net: Netlist) -> Metrics:
    """Compute all figures, O(gates · fan-ins)."""
    used = sum(tables.depends(net.table, net.k, i).astype(np.int64) for i in range(net.k))
    assert isinstance(used, np.ndarray)
    two = _two_input_tables(net)[used == 2]
    xor_type = int(np.isin(two, list(tables.kinds()[1])).sum())
    reads = np.bincount(net.fanin.ravel(), minlength=net.nets)
    reads += np.bincount(net.outputs, minlength=net.nets)
    return Metrics(
        inputs=net.inputs,
        outputs=len(net.outputs),
        gates=net.gates,
        and_type=len(two) - xor_type,
        xor_type=xor_type,
        wide=int((used > 2).sum()),
        trivial=int((used < 2).sum()),
        depth=depth(net),
        fanout=int(reads.max()),
        used_inputs=int((reads[: net.inputs] > 0).sum()),
        live_nets=live_nets(net),
    )


def depth(net: Netlist) -> int:
    """Gates on the longest path."""
    return int(levels(net.inputs, net.fanin).max(initial=0))


def _two_input_tables(net: Netlist) -> tables.Tables:
    """A two-input table with as many ones, in proportion, as each gate's table has."""
    table = net.table
    if net.k == 2:
        return table
    share = np.bitwise_count(table).astype(np.int64) * 4 // (1 << net.k)
    return np.choose(share, [0, 1, 6, 7, 15]).astype(np.uint64)


def live_nets(net: Netlist) -> int:
    """Most nets alive at once: a net lives from its gate to its last reader (or the end)."""
    last = np.full(net.nets, -1, np.int64)
    np.maximum.at(last, net.fanin.ravel(), np.repeat(np.arange(net.gates), net.k))
    last[net.outputs] = net.gates
    born = np.maximum(np.arange(net.nets) - net.inputs, 0)
    alive = last >= 0
    change = np.bincount(born[alive], minlength=net.gates + 2)
    change -= np.bincount(last[alive] + 1, minlength=net.gates + 2)[: len(change)]
    return int(np.cumsum(change).max())


def gates_by_table(net: Netlist) -> dict[str, int]:
    """How often each two-input function occurs, most frequent first; empty for wider gates."""
    if net.k != 2:
        return {}
    count = np.bincount(net.table.astype(np.int64), minlength=16)
    order = np.argsort(-count, kind="stable")
    return {tables.EXPRESSIONS[table]: int(count[table]) for table in order if count[table]}
