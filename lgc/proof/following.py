"""Class sums in gates, added up in the order in which another circuit seems to do so.

A circuit that gives the class has adders and comparators inside, in an order that only it knows.
Against adders in another order a proof would not end. So the sums of the other model are added here
in the order that `lgc.proof.recovery` reads off. Every order is right, so that nothing depends on
how well it is recovered, but for the time a proof takes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..evaluation import Planes, evaluate, pack_planes, unpack_planes
from ..facts import Facts
from ..netlist import Netlist
from ..sums.terms import Weights
from .contest import first_largest
from .counting import AND, MAJORITY, XOR, Builder
from .extremes import extremes
from .linear import Form, scores
from .patterns import Patterns
from .recovery import Adder, Recovery
from .sweeping import Limits, equal_nets

WORDS = 64
"""Words of vectors from which an order is recovered."""


def follow(
    net: Netlist, sums: Weights, other: Netlist, facts: Facts, limits: Limits
) -> tuple[Netlist, Planes]:
    """The class of sums over the outputs of a circuit, as its bits.

    Args:
        other: a circuit over the same inputs, which may give the same.

    Raises:
        UnsupportedError: python-sat is not installed.
    """
    equal = equal_nets(net, facts, limits)
    forms = scores(net.outputs, sums, equal)
    patterns = Patterns(facts, limits.seed)

    def values_of(bits: NDArray[np.bool_]) -> NDArray[np.int64]:
        return sums.values(unpack_planes(net.evaluate(pack_planes(bits)), len(bits)))

    planes = np.concatenate([patterns.plain(WORDS), extremes(patterns, values_of)], axis=1)
    values, others = (
        evaluate(one.inputs, one.table, one.fanin, np.arange(one.nets, dtype=np.int32), planes)
        for one in (net, other)
    )
    traces = _new(others, values)
    least = [_least(form) for form in forms]
    builder = Builder(net)
    numbers: list[list[int]] = []
    for form, offset in zip(forms, least):
        number, used = _number(builder, form, offset - min(least), values, traces)
        numbers.append(number)
        traces = traces[~used]
    return builder.finish(first_largest(builder, numbers)), planes


def _new(values: Planes, known: Planes) -> Planes:
    """Those values that are neither known nor complements of what is, each once."""
    both = np.concatenate([known, values])
    both ^= np.where(both[:, :1] & np.uint64(1) != 0, ~np.uint64(0), np.uint64(0))
    _, first = np.unique(both.view(f"V{8 * both.shape[1]}").ravel(), return_index=True)
    return both[np.sort(first[first >= len(known)])]


def _least(form: Form) -> int:
    """What a form is when every term is as small as it can be."""
    return form.terms.get(frozenset(), 0) + sum(
        min(factor, 0) for product, factor in form.terms.items() if product
    )


def _number(
    builder: Builder, form: Form, constant: int, values: Planes, traces: Planes
) -> tuple[list[int], NDArray[np.bool_]]:
    """The bits of a form less its least value, plus a constant; and which traces were used."""
    terms = sorted((min(product), factor) for product, factor in form.terms.items() if product)
    nets = np.array([net for net, _ in terms], np.int64)
    factors = np.array([factor for _, factor in terms], np.int64)
    bits = values[nets] ^ np.where(factors < 0, ~np.uint64(0), np.uint64(0))[:, None]
    found = Recovery(bits, np.abs(factors).tolist(), constant, traces)
    literals: list[int] = builder.literals(nets, factors < 0).tolist()
    item = dict(enumerate([*literals, builder.constant(True)]))
    for adder in _in_order(found, len(item)):
        first, *rest = (np.array([item[read]]) for read in adder.reads)
        # two by two, as adders made of tables often do it
        added = rest[0] if len(rest) == 1 else builder.gates(XOR, *rest)
        item[adder.total] = int(builder.gates(XOR, first, added)[0])
        carry = AND if len(rest) == 1 else MAJORITY
        item[adder.carry] = int(builder.gates(carry, first, *rest)[0])
    number = [builder.constant(False) if one is None else item[one] for one in found.result]
    return number, found.used


def _in_order(found: Recovery, given: int) -> list[Adder]:
    """Adders after those that they read; items below ``given`` are there from the start."""
    source = {item: adder for adder in found.adders for item in (adder.total, adder.carry)}
    ready = set(range(given))
    order: list[Adder] = []
    waiting = list(reversed(found.adders))
    while waiting:
        adder = waiting[-1]
        missing = [read for read in adder.reads if read not in ready]
        if missing:
            waiting += [source[read] for read in missing]
            continue
        waiting.pop()
        if adder.total not in ready:
            order.append(adder)
            ready |= {adder.total, adder.carry}
    return order
