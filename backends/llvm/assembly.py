"""Assembly: a whole program as one run of instructions, registers given by `allocation`.

LLVM only assembles the text, which takes a twentieth of the time its code generator needs, and
nothing is spilled at the borders of functions. Machines without a dialect here go through LLVM's
code generator, segment by segment.
"""

from __future__ import annotations

from dataclasses import dataclass

import llvmlite.binding as llvm
import numpy as np
from numpy.typing import NDArray

from lgc.guards import int_rows, ints
from lgc.netlist import Netlist
from lgc.surgery import arity

from .allocation import COMPUTE_MEMORY, COPY, LOAD, ORDERS, STORE, Code, allocate
from .machine import Machine
from .selection import AND_NOT

_SAVED = ["rbx", "rbp", "r12", "r13", "r14", "r15"]
_BASES = ["rdi", "rcx", "r8", "r9", "r10", "r11", "rax", *_SAVED]
_REACH = 256
"""Planes that one base register reaches with a displacement of one byte."""
FETCH = 12
"""Instructions at least between two that fetch a line of the rows to be packed next."""
AGAIN = 2048
"""Bytes after which a line is fetched once more: a processor drops fetches when it is busy."""
LINE = 64
"""Bytes of a cache line."""

_AND, _OR, _XOR, _AND_NOT = 0b1000, 0b1110, 0b0110, 0b0010
"""Functions of the last two operands as immediates."""


@dataclass(frozen=True)
class Dialect:
    """What differs between assemblers; operands in AT&T order, destination last.

    Attributes:
        registers: how many hold planes, and what they are called.
        move: copies, loads and stores a plane.
        two: instruction of each function of two operands; and-not complements the first.
        any: instruction for every other table, which overwrites its first operand, or none.
        bases: whether short displacements are multiples of a plane, so that more base registers
            make the code shorter.
        ones: a register of ones, or none.
    """

    registers: int
    name: str
    move: str
    two: dict[int, str]
    any: str
    bases: bool
    ones: str


_AVX512 = {
    bits: Dialect(
        32, name, "vmovdqa64",
        {_AND: "vpandq", _OR: "vporq", _XOR: "vpxorq", _AND_NOT: "vpandnq"}, "vpternlogq", True, "",
    )
    for bits, name in ((512, "%zmm"), (256, "%ymm"), (128, "%xmm"))
}  # fmt: skip
_AVX2 = Dialect(
    15, "%ymm", "vmovdqa",
    {_AND: "vpand", _OR: "vpor", _XOR: "vpxor", _AND_NOT: "vpandn"}, "", False, "%ymm15",
)  # fmt: skip


def dialect(machine: Machine) -> Dialect | None:
    """How to write assembly for a machine, None where LLVM's code generator has to."""
    here = llvm.get_process_triple().partition("-")[0]
    if not machine.triple.startswith("x86_64") or here != "x86_64" or "linux" not in machine.triple:
        return None
    if machine.ternary:
        return _AVX512.get(machine.plane_bits)
    return _AVX2 if machine.plane_bits == 256 and "avx2" in machine.required() else None


def allocated(net: Netlist, style: Dialect) -> Code:
    """Registers and slots for a selected program."""
    firm = np.asarray((net.table == AND_NOT) & (not style.any), np.int64)
    return allocate(net, style.registers, firm, bool(style.any))


@dataclass(frozen=True, eq=False)
class Assembled:
    """A program as assembly.

    Attributes:
        text: LLVM text that holds the function ``name(scratch, next, step)``.
        code: what it consists of.
        ahead: bytes that it fetches while it runs: now and then the line at ``next``, which then
            goes ``step`` bytes on.
    """

    text: str
    code: Code
    ahead: int


def assemble(
    net: Netlist, machine: Machine, style: Dialect, name: str, block_bytes: int
) -> Assembled:
    """Write a program, which fetches about ``block_bytes`` while it runs if it is long enough."""
    code = allocated(net, style)
    lines = [".text", ".p2align 6", f".globl {name}", f".hidden {name}"]
    lines += [f".type {name},@function", f"{name}:"]
    lines += _prologue(style, machine.plane_bytes)
    interval = max(FETCH, len(code.rows) * LINE // block_bytes)
    lines += _instructions(net, code, style, machine.plane_bytes, interval)
    if style.bases:
        lines += [f"popq %{register}" for register in reversed(_SAVED)]
    lines += ["vzeroupper", "retq", f".size {name}, . - {name}", ""]
    text = "\\0A".join(lines)
    text = f'target triple = "{machine.triple}"\nmodule asm "{text}"\n'
    return Assembled(text, code, -(-len(code.rows) // interval) * LINE)


def _prologue(style: Dialect, size: int) -> list[str]:
    """Base registers, each in the middle of the planes it reaches; the first is the scratch."""
    lines: list[str] = []
    if style.bases:
        lines += [f"pushq %{register}" for register in _SAVED]
        for place in reversed(range(len(_BASES))):
            middle = (place * _REACH + _REACH // 2) * size
            lines.append(f"leaq {middle}(%rdi), %{_BASES[place]}")
    if style.ones:
        lines.append(f"vpcmpeqd {style.ones}, {style.ones}, {style.ones}")
    return lines


def _addresses(slots: int, style: Dialect, size: int) -> list[str]:
    if not style.bases:
        return [f"{slot * size}(%rdi)" for slot in range(slots)]
    last = len(_BASES) - 1
    places = [min(slot // _REACH, last) for slot in range(slots)]
    return [
        f"{(slot - place * _REACH - _REACH // 2) * size}(%{_BASES[place]})"
        for slot, place in enumerate(places)
    ]


def _instructions(net: Netlist, code: Code, style: Dialect, size: int, interval: int) -> list[str]:
    """One line an instruction, and every ``interval`` of them a fetch."""
    at = _addresses(code.slots, style, size)
    name = [f"{style.name}{register}" for register in range(style.registers)]
    wanted, reads = ints(_immediates(net, code)), ints(arity(net))
    lines: list[str] = []
    add, move, two = lines.append, style.move, style.two
    for place, (kind, target, first, second, gate, _) in enumerate(int_rows(code.rows)):
        if place % interval == 0:
            lines += ["prefetcht1 (%rsi)", f"prefetcht1 -{AGAIN}(%rsi)", "addq %rdx, %rsi"]
        if kind == LOAD:
            add(f"{move} {at[second]}, {name[target]}")
        elif kind == STORE:
            add(f"{move} {name[first]}, {at[second]}")
        elif kind == COPY:
            add(f"{move} {name[first]}, {name[target]}")
        else:
            to, f = name[target], wanted[place]
            if reads[gate] == 0:
                add(_constant(style, f, to))
                continue
            last = at[second] if kind == COMPUTE_MEMORY else name[second]
            if reads[gate] == 1:
                add(_wire(style, f, last, to))
            elif reads[gate] == 2 and (f & 15) in two:
                add(f"{two[f & 15]} {last}, {name[first]}, {to}")
            else:
                add(f"{style.any} ${f}, {last}, {name[first]}, {to}")
    return lines


def _constant(style: Dialect, table: int, to: str) -> str:
    if style.any:
        return f"{style.any} ${table}, {to}, {to}, {to}"
    return f"vpxor {to}, {to}, {to}" if not table else f"{style.move} {style.ones}, {to}"


def _wire(style: Dialect, table: int, last: str, to: str) -> str:
    """A copy or a complement of the last operand."""
    if style.any:
        return f"{style.any} ${table}, {last}, {to}, {to}"
    if table & 1:  # index 0
        return f"vpxor {last}, {style.ones}, {to}"
    return f"{style.move} {last}, {to}"


def _immediates(net: Netlist, code: Code) -> NDArray[np.int64]:
    """Tables of instructions: bit ``first<<2 | second<<1 | third``, operands in their order."""
    table, order = net.table.astype(np.int64)[code.rows[:, 4]], ORDERS[code.rows[:, 5]]
    result = np.zeros_like(table)
    for index in range(8):
        place = np.zeros_like(table)
        for operand in range(3):
            if index & 4 >> operand:
                place |= 4 >> order[:, operand]
        result |= (table >> (7 - place) & 1) << index
    return result
