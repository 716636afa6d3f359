"""Model: a module of the `logic` dialect with what a user wants to ask of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from xdsl.dialects.builtin import ModuleOp

from .chain import Chain, Stage, provenance, read_chain
from .dialect import OpenOp
from .files import atomic_write
from .metrics import gates_by_table, measure
from .netlist import Netlist
from .pipeline import PassStats
from .reference import Outcome, run
from .synthesis.inverters import inverters
from .text import print_module


@dataclass(frozen=True, eq=False)
class Model:
    """A model between a frontend and a backend.

    Attributes:
        module: the xDSL module; printing the model prints it.
        stats: what each pass that ran on it did, oldest first.
    """

    module: ModuleOp
    stats: tuple[PassStats, ...] = ()

    @property
    def chain(self) -> Chain:
        """Its parts in the order in which data passes them."""
        return read_chain(self.module)

    @property
    def gates(self) -> int:
        """Gates in all stages."""
        return self.chain.gates

    def evaluate(self, x: Any) -> Outcome:
        """Run the reference interpreter on a batch: exact and slow."""
        return run(self.module, x)

    def save(self, path: str | Path) -> None:
        """Write the IR text, whole or not at all."""
        with atomic_write(Path(path)) as temporary:
            temporary.write_text(str(self), encoding="utf-8")

    def __str__(self) -> str:
        return print_module(self.module)

    def __repr__(self) -> str:
        chain = self.chain
        classes = chain.group_sum.classes if chain.group_sum is not None else 0
        return f"<Model {chain.features} features, {chain.gates} gates, {classes} classes>"

    def describe(self) -> dict[str, Any]:
        """What `summary` says, for programs: only numbers, text, lists and dictionaries."""
        chain = self.chain
        sums = chain.group_sum
        return {
            "features": chain.features,
            "bits": chain.bits,
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
        chain = self.chain
        lines = [f"{'input':<14} {chain.features} numbers, {chain.bits} bits"]
        if len(groups := np.unique(chain.one_hot[chain.one_hot >= 0])):
            lines[0] += f", {len(groups)} one-hot groups"
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
