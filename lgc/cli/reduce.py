"""lgc reduce: shrink a netlist on which something fails."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from .options import CHECK, FILE
from .terminal import busy, say

if TYPE_CHECKING:
    from xdsl.dialects.builtin import ModuleOp

    from ..chain import Chain
    from ..reduction import Case


@click.command("reduce")
@click.argument("file", type=FILE)
@click.option("-p", "--pipeline", help="Passes that fail: they crash or change the function.")
@click.option("--test", metavar="COMMAND", help="Command that exits 0 while the input is worth it.")
@click.option("-o", "--output", type=FILE, required=True, help="IR file for the smallest input.")
@CHECK
def reduce(file: Path, pipeline: str | None, test: str | None, output: Path, check: Any) -> None:
    """Shrink the netlist in FILE while a pipeline fails on it, or while a command exits 0.

    The command gets the name of an IR file as its last argument. What the model promises about its
    inputs, thresholds and one-hot groups, is kept where nothing fails without it.

    \b
    lgc reduce crash.mlir -p strash -o small.mlir
    lgc reduce model.mlir --test ./is_wrong.sh -o small.mlir
    """
    from ..dialect import CircuitOp
    from ..driver import as_model
    from ..errors import InputError, UsageError
    from ..files import atomic_write, check_writable
    from ..reduction import Case, reduce_case
    from ..surgery import compose
    from ..text import print_module

    if (pipeline is None) == (test is None):
        raise UsageError("give either a pipeline with -p or a command with --test")
    check_writable(output)
    chain = as_model(file).chain
    nets = [stage.net.data for stage in chain.stages if isinstance(stage, CircuitOp)]
    if not nets or len(nets) != len(chain.stages):
        raise InputError("there is no netlist to shrink", where=str(file))
    fails = _pipeline_fails(pipeline, check) if pipeline is not None else _command_holds(str(test))
    case = Case(compose(nets), *_promises(chain))
    if not fails(case):
        raise InputError(
            "nothing fails on this netlist alone",
            where=str(file),
            hint="is the pipeline, or the command, the one that failed?",
        )
    with busy(f"reducing {case.net.gates} gates"):
        small = reduce_case(case, fails)
    say(_shrunk(case, small))
    with atomic_write(output) as temporary:
        temporary.write_text(print_module(_module(small)), encoding="utf-8")


def _promises(chain: Chain) -> tuple[str, Any, Any, Any]:
    """What a case is besides its netlist; a bit of a number counts as a number of its own."""
    place = chain.encoding.place
    if place is None:
        return chain.dtype, chain.feature, chain.level, chain.one_hot
    _, own = np.unique([chain.feature, place], axis=1, return_inverse=True)
    none = np.full(int(own.max()) + 1, -1, np.int32)
    return "bool", own.ravel().astype(np.int32), np.zeros(chain.bits, np.float32), none


def _shrunk(case: Case, small: Case) -> str:
    (gates, outputs, promises), after = (
        (one.net.gates, len(one.net.outputs), int(one.promising.sum())) for one in (case, small)
    )
    if promises:
        said = ", ".join(map(str, after))
        return f"{gates} gates, {outputs} outputs, {promises} inputs with promises -> {said}"
    return f"{gates} gates, {outputs} outputs -> {after[0]}, {after[1]}"


def _module(case: Case) -> ModuleOp:
    from ..chain import build_module

    return build_module(
        case.features,
        [case.net],
        None,
        dtype=case.dtype,
        feature=case.feature,
        level=case.level,
        one_hot=case.one_hot if (case.one_hot >= 0).any() else None,
    )


def _pipeline_fails(pipeline: str, check: Any) -> Callable[[Case], bool]:
    from ..pipeline import parse_pipeline

    passes = parse_pipeline(pipeline)

    def fails(case: Case) -> bool:
        try:
            passes.run(_module(case), check=check)
        except Exception:
            return True
        return False

    return fails


def _command_holds(command: str) -> Callable[[Case], bool]:
    from ..text import print_module

    def holds(case: Case) -> bool:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "candidate.mlir"
            file.write_text(print_module(_module(case)), encoding="utf-8")
            return subprocess.run(f'{command} "{file}"', shell=True, check=False).returncode == 0

    return holds
