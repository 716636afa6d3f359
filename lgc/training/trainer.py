"""The training loop: Adam on rows of bits, evaluations of the relaxed and the hard network.

The order of the rows of an epoch is drawn from the seed and the number of the epoch, the learning
rate is a function of the step, and everything else that a step depends on is in the checkpoint:
weights, moments of Adam, torch's generator, the best weights so far. So a training that goes on
from a checkpoint ends with the weights that it would have had, bit for bit.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import UsageError
from ..extras import extra
from .building import resolved
from .checkpoints import State, read_state, write_state
from .datasets import DataSet, stratified
from .feeding import Rows, Shift, rows_for
from .recipe import Recipe

_LOOKED_AT = 10_000
"""Training rows, at most, that evaluations look at where none are held back."""


@dataclass(frozen=True)
class Progress:
    """An evaluation.

    Attributes:
        epoch: whole epochs that are done, of `Recipe.epochs`.
        step, steps: steps that are done, of how many.
        loss: mean over the steps since the last evaluation.
        relaxed, hard: accuracy of the relaxed and of the hard network on the held-back rows, or
            on training rows where none are held back.
        seconds: of training until now, evaluations included.
    """

    epoch: int
    step: int
    steps: int
    loss: float
    relaxed: float
    hard: float
    seconds: float

    @property
    def gap(self) -> float:
        """What the choice of one gate each costs."""
        return self.relaxed - self.hard


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained network.

    Attributes:
        model: a torch module in eval mode, which `lgc.compile` takes.
        recipe: with ``input`` as it was for these data.
        history: all evaluations.
        best: the one whose weights the model has.
    """

    model: Any
    recipe: Recipe
    history: tuple[Progress, ...]
    best: Progress


class StoppedError(Exception):
    """The training was asked to stop.

    Attributes:
        checkpoint: where it can go on from, if it was told where to write.
    """

    def __init__(self, checkpoint: Path | None, step: int) -> None:
        super().__init__(checkpoint, step)
        self.checkpoint = checkpoint
        self.step = step


def train(
    recipe: Recipe,
    data: DataSet,
    *,
    report: Callable[[Progress], None] | None = None,
    tick: Callable[[int, int, float], None] | None = None,
    stop: Callable[[], bool] | None = None,
    resume: Path | None = None,
    checkpoint: Path | None = None,
    spare: Path | None = None,
    device: str = "cpu",
) -> Trained:
    """Train a network.

    Args:
        report: is told of every evaluation; what it raises ends the training.
        tick: is told of every step: steps done, of how many, loss.
        stop: is asked after every step; True writes a checkpoint and raises `StoppedError`.
        resume: a checkpoint of the same recipe and data, from which to go on.
        checkpoint: file that is written at every evaluation and when it is stopped.
        spare: file that is written when it is stopped, if there is no ``checkpoint``.
        device: where to train, as torch calls it.

    Raises:
        InputError: the checkpoint is of something else.
        UsageError: the recipe does not suit the data, or there is no such device.
        StoppedError: ``stop`` said so.
    """
    torch = extra("torch", "nn")
    recipe = resolved(recipe, data)
    if device != "cpu" and not (device.startswith("cuda") and torch.cuda.is_available()):
        raise UsageError(
            f"torch finds no {device!r} here", where="device", hint="cpu, or cuda with a GPU"
        )
    with _own_torch(torch, recipe.seed, device):
        run = _Run(recipe, data, device)
        if resume is not None:
            run.restore(read_state(resume, recipe, data, device))
        return run.go(report, tick, stop, checkpoint, spare)


@contextmanager
def _own_torch(torch: Any, seed: int, device: str) -> Generator[None]:
    """torch begins with the seed and works on one thread; afterwards all is as it was.

    Layers of gates have threads of their own. What is left to torch is small, its threads wait for
    one another by spinning, which takes ten times as long where anything else runs, and its sums
    would depend on how many there are.
    """
    devices = [torch.device(device)] if device.startswith("cuda") else []
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=devices):
            torch.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(threads)


class _Run:
    """A training under way."""

    def __init__(self, recipe: Recipe, data: DataSet, device: str) -> None:
        torch = extra("torch", "nn")
        self.torch, self.recipe, self.data, self.device = torch, recipe, data, device
        self.model = recipe.build(data).to(device)
        kept, held = _split(data.y_train, recipe)
        x, y = data.x_train, data.y_train
        shift = Shift(data.shape, recipe.shift) if recipe.shift else None
        self.training, self.network = rows_for(self.model, x[kept], y[kept], shift)
        looked_at = held if len(held) else kept[:_LOOKED_AT]
        self.held, self.seeing = rows_for(self.model, x[looked_at], y[looked_at])
        self.optimizer = _adam(torch, self.model, recipe)
        self.rates = [group["lr"] for group in self.optimizer.param_groups]
        self.each = math.ceil(len(self.training) / recipe.batch)
        self.steps = self.each * recipe.epochs
        self.step, self.loss, self.losses, self.waited = 0, 0.0, 0, 0
        self.history: list[Progress] = []
        self.best: Progress | None = None
        self.best_weights: dict[str, Any] | None = None
        self.before, self.began = 0.0, time.monotonic()

    def go(
        self,
        report: Callable[[Progress], None] | None,
        tick: Callable[[int, int, float], None] | None,
        stop: Callable[[], bool] | None,
        checkpoint: Path | None,
        spare: Path | None,
    ) -> Trained:
        """All steps that are left."""
        order, epoch = np.empty(0, np.int64), -1
        self.model.train()
        while self.step < self.steps and not self._waited_enough():
            if epoch != self.step // self.each:
                epoch = self.step // self.each
                order = np.random.default_rng([self.recipe.seed, epoch]).permutation(
                    len(self.training)
                )
            at = self.step % self.each * self.recipe.batch
            loss = self._one_step(order[at : at + self.recipe.batch])
            if tick is not None:
                tick(self.step, self.steps, loss)
            if self._is_time():
                found = self._evaluate()
                if checkpoint is not None:
                    write_state(checkpoint, self.state())
                if report is not None:
                    report(found)
            if stop is not None and stop():
                last = checkpoint or spare
                if last is not None:
                    write_state(last, self.state())
                raise StoppedError(last, self.step)
        return self._trained()

    def _one_step(self, chosen: NDArray[np.int64]) -> float:
        for group, rate in zip(self.optimizer.param_groups, self.rates):
            group["lr"] = rate * _share(self.recipe.schedule, self.step / self.steps)
        self.optimizer.zero_grad(set_to_none=True)
        x, y = self.training.batch(chosen, (self.recipe.seed, self.step))
        loss = self.torch.nn.functional.cross_entropy(self.network(x), y)
        (loss + self._penalty()).backward()
        self.optimizer.step()
        self.step += 1
        value = loss.item()
        self.loss, self.losses = self.loss + value, self.losses + 1
        return value

    def _penalty(self) -> Any:
        penalties, total = extra("lgc.nn.penalties", "nn"), 0.0
        if self.recipe.size_penalty:
            total = total + self.recipe.size_penalty * penalties.size(self.network)
        if self.recipe.entropy:
            growing = self.recipe.entropy * self.step / self.steps
            total = total + growing * penalties.entropy(self.network)
        return total

    def _is_time(self) -> bool:
        return self.step == self.steps or self.step % (self.each * self.recipe.evaluate) == 0

    def _waited_enough(self) -> bool:
        return 0 < self.recipe.patience <= self.waited

    def _evaluate(self) -> Progress:
        relaxed = accuracy(self.seeing, self.held)
        self.model.eval()
        hard = accuracy(self.seeing, self.held)
        self.model.train()
        seconds = self.before + time.monotonic() - self.began
        found = Progress(
            self.step // self.each, self.step, self.steps, self.loss / max(self.losses, 1),
            relaxed, hard, seconds,
        )  # fmt: skip
        self.loss, self.losses = 0.0, 0
        self.history.append(found)
        self.waited += 1
        if self.best is None or hard > self.best.hard or not self.recipe.patience:
            self.best, self.waited = found, 0
            if self.recipe.patience:
                self.best_weights = _copied(self.model.state_dict())
        return found

    def _trained(self) -> Trained:
        if self.best_weights is not None:
            self.model.load_state_dict(self.best_weights)
        assert self.best is not None, "the last step is followed by an evaluation"
        return Trained(self.model.cpu().eval(), self.recipe, tuple(self.history), self.best)

    def state(self) -> State:
        """Everything that the steps to come depend on."""
        return State(
            recipe=self.recipe,
            data=self.data.fingerprint(),
            model=self.model.state_dict(),
            optimizer=self.optimizer.state_dict(),
            generators=self._generators(),
            step=self.step,
            loss=(self.loss, self.losses),
            waited=self.waited,
            history=[tuple(vars(each).values()) for each in self.history],
            best=None if self.best is None else self.history.index(self.best),
            best_weights=self.best_weights,
            seconds=self.before + time.monotonic() - self.began,
        )

    def restore(self, state: State) -> None:
        """Go on where another run was."""
        self.model.load_state_dict(state.model)
        self.optimizer.load_state_dict(state.optimizer)
        self.step, (self.loss, self.losses), self.waited = state.step, state.loss, state.waited
        self.history = [Progress(*each) for each in state.history]
        self.best = None if state.best is None else self.history[state.best]
        self.best_weights, self.before = state.best_weights, state.seconds
        self.torch.set_rng_state(state.generators[0])
        if len(state.generators) > 1:
            self.torch.cuda.set_rng_state(state.generators[1], self.device)

    def _generators(self) -> list[Any]:
        found = [self.torch.get_rng_state()]
        if self.device.startswith("cuda"):
            found.append(self.torch.cuda.get_rng_state(self.device))
        return found


def accuracy(network: Any, rows: Rows) -> float:
    """Share of rows whose highest score is that of their class; draws nothing from generators."""
    torch = extra("torch", "nn")
    right = 0
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        for x, y in rows.batches():
            right += int((network(x).argmax(1) == y).sum())
    return right / len(rows)


def _split(y: NDArray[np.int64], recipe: Recipe) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows to learn from, shuffled, and rows that are held back."""
    held = stratified(y, recipe.validation, recipe.seed)
    kept = np.flatnonzero(~held)
    return np.random.default_rng([recipe.seed]).permutation(kept), np.flatnonzero(held)


def _adam(torch: Any, model: Any, recipe: Recipe) -> Any:
    """Adam; thresholds move in the unit of the numbers they are compared with."""
    encoder = model[0]
    thresholds = list(encoder.parameters())
    groups = [{"params": [p for layer in model[1:] for p in layer.parameters()]}]
    if thresholds:
        groups.append({"params": thresholds, "lr": recipe.lr * encoder.softness})
    return torch.optim.Adam(groups, lr=recipe.lr, fused=True)


def _share(schedule: str, done: float) -> float:
    return 1.0 if schedule == "constant" else (1 + math.cos(math.pi * done)) / 2


def _copied(weights: dict[str, Any]) -> dict[str, Any]:
    return {name: value.clone() for name, value in weights.items()}
