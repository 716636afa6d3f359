"""lgc check: are two models the same function?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from .options import FILE, SEED, load_model, load_options, take_load_options
from .terminal import busy

if TYPE_CHECKING:
    from ..equivalence import Subject


@click.command("check")
@click.argument("left", type=FILE)
@click.argument("right", type=FILE)
@click.option(
    "--mode",
    type=click.Choice(["fast", "exhaustive"]),
    default="fast",
    show_default=True,
    help="fast: random vectors above 16 input bits; exhaustive refuses those.",
)
@SEED
@click.option("--counterexample", type=FILE, help="Write the input that differs to this .npz.")
@load_options
def check(
    left: Path, right: Path, mode: Any, seed: int, counterexample: Path | None, **options: Any
) -> int:
    """Compare LEFT and RIGHT: checkpoints, IR or kernels. Exits 1 when they differ.

    Options that say what a checkpoint lacks apply to whichever side is one.

    \b
    lgc check state_dict.pt mnist.lgk --wiring indices.pt --classes 10 --tau 10
    """
    from ..equivalence import compare
    from ..files import atomic_write, check_writable

    if counterexample is not None:
        check_writable(counterexample)
    given = take_load_options(options)
    subjects = _subject(left, given), _subject(right, given)
    with busy(f"comparing {left.name} and {right.name}"):
        result = compare(*subjects, mode, seed=seed)
    click.echo(str(result))
    example = result.counterexample
    if example is not None:
        click.echo(f"input {example.text}")
        if counterexample is not None:
            with atomic_write(counterexample) as temporary, temporary.open("wb") as file:
                np.savez(file, X=np.packbits(example.bits)[None], n_bits=len(example.bits))
    return 0 if result else 1


def _subject(file: Path, options: dict[str, Any]) -> Subject:
    from ..driver import KERNEL_SUFFIX, as_subject

    return as_subject(file if file.suffix == KERNEL_SUFFIX else load_model(file, options))
