"""What a program does to memory: its accesses in order, and how many of them miss each cache.

A kernel does not keep the order of its accesses. The program is lowered once more, which gives the
same one, and its accesses go through a model of each cache alone: the sets and ways it has, in
each set the line used longest ago leaves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lgc.chain import Chain
from lgc.limits import Misses, Traffic
from lgc.loops import Row, loop
from lgc.netlist import Netlist
from lgc.surgery import reads_inputs

from .allocation import COMPUTE_MEMORY, LOAD, STORE
from .assembly import allocated, dialect
from .codegen import Engine
from .hierarchy import Cache, hierarchy
from .interpreter import records
from .lowering import Kind, lower
from .lowering import core as core_of
from .machine import Machine
from .places import front
from .record_traces import of_records
from .runs import lower_in_runs
from .segments import SEGMENT, layout, of_segments
from .selection import select
from .step_traces import of_step


@dataclass(frozen=True, eq=False)
class Trace:
    """Accesses of one run in order: the slot of each, and whether it is a store (0 or 1).

    Attributes:
        gates: gates evaluated.
        core: how many of them are those of the model, not of class sums and argmax.
    """

    gates: int
    core: int
    slot: NDArray[np.int64]
    store: NDArray[np.int64]


def replay(chain: Chain, kind: Kind, machine: Machine, engine: Engine) -> Traffic:
    """Lower a model again and count its accesses, against the caches of this machine."""
    made = trace(chain, kind, machine, engine)
    stores = int(made.store.sum())
    return Traffic(
        made.gates,
        made.gates - made.core,
        len(made.store) - stores,
        stores,
        {name: misses(made, machine.plane_bytes, cache) for name, cache in hierarchy().items()},
        machine.plane_bits,
    )


def trace(chain: Chain, kind: Kind, machine: Machine, engine: Engine) -> Trace:
    """Accesses to planes of the program that a kernel of this engine runs."""
    program = lower_in_runs(chain, kind) if engine == "table" else lower(chain, kind)
    plan = front(chain, reads_inputs(program.net))
    steps = [of_step(step, plan, machine, engine) for step in plan.steps]
    before = sum(step.gates for step in steps)
    last = _last(chain, kind, program.net, machine, engine)
    return Trace(
        before + last.gates,
        before + last.core,
        np.concatenate([*(step.plane for step in steps), plan.place(last.slot)]),
        np.concatenate([*(step.store for step in steps), last.store]),
    )


def _last(chain: Chain, kind: Kind, net: Netlist, machine: Machine, engine: Engine) -> Trace:
    """The same for the program alone, by its slots."""
    if engine == "table":
        core = core_of(chain).gates if kind == "scores" else net.gates
        return Trace(net.gates, min(core, net.gates), *of_records(records(net)))
    net, style = select(net, machine), dialect(machine)
    own = select(core_of(chain), machine).gates
    inner = min(own, net.gates) if kind == "scores" else net.gates
    if style is None:
        return Trace(net.gates, inner, *of_segments(net, layout(net, SEGMENT)))
    rows = allocated(net, style).rows
    computed = int((rows[:, 4] >= 0).sum())
    inner += computed - net.gates  # those computed again
    rows = rows[np.isin(rows[:, 0], (LOAD, STORE, COMPUTE_MEMORY))]
    return Trace(computed, inner, rows[:, 3].copy(), (rows[:, 0] == STORE).astype(np.int64))


def misses(made: Trace, plane_bytes: int, cache: Cache) -> Misses:
    """What a cache lacks, in the second of two runs."""
    if (int(made.slot.max(initial=0)) + 1) * plane_bytes <= cache.size:
        return Misses(0, 0, 0)
    lines = max(plane_bytes // cache.line, 1)  # of a plane
    address = made.slot[:, None] * plane_bytes + np.arange(lines) * cache.line
    line = (address // cache.line).ravel()
    store = np.repeat(made.store, lines)
    tags = np.full(cache.sets * cache.ways, -1, np.int64)
    changed = np.zeros_like(tags)
    result = np.zeros(3, np.int64)
    for _ in range(2):
        result[:] = 0
        _touch(len(line) * cache.ways, cache.sets, cache.ways, line, store, tags, changed, result)
    size = max(cache.line // plane_bytes, 1)  # planes in a line: one that is written changes all
    loads, stores, returned = result.tolist()
    return Misses(loads // lines, stores // lines, returned * size // lines)


@loop()
def _touch(
    sets: int, ways: int, line: Row, store: Row, tags: Row, changed: Row, result: Row
) -> None:
    """``tags`` holds the lines of each set, that used last in front, and ``changed`` is 1 for
    those written since they came; counts loads and stores that miss, and changed lines that go."""
    for i in range(len(line)):
        start = line[i] % sets * ways
        place = start
        while place < start + ways - 1 and tags[place] != line[i]:
            place += 1
        dirty = changed[place]
        if tags[place] != line[i]:
            result[store[i]] += 1
            result[2] += dirty
            dirty = 0
        while place > start:
            tags[place] = tags[place - 1]
            changed[place] = changed[place - 1]
            place -= 1
        tags[start] = line[i]
        changed[start] = dirty | store[i]
