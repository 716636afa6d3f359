"""The limits of a machine, measured: gates a second on registers, loads a second by cache.

These are loops written as LLVM text that pass code generation as a kernel's segments do. Chains of
gates that do not wait for one another keep the units for logic busy; sums (XOR) of planes, eight
at a time, keep the units for loads busy; so do updates, which write every plane they read.
"""

from __future__ import annotations

import ctypes
import itertools
import time
from collections.abc import Callable
from typing import Any

import llvmlite.binding as llvm
import numpy as np

from lgc.limits import Limits

from .hierarchy import hierarchy
from .machine import Machine, machine
from .text import attributes, pternlog

CHAINS = 8
"""Gates that do not wait for one another: at least units times cycles of latency."""

ROUNDS = 4
"""Gates of each chain in an iteration, so that counting iterations costs nothing."""

SPENT = 1e-3
"""Seconds of a run; the fastest of `RUNS` counts."""

RUNS = 20
PLACES, APART = 5, 37 * 4096
"""Where planes start: L1 is a third slower at some addresses, so that the fastest place counts."""
_ALIGNMENT = 64
_names = itertools.count()


def measure(target: Machine) -> Limits:
    """Measure what planes of a machine's width reach on this one; takes about a second."""
    gates, loads, updates = _functions(target)
    out = np.zeros(CHAINS * target.words + 8, np.uint64)
    caches = {name: cache.size for name, cache in hierarchy().items()}
    planes = {name: size // 2 for name, size in caches.items()}
    planes["memory"] = 4 * max(caches.values())
    memory = np.zeros(planes["memory"] + _ALIGNMENT, np.uint8)
    memory[:] = 1  # pages of their own, not all the same one of zeros
    first = -(-memory.ctypes.data // _ALIGNMENT) * _ALIGNMENT
    place = -(-out.ctypes.data // _ALIGNMENT) * _ALIGNMENT
    rates: list[dict[str, float]] = [{}, {}]
    for found, run in zip(rates, (loads, updates)):
        for name, size in planes.items():
            count = size // (CHAINS * target.plane_bytes)
            turns = max(
                _fastest(
                    lambda turns, run=run, count=count, start=start: run(start, place, count, turns)
                )
                for start in range(first, first + PLACES * APART, APART)
                if start + size <= first + planes["memory"]
            )
            found[name] = turns * count * CHAINS * target.plane_bytes
    rate = _fastest(lambda turns: gates(first, place, 0, turns))
    evaluated = rate * CHAINS * ROUNDS * target.plane_bits
    instruction = "vpternlog" if target.ternary else "and, xor"
    return Limits(instruction, evaluated, rates[0], rates[1], {**caches, "memory": 0})


def _fastest(run: Callable[[int], None]) -> float:
    """Iterations a second."""
    turns = 1
    while True:
        start = time.perf_counter()
        run(turns)
        spent = time.perf_counter() - start
        if spent >= SPENT / 2:
            break
        turns = turns * 2 if spent < SPENT / 20 else int(turns * SPENT / spent) + 1
    best = spent
    for _ in range(RUNS):
        start = time.perf_counter()
        run(turns)
        best = min(best, time.perf_counter() - start)
    return turns / best


def _functions(target: Machine) -> list[Any]:
    """``gates``, ``loads``, ``updates``: all ``(planes, result, groups of planes, turns)``."""
    prefix = f"lgc_limits_{next(_names)}_"
    names = [f"{prefix}gates", f"{prefix}loads", f"{prefix}updates"]
    text = limits_text(target, prefix)
    made = target.target_machine(1).emit_object(llvm.parse_assembly(text))
    library = llvm.JITLibraryBuilder()
    library.add_object_img(made)
    library.add_current_process()
    for name in names:
        library.export_symbol(name)
    jit = llvm.create_lljit_compiler(machine().target_machine(1), use_jit_link=True)
    tracker = library.link(jit, prefix)
    return [_bound(tracker, name) for name in names]


def _bound(tracker: Any, name: str) -> Callable[[int, int, int, int], None]:
    """A linked function; the code lives as long as the tracker."""
    function = _SIGNATURE(tracker[name])

    def call(planes: int, result: int, groups: int, turns: int) -> None:
        assert tracker is not None
        function(planes, result, groups, turns)

    return call


_SIGNATURE = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64
)


def limits_text(target: Machine, prefix: str) -> str:
    """LLVM text of the loops."""
    kind = f"<{target.words} x i64>"
    head = f'target triple = "{target.triple}"\n' + attributes(target)
    if target.ternary:
        head += pternlog(target)
    both = [_loads(target, f"{prefix}{name}", kind, name) for name in ("loads", "updates")]
    return head + _gates(target, prefix, kind) + "".join(both)


def _gates(target: Machine, prefix: str, kind: str) -> str:
    """Every turn each chain goes through `ROUNDS` gates of its value and some that stay."""
    size, stay = target.plane_bytes, "bcde"[:ROUNDS]
    lines = [
        f"define dso_local void @{prefix}gates(ptr %m, ptr %out, i64 %groups, i64 %turns) #0 {{",
        "entry:",
    ]
    for place, name in enumerate(stay):
        lines.append(f" %{name}.p = getelementptr i8, ptr %m, i64 {place * size}")
        lines.append(f" %{name} = load {kind}, ptr %{name}.p, align {size}")
    lines += [
        " br label %head",
        "head:",
        " %turn = phi i64 [ 0, %entry ], [ %turn.next, %head ]",
    ]
    for i in range(CHAINS):
        start, again = f"%{stay[i % ROUNDS]}", f"%v{i}.{ROUNDS}"
        lines.append(f" %v{i}.0 = phi {kind} [ {start}, %entry ], [ {again}, %head ]")
    for j, i in itertools.product(range(ROUNDS), range(CHAINS)):
        to, of = f"%v{i}.{j + 1}", f"%v{i}.{j}"
        if target.ternary:
            call = f"{to} = call {kind} @llvm.x86.avx512.pternlog.q.{size * 8}"
            lines.append(f" {call}({kind} {of}, {kind} %b, {kind} %c, i32 {(0xE8, 0x96)[j % 2]})")
        else:
            lines.append(f" {to} = {('and', 'xor')[j % 2]} {kind} {of}, %{stay[j]}")
    lines += [" %turn.next = add i64 %turn, 1", " %more = icmp ult i64 %turn.next, %turns"]
    lines.append(" br i1 %more, label %head, label %exit\nexit:")
    for i in range(CHAINS):
        lines.append(f" %o{i} = getelementptr i8, ptr %out, i64 {i * size}")
        lines.append(f" store {kind} %v{i}.{ROUNDS}, ptr %o{i}, align 8")
    return "\n".join([*lines, " ret void\n}\n"])


def _loads(target: Machine, name: str, kind: str, what: str) -> str:
    """Every turn reads, or updates, all planes, a group of `CHAINS` an iteration."""
    size = target.plane_bytes
    lines = [
        f"define dso_local void @{name}(ptr %m, ptr %out, i64 %groups, i64 %turns) #0 {{",
        "entry:\n br label %outer",
        "outer:",
        " %turn = phi i64 [ 0, %entry ], [ %turn.next, %next ]",
    ]
    values = range(CHAINS)
    lines += [f" %w{i} = phi {kind} [ zeroinitializer, %entry ], [ %y{i}, %next ]" for i in values]
    lines += [
        " br label %inner",
        "inner:",
        " %group = phi i64 [ 0, %outer ], [ %group.next, %inner ]",
    ]
    lines += [f" %x{i} = phi {kind} [ %w{i}, %outer ], [ %y{i}, %inner ]" for i in values]
    lines += [
        f" %offset = mul i64 %group, {CHAINS * size}",
        " %p = getelementptr i8, ptr %m, i64 %offset",
    ]
    for i in values:
        lines.append(f" %p{i} = getelementptr i8, ptr %p, i64 {i * size}")
        # volatile: no turn may be left out because the planes are those of the turn before
        lines.append(f" %l{i} = load volatile {kind}, ptr %p{i}, align {size}")
        lines.append(f" %y{i} = xor {kind} %x{i}, %l{i}")
        if what == "updates":
            lines.append(f" store volatile {kind} %y{i}, ptr %p{i}, align {size}")
    lines += [
        " %group.next = add i64 %group, 1",
        " %group.more = icmp ult i64 %group.next, %groups",
        " br i1 %group.more, label %inner, label %next",
        "next:",
        " %turn.next = add i64 %turn, 1",
        " %more = icmp ult i64 %turn.next, %turns",
        " br i1 %more, label %outer, label %exit\nexit:",
    ]
    for i in values:
        lines.append(f" %o{i} = getelementptr i8, ptr %out, i64 {i * size}")
        lines.append(f" store {kind} %y{i}, ptr %o{i}, align 8")
    return "\n".join([*lines, " ret void\n}\n"])
