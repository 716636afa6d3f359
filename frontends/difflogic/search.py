"""Which replay made a file: plausible ones are tried on labelled rows, and the accuracy tells.

A right wiring gives the accuracy of the training, any other a network that guesses. All replays are
ranked on a few hundred rows; the best are measured on more.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lgc.errors import InputError
from lgc.evaluation import Planes, unpack_planes
from lgc.guards import ints
from lgc.netlist import Netlist
from lgc.trials import Samples, Search, Tick, Trial, doubts, search_of

from .file import File
from .layers import LIGHT, tables_of
from .readings import FEW, Reading, cuts, readings
from .replay import Pair, Replay
from .space import replays

MANY = 4096
"""Rows on which the best are measured."""
_KEPT = 5
_BEYOND = 1e-15
"""Probability of luck at which no further replay is tried."""

Bools = NDArray[np.bool_]
Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Head:
    """How the layers are read: truth tables by what four weights are, and classes."""

    classes: int
    parametrisation: str | None
    tables: tuple[NDArray[np.int64], ...]

    def right(self, pairs: Sequence[Pair], planes: Planes, y: Labels) -> Bools:
        """The rows whose class the network finds."""
        for table, (a, b) in zip(self.tables, pairs):
            reads = np.stack([a, b], axis=1).astype(np.int32)
            own = np.arange(len(planes), len(planes) + len(table))
            planes = Netlist(len(planes), table, reads, own).evaluate(planes)
        outputs = unpack_planes(planes, len(y))
        return outputs.reshape(len(y), self.classes, -1).sum(axis=2).argmax(axis=1) == y


@dataclass(frozen=True, eq=False)
class _Found:
    place: int
    right: Bools
    replay: Replay
    reading: Reading
    head: _Head

    @property
    def accuracy(self) -> float:
        """Share of the few rows that it gets right."""
        return float(self.right.mean())

    @property
    def wiring(self) -> tuple[Replay, int]:
        """What its wiring depends on."""
        return self.replay, self.reading.bits


def search(file: File, samples: Samples, tick: Tick | None = None) -> Search:
    """Try the replays that the options leave open: all, or until one is beyond doubt.

    Raises:
        InputError: no replay fits the layers, or the data does not fit the options.
        UsageError: the part of a replay that was given is not well said.
    """
    wanted = replays(file.options.wiring, len(samples.y))
    order = np.random.default_rng(0).permutation(len(samples.y))[:MANY]
    y = samples.y[order]
    heads = list(_heads(file, y))
    ways = _ways(file, samples.x[order])
    found: list[_Found] = []
    for done, replay in enumerate(wanted, 1):
        for bits, group in ways.items():
            try:
                pairs = file.pairs(replay, bits)
            except InputError:
                continue  # difflogic could not have made these layers so
            for reading, head in itertools.product(group, heads):
                right = head.right(pairs, reading.few, y[:FEW])
                found.append(_Found(len(found) + 1, right, replay, reading, head))
        if tick is not None:
            tick(done, len(wanted))
        last = done == len(wanted) or wanted[done].seed != replay.seed
        if last and _settled(found, y[:FEW]):
            break
    if not found:
        raise InputError(
            "no replay makes layers of these sizes for such data",
            where=file.where,
            hint="difflogic's layers read at most two nets a gate; is --input right?",
        )
    return _weighed(file, found, y)


def _settled(found: list[_Found], y: Labels) -> bool:
    """Whether one wiring is so much better than the next that no further one need be tried."""
    if not found:
        return False
    found = sorted(found, key=lambda one: -one.accuracy)
    other = next((one for one in found if one.wiring != found[0].wiring), None)
    if other is None:
        return False
    luck, lead = doubts([found[0].right, other.right], len(found), len(found), _chance(y))
    return max(luck, lead) < _BEYOND


def _chance(y: Labels) -> float:
    return max(ints(np.bincount(y))) / len(y)


def _ways(file: File, x: NDArray[Any]) -> dict[int, list[Reading]]:
    """Ways to read the rows, by the number of bits they give."""
    told, bits = file.told, file.config.bits
    ways: dict[int, list[Reading]] = {}
    for one in readings(x, told.inputs, told.input):
        one.binarisation.one_hot(one.features)  # refuses groups that do not add up
        if told.inputs is not None or bits in (None, one.bits):
            ways.setdefault(one.bits, []).append(one)
    if not ways:
        has = " or ".join(f"{rows.shape[1]}" for _, rows in cuts(x))
        wanted = f"{bits} bits" if told.inputs is None else f"{told.inputs}"
        raise InputError(
            f"a row of the data has {has} numbers, the model reads {wanted}",
            where="--data",
            hint="bring the rows into the form in which the model was trained",
        )
    return ways


def _heads(file: File, y: Labels) -> Iterator[_Head]:
    options = file.options
    if not file.weights:
        raise InputError("an empty network: no layer of gates", where=file.where)
    outputs, least = len(file.weights[-1][1]), int(y.max()) + 1
    classes = options.classes
    if classes is None:
        fitting = (k for k in range(max(least, 2), outputs + 1) if outputs % k == 0)
        classes = next(fitting, 0)
    if classes < least or outputs % classes:
        raise InputError(
            f"{outputs} outputs do not fall into equal groups for labels up to {least - 1}",
            where=file.where,
            hint="do data and model belong together?",
        )
    light = any(weights.shape[1] == 4 for _, weights in file.weights)
    kinds = [options.parametrisation] if options.parametrisation or not light else list(LIGHT)
    for kind in kinds:
        tables = (tables_of(weights, kind, f"{file.where}: layer {prefix}")
                  for prefix, weights in file.weights)  # fmt: skip
        yield _Head(classes, kind, tuple(tables))


def _weighed(file: File, found: list[_Found], y: Labels) -> Search:
    """The best wirings on more rows."""
    found.sort(key=lambda one: -one.accuracy)
    wirings: dict[tuple[Replay, int], list[_Found]] = {}
    for one in found:
        wirings.setdefault(one.wiring, []).append(one)
    measured: list[list[tuple[Trial, Bools, int]]] = []
    for (replay, bits), group in list(wirings.items())[:_KEPT]:
        pairs = file.pairs(replay, bits)
        checked = dataclasses.replace(replay, check=file.fingerprint(pairs))
        ways: list[tuple[Trial, Bools, int]] = []
        for one in group:
            right = one.head.right(pairs, one.reading.planes(), y)
            ways.append((_trial(file, checked, one, float(right.mean())), right, one.place))
        measured.append(sorted(ways, key=lambda way: -way[0].accuracy))
    measured.sort(key=lambda ways: -ways[0][0].accuracy)
    best, same = [ways[0] for ways in measured], [way[0] for way in measured[0][1:]]
    return search_of([way[:2] for way in best], same, len(found), best[0][2], _chance(y))


def _trial(file: File, replay: Replay, one: _Found, accuracy: float) -> Trial:
    options = {
        "wiring": str(replay),
        "inputs": one.reading.features,
        "input": one.reading.binarisation.text,
        "classes": one.head.classes,
        "parametrisation": one.head.parametrisation,
        "tau": file.options.tau,
    }
    said = {name: value for name, value in options.items() if value is not None}
    return Trial(said, one.reading.cut, accuracy)
