"""Sums of nets in gates: what is left of a class sum when nothing else settled it."""

from __future__ import annotations

import numpy as np

from ..netlist import Netlist
from .counting import Builder
from .linear import Form


def balance(net: Netlist, form: Form) -> tuple[Netlist, int]:
    """The circuit with two sums more, equal where a linear form is 0.

    Returns:
        A circuit whose outputs are the bits of the sum of all positive terms, lowest first, and
        then those of the sum of all negative ones; and how many bits each has.
    """
    builder = Builder(net)
    sides = [_total(builder, form, sign) for sign in (1, -1)]
    width = max(map(len, sides))
    outputs: list[int] = []
    for side in sides:
        outputs += side + [builder.constant(False) for _ in range(width - len(side))]
    return builder.finish(outputs), width


def _total(builder: Builder, form: Form, sign: int) -> list[int]:
    """Bits of the sum of the terms of one sign, lowest first."""
    nets: list[int] = []
    weights: list[int] = []
    for product, factor in sorted(form.terms.items(), key=lambda term: sorted(term[0])):
        if factor * sign > 0:
            (net,) = product or (builder.constant(True),)
            nets.append(net)
            weights.append(abs(factor))
    return builder.total(np.array(nets, np.int64), np.array(weights, np.int64))
