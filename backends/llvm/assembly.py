"""Assembly: a whole program as one run of instructions, registers given by `allocation`.

LLVM only assembles the text, which takes a twentieth of the time its code generator needs, and
nothing is spilled at the borders of functions. Machines without a dialect here go through LLVM's
code generator, segment by segment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import llvmlite.binding as llvm
import numpy as np
from numpy.typing import NDArray

from lgc.guards import int_rows, ints
from lgc.netlist import Netlist
from lgc.surgery import arity

from .allocation import COMPUTE_MEMORY, COPY, LOAD, ORDERS, STORE, Code, allocate
from .machine import Machine
from .places import Front
from .selection import AND_NOT

SAVED = ["rbx", "rbp", "r12", "r13", "r14", "r15"]
_BASES = ["rdi", "rcx", "r8", "r9", "r10", "r11", "rax", *SAVED]
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


def allocated(net: Netlist, style: Dialect, *, in_order: bool = False) -> Code:
    """Registers and slots for a selected program."""
    firm = np.asarray((net.table == AND_NOT) & (not style.any), np.int64)
    return allocate(net, style.registers, firm, bool(style.any), in_order=in_order)


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
    net: Netlist, machine: Machine, style: Dialect, name: str, front: Front, block_bytes: int
) -> Assembled:
    """Write a program, which fetches about ``block_bytes`` while it runs if it is long enough."""
    code = allocated(net, style)
    size, saved = machine.plane_bytes, SAVED if style.bases else []
    planes = front.place(np.arange(code.slots))
    origin = int(planes.min(initial=front.planes)) if len(front.steps) else 0
    lines = [f"pushq %{register}" for register in saved]
    lines += _prologue(style, size, origin)
    interval = max(FETCH, len(code.rows) * LINE // block_bytes)
    at = _addresses(planes, style, size, origin).__getitem__
    lines += instructions(net, code, style, lambda slot, _: at(slot), interval)
    lines += [f"popq %{register}" for register in reversed(saved)]
    return Assembled(written(name, lines, machine), code, -(-len(code.rows) // interval) * LINE)


def written(name: str, lines: list[str], machine: Machine) -> str:
    """LLVM text of a function of these instructions."""
    head = [".text", ".p2align 6", f".globl {name}", f".hidden {name}"]
    head += [f".type {name},@function", f"{name}:"]
    tail = ["vzeroupper", "retq", f".size {name}, . - {name}", ""]
    text = "\\0A".join(head + lines + tail)
    return f'target triple = "{machine.triple}"\nmodule asm "{text}"\n'


def _prologue(style: Dialect, size: int, origin: int) -> list[str]:
    """Base registers, each in the middle of the planes it reaches; the first is the scratch."""
    lines: list[str] = []
    if style.bases:
        for place in reversed(range(len(_BASES))):
            middle = (origin + place * _REACH + _REACH // 2) * size
            lines.append(f"leaq {middle}(%rdi), %{_BASES[place]}")
    return lines + ones(style)


def ones(style: Dialect) -> list[str]:
    """The register of ones, where the dialect has it."""
    return [f"vpcmpeqd {style.ones}, {style.ones}, {style.ones}"] if style.ones else []


def _addresses(planes: NDArray[np.int64], style: Dialect, size: int, origin: int) -> list[str]:
    if not style.bases:
        return [f"{plane * size}(%rdi)" for plane in ints(planes)]
    reach = np.clip((planes - origin) // _REACH, 0, len(_BASES) - 1)
    offset = (planes - origin - reach * _REACH - _REACH // 2) * size
    return [f"{far}(%{_BASES[place]})" for far, place in zip(ints(offset), ints(reach))]


Address = Callable[[int, list[str]], str]
"""The operand that a slot is; it may append instructions that it needs to the lines."""


def instructions(
    net: Netlist, code: Code, style: Dialect, address: Address, interval: int = 0
) -> list[str]:
    """One line an instruction, and every ``interval`` of them, if it is not 0, a fetch."""
    name = [f"{style.name}{register}" for register in range(style.registers)]
    wanted, reads = ints(_immediates(net, code)), ints(arity(net))
    lines: list[str] = []
    add, move, two = lines.append, style.move, style.two
    for place, (kind, target, first, second, gate, _) in enumerate(int_rows(code.rows)):
        if interval and place % interval == 0:
            lines += ["prefetcht1 (%rsi)", f"prefetcht1 -{AGAIN}(%rsi)", "addq %rdx, %rsi"]
        if kind == LOAD:
            add(f"{move} {address(second, lines)}, {name[target]}")
        elif kind == STORE:
            add(f"{move} {name[first]}, {address(second, lines)}")
        elif kind == COPY:
            add(f"{move} {name[first]}, {name[target]}")
        else:
            to, f = name[target], wanted[place]
            if reads[gate] == 0:
                add(_constant(style, f, to))
                continue
            last = address(second, lines) if kind == COMPUTE_MEMORY else name[second]
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
