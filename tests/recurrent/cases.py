"""Random recurrent models, and what they give step by step, computed gate by gate in plain NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from lgc.chain import Sums, build_module
from lgc.netlist import Netlist

Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Machine:
    """A step as a netlist that reads [sample, state] and gives [results, next state]."""

    net: Netlist
    features: int
    initial: Bools
    sums: Sums | None
    module: ModuleOp

    @property
    def state(self) -> int:
        return len(self.initial)

    @property
    def outputs(self) -> int:
        return len(self.net.outputs) - self.state

    def golden(self, x: NDArray[Any], state: Bools | None = None) -> tuple[Bools, Bools]:
        """Last layers bool ``(n, steps, outputs)`` and last states, for ``(n, steps, features)``."""
        now = np.tile(self.initial, (len(x), 1)) if state is None else state
        made: list[Bools] = []
        for step in range(x.shape[1]):
            read = np.concatenate([x[:, step] > 0, now], axis=1)
            both = by_gates(self.net, read)
            made.append(both[:, : self.outputs])
            now = both[:, self.outputs :]
        return np.stack(made, axis=1), now

    def counts(self, bits: Bools) -> NDArray[np.int32]:
        """Sums of equal groups of bits."""
        assert self.sums is not None
        return bits.reshape(*bits.shape[:2], self.sums.classes, -1).sum(axis=3, dtype=np.int32)


def by_gates(net: Netlist, bits: Bools) -> Bools:
    """Evaluate a netlist one gate after another: bool ``(n, inputs)`` to ``(n, outputs)``."""
    nets: list[Bools] = [bits[:, i] for i in range(net.inputs)]
    for table, fanin in zip(net.table.tolist(), net.fanin.tolist()):
        weights = 1 << np.arange(net.k)[::-1]
        index = np.stack([nets[place] for place in fanin], axis=1) @ weights
        values = [table >> ((1 << net.k) - 1 - entry) & 1 for entry in range(1 << net.k)]
        nets.append(np.array(values, np.bool_)[index])
    return np.stack([nets[place] for place in net.outputs.tolist()], axis=1)


def random_machine(
    seed: int, features: int, state: int, *, gates: int = 300, classes: int = 0, each: int = 7
) -> Machine:
    """A random step; some outputs are inputs, as in a shift register."""
    random = np.random.default_rng(seed)
    inputs, outputs = features + state, max(classes, 1) * each
    reach = inputs + np.arange(gates)
    net = Netlist(
        inputs,
        random.integers(0, 16, gates),
        np.stack([random.integers(0, reach), random.integers(0, reach)], axis=1),
        random.integers(max(0, inputs - 4), inputs + gates, outputs + state),
    )
    initial = random.random(state) < 0.5
    sums = Sums(classes, 2.0) if classes else None
    module = build_module(features, [net], sums, dtype="uint8", initial=initial)
    return Machine(net, features, initial, sums, module)


def sequences(machine: Machine, n: int, steps: int, seed: int = 0) -> NDArray[np.uint8]:
    """Random 0s and 1s, uint8 ``(n, steps, features)``."""
    shape = n, steps, machine.features
    return np.random.default_rng(seed).integers(0, 2, shape, np.uint8)
