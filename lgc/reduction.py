"""Shrinks a netlist while a property holds, to find the smallest input of a bug.

Delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input",
2002) over kinds of parts in turn: what is promised about the bits that enter, outputs, gates (a
dropped gate passes one of its fan-ins on), unused inputs; until nothing more can go.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from .guards import int_rows, ints
from .netlist import Netlist
from .surgery import restrict

Ints = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Case:
    """A netlist, and what its inputs are made of: bit i is ``x[feature[i]] > level[i]``.

    Attributes:
        dtype: of x.
        feature: int32 ``(inputs,)``.
        level: float32 ``(inputs,)``.
        one_hot: int32 ``(features,)``, number of each feature's one-hot group, -1 for none.
    """

    net: Netlist
    dtype: str
    feature: Ints
    level: NDArray[np.float32]
    one_hot: Ints

    @property
    def features(self) -> int:
        return len(self.one_hot)

    @property
    def promising(self) -> NDArray[np.bool_]:
        """Features that make anything but one free bit, bool ``(features,)``."""
        bits = np.bincount(self.feature, minlength=self.features)
        plain = np.ones(self.features, np.bool_)
        plain[self.feature] = self.level == 0
        return (self.one_hot >= 0) | (bits > 1) | ~plain


def free(net: Netlist) -> Case:
    """The netlist when nothing is promised about its inputs."""
    n = net.inputs
    none = np.full(n, -1, np.int32)
    return Case(net, "bool", np.arange(n, dtype=np.int32), np.zeros(n, np.float32), none)


Interesting = Callable[[Case], bool]
Without = Callable[[Case, NDArray[np.bool_]], Case | None]


def reduce_case(case: Case, interesting: Interesting) -> Case:
    """The smallest case found for which ``interesting`` still holds.

    Args:
        case: one for which it holds.
        interesting: decides; it is asked about O(parts · log parts) cases.
    """
    if interesting(alone := free(case.net)):
        case = alone
    while True:
        before = case
        case = _drop(case, _promises, _without_promises, interesting)
        case = _drop(case, lambda one: len(one.net.outputs), _without_outputs, interesting)
        for place in range(case.net.k):
            without = partial(_without_gates, place)
            case = _drop(case, lambda one: one.net.gates, without, interesting)
        case = _drop(case, lambda one: one.net.inputs, _without_inputs, interesting)
        if case is before:
            return case


def _drop(
    case: Case, parts: Callable[[Case], int], without: Without, interesting: Interesting
) -> Case:
    """Drop runs of parts, all of them at first, then shorter and shorter ones."""
    size = parts(case)
    while size >= 1:
        start = 0
        while start < (count := parts(case)):
            dropped = np.zeros(count, np.bool_)
            dropped[start : start + size] = True
            candidate = without(case, dropped)
            if candidate is not None and interesting(candidate):
                case = candidate
                if parts(case) == count:
                    start += size
            else:
                start += size
        size //= 2
    return case


def _promises(case: Case) -> int:
    return case.features if case.promising.any() else 0


def _without_promises(case: Case, dropped: NDArray[np.bool_]) -> Case | None:
    """Each bit of the features a feature of its own, ``x > 0``, and in no group."""
    if not (dropped & case.promising).any():
        return None
    if not (case.promising & ~dropped).any():
        return free(case.net)
    feature, loose = case.feature.copy(), dropped[case.feature]
    again = np.ones(len(feature), np.bool_)
    again[np.unique(feature, return_index=True)[1]] = False
    own = np.flatnonzero(loose & again)
    feature[own] = case.features + np.arange(len(own))
    one_hot = np.append(np.where(dropped, -1, case.one_hot), np.full(len(own), -1))
    level = np.where(loose, np.float32(0), case.level).astype(np.float32)
    return replace(case, feature=feature, level=level, one_hot=one_hot.astype(np.int32))


def _without_outputs(case: Case, dropped: NDArray[np.bool_]) -> Case | None:
    kept = case.net.outputs[~dropped]
    return replace(case, net=restrict(case.net, kept)) if len(kept) else None


def _without_gates(place: int, case: Case, dropped: NDArray[np.bool_]) -> Case | None:
    net = case.net
    number = list(range(net.inputs))
    for gate, (drop, reads) in enumerate(zip(ints(dropped), int_rows(net.fanin))):
        number.append(number[reads[place]] if drop else net.inputs + gate)
    moved = np.array(number, np.int32)
    rerouted = Netlist(net.inputs, net.table, moved[net.fanin], moved[net.outputs])
    smaller = restrict(rerouted, rerouted.outputs)
    return replace(case, net=smaller) if smaller.gates < net.gates else None


def _without_inputs(case: Case, dropped: NDArray[np.bool_]) -> Case | None:
    """Only inputs that nobody reads go, and the features that then make no bit."""
    net = case.net
    used = np.zeros(net.nets, np.bool_)
    used[net.fanin.ravel()] = True
    used[net.outputs] = True
    kept = used[: net.inputs] | ~dropped
    kept[0] |= not kept.any()
    if kept.all():
        return None
    number = np.concatenate([np.cumsum(kept) - 1, kept.sum() + np.arange(net.gates)])
    number = number.astype(np.int32)
    features, feature = np.unique(case.feature[kept], return_inverse=True)
    return replace(
        case,
        net=Netlist(int(kept.sum()), net.table, number[net.fanin], number[net.outputs]),
        feature=feature.astype(np.int32),
        level=case.level[kept],
        one_hot=case.one_hot[features],
    )
