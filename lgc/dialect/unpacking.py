"""Between the two forms of a circuit: arrays in `logic.circuit` and operations in `logic.open`."""

from __future__ import annotations

from functools import cache

import numpy as np
from xdsl.dialects.builtin import i1
from xdsl.ir import Block, Operation, SSAValue
from xdsl.utils.exceptions import VerifyException

from .. import tables
from ..guards import int_rows, ints
from ..netlist import Netlist
from .canonicalize import build, function, support
from .gates import BinaryGate, ConstantOp, LutOp, NotOp, OpenOp, YieldOp
from .operations import CircuitOp


def unpack(circuit: CircuitOp) -> OpenOp:
    """The same circuit, one operation a gate; buffers and unused fan-ins need none."""
    net = circuit.net.data
    block = Block(arg_types=[i1] * net.inputs)
    value: list[SSAValue] = list(block.args)
    for table, reads in zip(ints(net.table), int_rows(net.fanin)):
        built = build(*support(table, [value[read] for read in reads]))
        if isinstance(built, Operation):
            block.add_op(built)
            value.append(built.results[0])
        else:
            value.append(built)
    block.add_op(YieldOp([value[output] for output in ints(net.outputs)]))
    return OpenOp(circuit.bits, block)


def pack(opened: OpenOp) -> CircuitOp:
    """The same circuit as arrays.

    Raises:
        VerifyException: an operation in the region is not a gate of this dialect.
    """
    block = opened.body.block
    number: dict[SSAValue, int] = {bit: i for i, bit in enumerate(block.args)}
    gates: list[tuple[int, list[int]]] = []
    for op in block.ops:
        if isinstance(op, YieldOp):
            continue
        if isinstance(op, ConstantOp):
            gates.append((3 * op.bit, [0]))  # with one fan-in, which it ignores
        elif isinstance(op, BinaryGate | NotOp | LutOp):
            table, bits = function(op)
            gates.append((table, [number[bit] for bit in bits]))
        else:
            raise VerifyException(f"{op.name} is not a gate of the logic dialect")
        number[op.results[0]] = len(number)
    last = block.last_op
    assert isinstance(last, YieldOp)
    return CircuitOp(opened.bits, _netlist(len(block.args), gates, [number[b] for b in last.bits]))


def netlist_of(stage: CircuitOp | OpenOp) -> Netlist:
    """The gates of a circuit, opened or not."""
    return (stage if isinstance(stage, CircuitOp) else pack(stage)).net.data


def _netlist(inputs: int, gates: list[tuple[int, list[int]]], outputs: list[int]) -> Netlist:
    """A netlist from gates of mixed width."""
    k = max([2, *(len(reads) for _, reads in gates)])
    table = [_widened(table, len(reads), k) for table, reads in gates]
    fanin = [reads + reads[:1] * (k - len(reads)) for _, reads in gates]
    return Netlist(
        inputs,
        np.array(table, np.uint64),
        np.array(fanin, np.int32).reshape(-1, k),
        outputs,
    )


@cache
def _widened(table: int, k: int, wider: int) -> int:
    return int(tables.widen(np.asarray(table, np.uint64), k, wider))
