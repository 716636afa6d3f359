"""A step of the table engine: inputs copied together, records over them, results copied away."""

from __future__ import annotations

import numpy as np

from lgc.netlist import Netlist
from lgc.surgery import arity

from .interpreter import records
from .machine import Machine
from .places import Front, Step
from .text import DESCRIPTOR, FIELDS, constant


def step_records(
    step: Step, net: Netlist, front: Front, machine: Machine, prefix: str, name: str
) -> tuple[str, str, dict[str, int], int]:
    """A step whose netlist is ``net``, gates in runs.

    Returns:
        LLVM text of its function, the width of its records, what all of its places do, and the
        planes it takes after those of the front.
    """
    made, size = records(net), machine.plane_bytes
    window = front.planes * size
    results = step.first + np.arange(step.places)[:, None] * len(net.outputs)
    results = results + np.arange(len(net.outputs))
    arrays = {
        "records": made.rows,
        "runs": made.runs,
        "from": (step.planes * size).astype(np.uint32),
        "to": (results * size).astype(np.uint32),
        "outputs": (made.outputs * size).astype(np.uint32),
    }
    text = [f"{DESCRIPTOR} = type {{ {', '.join(kind for _, kind in FIELDS)} }}"]
    text += [constant(f"@{name}.{key}", values, "internal") for key, values in arrays.items()]
    known = {
        "records": f"ptr @{name}.records",
        "runs": f"ptr @{name}.runs",
        "run_count": f"i64 {len(made.runs)}",
    }
    fields = ", ".join(
        known.get(field, f"{kind} {'null' if kind == 'ptr' else 0}") for field, kind in FIELDS
    )
    text.append(f"@{name}.d = internal constant {DESCRIPTOR} {{ {fields} }}")
    interpret = f"@{prefix}interpret_{made.width}"
    text.append(f"declare void {interpret}(ptr, ptr, i64, ptr)")
    inputs, outputs = net.inputs, len(net.outputs)
    text.append(
        f"define hidden void @{name}(ptr %m, ptr %next, i64 %step, ptr %d) #0 {{\n"
        f"entry:\n %w = getelementptr i8, ptr %m, i64 {window}\n br label %place\nplace:\n"
        " %p = phi i64 [ 0, %entry ], [ %p.next, %placed ]\n"
        f" %in = mul i64 %p, {inputs * 4}\n %in.p = getelementptr i8, ptr @{name}.from, i64 %in\n"
        f" %out = mul i64 %p, {outputs * 4}\n"
        f" %out.p = getelementptr i8, ptr @{name}.to, i64 %out\n"
        + _copies("gather", inputs, "place", "gathered", _GATHER, machine)
        + f"gathered:\n call void {interpret}(ptr %w, ptr %next, i64 %step, ptr @{name}.d)\n"
        + _copies("scatter", outputs, "gathered", "placed", _SCATTER, machine).replace(
            "@outputs", f"@{name}.outputs"
        )
        + f"placed:\n %p.next = add i64 %p, 1\n %more = icmp ult i64 %p.next, {step.places}\n"
        " br i1 %more, label %place, label %exit\nexit:\n ret void\n}\n"
    )
    loads = int(arity(net).sum()) + inputs + outputs
    stores = net.gates + inputs + outputs
    count = {"gates": net.gates, "loads": loads, "stores": stores}
    return (
        "\n".join(text),
        made.width,
        {key: each * step.places for key, each in count.items()},
        made.slots,
    )


_GATHER = """\
 %gather.i = getelementptr i32, ptr %in.p, i64 %gather
 %gather.short = load i32, ptr %gather.i
 %gather.far = zext i32 %gather.short to i64
 %gather.from = getelementptr i8, ptr %m, i64 %gather.far
 %gather.near = mul i64 %gather, {size}
 %gather.to = getelementptr i8, ptr %w, i64 %gather.near
"""
_SCATTER = """\
 %scatter.j = getelementptr i32, ptr @outputs, i64 %scatter
 %scatter.own = load i32, ptr %scatter.j
 %scatter.near = zext i32 %scatter.own to i64
 %scatter.from = getelementptr i8, ptr %w, i64 %scatter.near
 %scatter.i = getelementptr i32, ptr %out.p, i64 %scatter
 %scatter.short = load i32, ptr %scatter.i
 %scatter.far = zext i32 %scatter.short to i64
 %scatter.to = getelementptr i8, ptr %m, i64 %scatter.far
"""


def _copies(name: str, count: int, before: str, after: str, body: str, machine: Machine) -> str:
    """A loop over ``count`` planes, each copied from %name.from to %name.to."""
    size, vector = machine.plane_bytes, f"<{machine.words} x i64>"
    return (
        f" br label %{name}.head\n{name}.head:\n"
        f" %{name} = phi i64 [ 0, %{before} ], [ %{name}.next, %{name}.head ]\n"
        f"{body.format(size=size)}"
        f" %{name}.v = load {vector}, ptr %{name}.from, align {size}\n"
        f" store {vector} %{name}.v, ptr %{name}.to, align {size}\n"
        f" %{name}.next = add i64 %{name}, 1\n"
        f" %{name}.more = icmp ult i64 %{name}.next, {count}\n"
        f" br i1 %{name}.more, label %{name}.head, label %{after}\n"
    )
