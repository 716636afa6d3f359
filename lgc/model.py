"""Model: a module of the `logic` dialect with what a user wants to ask of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from .chain import Chain, Stage, provenance, read_chain
from .dialect import OpenOp
from .errors import UnsupportedError
from .files import atomic_write
from .inputs import PackedBits
from .metrics import gates_by_table, measure
from .netlist import Netlist
from .pipeline import PassStats
from .recurrence import Steps
from .reference import Outcome, run, step
from .streams import What
from .synthesis.inverters import inverters
from .text import print_module


@dataclass(frozen=True, eq=False)
class Model(Steps):
    """A model between a frontend and a backend.

    Attributes:
        module: the xDSL module; printing the model prints it.
        stats: what each pass that ran on it did, oldest first.
    """

    module: ModuleOp
    stats: tuple[PassStats, ...] = ()

    @property
    def chain(self) -> Chain:
        """Its parts in the order in which data passes them.

        Raises:
            UnsupportedError: it is recurrent; who knows what a state is takes `step_chain`.
        """
        return read_chain(self.module)

    @property
    def step_chain(self) -> Chain:
        """The same, of a recurrent model those of one step."""
        return read_chain(self.module, recurrent=True)

    @property
    def gates(self) -> int:
        """Gates in all stages."""
        return self.step_chain.gates

    def evaluate(self, x: Any) -> Outcome:
        """Run the reference interpreter on a batch: exact and slow."""
        return run(self.module, x)

    @property
    def features(self) -> int:
        return self.step_chain.features

    @property
    def classes(self) -> int:
        sums = self.step_chain.group_sum
        return 0 if sums is None else sums.classes

    @property
    def gives_class(self) -> bool:
        return self.classes > 0 or self.step_chain.index

    @property
    def initial(self) -> NDArray[np.bool_]:
        return self.step_chain.initial

    @property
    def own_bits(self) -> int:
        return self.step_chain.own_bits

    def run_steps(
        self,
        x: NDArray[Any],
        packed: bool,
        state: NDArray[np.uint8],
        what: What,
        threads: int | None,
    ) -> tuple[NDArray[Any], NDArray[np.uint8]]:
        chain, found = self.step_chain, PackedBits(state, len(self.initial)).unpack()
        values: list[NDArray[Any]] = []
        for place in range(x.shape[1]):
            now = x[:, place]
            batch = PackedBits(np.ascontiguousarray(now), chain.own_bits) if packed else now
            outcome = step(self.module, batch, found)
            assert outcome.state is not None
            values.append(_result(outcome, what, chain))
            found = outcome.state
        return np.stack(values), np.packbits(found, axis=1)

    def save(self, path: str | Path) -> None:
        """Write the IR text, whole or not at all."""
        with atomic_write(Path(path)) as temporary:
            temporary.write_text(str(self), encoding="utf-8")

    def __str__(self) -> str:
        return print_module(self.module)

    def __repr__(self) -> str:
        chain = self.step_chain
        classes = chain.group_sum.classes if chain.group_sum is not None else 0
        return f"<Model {chain.features} features, {chain.gates} gates, {classes} classes>"

    def describe(self) -> dict[str, Any]:
        """What `summary` says, for programs: only numbers, text, lists and dictionaries."""
        chain = self.step_chain
        sums = chain.group_sum
        return {
            "features": chain.features,
            "bits": chain.own_bits,
            "state": chain.state,
            "outputs": chain.outputs,
            "classes": 0 if sums is None else sums.classes,
            "tau": None if sums is None else sums.tau.value.data,
            "beta": None if sums is None else sums.shift,
            "stages": [
                {"gate_operations": len(stage.body.block.ops) - 1}
                if isinstance(stage, OpenOp)
                else figures(stage.net.data)
                for stage in chain.stages
            ],
            "provenance": provenance(self.module),
        }

    def summary(self) -> str:
        """A few lines a person reads: sizes, stages, sums, origin."""
        chain = self.step_chain
        lines = [f"{'input':<14} {chain.features} numbers, {chain.own_bits} bits"]
        if len(groups := np.unique(chain.one_hot[chain.one_hot >= 0])):
            lines[0] += f", {len(groups)} one-hot groups"
        if chain.state:
            ones = int(chain.initial.sum())
            lines.append(f"{'state':<14} {chain.state} bits, of which {ones} start as 1")
        lines += [line for stage in chain.stages for line in _stage(stage)]
        if chain.group_sum is not None:
            sums = chain.group_sum
            lines.append(
                f"{'sums':<14} {chain.outputs} bits into {sums.classes} classes, "
                f"tau {sums.tau.value.data:g}" + (f", beta {sums.shift:g}" if sums.shift else "")
            )
        if chain.index:
            lines.append(f"{'class':<14} a number of {chain.outputs} bits")
        lines += [f"{key:<14} {value}" for key, value in provenance(self.module).items()]
        return "\n".join(lines)


def _result(outcome: Outcome, what: What, chain: Chain) -> NDArray[Any]:
    if what == "bits":
        return outcome.bits
    wanted = outcome.classes if what == "predict" else outcome.counts
    if wanted is None:
        raise UnsupportedError(
            "the model has no class sums, it gives bits only", hint='step(x, state, what="bits")'
        )
    if what == "scores" and chain.group_sum is not None:
        sums = chain.group_sum
        shifted = wanted.astype(np.float32) + np.float32(sums.shift)
        return shifted / np.float32(sums.tau.value.data)
    return wanted


def figures(net: Netlist) -> dict[str, int | None]:
    """What is measured of a netlist; its inverters where no gate is wider than two."""
    found = measure(net)
    return {**asdict(found), "inverters": None if found.wide else inverters(net)}


def _stage(stage: Stage) -> list[str]:
    name = stage.name.removeprefix("logic.")
    if isinstance(stage, OpenOp):
        return [f"{name:<14} {len(stage.body.block.ops) - 1} gate operations"]
    net = stage.net.data
    m = figures(net)
    complemented = "" if m["inverters"] is None else f"{m['inverters']} inverters, "
    lines = [
        f"{name:<14} {m['gates']} gates: {m['and_type']} AND-type, {m['xor_type']} XOR-type, "
        f"{m['wide']} wider, {m['trivial']} trivial; {complemented}depth {m['depth']}, "
        f"fan-out {m['fanout']}, {m['used_inputs']} of {m['inputs']} inputs used, "
        f"{m['live_nets']} nets live at once"
    ]
    tables = ", ".join(f"{text} {count}" for text, count in gates_by_table(net).items())
    return lines + ([f"{'':<14} {tables}"] if tables else [])
