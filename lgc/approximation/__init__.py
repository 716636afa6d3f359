"""Smaller models that are not exact: nets that differ on few samples are merged.

In steps of rising tolerance, nets that differ on at most that share of the training part are
tried as stand-ins for one another, the most alike first. Each is tried on the class scores of the
whole training part and stays only if no more is lost there than allowed. The held-back part is
looked at after each step and decides nothing but when to stop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from ..chain import Chain, annotate, provenance, read_chain
from ..dialect import CircuitOp, NetlistAttr
from ..errors import InputError, UnsupportedError, UsageError
from ..evaluation import Planes
from ..inputs import PackedBits, rows
from ..netlist import Netlist
from ..sharing import sweep
from ..surgery import keep, live_gates
from .candidates import pairs_alike
from .greedy import Task, merge

STEPS = (0.0, 0.2, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 16.0, 20.0, 25.0)
"""Tolerances, in percent of the training part."""

PATIENCE = 2
"""So many steps in a row over the budget end the search: one may be bad luck."""

MEMORY = 1 << 29
"""Bytes of planes of all nets held at once; of more training rows the first so many are used."""


@dataclass(frozen=True, eq=False)
class Labelled:
    """Samples and their classes: ``x`` as a model is fed, ``y`` int64 ``(n,)``."""

    x: NDArray[Any] | PackedBits
    y: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.y)

    def take(self, which: NDArray[np.int64]) -> Labelled:
        """Some of the rows."""
        if isinstance(self.x, PackedBits):
            return Labelled(PackedBits(self.x.data[which], self.x.width), self.y[which])
        return Labelled(self.x[which], self.y[which])


@dataclass(frozen=True)
class Options:
    """How much may be lost.

    Attributes:
        budget: percentage points of accuracy on the held-back part.
        tolerance: percent of the training part on which nets that are merged may differ.
        margin: a merge must not make the right class of any sample lead by less than this, in
            class scores, unless others gain as much; by default twice GroupSum's tau.
        seed: of the words of planes that are compared first.
    """

    budget: float = 0.1
    tolerance: float = STEPS[-1]
    margin: int | None = None
    seed: int = 0

    def verify(self, where: str) -> None:
        """Refuse numbers that make no sense.

        Raises:
            UsageError: one of them.
        """
        if not 0 <= self.budget <= 100:
            raise UsageError(f"a budget is 0 to 100 points, not {self.budget:g}", where=where)
        if not 0 <= self.tolerance <= 50:
            raise UsageError(f"a tolerance is 0 to 50 %, not {self.tolerance:g}", where=where)
        if self.margin is not None and self.margin < 0:
            raise UsageError(f"a margin cannot be {self.margin}", where=where)


@dataclass(frozen=True)
class Point:
    """One step: tolerance in percent, gates, accuracy on both parts (0 to 1)."""

    tolerance: float
    gates: int
    training: float
    held_back: float


@dataclass(frozen=True, eq=False)
class Curve:
    """What was tried.

    Attributes:
        start: the model as it was, tolerance 0.
        points: the steps.
        kept: number of steps up to the result, the last one within the budget.
        least: accuracy on the held-back part below which a step is over the budget.
        training, held_back: rows of both parts.
    """

    start: Point
    points: tuple[Point, ...]
    kept: int
    least: float
    training: int
    held_back: int

    @property
    def result(self) -> Point:
        """What the model is now."""
        return self.points[self.kept - 1] if self.kept else self.start


def split(data: Labelled, percent: float, seed: int) -> tuple[Labelled, Labelled]:
    """A training part and a held-back part of ``percent``, drawn at random.

    Raises:
        UsageError: one of the parts would be empty.
    """
    held = round(len(data) * percent / 100)
    if not 0 < held < len(data):
        raise UsageError(
            f"{percent:g} % of {len(data):,} rows leave a part empty",
            hint="both parts need rows: give more data, or another share to hold back",
        )
    order = np.random.default_rng(seed).permutation(len(data))
    return data.take(order[held:]), data.take(order[:held])


def approximate(
    module: ModuleOp,
    training: Labelled,
    held_back: Labelled,
    options: Options,
    tell: Callable[[Point], None] | None = None,
) -> Curve:
    """Make a model smaller, in place, and write into it what was lost.

    Args:
        tell: called after each step.

    Raises:
        UnsupportedError: it is not one circuit with class sums.
        InputError: labels that name no class, or data of another width.
    """
    chain = read_chain(module)
    stage = chain.stages[0] if len(chain.stages) == 1 else None
    if chain.group_sum is None or not isinstance(stage, CircuitOp):
        raise UnsupportedError(
            "approximation needs one circuit that ends in class sums",
            where="approximate",
            hint="fuse-layers joins the circuits of a model",
        )
    net = stage.net.data
    fitting = max(64, MEMORY * 8 // (net.nets + 1))
    training = training.take(np.arange(min(fitting, len(training))))
    search = _Search(chain, training, held_back, options)
    start = search.point(0.0, net)
    least = start.held_back - options.budget / 100 - 1e-12
    points: list[Point] = []
    kept, best = 0, net
    for tolerance in _steps(options.tolerance):
        net = search.step(net, tolerance)
        points.append(search.point(tolerance, net))
        if tell is not None:
            tell(points[-1])
        if points[-1].held_back >= least:
            kept, best = len(points), net
        if len(points) == kept + PATIENCE:
            break
    curve = Curve(start, tuple(points), kept, least, len(training), len(held_back))
    if curve.result.gates < start.gates:
        stage.net = NetlistAttr(best)
        told = _account(curve, options, search.margin)
        before = provenance(module).get("approximate")
        annotate(module, "approximate", f"{before}; then {told}" if before else told)
    return curve


def _steps(most: float) -> list[float]:
    return [*(step for step in STEPS if step < most), most]


def _account(curve: Curve, options: Options, margin: int) -> str:
    """What was done and measured, in a line."""
    a, b = curve.start, curve.result
    return (
        f"{a.gates:,} to {b.gates:,} gates; accuracy on {curve.training:,} training rows "
        f"{a.training:.2%} to {b.training:.2%}, on {curve.held_back:,} rows held back "
        f"{a.held_back:.2%} to {b.held_back:.2%}; nets merged that differ on at most "
        f"{b.tolerance:g} % of training rows, budget {options.budget:g} points, margin {margin}, "
        f"seed {options.seed}"
    )


class _Search:
    """The data as planes, and the steps."""

    def __init__(
        self, chain: Chain, training: Labelled, held_back: Labelled, options: Options
    ) -> None:
        sums = chain.group_sum
        assert sums is not None
        self.seed = options.seed
        twice = round(2 * sums.tau.value.data)
        self.margin = twice if options.margin is None else options.margin
        self.tasks: list[Task] = []
        self.planes: list[Planes] = []
        for name, part in (("training", training), ("held-back", held_back)):
            if len(part) and not 0 <= part.y.min() <= part.y.max() < sums.classes:
                raise InputError(
                    f"labels go from {part.y.min()} to {part.y.max()}, "
                    f"the model has {sums.classes} classes",
                    where=f"{name} data",
                )
            self.tasks.append(
                Task(
                    sums.groups().astype(np.int64),
                    sums.weights().astype(np.int64),
                    sums.offsets().astype(np.int64),
                    part.y,
                )
            )
            x = part.x if isinstance(part.x, PackedBits) else rows(part.x, chain.features)
            self.planes.append(chain.encoding.planes(x))

    def point(self, tolerance: float, net: Netlist) -> Point:
        right = [
            float((task.scores(net.evaluate(planes)).argmax(axis=1) == task.label).mean())
            for task, planes in zip(self.tasks, self.planes)
        ]
        return Point(tolerance, net.gates, *right)

    def step(self, net: Netlist, tolerance: float) -> Netlist:
        """The netlist with what is alike merged."""
        task = self.tasks[0]
        samples = len(task.label)
        value = _all_planes(net, self.planes[0], samples)
        most = int(samples * tolerance / 100)
        pairs = pairs_alike(net, value, samples, most, self.seed)
        swept = sweep(merge(net, value, task, pairs, self.margin), share=True)
        return keep(swept, live_gates(swept))


def _all_planes(net: Netlist, planes: Planes, samples: int) -> Planes:
    """Planes of all nets and of the constant 0; bits behind the last sample are 0."""
    table = np.append(net.table, np.uint64(0))
    fanin = np.append(net.fanin, np.zeros((1, net.k), np.int32), axis=0)
    value = Netlist(net.inputs, table, fanin, np.arange(net.nets + 1)).evaluate(planes)
    if samples % 64:
        value[:, -1] &= np.uint64((1 << samples % 64) - 1)
    return value


__all__ = ["Curve", "Labelled", "Options", "Point", "approximate", "split"]
