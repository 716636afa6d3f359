"""Models that a backend must get right, from one gate to a thousand classes."""

from __future__ import annotations

from functools import cache

import numpy as np
from xdsl.dialects.builtin import ModuleOp

from lgc.chain import Sums, build_module
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist
from lgc.pipeline import parse_pipeline
from lgc.surgery import compose
from tests.support import random_layers


def net(text: str) -> Netlist:
    return parse_netlist(text)


def random_net(inputs: int, gates: int, outputs: int, k: int, seed: int) -> Netlist:
    """Gates that read anything before them."""
    random = np.random.default_rng(seed)
    fanin = [random.integers(0, inputs + gate, k) for gate in range(gates)]
    table = random.integers(0, (1 << (1 << k)) - 1, gates, np.uint64, endpoint=True)
    rows = np.array(fanin, np.int32).reshape(gates, k)
    return Netlist(inputs, table, rows, random.integers(0, inputs + gates, outputs))


def sixteen() -> Netlist:
    """All sixteen gates of the same two inputs."""
    return Netlist(2, np.arange(16), np.tile([0, 1], (16, 1)), np.arange(2, 18))


def chain(length: int) -> Netlist:
    """One gate after the other."""
    fanin = [[0, 1]] + [[g + 1, g % 2] for g in range(1, length)]
    return Netlist(2, [6, *([7, 1, 9] * length)[: length - 1]], fanin, [length + 1, 5])


def opened(module: ModuleOp) -> ModuleOp:
    parse_pipeline("unpack").run(module, check="off")
    return module


def thermometer(features: int, levels: list[float], by_feature: bool, seed: int) -> ModuleOp:
    """Several thresholds a number, only some of them used."""
    each = np.arange(features)
    feature = np.repeat(each, len(levels)) if by_feature else np.tile(each, len(levels))
    level = np.tile(levels, features) if by_feature else np.repeat(levels, features)
    wide = len(feature)
    layers = [random_net(wide, 60, 30, 2, seed)]
    return build_module(features, layers, Sums(3), feature=feature, level=level)


def places(features: int, width: int, sums: Sums | None, *, index: bool = False) -> ModuleOp:
    """The bits of numbers in any order, some of them several times."""
    random = np.random.default_rng(features)
    feature = random.integers(0, features, 2 * features * width)
    place = random.integers(0, width, len(feature))
    outputs = 5 if index else 30
    layers = [random_net(len(feature), 80, outputs, 2, features)]
    dtype = "uint8" if width <= 8 else "float32"
    return build_module(
        features, layers, sums, feature=feature, place=place, dtype=dtype, index=index
    )


def flat(features: int, seed: int = 0) -> ModuleOp:
    return build_module(features, random_layers([50, 40], features, seed), Sums(4, 2.0))


MODELS = {
    "constants only": lambda: build_module(2, [net("in 2; %2 = 0 %0 %1; %3 = 1 %0 %1; out %2 %3")], Sums(2)),
    "one gate": lambda: build_module(2, [net("in 2; %2 = a&~b %0 %1; out %2")], Sums(1)),
    "all sixteen gates, one layer": lambda: build_module(2, [sixteen()], Sums(2)),
    "sixteen classes": lambda: build_module(2, [sixteen()], Sums(16)),
    "one layer": lambda: build_module(8, random_layers([8], 8, 0), Sums(2)),
    "duplicate outputs": lambda: build_module(3, [net("in 3; %3 = a^b %0 %1; out %3 %3 %2 %3 %2 %2")], Sums(2)),
    "outputs that are inputs": lambda: build_module(3, [net("in 3; out %2 %0 %1 %0")], Sums(2)),
    "wires and inverters": lambda: build_module(2, [net("in 2; %2 = ~a %0 %1; %3 = b %0 %1; out %2 %3 %2 %0")], Sums(2)),
    "unused inputs": lambda: build_module(100, [net("in 100; %100 = a|b %3 %97; out %100 %50")], Sums(2)),
    "one class": lambda: build_module(9, random_layers([33], 9, 1), Sums(1, 7.0)),
    "three classes of one": lambda: build_module(9, random_layers([3], 9, 2), Sums(3)),
    "a thousand classes": lambda: build_module(20, random_layers([2000], 20, 3), Sums(1000)),
    "no sums": lambda: build_module(11, random_layers([70], 11, 4), None),
    "no gates at all": lambda: build_module(6, [], Sums(3)),
    "no gates, no sums": lambda: build_module(5, [], None),
    "ties": lambda: build_module(4, [net("in 4; out %0 %1 %0 %1 %2 %3")], Sums(3)),
    "one input": lambda: build_module(1, [net("in 1; %1 = ~a %0 %0; out %0 %1")], Sums(2)),
    "gates of one fan-in": lambda: build_module(5, [random_net(5, 20, 10, 1, 5)], Sums(2)),
    "gates of three fan-ins": lambda: build_module(7, [random_net(7, 80, 20, 3, 6)], Sums(4)),
    "gates of four fan-ins": lambda: build_module(7, [random_net(7, 60, 20, 4, 7)], Sums(4)),
    "gates of six fan-ins": lambda: build_module(9, [random_net(9, 40, 20, 6, 8)], Sums(4)),
    "weights and offsets": lambda: build_module(
        8,
        random_layers([30], 8, 9),
        Sums(3, 1.5, np.arange(30) % 3, np.arange(-12, 18), [-100, 5, 1000]),
    ),
    "all weights zero": lambda: build_module(4, random_layers([6], 4, 1), Sums(2, weight=[0] * 6, offset=[3, 4])),
    "an empty class": lambda: build_module(8, random_layers([10], 8, 10), Sums(4, group=[0, 0, 1, 1, 3, 3, 3, 3, 0, 1])),
    "negative offsets": lambda: build_module(8, random_layers([10], 8, 11), Sums(2, offset=[-7, -3])),
    "a deep chain": lambda: build_module(2, [chain(1000)], Sums(2)),
    "several layers, not fused": lambda: build_module(16, random_layers([200, 150, 100], 16, 12), Sums(10, 10.0)),
    "a wide layer": lambda: build_module(64, random_layers([2000], 64, 13), Sums(10)),
    "fused": lambda: build_module(64, [compose(random_layers([300, 300, 300], 64, 14))], Sums(10)),
    "opened": lambda: opened(build_module(8, random_layers([40], 8, 15), Sums(4))),
    "thermometer, level-major": lambda: thermometer(20, [-1.5, 0.0, 2.5, 300.0], False, 16),
    "thermometer, by feature": lambda: thermometer(70, [0.5, 127.0, 254.0, 255.0], True, 17),
    "infinite levels": lambda: thermometer(5, [-np.inf, 3.0, np.inf], True, 18),
    "bits of bytes": lambda: places(70, 8, Sums(5)),
    "bits of bytes, no sums": lambda: places(3, 8, None),
    "bits of bytes, the class as a number": lambda: places(130, 8, None, index=True),
    "bits of numbers wider than bytes": lambda: places(9, 11, Sums(3)),
    "63 features": lambda: flat(63),
    "64 features": lambda: flat(64),
    "65 features": lambda: flat(65),
    "128 features": lambda: flat(128),
    "200 features": lambda: flat(200),
}  # fmt: skip


@cache
def model(name: str) -> ModuleOp:
    """A model of the corpus; do not change it."""
    return MODELS[name]()


def batch(features: int, rows: int, seed: int = 0) -> np.ndarray:
    """Bytes around the thresholds of the corpus, the extremes included."""
    random = np.random.default_rng(seed)
    values = np.array([0, 0, 1, 1, 2, 3, 126, 127, 128, 254, 255], np.uint8)
    return random.choice(values, (rows, features))
