"""Stages that follow one another, as arrays: joined, narrowed, unrolled; the IR is changed to fit.

Nothing here looks inside a netlist further than which inputs are read and which outputs are
inputs, constants or twins.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.rewriter import Rewriter

from .chain import Mapped
from .dialect import CircuitOp, MapOp
from .dialect.operations import width
from .netlist import Netlist
from .surgery import compose, reads_inputs, rewired

Stages = Sequence[Netlist | Mapped]
Ints = NDArray[np.int64]


def replace_stages(module: ModuleOp, change: Callable[[Stages, int], Stages]) -> None:
    """Give each row of circuits and maps what ``change`` makes of it.

    A row is as long as it can be: nothing else reads between its stages. ``change`` is told how
    many bits its first stage reads.
    """
    for ops in list(_rows(module)):
        old = [
            Mapped(op.net.data, op.rows, op.kept) if isinstance(op, MapOp) else op.net.data
            for op in ops
        ]
        new = change(old, width(ops[0].bits))
        if len(new) == len(old) and all(map(same, new, old)):
            continue
        value = ops[0].bits
        made: list[Operation] = []
        for stage in new:
            op = (
                MapOp(value, stage.net, stage.index, stage.keep)
                if isinstance(stage, Mapped)
                else CircuitOp(value, stage)
            )
            made.append(op)
            value = op.result
        Rewriter.replace_op(ops[-1], made, [value])
        for op in reversed(ops[:-1]):
            Rewriter.erase_op(op)


def _rows(module: ModuleOp) -> Iterator[list[CircuitOp | MapOp]]:
    for last in module.walk():
        if not isinstance(last, CircuitOp | MapOp) or _reader(last) is not None:
            continue
        row = [last]
        while isinstance(source := row[0].bits.owner, CircuitOp | MapOp) and _reader(source):
            row.insert(0, source)
        yield row


def _reader(stage: CircuitOp | MapOp) -> CircuitOp | MapOp | None:
    """The stage that is the only reader of this one's result."""
    uses = list(stage.result.uses)
    only = uses[0].operation if len(uses) == 1 else None
    return only if isinstance(only, CircuitOp | MapOp) else None


def same(one: Netlist | Mapped, other: Netlist | Mapped) -> bool:
    """Whether two stages are alike, number by number."""
    if isinstance(one, Netlist) or isinstance(other, Netlist):
        return isinstance(one, Netlist) and isinstance(other, Netlist) and one == other
    return (
        one.net == other.net
        and np.array_equal(one.index, other.index)
        and np.array_equal(one.keep, other.keep)
    )


def given(stage: Netlist | Mapped) -> int:
    """How many bits a stage gives."""
    if isinstance(stage, Netlist):
        return len(stage.outputs)
    return len(stage.keep) + len(stage.index) * len(stage.net.outputs)


def joined(stages: Stages, bits: int) -> list[Netlist | Mapped]:
    """Circuits that follow one another as one; and maps, where the second reads whole places of
    the first and no place is computed twice: a convolution and its pooling."""
    found: list[Netlist | Mapped] = []
    for kind, row in itertools.groupby(stages, type):
        if kind is Netlist:
            found.append(compose([stage for stage in row if isinstance(stage, Netlist)]))
            continue
        for stage in row:
            before = found[-1] if found else None
            fused = None
            if isinstance(stage, Mapped) and isinstance(before, Mapped):
                fused = fuse_maps(before, stage)
            if fused is None:
                found.append(stage)
            else:
                found[-1] = fused
    return found


def fuse_maps(first: Mapped, second: Mapped) -> Mapped | None:
    """One map for two; None where they do not fit.

    Columns of the second that read the same places of the first, row by row, need one copy of
    its netlist.
    """
    kept, outputs = len(first.keep), len(first.net.outputs)
    if not len(second.index) or (second.keep >= kept).any():
        return None
    read = second.index.astype(np.int64) - kept
    direct = (read < 0).all(axis=0)  # kept bits and zeros
    inner = read[:, ~direct]
    if not inner.size or (inner < 0).any():
        return None
    place, output = inner // outputs, inner % outputs
    if (output != output[0]).any():
        return None
    slots, slot = np.unique(place, axis=1, return_inverse=True)
    if slots.size > len(first.index):
        return None
    slot = slot.ravel()
    passed = np.append(first.keep, -1)[second.index[:, direct]]  # a zero is the last
    count = slots.shape[1]
    index = np.concatenate([first.index[slots].reshape(len(slots), -1), passed], axis=1)
    source = np.empty(second.net.inputs, np.int64)  # outputs of the copies, then what is passed
    source[~direct] = slot * outputs + output[0]
    source[direct] = count * outputs + np.arange(passed.shape[1])
    net = compose([_copies(first.net, count, passed.shape[1], source), second.net])
    return merged_columns(Mapped(net, index.astype(np.int32), first.keep[second.keep]))


def _copies(net: Netlist, count: int, passed: int, chosen: Ints) -> Netlist:
    """Copies side by side, then inputs that are passed on; outputs are the ``chosen`` of these."""
    inputs = count * net.inputs + passed
    copy = np.arange(count)[:, None]

    def numbers(nets: NDArray[np.int32]) -> Ints:
        flat = nets.ravel().astype(np.int64)
        made = np.where(
            flat < net.inputs,
            copy * net.inputs + flat,
            inputs + copy * net.gates + flat - net.inputs,
        )
        return made.reshape(-1, *nets.shape[1:])

    every = np.concatenate([numbers(net.outputs), np.arange(inputs - passed, inputs)])
    return Netlist(
        inputs,
        np.tile(net.table, count),
        numbers(net.fanin).astype(np.int32),
        every[chosen].astype(np.int32),
    )


def merged_columns(stage: Mapped) -> Mapped:
    """The same map, which reads each column that is like another once, and none for nothing."""
    used = reads_inputs(stage.net)
    columns = np.flatnonzero(used)
    if not len(columns):
        columns = np.arange(1)
    _, first, place = np.unique(
        stage.index[:, columns], axis=1, return_index=True, return_inverse=True
    )
    order = np.argsort(first, kind="stable")  # columns stay in the order they have
    rank = np.empty(len(first), np.int64)
    rank[order] = np.arange(len(first))
    if len(first) == stage.net.inputs:
        return stage
    new = np.zeros(stage.net.inputs, np.int64)
    new[columns] = rank[place.ravel()]
    index = stage.index[:, columns[first[order]]]
    return Mapped(rewired(stage.net, len(first), new), index, stage.keep)


def unrolled(stage: Mapped, bits: int) -> Netlist:
    """Kept bits, then one copy of the netlist for each row of the index; -1 reads 0."""
    net, index = stage.net, stage.index
    zero = bits  # the first gate
    read = np.where(index < 0, zero, index)
    start = bits + 1 + net.gates * np.arange(len(index))

    def copies(nets: NDArray[np.int32]) -> Ints:
        """Net numbers in each copy: ``(places, *nets.shape)``."""
        inside = start.reshape(-1, *[1] * nets.ndim) + nets - net.inputs
        return np.where(nets < net.inputs, read[:, np.minimum(nets, net.inputs - 1)], inside)

    fanin = copies(net.fanin).reshape(-1, net.k)
    return Netlist(
        bits,
        np.concatenate([np.zeros(1, np.uint64), np.tile(net.table, len(index))]),
        np.concatenate([np.zeros((1, net.k), np.int64), fanin]).astype(np.int32),
        np.concatenate([stage.keep, copies(net.outputs).ravel()]).astype(np.int32),
    )
