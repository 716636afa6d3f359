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

from lgc import tables
from lgc.narrowing import int_rows, ints
from lgc.netlist import Netlist

from .machine import Machine

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

    @property
    def spare(self) -> int:
        """The slot for planes nobody reads."""
        return self.slots - 1


def layout(net: Netlist, size: int = SEGMENT) -> Layout:
    """Assign segments and slots; a slot is free again after the last segment that reads it."""
    gates = np.arange(net.gates)
    segment = np.full(net.nets, -1, np.int32)
    segment[net.inputs :] = gates // size
    segments = -(-net.gates // size)
    last = segment.copy()
    np.maximum.at(last, net.fanin.ravel(), np.repeat(segment[net.inputs :], net.k))
    crosses = last > segment
    last[net.outputs] = segments
    crosses[net.outputs] = True

    slot = np.full(net.nets, -1, np.int32)
    slot[: net.inputs] = np.arange(net.inputs)
    starts = net.inputs + np.flatnonzero(crosses[net.inputs :])
    ends = [list[int]() for _ in range(segments + 1)]
    for place in ints(np.flatnonzero(last[: net.inputs] >= 0)):
        ends[int(last[place])].append(place)
    free: list[int] = []
    top, released = net.inputs, 0
    for number, born, dies in zip(ints(starts), ints(segment[starts]), ints(last[starts])):
        while released < born:
            free.extend(ends[released])
            released += 1
        if free:
            place = free.pop()
        else:
            place, top = top, top + 1
        slot[number] = place
        ends[dies].append(place)
    return Layout(slot, segment, last, top + 1, segments)


def segment_functions(net: Netlist, plan: Layout, machine: Machine) -> Iterator[str]:
    """LLVM text of each segment: ``define void @segment_N(ptr noalias %m)``."""
    writer = _Writer(machine)
    inputs = net.inputs
    used = [tables.depends(net.table, 3, i) for i in range(3)]
    reads = np.stack([np.where(u, net.fanin[:, i], -1) for i, u in enumerate(used)], axis=1)
    rows, table = int_rows(reads), ints(net.table)
    segment, slot, last = ints(plan.segment), ints(plan.slot), ints(plan.last)
    bounds = ints(np.searchsorted(plan.segment[inputs:], np.arange(plan.segments + 1)))
    for number in range(plan.segments):
        writer.begin(number)
        known: set[int] = set()
        for gate in range(bounds[number], bounds[number + 1]):
            for read in rows[gate]:
                if read >= 0 and segment[read] != number and read not in known:
                    known.add(read)
                    writer.load(read, slot[read])
            writer.gate(inputs + gate, table[gate], rows[gate])
            if last[inputs + gate] > number:
                writer.store(inputs + gate, slot[inputs + gate])
        yield writer.end()


class _Writer:
    """Builds the text of one segment function."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.type = f"<{machine.words} x i64>"
        self.lines: list[str] = []
        self.temporaries = 0

    def begin(self, number: int) -> None:
        self.lines = [f"define hidden void @segment_{number}(ptr noalias %m) #0 {{"]
        self.temporaries = 0

    def end(self) -> str:
        self.lines += [" ret void", "}\n"]
        return "\n".join(self.lines)

    def load(self, net: int, slot: int) -> None:
        size = self.machine.plane_bytes
        self.lines.append(
            f" %p{net} = getelementptr i8, ptr %m, i64 {slot * size}\n"
            f" %v{net} = load {self.type}, ptr %p{net}, align {size}"
        )

    def store(self, net: int, slot: int) -> None:
        size = self.machine.plane_bytes
        self.lines.append(
            f" %q{net} = getelementptr i8, ptr %m, i64 {slot * size}\n"
            f" store {self.type} %v{net}, ptr %q{net}, align {size}"
        )

    def gate(self, net: int, table: int, reads: list[int]) -> None:
        """One gate: the used fan-ins decide the form."""
        used = [(place, read) for place, read in enumerate(reads) if read >= 0]
        small = _project(table, [place for place, _ in used])
        operands = [f"%v{read}" for _, read in used]
        target = f"%v{net}"
        if len(operands) == 0:
            value = "-1" if table else "0"
            words = ", ".join([f"i64 {value}"] * self.machine.words)
            # LLVM has no plain copy: a constant is or-ed with itself
            self.lines.append(f" {target} = or {self.type} <{words}>, <{words}>")
        elif len(operands) == 1:
            if small == 1:
                self._line(target, "or", operands[0], operands[0])
            else:
                self._line(target, "xor", operands[0], self._ones())
        elif len(operands) == 2 and (small in _TWO or not self.machine.ternary):
            self._two(target, small, operands[0], operands[1])
        elif self.machine.ternary:
            operands += operands[-1:] * (3 - len(operands))
            self._ternary(target, table if len(used) == 3 else _widened(small), operands)
        else:
            self._three(target, small, operands)

    def _ternary(self, target: str, table: int, operands: list[str]) -> None:
        # vpternlog's immediate has bit (a<<2 | b<<1 | c); ours counts from the top.
        immediate = int(f"{table:08b}"[::-1], 2)
        a, b, c = (f"{self.type} {operand}" for operand in operands)
        self.lines.append(
            f" {target} = call {self.type} @llvm.x86.avx512.pternlog.q.512"
            f"({a}, {b}, {c}, i32 {immediate})"
        )

    def _line(self, target: str, operation: str, left: str, right: str) -> str:
        self.lines.append(f" {target} = {operation} {self.type} {left}, {right}")
        return target

    def _fresh(self) -> str:
        self.temporaries += 1
        return f"%t{self.temporaries}"

    def _ones(self) -> str:
        return "<" + ", ".join(["i64 -1"] * self.machine.words) + ">"

    def _inverted(self, operand: str) -> str:
        return self._line(self._fresh(), "xor", operand, self._ones())

    def _two(self, target: str, table: int, a: str, b: str) -> None:
        """A function of exactly two planes."""
        if table in _TWO:
            operation, flip_a, flip_b = _TWO[table]
            a = self._inverted(a) if flip_a else a
            b = self._inverted(b) if flip_b else b
            self._line(target, operation, a, b)
            return
        inner = self._fresh()
        self._two(inner, table ^ 15, a, b)
        self._line(target, "xor", inner, self._ones())

    def _three(self, target: str, table: int, operands: list[str]) -> None:
        """f = f0 ⊕ a·(f0 ⊕ f1), each a function of b and c."""
        a, b, c = operands
        if table in (0x69, 0x96):
            inner = self._line(self._fresh(), "xor", a, b)
            if table == 0x96:
                inner = self._inverted(inner)
            self._line(target, "xor", inner, c)
            return
        if table == 0x17:  # ab ∨ c(a ⊕ b): the adder beside it computes a ⊕ b too
            both = self._line(self._fresh(), "and", a, b)
            one = self._line(self._fresh(), "xor", a, b)
            carry = self._line(self._fresh(), "and", one, c)
            self._line(target, "or", both, carry)
            return
        low, high = table >> 4, table & 15
        zero = self._any_two(low, b, c)
        change = self._any_two(low ^ high, b, c)
        if change is None:
            raise AssertionError("a gate of three fan-ins depends on its first")
        masked = self._line(self._fresh(), "and", a, change) if change != "1" else a
        if zero is None:
            self._line(target, "or", masked, masked)
        elif zero == "1":
            self._line(target, "xor", masked, self._ones())
        else:
            self._line(target, "xor", zero, masked)

    def _any_two(self, table: int, b: str, c: str) -> str | None:
        """A function of at most two planes: its value, ``1``, or None for 0."""
        if table in (0, 15):
            return "1" if table else None
        if table in (3, 5):
            return b if table == 3 else c
        if table in (12, 10):
            return self._inverted(b if table == 12 else c)
        target = self._fresh()
        self._two(target, table, b, c)
        return target


_TWO: dict[int, tuple[str, bool, bool]] = {
    1: ("and", False, False),
    2: ("and", False, True),
    4: ("and", True, False),
    6: ("xor", False, False),
    7: ("or", False, False),
}
"""Two-input functions that are one instruction on every machine (and-not included)."""


def _project(table: int, places: list[int]) -> int:
    """A three-input table over only the fan-ins it depends on."""
    result = 0
    for index in range(1 << len(places)):
        full = sum(
            4 >> place for rank, place in enumerate(places) if index >> (len(places) - 1 - rank) & 1
        )
        result |= (table >> (7 - full) & 1) << ((1 << len(places)) - 1 - index)
    return result


def _widened(table: int) -> int:
    """A two-input table with an unused third fan-in."""
    return sum(3 << (2 * bit) for bit in range(4) if table >> bit & 1)
