"""Cellular automata: one rule at every cell of a grid, whose cells are the state.

The rule stays one netlist at many places (`logic.map`). Bits of a cell are channels; a state is the
grid ``(height, width, channels)`` row by row, which is also what a step gives.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .assembling import Assembly, Values
from .chain import build_module
from .errors import UsageError
from .model import Model
from .netlist import Netlist
from .surgery import compose

MOST = 1 << 24
"""Bits of a state."""


def automaton(
    rule: Netlist,
    grid: Sequence[int],
    *,
    perceive: Netlist | None = None,
    periodic: bool = True,
    initial: ArrayLike | None = None,
) -> Model:
    """A cellular automaton as a recurrent model that reads nothing but its state.

    Args:
        rule: what a cell becomes, a bit for each channel. Without ``perceive`` it reads the square
            of cells around it, row by row, of each cell all channels. With it, first the channels
            of the cell itself, then what was perceived in its first channel, and so on.
        grid: height, width and, where there are several, channels.
        perceive: reads one channel of the square, of 9 cells for 3 × 3; any number of results.
        periodic: cells beyond an edge are those at the other one; else they are 0.
        initial: the grid before the first step; by default all 0.

    Raises:
        UsageError: grid and netlists do not fit one another.
    """
    height, width, channels = shape = _shape(grid)
    reader = rule if perceive is None else perceive
    side = _side(reader.inputs, channels if perceive is None else 1)
    if len(rule.outputs) != channels:
        raise UsageError(
            f"the rule gives {len(rule.outputs)} bits, a cell has {channels} channels",
            where="automaton",
        )
    assembly = Assembly(height * width * channels)
    cells = assembly.inputs.reshape(shape)
    around = neighbours(cells, side, periodic)  # (cells, side², channels)
    if perceive is None:
        seen = around.reshape(height * width, -1)
    else:
        each = np.moveaxis(around, 2, 1).reshape(-1, side * side)
        made = assembly.map(perceive, each).reshape(height * width, -1)
        seen = np.concatenate([cells.reshape(-1, channels), made], axis=1)
        if seen.shape[1] != rule.inputs:
            raise UsageError(
                f"the rule reads {rule.inputs} bits, a cell and what it perceives are "
                f"{seen.shape[1]}",
                where="automaton",
            )
    following = assembly.map(rule, seen).ravel()
    start = np.zeros(shape, np.bool_) if initial is None else np.asarray(initial, np.bool_)
    if start.size != cells.size:
        raise UsageError(
            f"the initial grid has {start.size} bits, {cells.size} are needed", where="automaton"
        )
    stages = assembly.finish(np.concatenate([following, following]))
    return Model(build_module(0, stages, None, dtype="bool", initial=start.ravel()))


def neighbours(cells: Values, side: int, periodic: bool) -> Values:
    """What the square around each cell holds: ``(height, width, channels)`` to
    ``(height · width, side², channels)``; -1 beyond an edge, unless there is none."""
    height, width, channels = cells.shape
    around = ((side // 2, side // 2), (side // 2, side // 2), (0, 0))
    if periodic:
        padded = np.pad(cells, around, mode="wrap")
    else:
        padded = np.pad(cells, around, constant_values=-1)
    seen = np.lib.stride_tricks.sliding_window_view(padded, (side, side), (0, 1))
    return seen.transpose(0, 1, 3, 4, 2).reshape(height * width, side * side, channels)


def layers(sizes: int, gates: Sequence[tuple[ArrayLike, ArrayLike, ArrayLike]]) -> Netlist:
    """A netlist of layers of gates of two fan-ins, as differentiable networks have them.

    Args:
        sizes: bits that enter the first layer.
        gates: of each layer the gate numbers (see docs/ir.md), and the places in the layer before
            that the first and the second fan-ins read.
    """
    parts: list[Netlist] = []
    for table, first, second in gates:
        fanin = np.stack([np.asarray(one, np.int32) for one in (first, second)], axis=1)
        parts.append(Netlist(sizes, table, fanin, np.arange(sizes, sizes + len(fanin))))
        sizes = len(fanin)
    return compose(parts)


def _shape(grid: Sequence[int]) -> tuple[int, int, int]:
    sizes = [int(size) for size in grid]
    if len(sizes) == 2:
        sizes.append(1)
    if len(sizes) != 3 or min(sizes) < 1 or int(np.prod(sizes)) > MOST:
        raise UsageError(
            f"{tuple(grid)} is no grid",
            where="automaton",
            hint=f"height, width, channels; up to {MOST:,} bits in all",
        )
    return sizes[0], sizes[1], sizes[2]


def _side(inputs: int, channels: int) -> int:
    """Cells along an edge of the square that so many inputs are."""
    side = int(np.sqrt(inputs // channels))
    if side * side * channels != inputs or side % 2 == 0:
        raise UsageError(
            f"{inputs} inputs are no square of cells of {channels} channels around one",
            where="automaton",
            hint="3 × 3 cells are 9 bits a channel",
        )
    return side
