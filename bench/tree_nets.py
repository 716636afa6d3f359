"""Convolutional networks of the size and wiring of LogicTreeNet, with random gates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lgc.assembling import Assembly, on_grid, or_pool, patches
from lgc.chain import Sums, build_module
from lgc.dialect import MapOp, OpenOp
from lgc.model import Model
from lgc.netlist import Netlist

SIZES = {"S": (32, 3), "M": (256, 3), "B": (512, 5)}
"""Kernels of the first layer, and thresholds of a pixel's colour, by the names in the paper
(Petersen et al., "Convolutional Differentiable Logic Gate Networks", NeurIPS 2024)."""
DEPTH, WINDOW, GROUP = 3, 3, 2


def trees(kernels: int, channels: int, group: int, rng: np.random.Generator) -> Netlist:
    """Trees of random gates whose leaves are in windows of adjacent channels.

    Kernel i reads channels from ``i mod (channels - group + 1)`` on, as many positions of each.
    """
    leaves, spots = 2**DEPTH, WINDOW * WINDOW
    start = np.arange(kernels) % (channels - group + 1)
    read = np.empty((kernels, leaves), np.int64)
    for kernel in range(kernels):
        chunks = [
            (start[kernel] + channel) * spots + rng.permutation(spots)[: leaves // group]
            for channel in range(group)
        ]
        read[kernel] = rng.permutation(np.concatenate(chunks))
    fanin: list[NDArray[np.int64]] = []
    top = channels * spots
    while read.shape[1] > 1:
        fanin.append(read.reshape(-1, 2))
        count = kernels * (read.shape[1] // 2)
        read = np.arange(top, top + count).reshape(kernels, -1)
        top += count
    every = np.concatenate(fanin).astype(np.int32)
    table = rng.integers(0, 16, len(every), dtype=np.uint64)
    return Netlist(channels * spots, table, every, read[:, 0].astype(np.int32))


def tree_net(
    size: str, seed: int = 0, channels: int | None = None, *, encoder: bool = True
) -> Model:
    """A network for 3 × 32 × 32 bytes and ten classes.

    Args:
        size: one of `SIZES`.
        seed: of wiring and gates.
        channels: kernels of the first layer, instead of those of the size.
        encoder: whether it reads bytes, else the bits that they become.
    """
    rng = np.random.default_rng(seed)
    first, bits = SIZES[size]
    first = channels or first
    pixels = 3 * 32 * 32
    assembly = Assembly(pixels * bits)
    values = assembly.inputs.reshape(3, bits, 32, 32).reshape(3 * bits, 32, 32)
    for factor in (1, 4, 16, 32):
        net = trees(first * factor, len(values), GROUP if factor > 1 else 1, rng)
        index, grid = patches(values, (WINDOW, WINDOW), (1, 1), (1, 1))
        values = on_grid(assembly.map(net, index), grid)
        values = or_pool(assembly, values, (2, 2), (2, 2), (0, 0))
    last = values.ravel()
    for factor in (1280, 640, 320):
        reads = rng.integers(0, len(last), (first * factor, 2))
        last = assembly.layer(rng.integers(0, 16, first * factor, dtype=np.uint64), last[reads])
    stages, sums = assembly.finish(last), Sums(10, 20.0)
    if not encoder:
        return Model(build_module(pixels * bits, stages, sums, dtype="bool"))
    colour = np.repeat(np.arange(3), bits * 1024) * 1024
    feature = colour + np.tile(np.arange(1024), 3 * bits)
    level = np.tile(np.repeat(np.arange(1, bits + 1) * (256 // (bits + 1)), 1024), 3)
    module = build_module(pixels, stages, sums, dtype="uint8", feature=feature, level=level)
    return Model(module)


def raw_gates(model: Model) -> int:
    """Gates with every place of a map counted, and no class sums."""
    return sum(
        stage.net.data.gates * (len(stage.rows) if isinstance(stage, MapOp) else 1)
        for stage in model.chain.stages
        if not isinstance(stage, OpenOp)
    )
