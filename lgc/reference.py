"""The meaning of a model: a plain interpreter that every backend is tested against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from .chain import Chain, Stage, read_chain
from .dialect import GroupSumOp, MapOp
from .dialect.unpacking import netlist_of
from .evaluation import Planes, unpack_planes
from .inputs import PackedBits, rows

BATCH = 4096
"""Most samples evaluated at once."""

BATCH_BITS = 1 << 26
"""Most bits of the last layer held at once, as one number each."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a model gives for n samples.

    Attributes:
        bits: bool ``(n, m)``, the last layer.
        counts: int32 ``(n, classes)``, the scores before the division by tau; None without sums.
        classes: int64 ``(n,)``, the first class with the largest score, or the class whose bits
            the last layer gives; None without either.
        state: bool ``(n, state)``, of a recurrent model the next state; else None.
    """

    bits: NDArray[np.bool_]
    counts: NDArray[np.int32] | None
    classes: NDArray[np.int64] | None
    state: NDArray[np.bool_] | None = None


def run(module: ModuleOp, x: Any) -> Outcome:
    """Evaluate a model without a state on a batch (see `lgc.inputs`)."""
    return _run(read_chain(module), x)


def step(module: ModuleOp, x: Any, state: NDArray[np.bool_]) -> Outcome:
    """One step of a recurrent model, from bool ``(n, state)``."""
    chain = read_chain(module, recurrent=True)
    if isinstance(x, PackedBits):
        bits = np.concatenate([x.unpack(), state], axis=1)
        return _run(chain, PackedBits(np.packbits(bits, axis=1), bits.shape[1]))
    return _run(chain, np.concatenate([rows(x, chain.features), state], axis=1))


def _run(chain: Chain, x: Any) -> Outcome:
    batch = x if isinstance(x, PackedBits) else rows(x, chain.columns)
    leaving = np.empty((len(batch), chain.leaving), np.bool_)
    bits = leaving[:, : chain.outputs]
    sums = chain.group_sum
    counts = None if sums is None else np.empty((len(batch), sums.classes), np.int32)
    step = min(BATCH, max(64, BATCH_BITS // chain.leaving))
    for start in range(0, len(batch), step):
        part = slice(start, start + step)
        piece = _part(batch, part)
        planes = stages(chain, chain.encoding.planes(piece))
        leaving[part] = unpack_planes(planes, len(piece))
        if counts is not None and sums is not None:
            counts[part] = scores(sums, bits[part])
    state = leaving[:, chain.outputs :] if chain.state else None
    if chain.index:
        return Outcome(bits, None, binary(bits), state)
    return Outcome(bits, counts, None if counts is None else counts.argmax(axis=1), state)


def binary(bits: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Numbers from their bits, least significant first: bool ``(n, m)`` to int64 ``(n,)``."""
    return bits @ (1 << np.arange(bits.shape[1], dtype=np.int64))


def _part(batch: NDArray[Any] | PackedBits, part: slice) -> NDArray[Any] | PackedBits:
    if isinstance(batch, PackedBits):
        return PackedBits(batch.data[part], batch.width)
    return batch[part]


def stages(chain: Chain, planes: Planes) -> Planes:
    """Planes of the last layer from planes of the first: uint64 ``(bits, words)`` both."""
    for op in chain.stages:
        planes = _stage(op, planes)
    return planes


def _stage(op: Stage, planes: Planes) -> Planes:
    if isinstance(op, MapOp):
        padded = np.concatenate([planes, np.zeros_like(planes[:1])])  # row -1 reads zero
        net, words = op.net.data, planes.shape[1]
        # Places become further words: one evaluation serves them all.
        index = op.rows
        spread = padded[index].transpose(1, 0, 2).reshape(net.inputs, -1)
        result = net.evaluate(np.ascontiguousarray(spread)).reshape(-1, len(index), words)
        made = result.transpose(1, 0, 2).reshape(-1, words)
        return np.concatenate([planes[op.kept], made]) if len(op.kept) else made
    return netlist_of(op).evaluate(planes)


def scores(op: GroupSumOp, bits: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Class scores of bool ``(n, m)``, int32 ``(n, classes)``."""
    group, weight = op.groups(), op.weights()
    order = np.argsort(group, kind="stable")
    counts = np.zeros((len(bits), op.classes), np.int32)
    present, starts = np.unique(group[order], return_index=True)
    weighted = bits[:, order].astype(np.int32) * weight[order]
    counts[:, present] = np.add.reduceat(weighted, starts, axis=1)
    return counts + op.offsets()
