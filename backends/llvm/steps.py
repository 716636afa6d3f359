"""LLVM text of the steps before the last circuit, by whatever engine."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from .assembly import Dialect
from .lowering import ordered, three
from .machine import Machine
from .map_assembly import assemble_step
from .map_records import step_records
from .map_segments import step_functions
from .places import Front
from .runs import in_runs
from .selection import select
from .text import attributes


@dataclass
class Steps:
    """What was made of the steps.

    Attributes:
        functions: symbols to be called in turn before the program.
        segments: LLVM text of pieces without a head of their own.
        modules: LLVM text of whole modules.
        widths: of the records that they need an interpreter for.
        own: planes that the greediest of them takes after those of the front.
        code: gates whose code is generated.
        facts: gates, loads and stores, all places counted.
    """

    functions: list[str] = field(default_factory=list[str])
    segments: list[str] = field(default_factory=list[str])
    modules: list[str] = field(default_factory=list[str])
    widths: set[str] = field(default_factory=set[str])
    own: int = 0
    code: int = 0
    facts: Counter[str] = field(default_factory=Counter[str])


def step_texts(
    front: Front, machine: Machine, engine: str, style: Dialect | None, prefix: str, hurry: bool
) -> Steps:
    """Write all steps; by assembly where there is a dialect and the engine is not ``table``."""
    made = Steps()
    if front.zeros:
        name = f"{prefix}clear"
        made.functions.append(name)
        made.modules.append(_clear(front, machine, name))
    for number, step in enumerate(front.steps):
        name = f"{prefix}map_{number}"
        net = ordered(three([step.net]), hurry and engine == "table")
        if engine == "table":
            text, width, facts, own = step_records(step, in_runs(net), front, machine, prefix, name)
            made.modules.append(text + attributes(machine))
            made.widths.add(width)
        elif style is not None:
            net = select(net, machine)
            text, facts, own = assemble_step(step, net, front, machine, style, name)
            made.modules.append(text)
        else:
            net = select(net, machine)
            pieces, text, facts, own = step_functions(step, net, front, machine, name)
            made.segments += pieces
            made.modules.append(text)
        made.functions.append(name)
        made.own = max(made.own, own)
        made.code += net.gates
        made.facts.update(facts)
    return made


def _clear(front: Front, machine: Machine, name: str) -> str:
    """A function that makes planes zero."""
    first = (front.planes - front.zeros) * machine.plane_bytes
    size = front.zeros * machine.plane_bytes
    return (
        "declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)\n"
        f"define hidden void @{name}(ptr %m, ptr %next, i64 %step, ptr %d) {{\n"
        f" %p = getelementptr i8, ptr %m, i64 {first}\n"
        f" call void @llvm.memset.p0.i64(ptr align 8 %p, i8 0, i64 {size}, i1 false)\n"
        " ret void\n}\n"
    )
