"""torchlogix's `Circuit` as JSON: gates by number, sums with tau and beta.

``Circuit.simplify`` folds constants of a class into the beta of its sum. What the betas have in
common stays beta here, the rest, whole numbers, are offsets of the counts: no constant is lost.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from lgc.binarisation import features_of, parse_binarisation
from lgc.chain import Sums, build_module
from lgc.errors import InputError, UnsupportedError
from lgc.guards import is_dict, is_list
from lgc.heads import Head, head_of
from lgc.netlist import Netlist
from lgc.reading import LoadOptions

from .layers import Numbers

_OPS = {
    "CONST_FALSE": 0, "AND": 1, "AND_NOT_B": 2, "WIRE": 3, "AND_NOT_A": 4, "XOR": 6, "OR": 7,
    "NOR": 8, "XNOR": 9, "NOT_B": 10, "OR_NOT_B": 11, "NOT": 12, "NOT_A": 12, "OR_NOT_A": 13,
    "NAND": 14, "CONST_TRUE": 15,
}  # fmt: skip
"""The table of each operation, over ``in0`` and ``in1``."""

_CONSTANT, _FIRST, _SECOND = (0, 15), (3, 12), (10,)
"""Tables that read nothing, ``in0`` alone, ``in1`` alone."""

_INPUTS = 1 << 20
"""Inputs that a circuit may have beyond what it reads: a number in a file costs nothing."""

_ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class Content:
    """What the JSON holds.

    Attributes:
        sums: of each class, bits it adds up, tau and beta; None where the outputs are bits.
    """

    net: Netlist
    shape: tuple[int, ...]
    sums: Sums | None


def is_circuit(head: bytes) -> bool:
    """Whether a file begins like such a circuit."""
    if not head.lstrip().startswith(b"{"):
        return False
    return (b'"n_inputs"' in head and b'"input_shape"' in head) or (
        b'"gate_id"' in head and b'"in0"' in head
    )


def is_live_circuit(model: object) -> bool:
    """Whether an object is a `Circuit` of torchlogix."""
    wanted = ("to_dict", "gates", "sum_nodes", "n_inputs")
    return type(model).__name__ == "Circuit" and all(hasattr(model, name) for name in wanted)


def content_of(model: Any) -> Content:
    """What a live `Circuit` holds."""
    return _content(model.to_dict(), "Circuit")


def read_json(data: bytes, where: str) -> Content:
    """Read the text.

    Raises:
        InputError: it is damaged, or no such circuit.
    """
    try:
        content: Any = json.loads(data)
    except (ValueError, RecursionError):
        raise InputError("this is not JSON", where=where) from None
    return _content(content, where)


def module_of_circuit(
    content: Content, options: LoadOptions, where: str, told: Mapping[str, str]
) -> ModuleOp:
    """The model: an input bit is ``x > 0``, or what ``--input`` says.

    Raises:
        InputError: options contradict what it says of itself.
    """
    binarisation = parse_binarisation(options.input or "bool")
    bits = content.net.inputs
    features = features_of(binarisation, bits, where, "inputs")
    sums = content.sums
    own = {
        "inputs": features,
        "classes": None if sums is None else sums.classes,
        "tau": None if sums is None else sums.tau,
    }
    for name, value in own.items():
        given = getattr(options, name)
        if value is not None and given not in (None, value):
            raise InputError(
                f"{name} is {value:g} here, not {given:g}",
                where=where,
                hint=f"leave --{name} out: the file says it",
            )
    head = head_of(options, len(content.net.outputs), where) if sums is None else Head(sums)
    net, ending = head.after(content.net)
    feature, level = binarisation.thresholds(features)
    return build_module(
        features,
        [net],
        **ending,
        feature=feature,
        level=level,
        one_hot=binarisation.one_hot(features),
        provenance={**told, "input": binarisation.text},
    )


def _content(content: Any, where: str) -> Content:
    gates: Any = content.get("gates") if is_dict(content) else None
    outputs: Any = content.get("outputs") if is_dict(content) else None
    if not is_dict(content) or not is_list(gates) or not is_list(outputs) or not outputs:
        raise InputError("a circuit has lists of gates and of outputs", where=where)
    ids, table = _column(gates, "gate_id", where), _tables(gates, where)
    inputs = content.get("n_inputs")
    if type(inputs) is not int or not 0 < inputs <= max(_INPUTS, 64 * len(gates)):
        raise InputError(f"n_inputs cannot be {inputs!r}"[:80], where=where)
    numbering = _Numbering(inputs, ids, where)
    first, second = _column(gates, "in0", where), _column(gates, "in1", where)
    alone, other = np.isin(table, _FIRST), np.isin(table, _SECOND)
    constant = np.isin(table, _CONSTANT)
    first = np.where(constant, 0, np.where(other, second, first))
    second = np.where(constant | alone | other, first, second)
    table = np.where(other, 12, table)
    fanin = np.stack([numbering.nets(first), numbering.nets(second)], axis=1)
    late = (fanin >= inputs + np.arange(len(fanin))[:, None]).any(axis=1)
    if late.any():
        gate = int(ids[late.argmax()])
        raise InputError(f"gate {gate} reads a gate that does not stand before it", where=where)
    nodes: Any = content.get("sum_nodes", [])
    if not is_list(nodes):
        raise InputError("sum_nodes is a list", where=where)
    ends, sums = _ends(outputs, nodes, numbering, where)
    net = Netlist(inputs, table.astype(np.uint64), fanin, ends)
    return Content(net, _shape(content, where), sums)


@dataclass(frozen=True, eq=False)
class _Numbering:
    """From the numbers of a file, which have gaps, to nets."""

    inputs: int
    ids: Numbers
    where: str

    def __post_init__(self) -> None:
        order = np.sort(self.ids)
        if len(order) and (order[0] < self.inputs or (order[1:] == order[:-1]).any()):
            raise InputError("numbers of gates occur twice", where=self.where)

    def nets(self, wanted: Numbers) -> Numbers:
        """Nets of inputs and gates.

        Raises:
            InputError: there is no such number.
        """
        order = np.argsort(self.ids, kind="stable")
        place = np.searchsorted(self.ids, wanted, sorter=order).clip(max=max(0, len(order) - 1))
        found = order[place] if len(order) else np.zeros(len(wanted), np.intp)
        known = self.ids[found] == wanted if len(order) else np.zeros(len(wanted), np.bool_)
        own = (wanted >= 0) & (wanted < self.inputs)
        if not (known | own).all():
            bad = int(wanted[(known | own).argmin()])
            raise InputError(f"there is no gate {bad}, which something reads", where=self.where)
        return np.where(own, wanted, self.inputs + found)


def _column(rows: Sequence[Any], key: str, where: str) -> Numbers:
    """Whole numbers ``rows[i][key]``."""
    try:
        return _numbers(list(map(itemgetter(key), rows)), key, where)
    except (KeyError, TypeError, IndexError):
        raise InputError(f"a gate or sum has no {key}", where=where) from None


def _numbers(values: Sequence[Any], what: str, where: str) -> Numbers:
    if not set(map(type, values)) <= {int}:
        raise InputError(f"{what} is not a whole number", where=where)
    try:
        return np.fromiter(values, np.int64, len(values))
    except OverflowError:
        raise InputError(f"{what} is a number of more than 64 bits", where=where) from None


def _tables(gates: Sequence[Any], where: str) -> Numbers:
    try:
        named = map(_OPS.__getitem__, map(itemgetter("op"), gates))
        return np.fromiter(named, np.int64, len(gates))
    except (KeyError, TypeError, IndexError) as error:
        raise InputError(
            f"an operation that is not known: {str(error)[:40]}",
            where=where,
            hint=f"known are {', '.join(_OPS)}",
        ) from None


def _ends(
    outputs: Sequence[Any], nodes: Sequence[Any], numbering: _Numbering, where: str
) -> tuple[Numbers, Sums | None]:
    """The nets that leave, and how they are summed."""
    wanted = _numbers(outputs, "an output", where)
    number = {one: place for place, one in enumerate(_column(nodes, "node_id", where).tolist())}
    chosen = [number.get(one) for one in wanted.tolist()]
    if all(place is None for place in chosen):
        return numbering.nets(wanted), None
    if any(place is None for place in chosen):
        raise UnsupportedError("some outputs are bits and some are sums", where=where)
    rows = [nodes[place] for place in chosen if place is not None]
    try:
        parts = list(map(itemgetter("input_ids"), rows))
    except (KeyError, TypeError, IndexError):
        raise InputError("a sum has no input_ids", where=where) from None
    if not all(map(is_list, parts)):
        raise InputError("the input_ids of a sum are a list", where=where)
    sizes = [len(part) for part in parts]
    read = _numbers(list(chain.from_iterable(parts)), "an input of a sum", where)
    taus, betas = (_reals(rows, key, usual, where) for key, usual in (("tau", 1.0), ("beta", 0.0)))
    if len(set(taus.tolist())) > 1 or not taus[0] > 0:
        raise UnsupportedError(
            f"taus of {taus.min():g} to {taus.max():g}: classes share one positive tau", where=where
        )
    beta, offset = _split(betas, where)
    classes, tau = len(rows), float(taus[0])
    if not len(read):  # constants alone: a bit that counts nothing
        nothing = np.zeros(1, np.int64)
        return nothing, Sums(classes, tau, group=[0], weight=[0], offset=offset, beta=beta)
    even = len(set(sizes)) == 1
    group = None if even else np.repeat(np.arange(classes), sizes)
    return numbering.nets(read), Sums(classes, tau, group, offset=offset, beta=beta)


def _reals(rows: Sequence[Any], key: str, usual: float, where: str) -> NDArray[np.float64]:
    values = [row.get(key, usual) for row in rows]
    if not all(type(value) in (int, float) and abs(value) < 1e300 for value in values):
        raise InputError(f"the {key} of a sum is not a number", where=where)
    return np.array(values, np.float64)


def _split(betas: NDArray[np.float64], where: str) -> tuple[float, Numbers | None]:
    """What the betas share, and the whole numbers that are left."""
    beta = float(betas.min())
    left = betas - beta
    offset = np.rint(left)
    if (np.abs(left - offset) > _ROUNDING).any() or offset.max() > np.iinfo(np.int32).max // 2:
        raise UnsupportedError(
            f"betas of {betas.min():g} to {betas.max():g}, which do not differ by whole numbers",
            where=where,
        )
    return beta, offset.astype(np.int64) if offset.any() else None


def _shape(content: Mapping[str, Any], where: str) -> tuple[int, ...]:
    shape = content.get("input_shape", [])
    if not is_list(shape) or not all(type(size) is int for size in shape):
        raise InputError("input_shape is a list of whole numbers", where=where)
    return tuple(shape)
