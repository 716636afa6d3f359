"""The network in plain torch: a bool a sample, all gates of a layer at once.

A layer gathers its fan-ins and looks its tables up by Shannon expansion, f = f0 ⊕ x·(f0 ⊕ f1),
as `lgc.evaluation` does.
"""

from __future__ import annotations

import importlib.util
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from ..chain import read_chain
from ..errors import UnsupportedError
from ..levels import groups
from ..netlist import Netlist
from . import Options, Peer, circuits, one_thread

if TYPE_CHECKING:
    import torch

PIECE = 1 << 21
"""Bools that a layer may hold at once; larger batches go through in pieces."""


@dataclass(frozen=True, eq=False)
class _Layer:
    """Gates that do not read one another: leaves ``(gates, 1)`` of the expansion, and fan-ins."""

    leaves: list[torch.Tensor]
    fanin: list[torch.Tensor]

    def __call__(self, value: torch.Tensor) -> torch.Tensor:
        leaves = self.leaves
        for reads in reversed(self.fanin):
            x = value.index_select(0, reads)
            leaves = [low ^ (x & (low ^ high)) for low, high in zip(leaves[::2], leaves[1::2])]
        return leaves[0]


def make(module: ModuleOp, options: Options) -> Peer:
    """Move tables and wiring to tensors."""
    if importlib.util.find_spec("torch") is None:
        raise UnsupportedError(
            "torch is not installed", where="peer torch", hint="pip install 'lgc[torch]'"
        )
    import torch

    start = time.perf_counter()
    chain = read_chain(module)
    stages = [_stage(net) for net in circuits(chain)]
    widest = max([chain.bits, *(stage.nets for stage in stages)])
    piece = max(64, PIECE // widest)
    sums = chain.group_sum
    assert sums is not None
    group = torch.as_tensor(sums.groups().astype(np.int64))
    weight = torch.as_tensor(sums.weights().astype(np.int32))[:, None]
    offset = torch.as_tensor(sums.offsets().astype(np.int32))[:, None]

    def classes(x: torch.Tensor) -> torch.Tensor:
        value = x.T.contiguous()
        for stage in stages:
            value = stage(value)
        counts = offset.repeat(1, len(x)).index_add_(0, group, value.int() * weight)
        return counts.argmax(0)

    def predict(x: NDArray[np.bool_]) -> NDArray[np.int64]:
        with one_thread():
            pieces = range(0, max(len(x), 1), piece)
            parts = [classes(torch.as_tensor(x[start : start + piece])) for start in pieces]
            return torch.cat(parts).numpy()

    title = f"torch {torch.__version__}, a bool a sample"
    return Peer(title, predict, 1, time.perf_counter() - start)


@dataclass(frozen=True, eq=False)
class _Stage:
    """A netlist by layers; ``outputs`` is None where they are all gates of its only layer."""

    inputs: int
    nets: int
    layers: list[tuple[NDArray[np.int64], _Layer]]
    outputs: torch.Tensor | None

    def __call__(self, value: torch.Tensor) -> torch.Tensor:
        if self.outputs is None:
            return self.layers[0][1](value)
        import torch

        values = torch.empty((self.nets, value.shape[1]), dtype=torch.bool)
        values[: self.inputs] = value
        for gates, layer in self.layers:
            values[torch.as_tensor(gates + self.inputs)] = layer(values)
        return values.index_select(0, self.outputs)


def _stage(net: Netlist) -> _Stage:
    import torch

    layers: list[tuple[NDArray[np.int64], _Layer]] = []
    for gates in groups(net.inputs, net.fanin):
        places = np.arange((1 << net.k) - 1, -1, -1, dtype=np.uint64)
        entry = (net.table[gates] >> places[:, None] & np.uint64(1)).astype(np.bool_)
        leaves = [torch.as_tensor(row[:, None]) for row in entry]
        fanin = [torch.as_tensor(net.fanin[gates, i].astype(np.int64)) for i in range(net.k)]
        layers.append((gates, _Layer(leaves, fanin)))
    plain = len(layers) == 1 and np.array_equal(net.outputs, np.arange(net.inputs, net.nets))
    outputs = None if plain else torch.as_tensor(net.outputs.astype(np.int64))
    return _Stage(net.inputs, net.nets, layers, outputs)
