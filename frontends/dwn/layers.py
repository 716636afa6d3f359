"""LUT layers: tables and the wiring in front of them, as a state dict of torch_dwn names them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lgc.errors import InputError, UnsupportedError
from lgc.guards import is_array
from lgc.netlist import Netlist
from lgc.states import check_finite, check_reads, naturally, state_of
from lgc.tables import MAX_FANIN

_LUTS, _FIXED, _LEARNT = "luts", "mapping", "mapping.weights"


@dataclass(frozen=True, eq=False)
class LutLayer:
    """One layer.

    Attributes:
        luts: trained values of the tables, float ``(out, 2**n)``; entry ``x₀ + 2·x₁ + …``.
        reads: what each LUT reads, int64 ``(out, n)``, x₀ first.
        inputs: bits that the layer reads, None where its file does not say.
        learnt: the wiring is the largest of trained weights.
    """

    name: str
    luts: NDArray[Any]
    reads: NDArray[np.int64]
    inputs: int | None
    learnt: bool

    @property
    def n(self) -> int:
        """Inputs of each LUT."""
        return self.reads.shape[1]

    @property
    def least(self) -> int:
        """Bits that there are at least in front of it."""
        return int(self.reads.max(initial=0)) + 1

    def netlist(self, inputs: int, where: str) -> Netlist:
        """The layer as gates that read so many bits.

        Raises:
            InputError: values that are not finite, another width, wiring that leaves it.
        """
        place = f"{where}: layer {self.name}"
        check_finite(self.luts, place)
        if self.inputs not in (None, inputs):
            raise InputError(f"it reads {self.inputs} bits, but gets {inputs}", where=place)
        check_reads(self.reads, inputs, place)
        bit = np.arange(1 << self.n, dtype=np.uint64)[::-1]
        table = np.bitwise_or.reduce((self.luts > 0).astype(np.uint64) << bit, axis=1)
        fanin = self.reads[:, ::-1].astype(np.int32)  # a netlist's first is the most significant
        return Netlist(inputs, table, fanin, np.arange(inputs, inputs + len(table)))


def make_layer(name: str, luts: NDArray[Any], mapping: NDArray[Any], where: str) -> LutLayer:
    """A layer of its tables and its mapping: whole numbers, or weights ``(in, out · n)``.

    Raises:
        InputError: shapes or types do not fit together.
        UnsupportedError: LUTs of more inputs than a gate may have.
    """
    place = f"{where}: layer {name}"
    if luts.ndim != 2 or luts.dtype.kind != "f" or not luts.size:
        raise InputError(
            f"tables of type {luts.dtype} and shape {luts.shape} are none",
            where=place,
            hint="the tables of n inputs are real numbers (out, 2**n)",
        )
    out, entries = luts.shape
    n = entries.bit_length() - 1
    if entries != 1 << n or n == 0:
        raise InputError(f"a table of {entries} entries is none: 2, 4, 8, …", where=place)
    if n > MAX_FANIN:
        raise UnsupportedError(
            f"LUTs of {n} inputs; a gate has at most {MAX_FANIN}",
            where=place,
            hint="train with n=6, which is what an FPGA has",
        )
    learnt = mapping.dtype.kind == "f"
    fits = mapping.ndim == 2 and len(mapping) > 0
    fits = fits and (mapping.shape[1] == out * n if learnt else mapping.shape == (out, n))
    if mapping.dtype.kind not in "iuf" or not fits:
        raise InputError(
            f"a mapping of type {mapping.dtype} and shape {mapping.shape} does not fit "
            f"{out} LUTs of {n} inputs",
            where=place,
            hint=f"whole numbers ({out}, {n}), or weights (in, {out * n})",
        )
    if not learnt:
        return LutLayer(name, luts, mapping.astype(np.int64), None, learnt=False)
    check_finite(mapping, place)
    reads = mapping.argmax(axis=0).reshape(out, n)  # the first maximum wins, as in torch
    return LutLayer(name, luts, reads.astype(np.int64), len(mapping), learnt=True)


def has_luts(data: Any) -> bool:
    """Whether a checkpoint holds tables with a mapping beside them."""
    return any(True for _ in _layers(data))


def find_layers(data: Any, where: str) -> list[LutLayer]:
    """All layers in order.

    Raises:
        InputError: shapes or types do not fit together.
        UnsupportedError: see `make_layer`.
    """
    return [make_layer(name, luts, mapping, where) for name, luts, mapping in _layers(data)]


def _layers(data: Any) -> Iterator[tuple[str, NDArray[Any], NDArray[Any]]]:
    """Name, tables and mapping of each layer, in natural order of the names."""
    state = state_of(data)
    for key in sorted(state, key=naturally):
        prefix, _, last = key.rpartition(".")
        if last != _LUTS:
            continue
        dot = prefix + "." if prefix else ""
        mapping = state.get(dot + _FIXED, state.get(dot + _LEARNT))
        if is_array(state[key]) and is_array(mapping):
            yield prefix or "0", state[key], mapping
