"""A step in assembly: the code of its netlist once, in a loop over places.

A row of the step's table says where the results of a place go and where each group of inputs
begins, in bytes of the scratch memory. The code loads a group's offset when it needs it and keeps
those read soonest ago.
"""

from __future__ import annotations

import numpy as np

from lgc.guards import ints
from lgc.netlist import Netlist
from lgc.sums.arithmetic import WIRE

from .assembly import SAVED, Dialect, allocated, instructions, ones, written
from .machine import Machine
from .places import Front, Step
from .text import constant

_POOL = {
    "rax": "eax", "rcx": "ecx", "rdx": "edx", "rbx": "ebx", "rsi": "esi", "r8": "r8d",
    "r9": "r9d", "r10": "r10d", "r11": "r11d", "r12": "r12d", "r13": "r13d",
}  # fmt: skip
"""Registers for offsets of groups, and what their lower halves are called."""
_ROW, _OWN, _OUT = "rbp", "r14", "r15"


def standing(net: Netlist) -> Netlist:
    """The same outputs as gates that all differ: wires where an output is an input or a twin."""
    outputs = net.outputs.copy()
    seen: set[int] = set()
    copies = [
        place
        for place, output in enumerate(ints(outputs))
        if output < net.inputs or output in seen or seen.add(output)
    ]
    fanin = np.repeat(outputs[copies][:, None], net.k, axis=1)
    outputs[copies] = net.nets + np.arange(len(copies))
    return Netlist(
        net.inputs,
        np.concatenate([net.table, np.full(len(copies), WIRE, np.uint64)]),
        np.concatenate([net.fanin, fanin]),
        outputs,
    )


def step_rows(step: Step, size: int) -> np.ndarray:
    """Bytes from the start of the scratch: of the results and of each group, uint32 by place."""
    results = step.first + np.arange(step.places) * len(step.net.outputs)
    return (np.concatenate([results[:, None], step.base], axis=1) * size).astype(np.uint32)


class _Address:
    """Operands of the code of a step."""

    def __init__(self, step: Step, size: int) -> None:
        self.group, self.ahead = ints(step.group), ints(step.ahead)
        self.inputs, self.outputs = step.net.inputs, len(step.net.outputs)
        self.size = size
        self.held: dict[int, str] = {}  # least recently used first

    def __call__(self, slot: int, lines: list[str]) -> str:
        if slot < self.inputs:
            return f"{self.ahead[slot] * self.size}(%rdi,%{self._offset(self.group[slot], lines)})"
        place = slot - self.inputs
        if place < self.outputs:
            return f"{place * self.size}(%rdi,%{_OUT})"
        return f"{(place - self.outputs) * self.size}(%{_OWN})"

    def _offset(self, group: int, lines: list[str]) -> str:
        register = self.held.pop(group, None)
        if register is None:
            register = next((one for one in _POOL if one not in self.held.values()), "")
            if not register:
                register = self.held.pop(next(iter(self.held)))
            lines.append(f"movl {4 + 4 * group}(%{_ROW}), %{_POOL[register]}")
        self.held[group] = register
        return register


def assemble_step(
    step: Step, net: Netlist, front: Front, machine: Machine, style: Dialect, name: str
) -> tuple[str, dict[str, int], int]:
    """LLVM text of a step whose selected netlist is ``net``, in execution order.

    Returns:
        The text, what all of its places do, and the planes it takes after those of the front.
    """
    net, size = standing(net), machine.plane_bytes
    code = allocated(net, style, in_order=True)
    rows = step_rows(step, size)
    own = code.slots - net.inputs - len(net.outputs)
    lines = [f"pushq %{register}" for register in SAVED]
    lines += [
        f"leaq {name}.rows(%rip), %{_ROW}",
        f"leaq {rows.nbytes}(%{_ROW}), %rax",
        "pushq %rax",
        f"leaq {front.planes * size}(%rdi), %{_OWN}",
        *ones(style),
        f".L{name}.place:",
        f"movl (%{_ROW}), %{_OUT}d",
    ]
    lines += instructions(net, code, style, _Address(step, size))
    lines += [
        f"addq ${rows.shape[1] * 4}, %{_ROW}",
        f"cmpq (%rsp), %{_ROW}",
        f"jb .L{name}.place",
        "popq %rax",
    ]
    lines += [f"popq %{register}" for register in reversed(SAVED)]
    text = written(name, lines, machine) + constant(f"@{name}.rows", rows, "hidden") + "\n"
    return text, {name: count * step.places for name, count in code.counts.items()}, own
