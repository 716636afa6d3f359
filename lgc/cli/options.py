"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .terminal import busy

if TYPE_CHECKING:
    from ..model import Model

Command = TypeVar("Command", bound=Callable[..., Any])

FILE = click.Path(path_type=Path)

_LOAD = (
    click.option(
        "--wiring",
        metavar="PATH",
        help="File with the connections, if the model lacks them, or how to compute them: "
        "replay:seed=0,prelude=60000,mode=unique,device=cuda.",
    ),
    click.option("--classes", type=int, help="Number of classes (GroupSum's k)."),
    click.option("--tau", type=float, help="GroupSum's divisor."),
    click.option("--inputs", type=int, help="Numbers in one sample."),
    click.option(
        "--input",
        help="Binarisation: bool, round, '>0.5', thermometer:1,2,3, "
        "thermometer-by-feature:1,2,3 or one-hot:3,3,2 (sizes of groups); of circuits also bits:8 "
        "or bits:8,msb, the bits of numbers.",
    ),
    click.option(
        "--head",
        help="What the outputs of a circuit mean: sums, one-hot, index, 'index,msb' or bits.",
    ),
    click.option(
        "--parametrisation",
        help="What the weights of a gate are: sigmoid, linear or sin (difflogic's four), warp or "
        "light (torchlogix), signs or bits (binary neurons).",
    ),
    click.option("--sample-shape", help="Shape of one sample, such as 3,32,32, for convolutions."),
    click.option(
        "--quantise",
        help="Real weights as integers: bits (8) or the largest error of a score (error=0.01); "
        "then ,data=FILE to hear how many predictions that changes.",
    ),
    click.option(
        "--state",
        type=int,
        metavar="N",
        help="Recurrent: the last N bits it reads are fed by the last N bits it gives.",
    ),
    click.option(
        "--initial",
        metavar="BITS",
        help="What a state starts with: 0 or 1 for all of its bits, or one for each.",
    ),
    click.option("--description", type=FILE, help="JSON file with any of the above."),
    click.option("--frontend", help="Frontend by name, instead of a look at the file."),
)

_LOAD_NAMES = (
    "wiring", "classes", "tau", "inputs", "input", "head", "parametrisation", "sample_shape",
    "quantise", "description", "frontend", "state", "initial",
)  # fmt: skip

CHECK = click.option(
    "--check",
    type=click.Choice(["off", "fast", "exhaustive", "proof"]),
    default="fast",
    show_default=True,
    help="How every pass is checked: random vectors, all of up to 16 input bits, or proof by SAT.",
)
SEED = click.option("--seed", type=int, default=0, show_default=True, help="Of random vectors.")


def load_options(command: Command) -> Command:
    """Add what a model file may lack."""
    for option in reversed(_LOAD):
        command = option(command)
    return command


LEVELS = {
    "O0": "Layers joined, nothing else",
    "O1": "Constants, wires and dead gates go",
    "O2": "Twins merge too; the default, but for Verilog, whose is O3",
    "O3": "Few gates: don't-cares, proved equalities, rewriting, sums",
    "Os": "The same, searching longer",
    "Ocpu": "O3 for native code",
    "Ofpga": "O3, class sums and comparison as gates, LUTs of six inputs",
}


def pipeline_options(command: Command) -> Command:
    """Add ``-O0`` … ``-Ofpga`` and ``-p``, which end up in ``pipeline``."""
    for name, what in reversed(LEVELS.items()):
        command = click.option(
            f"-{name}",
            "pipeline",
            flag_value=name,
            default=None,
            help=f"{what[:1].upper()}{what[1:]}.",
        )(command)
    return click.option("-p", "--pipeline", "pipeline", help="Passes to run, as text.")(command)


def load_model(file: Path, options: dict[str, Any]) -> Model:
    """Load a model with the options of `load_options`."""
    from .. import driver

    with busy(f"reading {file.name}"):
        return driver.load(file, **options)


def take_load_options(values: dict[str, Any]) -> dict[str, Any]:
    """Split the load options off a command's values."""
    return {name: values.pop(name) for name in _LOAD_NAMES}
