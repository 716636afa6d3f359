"""Convolutional models with random gates: real architectures at small size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lgc.assembling import Assembly, Values, on_grid, or_pool, patches
from lgc.chain import Sums, build_module
from lgc.model import Model
from lgc.netlist import Netlist
from lgc.surgery import compose

GATES = [1, 2, 4, 6, 7, 8, 9, 11, 13, 14]


def trees(random: np.random.Generator, inputs: int, kernels: int) -> Netlist:
    """Kernels that are each a tree of three gates over four of the inputs."""
    leaves = random.integers(0, inputs, (2 * kernels, 2))
    pairs = np.arange(2 * kernels).reshape(kernels, 2)
    layers = [
        Netlist(count, random.choice(GATES, len(fanin)), fanin, count + np.arange(len(fanin)))
        for count, fanin in ((inputs, leaves), (2 * kernels, pairs))
    ]
    return compose(layers)


@dataclass
class Maker:
    """Builds a model part by part."""

    assembly: Assembly
    random: np.random.Generator

    def conv(
        self, values: Values, kernels: int, size: tuple[int, int] = (3, 3),
        stride: tuple[int, int] = (1, 1), padding: tuple[int, int] = (1, 1),
    ) -> Values:  # fmt: skip
        index, grid = patches(values, size, stride, padding)
        net = trees(self.random, index.shape[1], kernels)
        return on_grid(self.assembly.map(net, index), grid)

    def pool(self, values: Values, size: int = 2) -> Values:
        return or_pool(self.assembly, values, (size, size), (size, size), (0, 0))

    def dense(self, values: Values, gates: int) -> Values:
        flat = values.ravel()
        reads = flat[self.random.integers(0, len(flat), (gates, 2))]
        return self.assembly.layer(self.random.choice(GATES, gates), reads)


def pooled(maker: Maker) -> Values:
    """3 × 3 windows with padding, pooling, twice; two dense layers."""
    grid = maker.assembly.inputs.reshape(1, 8, 8)
    grid = maker.pool(maker.conv(grid, 3))
    grid = maker.pool(maker.conv(grid, 4))
    return maker.dense(maker.dense(grid, 30), 20)


def strided(maker: Maker) -> Values:
    """Two channels, strides of two with padding and without."""
    grid = maker.assembly.inputs.reshape(2, 9, 9)
    grid = maker.conv(grid, 3, stride=(2, 2))
    grid = maker.conv(grid, 4, size=(2, 2), stride=(1, 2), padding=(0, 0))
    return maker.dense(grid, 20)


def line(maker: Maker) -> Values:
    """Windows along a line of 37 numbers of two bits, the bits of each together."""
    grid = maker.assembly.inputs.reshape(37, 2).T.reshape(2, 1, 37)
    grid = maker.conv(grid, 3, size=(1, 5), stride=(1, 2), padding=(0, 2))
    grid = maker.conv(grid, 2, size=(1, 3), padding=(0, 1))
    return maker.dense(grid, 20)


def column(maker: Maker) -> Values:
    """Windows of several rows on a grid of one column."""
    grid = maker.conv(maker.assembly.inputs.reshape(1, 5, 5), 3, size=(3, 5), padding=(1, 0))
    grid = maker.conv(grid, 2, size=(3, 1), padding=(1, 0))
    return maker.dense(grid, 10)


def wide(maker: Maker) -> Values:
    """Windows of five, padded by two, behind ones of three, on pixels that are not square."""
    grid = maker.assembly.inputs.reshape(1, 6, 10)
    grid = maker.conv(maker.conv(grid, 2), 3, size=(5, 5), padding=(2, 2))
    return maker.dense(grid, 20)


def points(maker: Maker) -> Values:
    """Windows of one pixel: nothing needs to be remembered."""
    grid = maker.conv(maker.assembly.inputs.reshape(3, 4, 4), 4, size=(1, 1), padding=(0, 0))
    return maker.dense(grid, 10)


def no_dense(maker: Maker) -> Values:
    """The bits of a convolution go into the sums."""
    return maker.conv(maker.assembly.inputs.reshape(1, 4, 6), 5, padding=(1, 1)).transpose(1, 2, 0)


def residual(maker: Maker) -> Values:
    """The last layer reads the first convolution too, whose bits the second keeps."""
    grid = maker.conv(maker.assembly.inputs.reshape(1, 6, 6), 3)
    deeper = maker.conv(grid, 3)
    return maker.dense(np.concatenate([grid.ravel(), deeper.ravel()]), 40)


def mixed(maker: Maker) -> Values:
    """A circuit stands in front of a convolution, another between two."""
    grid = maker.dense(maker.assembly.inputs, 36).reshape(1, 6, 6)
    grid = maker.conv(grid, 2, padding=(0, 0))
    grid = maker.dense(grid, 16).reshape(1, 4, 4)
    return maker.dense(maker.conv(grid, 2), 20)


MODELS: dict[Callable[[Maker], Values], int] = {
    pooled: 64, strided: 162, line: 74, column: 25, wide: 60, points: 48, no_dense: 24,
    residual: 36, mixed: 24,
}  # fmt: skip
"""By maker the bits that come in."""

STREAMS = [pooled, strided, line, column, wide, points, no_dense]
"""Those that can be streamed."""


def model(
    maker: Callable[[Maker], Values], seed: int = 0, classes: int = 5, dtype: str = "uint8"
) -> Model:
    """A model with class sums; without, where there are no classes."""
    bits = MODELS[maker]
    assembly = Assembly(bits)
    values = maker(Maker(assembly, np.random.default_rng(seed))).ravel()
    sums = Sums(classes) if classes else None
    if classes and len(values) % classes:
        values = values[: len(values) // classes * classes]
    return Model(build_module(bits, assembly.finish(values), sums, dtype=dtype))
