"""Straight-line code: a program cut into functions of about a hundred gates each.

Inside a segment values live in registers; a value that another segment reads has a slot in the
scratch memory. Cutting keeps LLVM's work linear in the number of gates, and the middle end is
never run: the netlist is optimised already.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lgc.guards import int_rows, ints
from lgc.netlist import Netlist
from lgc.sums.arithmetic import AND2, OR2, WIRE, XOR2
from lgc.surgery import arity

from .machine import Machine
from .selection import AND_NOT, SELECT
from .slots import assign_slots
from .text import call_pternlog

SEGMENT = 128
"""Gates in one generated function."""


@dataclass(frozen=True, eq=False)
class Layout:
    """Where values live.

    Attributes:
        slot: int32 ``(nets,)``, plane number in scratch memory, -1 for values that never leave
            their segment. Inputs have the slots 0 … inputs-1.
        segment: int32 ``(nets,)``, segment that computes each net; -1 for inputs.
        last: int32 ``(nets,)``, last segment that reads each net.
        slots: planes in scratch memory, one more than the largest slot: a place for planes
            nobody reads.
        segments: number of segments.
    """

    slot: NDArray[np.int32]
    segment: NDArray[np.int32]
    last: NDArray[np.int32]
    slots: int
    segments: int


def layout(net: Netlist, size: int, *, outputs: bool = True) -> Layout:
    """Assign segments and slots; a slot is free again after the last segment that reads it.

    Args:
        net: the program in execution order.
        size: gates in a segment.
        outputs: whether outputs keep slots to the end.
    """
    gates = np.arange(net.gates)
    segment = np.full(net.nets, -1, np.int32)
    segment[net.inputs :] = gates // size
    segments = -(-net.gates // size)
    last = segment.copy()
    np.maximum.at(last, net.fanin.ravel(), np.repeat(segment[net.inputs :], net.k))
    crosses = last > segment
    if outputs:
        last[net.outputs] = segments
        crosses[net.outputs] = True
    slot, top = assign_slots(net.inputs, segment, last, crosses)
    return Layout(slot, segment, last, top + 1, segments)


def traffic(net: Netlist, plan: Layout) -> dict[str, int]:
    """Planes read from and written to the scratch memory, ``loads`` and ``stores``."""
    own = plan.segment[net.inputs :, None]
    outside = (plan.segment[net.fanin] != own) & (np.arange(net.k) < arity(net)[:, None])
    pairs = np.broadcast_to(own, net.fanin.shape)[outside].astype(np.int64) * net.nets
    return {
        "loads": len(np.unique(pairs + net.fanin[outside])),
        "stores": int((plan.slot[net.inputs :] >= 0).sum()),
    }


def of_segments(net: Netlist, plan: Layout) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Slots accessed in order, and which are stores: a segment reads a plane from outside once, and
    writes what others read."""
    own = plan.segment[net.inputs :].astype(np.int64)
    outside = (plan.segment[net.fanin] != own[:, None]) & (np.arange(net.k) < arity(net)[:, None])
    gate, operand = np.nonzero(outside)
    value = net.fanin[gate, operand].astype(np.int64)
    _, first = np.unique(own[gate] * net.nets + value, return_index=True)
    written = np.flatnonzero(plan.slot[net.inputs :] >= 0)
    step = net.k + 1
    when = np.concatenate([gate[first] * step + operand[first], written * step + net.k])
    slot = plan.slot[np.concatenate([value[first], written + net.inputs])].astype(np.int64)
    store = np.repeat(np.array([0, 1]), [len(first), len(written)])
    order = np.argsort(when)
    return slot[order], store[order]


def segment_functions(net: Netlist, plan: Layout, writer: Writer) -> Iterator[str]:
    """LLVM text of each segment."""
    inputs = net.inputs
    rows, table, reads = int_rows(net.fanin), ints(net.table), ints(arity(net))
    segment, slot, last = ints(plan.segment), ints(plan.slot), ints(plan.last)
    bounds = ints(np.searchsorted(plan.segment[inputs:], np.arange(plan.segments + 1)))
    for number in range(plan.segments):
        writer.begin(number)
        known: set[int] = set()
        for gate in range(bounds[number], bounds[number + 1]):
            operands = rows[gate][: reads[gate]]
            for read in operands:
                if segment[read] != number and read not in known:
                    known.add(read)
                    writer.load(read, slot[read])
            writer.gate(inputs + gate, table[gate], operands)
            if last[inputs + gate] > number:
                writer.store(inputs + gate, slot[inputs + gate])
        yield writer.end()


class Writer:
    """Builds the text of one segment function: ``{name}_{number}``."""

    arguments = "ptr noalias %m, ptr %next, i64 %step, ptr %d"

    def __init__(self, machine: Machine, name: str) -> None:
        self.machine, self.name = machine, name
        self.type = f"<{machine.words} x i64>"
        self.ones = "<" + ", ".join(["i64 -1"] * machine.words) + ">"
        self.lines: list[str] = []

    def begin(self, number: int) -> None:
        self.lines = [f"define hidden void @{self.name}_{number}({self.arguments}) #0 {{"]

    def end(self) -> str:
        self.lines += [" ret void", "}\n"]
        return "\n".join(self.lines)

    def place(self, slot: int) -> str:
        """Where a slot is, in bytes from the start of the scratch memory."""
        return str(slot * self.machine.plane_bytes)

    def load(self, net: int, slot: int) -> None:
        size = self.machine.plane_bytes
        self.lines.append(
            f" %p{net} = getelementptr i8, ptr %m, i64 {self.place(slot)}\n"
            f" %v{net} = load {self.type}, ptr %p{net}, align {size}"
        )

    def store(self, net: int, slot: int) -> None:
        size = self.machine.plane_bytes
        self.lines.append(
            f" %q{net} = getelementptr i8, ptr %m, i64 {self.place(slot)}\n"
            f" store {self.type} %v{net}, ptr %q{net}, align {size}"
        )

    def gate(self, net: int, table: int, reads: list[int]) -> None:
        """One gate of a selected program, see `selection`."""
        operands = [f"%v{read}" for read in reads]
        target = f" %v{net} = "
        if not operands:
            value = self.ones if table else self.ones.replace("-1", "0")
            # LLVM has no plain copy: a constant is or-ed with itself
            self.lines.append(f"{target}or {self.type} {value}, {value}")
        elif len(operands) == 1:
            other = operands[0] if table == WIRE else self.ones
            verb = "or" if table == WIRE else "xor"
            self.lines.append(f"{target}{verb} {self.type} {operands[0]}, {other}")
        elif table in _TWO:
            self.lines.append(f"{target}{_TWO[table]} {self.type} {operands[0]}, {operands[1]}")
        elif table == AND_NOT:
            self.lines.append(
                f" %n{net} = xor {self.type} {operands[0]}, {self.ones}\n"
                f"{target}and {self.type} %n{net}, {operands[1]}"
            )
        elif table == SELECT and not self.machine.ternary:
            a, one, zero = operands
            self.lines.append(
                f" %d{net} = xor {self.type} {one}, {zero}\n"
                f" %n{net} = and {self.type} {a}, %d{net}\n"
                f"{target}xor {self.type} %n{net}, {zero}"
            )
        else:
            operands += operands[-1:] * (3 - len(operands))
            self.lines.append(target + call_pternlog(self.machine, table, operands))


_TWO = {AND2: "and", OR2: "or", XOR2: "xor"}
