"""The table engine: a program as records that compiled loops run, nothing generated for it.

A record names three operands and a result by their slots; a run says how many of the next records
have the same kind of table. There is a loop for each of the 80 kinds, so that a gate costs its
loads, one operation and a store. Records take 8 bytes where the program has at most 65,536
planes, else 16.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lgc import tables
from lgc.netlist import Netlist

from .machine import Machine
from .runs import kinds
from .slots import assign_slots
from .text import DESCRIPTOR, FIELDS, attributes, call_pternlog, fields, pternlog

WIDTHS = {"narrow": 16, "wide": 32}
"""Bits of a slot number in a record."""

GROUP = 64
"""Gates after which a slot can be used again: fewer find free slots sooner, and take longer to."""


@dataclass(frozen=True, eq=False)
class Records:
    """A program for the interpreter.

    Attributes:
        width: ``narrow`` or ``wide``.
        rows: uint16 or uint32 ``(gates, 4)``: slots of three operands and of the result.
        runs: uint32 ``(runs, 2)``: kind of table, number of records.
        outputs: slot of each output.
        slots: planes in scratch memory; the last is for planes nobody reads.
    """

    width: str
    rows: NDArray[np.unsignedinteger]
    runs: NDArray[np.uint32]
    outputs: NDArray[np.integer]
    slots: int


Place = Callable[[NDArray[np.integer]], NDArray[np.integer]]
"""Planes of slots."""


def records(net: Netlist, place: Place | None = None) -> Records:
    """Write a tidy program of three fan-ins as records; ``place`` says where its slots are."""
    born = np.full(net.nets, -1, np.int32)
    born[net.inputs :] = np.arange(net.gates) // GROUP
    last = np.full(net.nets, -1, np.int32)
    for reads in net.fanin.T:
        np.maximum.at(last, reads, born[net.inputs :])
    last[net.outputs] = np.iinfo(np.int32).max
    slot, top = assign_slots(net.inputs, born, last, last >= 0)
    slot[slot < 0] = top
    if place is not None:
        slot, top = place(slot), int(place(np.array([top]))[0])
    table = net.table.astype(np.int64)
    operands = np.take_along_axis(slot[net.fanin], kinds().order[table], axis=1)
    width = "narrow" if top < 1 << WIDTHS["narrow"] else "wide"
    rows = np.concatenate([operands, slot[net.inputs :, None]], axis=1)
    kind = kinds().kind[table]
    cuts = np.flatnonzero(np.diff(kind, prepend=-1))
    length = np.diff(cuts, append=net.gates)
    runs = np.stack([kind[cuts], length], axis=1).astype(np.uint32)
    return Records(width, rows.astype(f"<u{WIDTHS[width] // 8}"), runs, slot[net.outputs], top + 1)


def interpreter(machine: Machine, width: str, prefix: str) -> str:
    """LLVM text of the loops over records of one width, and of what runs them.

    It is written as LLVM's optimiser would leave it and goes to code generation as it is.
    """
    every = kinds().table.tolist()
    text = [f"{DESCRIPTOR} = type {{ {', '.join(kind for _, kind in FIELDS)} }}\n"]
    if machine.ternary:
        text.append(pternlog(machine))
    text += [
        _kind(f"@lgc_{width}_{kind}", table, machine, width) for kind, table in enumerate(every)
    ]
    listed = ", ".join(f"ptr @lgc_{width}_{kind}" for kind in range(len(every)))
    text.append(f"@lgc_kinds = internal constant [{len(every)} x ptr] [{listed}]\n")
    run = f"""\
 %p = getelementptr [2 x i32], ptr %runs, i64 %i
 %kind.short = load i32, ptr %p
 %q = getelementptr i32, ptr %p, i64 1
 %count.short = load i32, ptr %q
 %kind = zext i32 %kind.short to i64
 %count = zext i32 %count.short to i64
 %loop.p = getelementptr ptr, ptr @lgc_kinds, i64 %kind
 %loop = load ptr, ptr %loop.p
 call void %loop(ptr %m, ptr %at, i64 %count)
 %bytes = mul i64 %count, {WIDTHS[width] // 2}
 %at.next = getelementptr i8, ptr %at, i64 %bytes
"""
    carried = " %at = phi ptr [ %records, %entry ], [ %at.next, %head ]\n"
    text.append(
        f"define hidden void @lgc_interpret_{width}(ptr %m, ptr %next, i64 %step, ptr %d) #0 {{\n"
        f"entry:\n{fields('records', 'runs', 'run_count')}"
        " %none = icmp eq i64 %run_count, 0\n br i1 %none, label %exit, label %head\n"
        + _repeat("%run_count", carried, run)
    )
    return "".join(text).replace("@lgc_", f"@{prefix}") + attributes(machine)


def _repeat(count: str, carried: str, body: str) -> str:
    """The rest of a function: ``body`` for %i below ``count``, which is not 0."""
    return (
        f"head:\n %i = phi i64 [ 0, %entry ], [ %i.next, %head ]\n{carried}{body}"
        f" %i.next = add i64 %i, 1\n %more = icmp ult i64 %i.next, {count}\n"
        " br i1 %more, label %head, label %exit\nexit:\n ret void\n}\n"
    )


def _kind(name: str, table: int, machine: Machine, width: str) -> str:
    """The loop over records of one kind."""
    bits, size, vector = WIDTHS[width], machine.plane_bytes, f"<{machine.words} x i64>"
    reads = [i for i in range(3) if tables.depends(np.uint64(table), 3, i)]
    lines = [f" %rec = getelementptr [4 x i{bits}], ptr %records, i64 %i"]
    for place in [*reads, 3]:
        name_of = f"%{'abcd'[place]}"
        lines.append(
            f" {name_of}.q = getelementptr i{bits}, ptr %rec, i64 {place}\n"
            f" {name_of}.short = load i{bits}, ptr {name_of}.q\n"
            f" {name_of}.slot = zext i{bits} {name_of}.short to i64\n"
            f" {name_of}.offset = mul i64 {name_of}.slot, {size}\n"
            f" {name_of}.p = getelementptr i8, ptr %m, i64 {name_of}.offset"
        )
        if place != 3:
            lines.append(f" {name_of} = load {vector}, ptr {name_of}.p, align {size}")
    operands = [
        f"%{'abc'[place if place in reads else max(reads, default=0)]}" for place in range(3)
    ]
    if machine.ternary and reads:
        lines.append(f" %f = {call_pternlog(machine, table, operands)}")
        result = "%f"
    else:
        result = _polynomial(table, operands, "%f", machine.words, lines)
    lines.append(f" store {vector} {result}, ptr %d.p, align {size}\n")
    return (
        f"define internal void {name}(ptr noalias %m, ptr noalias %records, i64 %count) #0 {{\n"
        "entry:\n br label %head\n" + _repeat("%count", "", "\n".join(lines))
    )


def _polynomial(table: int, operands: list[str], name: str, words: int, lines: list[str]) -> str:
    """A table as ⊕ and ∧: f(x, …) = f(0, …) ⊕ x ∧ (f(0, …) ⊕ f(1, …))."""
    size = 1 << len(operands)
    if table in (0, (1 << size) - 1):
        return "<" + ", ".join([f"i64 {-1 if table else 0}"] * words) + ">"
    half = size // 2
    high, low = table & ((1 << half) - 1), table >> half
    zero = _polynomial(low, operands[1:], f"{name}0", words, lines)
    if low == high:
        return zero
    change = _polynomial(low ^ high, operands[1:], f"{name}1", words, lines)
    lines.append(f" {name}.and = and <{words} x i64> {operands[0]}, {change}")
    lines.append(f" {name} = xor <{words} x i64> {zero}, {name}.and")
    return name
