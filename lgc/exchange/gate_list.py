"""Gate lists: CSV with a line a neuron, ``layer,neuron,input_a,input_b,gate_id,gate_name``.

Layers count from 1, neurons and inputs from 0; a layer reads the one before it alone. Gate numbers
are truth tables, as in difflogic.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, UnsupportedError
from ..levels import levels
from ..netlist import Netlist
from ..sharing import sweep
from ..splitting import split
from ..surgery import compose, restrict, widen
from .circuit import MOST_INPUTS
from .spelling import Vocabulary

Ints = NDArray[np.int64]

FIELDS = ("layer", "neuron", "input_a", "input_b", "gate_id", "gate_name")
NAMES = (
    "zero", "and", "not_implies", "a", "not_implied_by", "b", "xor", "or",
    "not_or", "not_xor", "not_b", "implied_by", "not_a", "implies", "not_and", "one",
)  # fmt: skip
"""What the gates are called, by number."""

MOST_NEURONS = 1 << 26
_HEADER = ",".join(FIELDS).encode()
_LINE = f"a line is {','.join(FIELDS)}, such as 1,0,655,658,14,not_and"
_DIGITS = 9


def is_gate_list(head: bytes) -> bool:
    """Whether a file that starts so is a gate list."""
    return head.startswith(_HEADER)


class GateList:
    """The neurons of a file, in order of layers and numbers.

    Attributes:
        sizes: neurons in each layer.
        least: the fewest inputs that the first layer allows.
    """

    def __init__(self, rows: Ints, where: str) -> None:
        """``rows``: int64 ``(n, 5)``, all fields but the name."""
        line = 2 + np.lexsort((rows[:, 1], rows[:, 0]))
        rows = rows[line - 2]
        self.sizes = np.bincount(rows[:, 0])[1:].tolist()
        self.rows, self.where, self.line = rows, where, line
        start = np.cumsum(self.sizes) - self.sizes
        first = np.concatenate([[0], start])[rows[:, 0]]
        bad = (rows[:, 0] < 1) | (rows[:, 1] != np.arange(len(rows)) - first)
        if bad.any() or 0 in self.sizes:
            at = int(bad.argmax()) if bad.any() else int((np.diff(rows[:, 0]) > 1).argmax()) + 1
            raise InputError(
                f"neuron {rows[at, 1]} of layer {rows[at, 0]} follows a gap or stands there twice",
                where=f"{where}, line {line[at]}",
                hint="layers count from 1, the neurons of each from 0, without gaps",
            )
        self.least = int(rows[: self.sizes[0], 2:4].max()) + 1

    def netlists(self, inputs: int) -> list[Netlist]:
        """One netlist a layer.

        Raises:
            InputError: a neuron reads one that is not there.
        """
        nets: list[Netlist] = []
        start = 0
        for size in self.sizes:
            rows = self.rows[start : start + size]
            far = (rows[:, 2:4] >= inputs).any(axis=1)
            if far.any():
                at = int(far.argmax())
                what = "inputs" if not nets else "neurons before it"
                raise InputError(
                    f"neuron {at} of layer {len(nets) + 1} reads {rows[at, 2:4].max()}, "
                    f"there are {inputs} {what}",
                    where=f"{self.where}, line {self.line[start + at]}",
                    hint="is the width of the input right?" if not nets else None,
                )
            own = range(inputs, inputs + size)
            nets.append(Netlist(inputs, rows[:, 4], rows[:, 2:4].astype(np.int32), own))
            start, inputs = start + size, size
        return nets


def read_gate_list(data: bytes, where: str) -> GateList:
    """Read the CSV.

    Raises:
        InputError: a line is damaged, a gate's name is that of another, a layer has gaps.
    """
    data = data.replace(b"\r\n", b"\n")
    first, _, body = data.partition(b"\n")
    if first != _HEADER:
        raise InputError(
            f"{first[:40].decode('latin1')!r} is no header of a gate list",
            where=f"{where}, line 1",
            hint=f"it is {','.join(FIELDS)}",
        )
    raw = np.frombuffer(body if body.endswith(b"\n") else body + b"\n", np.uint8)
    if len(raw) < 2:
        raise InputError("the gate list is empty", where=where)
    ends = np.flatnonzero((raw == 44) | (raw == 10))
    lengths = np.diff(ends, prepend=-1) - 1
    field = np.arange(len(ends)) % len(FIELDS)
    name = field == len(FIELDS) - 1
    good = (raw[ends] == np.where(name, 10, 44)) & (name | (lengths >= 1) & (lengths <= _DIGITS))
    values = np.zeros(len(ends), np.int64)
    for place in range(_DIGITS):
        there = ~name & good & (lengths > place)
        digit = raw[np.maximum(ends[there] - 1 - place, 0)].astype(np.int64) - 48
        good[there] &= (digit >= 0) & (digit < 10)
        values[there] += digit * 10**place
    good &= (field != 4) | (values < len(NAMES))
    if not good.all() or len(ends) % len(FIELDS):
        at = int((~good).argmax()) if not good.all() else len(ends) - 1
        line = int(np.count_nonzero(raw[: ends[at]] == 10))
        text = body.split(b"\n", line + 1)[line][:60].decode("latin1")
        raise InputError(f"{text!r} is no neuron", where=f"{where}, line {line + 2}", hint=_LINE)
    rows = values.reshape(-1, len(FIELDS))[:, :-1]
    _check_names(raw, ends[name], lengths[name], rows[:, 4], where)
    return GateList(rows, where)


def _check_names(raw: NDArray[np.uint8], ends: Ints, lengths: Ints, gate: Ints, where: str) -> None:
    """A file with another numbering has names that tell."""
    letters = np.zeros((len(ends), 16), np.uint8)
    for place in range(16):
        there = lengths > place
        letters[there, place] = raw[ends[there] - lengths[there] + place]
    names = letters.view("S16").ravel()
    wanted = np.array([name.encode() for name in NAMES], "S16")
    wrong = (names != wanted[gate]) & np.isin(names, wanted)
    if wrong.any():
        at = int(wrong.argmax())
        raise InputError(
            f"gate {gate[at]} is called {names[at].decode()}, it is {NAMES[gate[at]]}",
            where=f"{where}, line {at + 2}",
            hint="gate numbers are truth tables, as in difflogic; does the file count otherwise?",
        )


def as_layers(nets: Sequence[Netlist]) -> list[Netlist]:
    """The same function in layers of two fan-ins, each of which reads the one before it alone.

    Nets that are needed further on are passed through layer by layer.

    Raises:
        UnsupportedError: that would take too many neurons.
    """
    if all(map(_is_layer, nets)):
        return [widen(net, 2) for net in nets]
    net = compose(nets)
    net = sweep(split(net, 2), share=True) if net.k > 2 else widen(net, 2)
    net = restrict(net, net.outputs)
    level = np.concatenate([np.zeros(net.inputs, np.int64), levels(net.inputs, net.fanin)])
    depth = max(int(level.max()), 1)
    last = np.zeros(net.nets, np.int64)  # the layer whose values its last reader reads
    np.maximum.at(last, net.fanin, level[net.inputs :, None] - 1)
    last[net.outputs] = depth - 1
    start = np.maximum(level, 1)
    count = np.maximum(last - start + 1, 0)
    total = int(count.sum()) + len(net.outputs)
    if total > MOST_NEURONS:
        raise UnsupportedError(
            f"as layers the circuit takes {total} neurons",
            hint="it is deep, and layers pass everything on: write .aig, .blif or .bench",
        )
    entry = np.cumsum(count) - count  # of each net in its first layer
    which = np.repeat(np.arange(net.nets), count)
    layer = start[which] + np.arange(len(which)) - entry[which]
    order = np.lexsort((which, layer))
    sizes = np.bincount(layer, minlength=depth + 1)[:depth]
    place = np.zeros(len(which), np.int64)
    place[order] = np.arange(len(which)) - np.repeat(np.cumsum(sizes) - sizes, sizes)

    result: list[Netlist] = []
    width = net.inputs
    rows = np.split(which[order], np.cumsum(sizes)[1:-1]) if depth > 1 else []
    for number, here in enumerate([*rows, net.outputs.astype(np.int64)], 1):
        own = level[here] == number
        reads, table = np.stack([here, here], axis=1), np.full(len(here), 3)
        reads[own], table[own] = (
            net.fanin[here[own] - net.inputs],
            net.table[here[own] - net.inputs],
        )
        if number > 1:
            reads = place[entry[reads] + number - 1 - start[reads]]
        result.append(Netlist(width, table, reads.astype(np.int32), width + np.arange(len(here))))
        width = len(here)
    return result


def _is_layer(net: Netlist) -> bool:
    plain = np.array_equal(net.outputs, np.arange(net.inputs, net.nets))
    return net.k <= 2 and plain and int(net.fanin.max(initial=0)) < net.inputs <= MOST_INPUTS


def write_gate_list(layers: Sequence[Netlist]) -> Iterator[bytes]:
    """The CSV of layers as `as_layers` gives them, in pieces of a file."""
    yield _HEADER + b"\n"
    vocabulary = Vocabulary()
    widest = max(max(net.inputs, net.gates) for net in layers)
    number = vocabulary.add_numbered(b"", max(widest, len(layers) + 1))
    comma = int(vocabulary.add([b","])[0])
    gate = vocabulary.add([f",{i},{name}\n".encode() for i, name in enumerate(NAMES)])
    for layer, net in enumerate(layers, 1):
        text = np.full((net.gates, 8), comma, np.int64)
        text[:, 0], text[:, 2] = number[layer], number[: net.gates]
        text[:, 4], text[:, 6] = number[net.fanin[:, 0]], number[net.fanin[:, 1]]
        text[:, 7] = gate[net.table.astype(np.int64)]
        yield from vocabulary.spell(text.ravel())
