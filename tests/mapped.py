"""Random convolutional models, for every part that reads `logic.map`."""

from __future__ import annotations

import numpy as np
from xdsl.dialects.builtin import ModuleOp

from lgc import tables
from lgc.assembling import Assembly, on_grid, or_pool, patches
from lgc.chain import Sums, build_module
from lgc.netlist import Netlist


def random_netlist(
    rng: np.random.Generator, inputs: int, gates: int, outputs: int, k: int = 2
) -> Netlist:
    """Gates of which some are constants and wires; outputs are any nets, inputs among them."""
    special = np.array(
        [0, tables.ones(k), tables.variable(k, 0), tables.variable(k, k - 1)], np.uint64
    )
    table = rng.integers(0, int(tables.ones(k)), gates, np.uint64, endpoint=True)
    table = np.where(rng.random(gates) < 0.3, special[rng.integers(0, 4, gates)], table)
    below = inputs + np.arange(gates)[:, None]
    fanin = (rng.random((gates, k)) * below).astype(np.int32)
    spread = (rng.random(outputs) * (inputs + gates)).astype(np.int32)
    return Netlist(inputs, table, fanin, spread)


def convolutional(seed: int, k: int = 2, *, sums: bool | None = None) -> ModuleOp:
    """A model of a number: circuits, two convolutions with a pooling between them, bits passed on.

    The geometry, what stands where and whether there are class sums follow from the seed.
    """
    rng = np.random.default_rng(seed)
    channels, high, wide = (int(size) for size in rng.integers((1, 4, 3), (4, 8, 8)))
    bits = channels * high * wide
    assembly = Assembly(bits)
    values = assembly.inputs
    if rng.random() < 0.3:
        net = random_netlist(rng, bits, 40, bits, k)
        values = assembly.circuit(net, values)
    values = values.reshape(channels, high, wide)
    kernels = int(rng.integers(1, 6))
    padding = int(rng.integers(0, 2))
    window = (3, int(rng.integers(1, 4)))
    index, grid = patches(values, window, (1, 1), (padding, 1))
    net = random_netlist(rng, index.shape[1], int(rng.integers(0, 60)), kernels, k)
    first = on_grid(assembly.map(net, index), grid)
    pooled = first
    if rng.random() < 0.7 and min(grid) > 1:
        side = int(rng.integers(0, 2))
        pooled = or_pool(assembly, first, (2, 2), (2, 2), (side, side))
    index, grid = patches(pooled, (2, 1), (1, int(rng.integers(1, 3))), (1, 0))
    net = random_netlist(rng, index.shape[1], int(rng.integers(0, 60)), 3, k)
    last = on_grid(assembly.map(net, index), grid).ravel()
    if rng.random() < 0.5:  # as a shortcut does
        last = np.concatenate([last, rng.choice(first.ravel(), 5), rng.choice(values.ravel(), 3)])
    if rng.random() < 0.5:
        net = random_netlist(rng, len(last), 90, 20, k)
        last = assembly.circuit(net, last)
    summed = bool(rng.integers(2)) if sums is None else sums
    last = last[: len(last) // 3 * 3] if summed else last
    made = Sums(3, 2.0) if summed else None
    return build_module(bits, assembly.finish(last), made, dtype="bool")
