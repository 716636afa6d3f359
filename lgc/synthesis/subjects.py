"""What synthesis starts from: gates of two fan-ins, and outputs that name a net and a phase."""

from __future__ import annotations

import numpy as np

from ..cuts import Ints
from ..netlist import Netlist
from ..sharing import sweep
from ..splitting import split
from ..surgery import arity, keep, live_gates, tidy


def read_phases(net: Netlist, *, share: bool) -> tuple[Netlist, Ints]:
    """The gates that are left when constants, wires and inverters are folded away.

    Args:
        net: of any width; wider gates are split.
        share: merge twins too.

    Returns:
        A tidy netlist of gates that depend on two fan-ins, and for each output its node: 2·v for
        net v, 2·v + 1 for its complement, -1 and -2 for the constants 0 and 1.
    """
    net = sweep(split(sweep(net, share=share), 2), share=share)
    net = tidy(keep(net, live_gates(net)))
    reads = np.concatenate([np.full(net.inputs, 2), arity(net)])
    nodes = 2 * net.outputs.astype(np.int64)
    few = np.flatnonzero(reads[net.outputs] < 2)  # inverters and constants: only outputs read them
    gate = net.outputs[few] - net.inputs
    top = net.table[gate] & np.uint64(1)  # f(1, …)
    nodes[few] = np.where(
        reads[net.outputs[few]] == 0, -1 - top.astype(np.int64), 2 * net.fanin[gate, 0] + 1
    )
    proper = reads[net.inputs :] >= 2
    assert proper[: proper.sum()].all(), "a gate reads an inverter or a constant"
    outputs = np.maximum(nodes, 0) // 2
    return Netlist(net.inputs, net.table[proper], net.fanin[proper], outputs), nodes
