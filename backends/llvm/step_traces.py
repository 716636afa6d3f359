"""What the steps before the last circuit do to memory, place after place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lgc.netlist import Netlist

from .allocation import COMPUTE_MEMORY, LOAD, STORE
from .assembly import allocated, dialect
from .codegen import Engine
from .interpreter import records
from .lowering import ordered, three
from .machine import Machine
from .map_assembly import standing
from .places import Front, Step
from .record_traces import of_records
from .runs import in_runs
from .segments import SEGMENT, layout, of_segments
from .selection import select

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Accesses:
    """Gates evaluated, and accesses in order: the plane of each, and 1 where it is a store."""

    gates: int
    plane: Ints
    store: Ints


def of_step(step: Step, front: Front, machine: Machine, engine: Engine) -> Accesses:
    """All places of a step."""
    net = ordered(three([step.net]), hurry=False)
    if engine == "table":
        return _of_records(step, in_runs(net), front)
    net = standing(select(net, machine))
    style = dialect(machine)
    if style is not None:
        rows = allocated(net, style, in_order=True).rows
        gates = int((rows[:, 4] >= 0).sum())
        rows = rows[np.isin(rows[:, 0], (LOAD, STORE, COMPUTE_MEMORY))]
        slot, store = rows[:, 3].copy(), (rows[:, 0] == STORE).astype(np.int64)
        return Accesses(gates * step.places, *_everywhere(step, front, slot, store))
    slot, store = of_segments(net, layout(net, SEGMENT, outputs=False))
    own = slot + np.where(slot >= net.inputs, len(net.outputs), 0)
    results = np.arange(net.inputs, net.inputs + len(net.outputs))
    slot, store = np.concatenate([own, results]), np.append(store, np.ones_like(results))
    return Accesses(net.gates * step.places, *_everywhere(step, front, slot, store))


def _everywhere(step: Step, front: Front, slot: Ints, store: Ints) -> tuple[Ints, Ints]:
    """The planes of slots: inputs, then results in order, then those of the step's own."""
    inputs, outputs = step.net.inputs, len(step.net.outputs)
    place = np.arange(step.places)[:, None]
    own = front.planes + np.maximum(slot - inputs - outputs, 0)
    result = step.first + place * outputs + slot - inputs
    plane = np.where(slot < inputs + outputs, result, own)
    read = step.planes[:, np.minimum(slot, inputs - 1)]
    return np.where(slot < inputs, read, plane).ravel(), np.tile(store, step.places)


def _of_records(step: Step, net: Netlist, front: Front) -> Accesses:
    made = records(net)
    slot, inner = of_records(made)
    inputs, results = np.arange(net.inputs), np.arange(len(net.outputs))
    places = step.places
    window = np.concatenate([inputs, slot, made.outputs]) + front.planes
    parts = np.concatenate(
        [
            step.planes,
            np.broadcast_to(window, (places, len(window))),
            step.first + np.arange(places)[:, None] * len(results) + results,
        ],
        axis=1,
    )
    stores = np.concatenate(
        [np.zeros(len(inputs)), np.ones(len(inputs)), inner, np.zeros(len(results)),
         np.ones(len(results))]
    )  # fmt: skip
    return Accesses(
        net.gates * places, parts.astype(np.int64).ravel(), np.tile(stores.astype(np.int64), places)
    )
