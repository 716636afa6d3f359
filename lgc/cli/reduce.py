"""lgc reduce: shrink a netlist on which something fails."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import CHECK, FILE
from .terminal import busy, say

if TYPE_CHECKING:
    from xdsl.dialects.builtin import ModuleOp

    from ..netlist import Netlist


@click.command("reduce")
@click.argument("file", type=FILE)
@click.option("-p", "--pipeline", help="Passes that fail: they crash or change the function.")
@click.option("--test", metavar="COMMAND", help="Command that exits 0 while the input is worth it.")
@click.option("-o", "--output", type=FILE, required=True, help="IR file for the smallest input.")
@CHECK
def reduce(file: Path, pipeline: str | None, test: str | None, output: Path, check: Any) -> None:
    """Shrink the netlist in FILE while a pipeline fails on it, or while a command exits 0.

    The command gets the name of an IR file as its last argument.

    \b
    lgc reduce crash.mlir -p strash -o small.mlir
    lgc reduce model.mlir --test ./is_wrong.sh -o small.mlir
    """
    from ..dialect import CircuitOp
    from ..driver import as_model
    from ..errors import InputError, UsageError
    from ..files import atomic_write, check_writable
    from ..reduction import reduce_netlist
    from ..surgery import compose
    from ..text import print_module

    if (pipeline is None) == (test is None):
        raise UsageError("give either a pipeline with -p or a command with --test")
    check_writable(output)
    stages = as_model(file).chain.stages
    nets = [stage.net.data for stage in stages if isinstance(stage, CircuitOp)]
    if not nets or len(nets) != len(stages):
        raise InputError("there is no netlist to shrink", where=str(file))
    fails = _pipeline_fails(pipeline, check) if pipeline is not None else _command_holds(str(test))
    net = compose(nets)
    if not fails(net):
        raise InputError(
            "nothing fails on this netlist alone",
            where=str(file),
            hint="is the pipeline, or the command, the one that failed?",
        )
    with busy(f"reducing {net.gates} gates"):
        small = reduce_netlist(net, fails)
    say(f"{net.gates} gates, {len(net.outputs)} outputs -> {small.gates}, {len(small.outputs)}")
    with atomic_write(output) as temporary:
        temporary.write_text(print_module(_module(small)), encoding="utf-8")


def _module(net: Netlist) -> ModuleOp:
    from ..chain import build_module

    return build_module(net.inputs, [net], None, dtype="bool")


def _pipeline_fails(pipeline: str, check: Any) -> Callable[[Netlist], bool]:
    from ..pipeline import parse_pipeline

    passes = parse_pipeline(pipeline)

    def fails(net: Netlist) -> bool:
        try:
            passes.run(_module(net), check=check)
        except Exception:
            return True
        return False

    return fails


def _command_holds(command: str) -> Callable[[Netlist], bool]:
    from ..text import print_module

    def holds(net: Netlist) -> bool:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "candidate.mlir"
            file.write_text(print_module(_module(net)), encoding="utf-8")
            return subprocess.run(f'{command} "{file}"', shell=True, check=False).returncode == 0

    return holds
