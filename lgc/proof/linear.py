"""Class sums as linear forms over nets, and whether such a form is always 0.

A form is Σ weight·net + constant. Nets that a sweep merged cancel there. What is left is expanded
by the equation of each gate over the integers, a∧b = ab, a∨b = a + b - ab, a⊕b = a + b - 2ab,
the gates farthest from the inputs first: sums that were rewritten by such equations cancel at once
(backward rewriting; Yu, Brown, Liu, Rossi and Ciesielski, "Formal verification of arithmetic
circuits by function extraction", 2016).
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..netlist import Netlist
from ..sums.terms import Weights
from .sweeping import Equal

Ints = NDArray[np.int64]
Monomial = frozenset[int]
"""A product of nets; the empty one is 1."""

MONOMIALS = 2000
"""Where an expansion gives up."""


@dataclass
class Form:
    """A polynomial over nets, one term for each product of nets.

    Attributes:
        modulus: factors count modulo this; 0 for as they are.
        terms: factors that are not 0.
    """

    modulus: int = 0
    terms: dict[Monomial, int] = field(default_factory=dict[Monomial, int])
    _where: defaultdict[int, set[Monomial]] = field(
        default_factory=lambda: defaultdict[int, set[Monomial]](set), repr=False
    )

    def add(self, product: Monomial, factor: int) -> None:
        total = self.terms.get(product, 0) + factor
        if total % self.modulus if self.modulus else total:
            self.terms[product] = total
            for net in product:
                self._where[net].add(product)
        elif product in self.terms:
            del self.terms[product]
            for net in product:
                self._where[net].discard(product)

    def take(self, net: int) -> Iterator[tuple[Monomial, int]]:
        """Remove all terms with a net, and give what it is multiplied by in each."""
        for product in list(self._where.pop(net, ())):
            factor = self.terms.pop(product)
            rest = product - {net}
            for other in rest:
                self._where[other].discard(product)
            yield rest, factor

    @property
    def nets(self) -> list[int]:
        return [net for net, products in self._where.items() if products]


def difference(
    left: tuple[NDArray[np.int32], Weights], right: tuple[NDArray[np.int32], Weights], equal: Equal
) -> list[Form]:
    """For each class the scores of the left less those of the right; nets as they are merged."""
    sides = (scores(outputs, sums, equal) for outputs, sums in (left, right))
    return [subtract(one, other) for one, other in zip(*sides)]


def scores(outputs: NDArray[np.int32], sums: Weights, equal: Equal) -> list[Form]:
    """The score of each class; nets as they are merged."""
    nets = len(equal.first) + 1
    first, flip = equal.first[outputs], equal.complement[outputs]
    constant = sums.offset.astype(np.int64)
    np.add.at(constant, sums.group, np.where(flip, sums.weight, 0))  # ¬x = 1 - x
    place = sums.group * nets + first + 1
    distinct, inverse = np.unique(place, return_inverse=True)
    total = np.zeros(len(distinct), np.int64)
    np.add.at(total, inverse, np.where(flip, -sums.weight, sums.weight))
    forms = [Form() for _ in range(sums.classes)]
    for form, own in zip(forms, constant.tolist()):
        form.add(frozenset(), own)
    found: list[tuple[int, int]] = list(zip(distinct.tolist(), total.tolist()))
    for where, factor in found:
        number, net = divmod(where, nets)
        if net and factor:  # 0 stands for the constant 0
            forms[number].add(frozenset((net - 1,)), factor)
    return forms


def subtract(form: Form, other: Form) -> Form:
    """One form less another."""
    result = Form()
    for sign, part in ((1, form), (-1, other)):
        for product, factor in part.terms.items():
            result.add(product, sign * factor)
    return result


def window(sums: tuple[Weights, Weights]) -> int:
    """A power of two above any difference of scores, whatever the bits: modulo it they differ
    where they differ at all. Numbers in two's complement drop what is a multiple of it.
    """
    low, high = (
        [side.offset + np.bincount(side.group, pick(side.weight, 0), side.classes) for side in sums]
        for pick in (np.minimum, np.maximum)
    )
    most = max(float((high[0] - low[1]).max()), float((high[1] - low[0]).max()))
    return 1 << int(most).bit_length()


def vanishes(
    form: Form, net: Netlist, equal: Equal, level: NDArray[np.int32], modulus: int = 0
) -> bool:
    """Whether expansion shows that a form is always 0; false says nothing.

    Args:
        modulus: show it only modulo this; 0 for as it is.
        net: tidy (see `lgc.surgery`).
        level: of its nets; those of inputs are 0.
    """
    whole, form = form, Form(modulus)
    for product, factor in whole.terms.items():
        form.add(product, factor)
    queue = [(-int(level[x]), x) for x in form.nets if x >= net.inputs]
    heapq.heapify(queue)
    while form.terms and queue:
        if len(form.terms) > MONOMIALS:
            return False
        _, gate = heapq.heappop(queue)
        rests = list(form.take(gate))
        if not rests:
            continue
        equation = _equation(net, gate, equal)
        for rest, factor in rests:
            for product, own in equation:
                form.add(rest | product, factor * own)
        for product, _ in equation:
            for read in product:
                if read >= net.inputs:
                    heapq.heappush(queue, (-int(level[read]), read))
    return not form.terms


def _equation(net: Netlist, gate: int, equal: Equal) -> list[tuple[Monomial, int]]:
    """A gate as a polynomial over the nets that stand for those it reads."""
    own = gate - net.inputs
    found = Form()
    for places, factor in _coefficients(int(net.table[own]), net.k):
        parts = [(frozenset[int](), factor)]
        for i in places:
            read = int(net.fanin[own, i])
            first, flip = int(equal.first[read]), bool(equal.complement[read])
            held = [] if first < 0 else [(product | {first}, value) for product, value in parts]
            if flip:  # ¬x = 1 - x
                held = parts + [(product, -value) for product, value in held]
            parts = held
        for product, value in parts:
            found.add(product, value)
    return list(found.terms.items())


@cache
def _coefficients(table: int, k: int) -> tuple[tuple[tuple[int, ...], int], ...]:
    """A table as Σ factor·Π x[i], by Möbius inversion over the subsets of its fan-ins."""
    size = 1 << k
    factor = [table >> (size - 1 - index) & 1 for index in range(size)]
    for place in range(k):
        for index in range(size):
            if index >> place & 1:
                factor[index] -= factor[index ^ (1 << place)]
    return tuple(
        (tuple(i for i in range(k) if index >> (k - 1 - i) & 1), value)
        for index, value in enumerate(factor)
        if value
    )
