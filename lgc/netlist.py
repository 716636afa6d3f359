"""Netlist: a combinational circuit as plain arrays, immutable, in topological order.

Nets are numbered: ``0 … inputs-1`` are the inputs, then come the gates in an order in which every
gate reads only smaller numbers. All gates of a netlist have the same number of fan-ins ``k``; a
gate that needs fewer ignores the rest. There are no inverters as such: a table absorbs them.
`Netlist.evaluate` is the only definition of what a netlist means.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import evaluation, tables
from .errors import LgcError

Nets = NDArray[np.int32]


class NetlistError(LgcError):
    """Arrays that do not describe a netlist."""


def _frozen(values: ArrayLike, dtype: type[np.generic], what: str) -> NDArray[Any]:
    given = np.asarray(values)
    try:  # an empty list has the type of floats
        array = np.ascontiguousarray(
            given.astype(dtype, casting="same_kind" if given.size else "unsafe")
        )
    except TypeError as error:
        raise NetlistError(f"{what}: {error}") from None
    array = array.view()
    array.flags.writeable = False
    return array


@dataclass(frozen=True, eq=False, repr=False)
class Netlist:
    """Gates over ``inputs`` bits.

    Attributes:
        inputs: number of input nets, at least 1.
        table: uint64 ``(n,)``, truth table of each gate (see `lgc.tables`).
        fanin: int32 ``(n, k)``, the nets each gate reads; ``k`` from 1 to 6.
        outputs: int32 ``(m,)``, the nets that leave the netlist, at least one.

    Raises:
        NetlistError: shapes, ranges or the topological order are wrong.
    """

    inputs: int
    table: tables.Tables
    fanin: Nets
    outputs: Nets

    def __init__(self, inputs: int, table: ArrayLike, fanin: ArrayLike, outputs: ArrayLike) -> None:
        raw = np.asarray(table)
        if raw.dtype.kind == "i" and raw.size and raw.min() >= 0:
            raw = raw.astype(np.uint64)
        object.__setattr__(self, "inputs", int(inputs))
        object.__setattr__(self, "table", _frozen(raw, np.uint64, "table"))
        object.__setattr__(self, "fanin", _frozen(fanin, np.int32, "fanin"))
        object.__setattr__(self, "outputs", _frozen(outputs, np.int32, "outputs"))
        self._verify()

    def _verify(self) -> None:
        if self.inputs < 1:
            raise NetlistError(f"a netlist needs at least one input, not {self.inputs}")
        if self.fanin.ndim != 2 or self.table.shape != self.fanin.shape[:1]:
            raise NetlistError(
                f"table {self.table.shape} and fanin {self.fanin.shape} do not fit together: "
                "(n,) and (n, k) are needed"
            )
        if not 1 <= self.k <= tables.MAX_FANIN:
            raise NetlistError(f"gates have 1 to {tables.MAX_FANIN} fan-ins, not {self.k}")
        if self.outputs.ndim != 1 or not len(self.outputs):
            raise NetlistError("a netlist needs a row of outputs with at least one net")
        if self.nets > np.iinfo(np.int32).max:
            raise NetlistError(f"{self.nets} nets are more than 32-bit net numbers can name")
        self._verify_gates()
        bad = (self.outputs < 0) | (self.outputs >= self.nets)
        if bad.any():
            j = int(bad.argmax())
            raise NetlistError(
                f"output {j} reads net %{self.outputs[j]}, but there are {self.nets} nets"
            )

    def _verify_gates(self) -> None:
        own = np.arange(self.inputs, self.nets, dtype=np.int32)
        bad = ((self.fanin < 0) | (self.fanin >= own[:, None])).any(axis=1)
        if bad.any():
            g = int(bad.argmax())
            row, net = self.fanin[g], self.inputs + g
            read = int(next(x for x in row if x < 0 or x >= net))
            if 0 <= read < self.nets:
                raise NetlistError(
                    f"gate %{net} reads net %{read}, which is not computed before it",
                    hint="gates stand in topological order; a cycle has none",
                )
            raise NetlistError(f"gate %{net} reads net %{read}, but there are {self.nets} nets")
        if len(self.table) and self.table.max() > tables.ones(self.k):
            g = int((self.table > tables.ones(self.k)).argmax())
            raise NetlistError(
                f"gate %{self.inputs + g} has table {int(self.table[g]):#x}, "
                f"too large for {self.k} fan-ins"
            )

    @property
    def k(self) -> int:
        """Fan-ins of every gate."""
        return self.fanin.shape[1]

    @property
    def gates(self) -> int:
        return len(self.table)

    @property
    def nets(self) -> int:
        return self.inputs + self.gates

    @cached_property
    def digest(self) -> str:
        """Hex digest (BLAKE2b, 128 bits) of everything that makes up the netlist."""
        state = hashlib.blake2b(digest_size=16)
        state.update(np.array([self.inputs, self.k, self.gates], "<i8").tobytes())
        for part, dtype in (
            (self.table, "<u8"),
            (self.fanin, "<i4"),
            (self.outputs, "<i4"),
        ):
            state.update(np.ascontiguousarray(part, dtype).data)
        return state.hexdigest()

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Netlist)
            and self.inputs == other.inputs
            and np.array_equal(self.table, other.table)
            and np.array_equal(self.fanin, other.fanin)
            and np.array_equal(self.outputs, other.outputs)
        )

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return (
            f"<Netlist {self.inputs} inputs, {self.gates} gates of {self.k} fan-ins, "
            f"{len(self.outputs)} outputs, {self.digest[:8]}>"
        )

    def evaluate(self, planes: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Compute all outputs, 64 samples a word.

        Args:
            planes: uint64 ``(inputs, words)``; bit s of word w of row i is input i of
                sample ``64·w + s``.

        Returns:
            uint64 ``(m, words)`` in the same layout.
        """
        if planes.ndim != 2 or planes.shape[0] != self.inputs:
            raise NetlistError(f"planes {planes.shape} do not fit {self.inputs} inputs")
        return evaluation.evaluate(self.inputs, self.table, self.fanin, self.outputs, planes)
