"""Layers of gates: what each does to a row of bits."""

from __future__ import annotations

import numpy as np

from lgc.assembling import Assembly, Values
from lgc.errors import InputError
from lgc.states import check_reads
from lgc.tables import MAX_FANIN

from .modules import Part
from .tables import tables_of


def logic_layer(assembly: Assembly, values: Values, part: Part) -> Values:
    values, k, inputs = _row(values, part), part.size("k"), part.size("in_dim")
    if k > MAX_FANIN:
        raise InputError(f"neurons of {k} inputs", where=part.where)
    reads = _wires(part, k, part.size("out_dim")).T
    check_reads(reads, inputs, part.where)
    weights = part.array("weights", "f", (len(reads), None))
    return assembly.layer(tables_of(weights, k, part), values[reads])


def _wires(part: Part, k: int, outputs: int) -> Values:
    """The columns that neurons read, ``(k, outputs)``; where they were learnt the first strongest.

    Raises:
        InputError: arrays do not fit.
    """
    if part.told.get("connections") != "learnable":
        return part.array("indices", "iu", (k, outputs)).astype(np.int64)
    shape = (k, outputs, part.size("candidates"))
    candidates = part.array("wires.indices", "iu", shape).astype(np.int64)
    best = part.array("wires.strengths", "f", shape).argmax(axis=2)
    return np.take_along_axis(candidates, best[..., None], axis=2)[..., 0]


_AND = 1
_CHOICE = 0b01010011
"""Of three inputs, the first of which chooses: the second if it is 1, else the third."""


def gated_logic_layer(assembly: Assembly, values: Values, part: Part) -> Values:
    values = _row(values, part)
    passed = logic_layer(assembly, values, part.inner("value"))
    gate = logic_layer(assembly, values, part.inner("gate"))
    outputs, form = part.size("out_dim"), part.argument("form", str)
    if len(passed) != outputs or len(gate) != outputs or form not in ("and", "mux"):
        raise InputError(
            f"{len(passed)} values and {len(gate)} gates for {outputs} results, {form!r}",
            where=part.where,
        )
    if form == "and":
        return assembly.layer(np.full(outputs, _AND), np.stack([passed, gate], axis=1))
    kept = values[np.arange(outputs) % len(values)]
    return assembly.layer(np.full(outputs, _CHOICE), np.stack([gate, passed, kept], axis=1))


def select(assembly: Assembly, values: Values, part: Part) -> Values:
    values = _row(values, part)
    reads = part.array("indices", "iu", (part.size("out_dim"),)).astype(np.int64)
    check_reads(reads[:, None], len(values), part.where)
    return values[reads]


def _row(values: Values, part: Part) -> Values:
    """The values, as many as a module was made for."""
    values, inputs = values.ravel(), part.size("in_dim")
    if inputs != len(values):
        raise InputError(
            f"it was made for {inputs} inputs, and gets {len(values)}", where=part.where
        )
    return values
