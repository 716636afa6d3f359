"""Rounds of a search: a batch of training rows, every gate visited, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ..approximation import Labelled
from ..approximation.greedy import Task
from ..chain import Chain
from ..errors import InputError, UsageError
from ..evaluation import Planes
from ..inputs import PackedBits, rows
from ..netlist import Netlist
from ..sharing import sweep
from ..surgery import keep, live_gates
from .costs import UNIT, costs, curve_of
from .sampling import draw_batch
from .search import Search, widest

Ints = NDArray[np.int64]
Goal = Literal["accuracy", "size"]

VISITS = 128
"""Gates visited between two reports."""

MEMORY = 1 << 31
"""Bytes of planes of all nets held at once; a batch is no larger than fits."""

SPENT = 4
"""For size, a gate may cost so many times what could be spent on each gate."""


@dataclass(frozen=True)
class Options:
    """How to search.

    Attributes:
        goal: ``accuracy``, or ``size`` at no loss of training accuracy.
        rounds: most of them; in each, every gate is visited once.
        patience: so many rounds without a better result end the search.
        batch: training rows that a round looks at.
        wires: nets tried as other fan-ins, each visit.
        temperature: of the cost; by default GroupSum's tau.
        seed: of batches, of the order of gates, and of wires.
    """

    goal: Goal = "accuracy"
    rounds: int = 20
    patience: int = 5
    batch: int = 16384
    wires: int = 64
    temperature: float | None = None
    seed: int = 0

    def verify(self, where: str) -> None:
        """Refuse what makes no sense.

        Raises:
            UsageError: something does not.
        """
        if self.goal not in get_args(Goal):
            raise UsageError(
                f"{self.goal!r} is no goal", where=where, hint=f"one of {', '.join(get_args(Goal))}"
            )
        for name, least in (("rounds", 1), ("patience", 1), ("batch", 1), ("wires", 0)):
            if getattr(self, name) < least:
                raise UsageError(
                    f"{name} must be at least {least}, not {getattr(self, name)}", where=where
                )
        if self.temperature is not None and not 0 < self.temperature < 1e6:
            raise UsageError(
                f"a temperature is a positive number, not {self.temperature:g}", where=where
            )


@dataclass(frozen=True)
class Round:
    """The network after a round; number 0 is what it was.

    Attributes:
        gates: swept, as ``-O2`` leaves them.
        changes: gates changed in this round.
        training, held_back: accuracy, 0 to 1; nothing held back is NaN.
        loss, held_back_loss: mean cost of a row.
    """

    number: int
    gates: int
    changes: int
    training: float
    loss: float
    held_back: float
    held_back_loss: float


@dataclass(frozen=True, eq=False)
class Part:
    """Labelled rows, as planes."""

    task: Task
    planes: Planes
    curve: Ints

    def measure(self, net: Netlist) -> tuple[float, Ints]:
        """Accuracy, and what each row costs."""
        scores = self.task.scores(net.evaluate(self.planes))
        right = scores.argmax(axis=1) == self.task.label
        return float(right.mean()), costs(scores, self.task.label, self.curve)


class Rounds:
    """The data, and the netlist that `step` improves.

    Attributes:
        net: the netlist now.
        now: what is known of it.
        tried: candidates measured so far.
        seconds: time spent on visits so far.
    """

    def __init__(
        self, net: Netlist, chain: Chain, training: Labelled, held_back: Labelled, options: Options
    ) -> None:
        sums = chain.group_sum
        assert sums is not None
        self.net, self.chain, self.data, self.options = net, chain, training, options
        self.temperature = options.temperature or float(sums.tau.value.data)
        self.random = np.random.default_rng(options.seed)
        self.tried, self.seconds = 0, 0.0
        self.training = self._part(training, "training")
        self.held_back = self._part(held_back, "held-back") if len(held_back) else None
        self.now, self.cost = self._measured(0, 0)
        self.start = self.cost.sum()

    def _part(self, data: Labelled, name: str) -> Part:
        sums = self.chain.group_sum
        assert sums is not None
        if not 0 <= data.y.min() <= data.y.max() < sums.classes:
            raise InputError(
                f"labels go from {data.y.min()} to {data.y.max()}, "
                f"the model has {sums.classes} classes",
                where=f"{name} data",
            )
        task = Task(
            sums.groups().astype(np.int64),
            sums.weights().astype(np.int64),
            sums.offsets().astype(np.int64),
            data.y,
        )
        return Part(task, self._planes(data), curve_of(self.temperature, widest(task)))

    def _planes(self, data: Labelled) -> Planes:
        x = data.x if isinstance(data.x, PackedBits) else rows(data.x, self.chain.features)
        return self.chain.encoding.planes(x)

    def _measured(self, number: int, changes: int) -> tuple[Round, Ints]:
        accuracy, cost = self.training.measure(self.net)
        held, held_loss = float("nan"), float("nan")
        if self.held_back is not None:
            held, held_cost = self.held_back.measure(self.net)
            held_loss = float(held_cost.mean()) / UNIT
        loss = float(cost.mean()) / UNIT
        now = Round(number, self.net.gates, changes, accuracy, loss, held, held_loss)
        return now, cost

    def step(self, report: Callable[[int, int], None] | None = None) -> Round:
        """One round; ``report`` is told how many visits are done, of how many."""
        size = min(self.options.batch, max(64, MEMORY * 4 // (self.net.nets + 1)))
        chosen, stands = draw_batch(self.cost, size, self.random)
        part = self.data.take(chosen)
        task = replace(self.training.task, label=part.y)
        search = Search(self.net, task, self._planes(part), stands, self.temperature)
        shrinking = self.options.goal == "size"
        visits = search.gates * (1 + shrinking)
        began = time.perf_counter()
        for done, gates, wires in self._visits(search):
            search.improve(gates, wires)
            if report is not None:
                report(done, visits)
        if shrinking:
            room = int(self.start - self.cost.sum()) + search.saved
            most = SPENT * max(room, 0) // max(search.gates, 1)
            for done, gates, wires in self._visits(search):
                search.shrink(gates, wires, most, room)
                room = int(search.told[4])
                if report is not None:
                    report(search.gates + done, visits)
        self.seconds += time.perf_counter() - began
        self.tried += search.tried
        assert search.predicted == search.saved
        swept = sweep(search.netlist(), share=True)
        self.net = keep(swept, live_gates(swept))
        self.now, self.cost = self._measured(self.now.number + 1, search.changes)
        return self.now

    def _visits(self, search: Search) -> Iterator[tuple[int, Ints, Ints]]:
        """Every gate once, some at a time, and nets to try for them."""
        order = self.random.permutation(search.gates)
        for at in range(0, len(order), VISITS):
            gates = order[at : at + VISITS]
            yield at + len(gates), gates, search.draw(gates, self.options.wires, self.random)
