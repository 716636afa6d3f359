"""A step through LLVM's code generator: segments of its netlist, called in a loop over places."""

from __future__ import annotations

import numpy as np

from lgc.guards import ints
from lgc.netlist import Netlist

from .machine import Machine
from .map_assembly import standing, step_rows
from .places import Front, Step
from .segments import SEGMENT, Writer, layout, segment_functions, traffic
from .text import constant


class _StepWriter(Writer):
    """Segments of a step: %row says where its results go and where groups of inputs begin."""

    arguments = "ptr noalias %m, ptr %row"

    def __init__(
        self, machine: Machine, name: str, step: Step, outputs: dict[int, int], own: int
    ) -> None:
        super().__init__(machine, name)
        self.group, self.ahead = ints(step.group), ints(step.ahead)
        self.outputs, self.own = outputs, own
        self.known: set[int] = set()

    def begin(self, number: int) -> None:
        super().begin(number)
        self.known = set()

    def _base(self, column: int) -> str:
        """The offset in one column of the row, loaded once in a segment."""
        name = f"%base{column}"
        if column not in self.known:
            self.known.add(column)
            self.lines.append(
                f" {name}.p = getelementptr i32, ptr %row, i64 {column}\n"
                f" {name}.short = load i32, ptr {name}.p\n"
                f" {name} = zext i32 {name}.short to i64"
            )
        return name

    def place(self, slot: int) -> str:
        size = self.machine.plane_bytes
        if slot >= len(self.group):
            return str((self.own + slot - len(self.group)) * size)
        return self._sum(f"%in{slot}", self._base(1 + self.group[slot]), self.ahead[slot] * size)

    def _sum(self, name: str, base: str, more: int) -> str:
        self.lines.append(f" {name} = add i64 {base}, {more}")
        return name

    def gate(self, net: int, table: int, reads: list[int]) -> None:
        super().gate(net, table, reads)
        if net in self.outputs:
            size, at = self.machine.plane_bytes, self.outputs[net]
            offset = self._sum(f"%out{net}", self._base(0), at * size)
            self.lines.append(
                f" %o{net} = getelementptr i8, ptr %m, i64 {offset}\n"
                f" store {self.type} %v{net}, ptr %o{net}, align {size}"
            )


def step_functions(
    step: Step, net: Netlist, front: Front, machine: Machine, name: str
) -> tuple[list[str], str, dict[str, int], int]:
    """A step whose selected netlist is ``net``, in execution order.

    Returns:
        The segments' text, the text of the module that calls them, what all of its places do, and
        the planes it takes after those of the front.
    """
    net = standing(net)
    plan = layout(net, SEGMENT, outputs=False)
    outputs = {output: place for place, output in enumerate(ints(net.outputs))}
    writer = _StepWriter(machine, f"{name}.segment", step, outputs, front.planes)
    rows = step_rows(step, machine.plane_bytes)
    calls = [f"{name}.segment_{number}" for number in range(plan.segments)]
    count = {"gates": net.gates, **traffic(net, plan)}
    count["stores"] += len(net.outputs)
    return (
        list(segment_functions(net, plan, writer)),
        _loop(name, rows, calls),
        {name: each * step.places for name, each in count.items()},
        plan.slots - net.inputs,
    )


def _loop(name: str, rows: np.ndarray, calls: list[str]) -> str:
    """A module whose function calls others once for each row of a table."""
    declared = "".join(f"declare void @{one}(ptr, ptr)\n" for one in calls)
    made = "".join(f" call void @{one}(ptr %m, ptr %row)\n" for one in calls)
    return (
        f"{declared}{constant(f'@{name}.rows', rows, 'internal')}\n"
        f"define hidden void @{name}(ptr %m, ptr %next, i64 %step, ptr %d) {{\n"
        "entry:\n br label %head\nhead:\n"
        " %at = phi i64 [ 0, %entry ], [ %at.next, %head ]\n"
        f" %row = getelementptr i8, ptr @{name}.rows, i64 %at\n{made}"
        f" %at.next = add i64 %at, {rows.shape[1] * 4}\n"
        f" %more = icmp ult i64 %at.next, {rows.nbytes}\n"
        " br i1 %more, label %head, label %exit\nexit:\n ret void\n}\n"
    )
