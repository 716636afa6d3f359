"""What a torchlogix model is made of, wherever it was read from: frozen values, NumPy alone.

Shapes are those of one sample: no axis for the batch, so axis 1 of torch is axis 0 here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lgc.tables import Tables

Numbers = NDArray[np.int64]
Shape = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Encode:
    """Numbers to bits: a number is compared with T thresholds, x > t.

    Attributes:
        thresholds: float32 ``(T,)``, or ``(C, T)``, one row a channel or a feature; None for bits
            that are bits already.
        axis: of torch, batch included, into which the bits are folded: ``feature_dim``; None where
            it is not known.
    """

    thresholds: NDArray[np.float32] | None
    axis: int | None


@dataclass(frozen=True, eq=False)
class Dense:
    """Gates over the last axis.

    Attributes:
        tables: uint64 ``(out,)``.
        reads: int64 ``(out, rank)``.
        inputs: width of the last axis; None where only the wiring tells the least.
    """

    name: str
    tables: Tables
    reads: Numbers
    inputs: int | None


@dataclass(frozen=True, eq=False)
class Trees:
    """Kernels, trees of gates, at every position of a grid.

    Attributes:
        tables: of each level from the leaves to the root, uint64 ``(nodes, kernels)``.
        leaves: int64 ``(rank, kernels, positions, nodes, axes + 1)``: coordinates that the first
            level reads, and the channel, on a grid with ``dilation - 1`` zeros between neighbours
            and ``padding`` zeros around them.
        wires: of the levels behind it, int64 ``(rank, nodes)``, nodes of the level before.
        grid: of positions.
        channels, grid_in: of the input; None where not known.
        padding: None where it has to be deduced.
        window: the receptive field of a transposed convolution that was described.
    """

    name: str
    tables: Sequence[Tables]
    leaves: Numbers
    wires: Sequence[Numbers]
    grid: Shape
    channels: int | None = None
    grid_in: Shape | None = None
    padding: int | None = None
    dilation: int = 1
    window: Shape | None = None

    @property
    def rank(self) -> int:
        return self.leaves.shape[0]

    @property
    def kernels(self) -> int:
        return self.leaves.shape[1]


@dataclass(frozen=True)
class Pool:
    """The disjunction of every window of a grid, channel by channel; zeros around it."""

    size: Shape
    stride: Shape
    padding: Shape


@dataclass(frozen=True)
class Flatten:
    """Axes from ``first`` to ``last`` become one; numbered as in torch, batch included."""

    first: int = 1
    last: int = -1


@dataclass(frozen=True)
class Unflatten:
    """One axis becomes several; numbered as in torch, batch included."""

    axis: int
    sizes: Shape


@dataclass(frozen=True, eq=False)
class Residual:
    """The disjunction of what two ways give: the relaxed OR of 0 and 1."""

    main: Sequence[Layer]
    shortcut: Sequence[Layer]


@dataclass(frozen=True)
class Total:
    """Scores: sums of equal groups, plus beta, divided by tau."""

    classes: int
    tau: float
    beta: float


Layer = Encode | Dense | Trees | Pool | Flatten | Unflatten | Residual | Total
