"""What docs/idea.md measures: networks trained on scikit-learn's digits, and one on eight rows.

The result is plain values, which go to a JSON file; pictures are drawn from it alone. The test rows
decide nothing here: no training is stopped or chosen by them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn import Sequential
from torch.nn.functional import cross_entropy

import lgc
from lgc import nn
from lgc.chain import read_chain
from lgc.dialect import CircuitOp
from lgc.netlist import Netlist
from lgc.nn.logics import LOGICS
from lgc.nn.parametrizations import PARAMETRIZATIONS
from lgc.training.datasets import digits

Trained = tuple[Sequential, list[tuple[float, float]], list[np.ndarray]]

INITS = ("normal", "residual")
SELECTED = ("s", "a", "b")
"""Inputs of the small network, which learns s ? a : b."""


@dataclass(frozen=True)
class Settings:
    """How much is trained.

    Attributes:
        rate: of Adam, constant.
        seeds: trainings of each row of the comparison.
        deep: layers of the network whose values are looked at before it is trained.
        small, steps: gates of a layer, and steps, of the network that learns eight rows.
        rules, logics: the rows of the comparison.
    """

    layers: int = 4
    width: int = 1000
    epochs: int = 40
    rate: float = 0.03
    tau: float = 10.0
    batch: int = 128
    seeds: int = 3
    deep: int = 8
    small: int = 8
    steps: int = 200
    rules: tuple[str, ...] = tuple(PARAMETRIZATIONS)
    logics: tuple[str, ...] = tuple(LOGICS)


def measure(settings: Settings, tell: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Train everything."""
    torch.set_num_threads(1)
    found: dict[str, Any] = {"settings": vars(settings).copy(), "runs": {}}
    for init in INITS:
        tell(f"training, {init} weights")
        run = train(settings, 0, weight_init=init)
        found["runs"][init] = _described(run)
        if init == "residual":
            found |= {"sums": _sums(run[0]), "compiled": _compiled(run[0])}
    found["spread"] = {init: _spread(settings, init) for init in INITS}
    found["rules"] = {}
    found["logics"] = {}
    for group, argument, names in (
        ("rules", "parametrization", settings.rules),
        ("logics", "logic", settings.logics),
    ):
        for name in names:
            tell(f"training, {argument} {name}")
            options = {argument: name, "weight_init": "residual"}
            found[group][name] = _compared(settings, **options)
    tell("training, eight rows")
    found["small"] = _small(settings)
    return found


def network(settings: Settings, layers: int, seed: int, **options: Any) -> Sequential:
    """Thermometer of three levels, layers of gates, class sums."""
    torch.manual_seed(seed)
    encoder = nn.Thermometer(64, 3, [4, 8, 12])
    widths = [192] + [settings.width] * layers
    made = [nn.LogicLayer(*pair, **options) for pair in itertools.pairwise(widths)]
    return Sequential(encoder, *made, nn.GroupSum(10, settings.tau))


def train(settings: Settings, seed: int, **options: Any) -> Trained:
    """A network, its relaxed and hard accuracy and its distributions, at first and by epochs."""
    data = digits()
    model = network(settings, settings.layers, seed, **options)
    x, y = torch.from_numpy(data.x_train).float(), torch.from_numpy(data.y_train)
    optimizer = torch.optim.Adam(model.parameters(), lr=settings.rate)
    history, chances = [_accuracies(model)], [_chances(model)]
    for _ in range(settings.epochs):
        for rows in torch.randperm(len(x)).split(settings.batch):
            loss = cross_entropy(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        history.append(_accuracies(model))
        chances.append(_chances(model))
    return model, history, chances


def _layers(model: Sequential) -> list[nn.LogicLayer]:
    return [each for each in model if isinstance(each, nn.LogicLayer)]


@torch.no_grad()
def _chances(model: Sequential) -> np.ndarray:
    """Probabilities of the sixteen gates, float32 ``(layers, width, 16)``."""
    return np.stack([layer.probabilities().numpy() for layer in _layers(model)])


@torch.no_grad()
def _accuracies(model: Sequential) -> tuple[float, float]:
    """Relaxed and hard accuracy on the test rows; what gumbel draws leaves no trace."""
    data = digits()
    x, y = torch.from_numpy(data.x_test).float(), torch.from_numpy(data.y_test)
    with torch.random.fork_rng():
        relaxed = (model.train()(x).argmax(1) == y).float().mean().item()
        hard = (model.eval()(x).argmax(1) == y).float().mean().item()
    model.train()
    return round(relaxed, 5), round(hard, 5)


def _described(run: Trained) -> dict[str, Any]:
    _, history, chances = run
    first, last = chances[0], chances[-1]
    sure = [float((each.max(-1) > 0.9).mean()) for each in chances]
    return {
        "history": history,
        "sure": [round(each, 5) for each in sure],
        "before": np.bincount(first.argmax(-1).ravel(), minlength=16).tolist(),
        "after": np.bincount(last.argmax(-1).ravel(), minlength=16).tolist(),
        "neurons": _neurons(np.stack(chances)),
    }


def _neurons(chances: np.ndarray) -> list[dict[str, Any]]:
    """Of the second layer: the surest of those that changed their gate, a middle one, the last.

    By the highest probability, at the end.
    """
    of_layer = chances[:, 1]
    changed = of_layer[0].argmax(-1) != of_layer[-1].argmax(-1)
    order = np.argsort(-of_layer[-1].max(-1), kind="stable")
    chosen = [order[np.argmax(changed[order])], order[len(order) // 2], order[-1]]
    return [
        {"layer": 2, "neuron": int(number), "chances": of_layer[:, number].round(4).tolist()}
        for number in chosen
    ]


@torch.no_grad()
def _spread(settings: Settings, init: str) -> list[float]:
    """Behind each layer of an untrained network: how far the values of a neuron lie apart.

    The mean over neurons of the standard deviation over the training rows.
    """
    model = network(settings, settings.deep, 0, weight_init=init)
    values = torch.from_numpy(digits().x_train).float()
    found: list[float] = []
    for layer in itertools.islice(model, settings.deep + 1):
        values = layer(values)
        found.append(round(float(values.std(0).mean()), 5))
    return found


@torch.no_grad()
def _sums(model: Sequential) -> list[dict[str, Any]]:
    """Class sums of two test images: the widest lead of the right class, and the narrowest."""
    data, head = digits(), model[-1]
    x = torch.from_numpy(data.x_test).float()
    relaxed = (model.train()(x) * head.tau).numpy()
    hard = (model.eval()(x) * head.tau).round().int().numpy()
    ordered = np.sort(hard, axis=1)
    lead = np.where(hard.argmax(1) == data.y_test, ordered[:, -1] - ordered[:, -2], -1)
    chosen = int(lead.argmax()), int(np.where(lead > 0, lead, lead.max()).argmin())
    return [
        {
            "row": row,
            "image": data.x_test[row].tolist(),
            "label": int(data.y_test[row]),
            "relaxed": relaxed[row].astype(float).round(2).tolist(),
            "hard": hard[row].tolist(),
        }
        for row in chosen
    ]


def _compiled(model: Sequential) -> dict[str, Any]:
    """Gates before and after, and what they were."""
    data = digits()
    read = lgc.from_torch(model.eval())
    tables = np.concatenate([layer.tables().numpy() for layer in _layers(model)])
    small = lgc.optimize(read, "O2", check="proof")
    return {
        "trained": len(tables),
        "constants": int(np.isin(tables, (0, 15)).sum()),
        "wires": int(np.isin(tables, (3, 5)).sum()),
        "inverters": int(np.isin(tables, (10, 12)).sum()),
        "O2": small.gates,
        "lut6": lgc.optimize(read, "O3,map-lut{k=6}", check="proof").gates,
        "hard": round(float((lgc.compile(small).predict(data.x_test) == data.y_test).mean()), 5),
    }


def _compared(settings: Settings, **options: Any) -> dict[str, list[float]]:
    """Relaxed and hard accuracy at the end, from each seed."""
    ends = [train(settings, seed, **options)[1][-1] for seed in range(settings.seeds)]
    relaxed, hard = zip(*ends)
    return {"relaxed": list(relaxed), "hard": list(hard)}


def _small(settings: Settings) -> dict[str, Any]:
    """Two layers that learn ``s ? a : b``, and what the compiler makes of them."""
    torch.manual_seed(0)
    x = torch.tensor(list(itertools.product([0.0, 1.0], repeat=3)))
    y = torch.where(x[:, 0] > 0, x[:, 1], x[:, 2]).long()
    size = settings.small
    model = Sequential(nn.LogicLayer(3, size), nn.LogicLayer(size, size), nn.GroupSum(2))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    for _ in range(settings.steps):
        loss = cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    right = (model.eval()(x).argmax(1) == y).float().mean().item()
    read = lgc.from_torch(model)
    stages = {"O0": "O0", "O2": "O2", "class": "O3,lower-sums{to=class},O3"}
    found: dict[str, Any] = {"right": right}
    for name, passes in stages.items():
        made = lgc.optimize(read, passes, check="proof")
        stage = read_chain(made.module).stages[0]
        assert isinstance(stage, CircuitOp)
        found[name] = _as_plain(stage.net.data)
    return found


def _as_plain(net: Netlist) -> dict[str, Any]:
    """A netlist as numbers: tables over the fan-ins of a gate that differ."""
    gates: list[dict[str, Any]] = []
    for table, fanin in zip(net.table.tolist(), net.fanin.tolist()):
        reads = list(dict.fromkeys(fanin))
        bits = [
            table >> (2 ** len(fanin) - 1 - _index(fanin, reads, values)) & 1
            for values in itertools.product([0, 1], repeat=len(reads))
        ]
        gates.append({"reads": reads, "table": int("".join(map(str, bits)), 2)})
    return {"inputs": net.inputs, "gates": gates, "outputs": net.outputs.tolist()}


def _index(fanin: list[int], reads: list[int], values: tuple[int, ...]) -> int:
    """Entry of a table at which the fan-ins have these values."""
    index = 0
    for net in fanin:
        index = 2 * index + values[reads.index(net)]
    return index
