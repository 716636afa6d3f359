"""lgc check: are two models the same function?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from .options import FILE, SEED, load_model, load_options, take_load_options
from .terminal import busy, progress, say

if TYPE_CHECKING:
    from ..equivalence import Counterexample, Result
    from ..interfaces import Kernel
    from ..model import Model
    from ..proof.sweeping import Limits


@click.command("check")
@click.argument("left", type=FILE)
@click.argument("right", type=FILE)
@click.option(
    "--mode",
    type=click.Choice(["fast", "exhaustive", "proof"]),
    default="fast",
    show_default=True,
    help="fast: random vectors above 16 input bits; exhaustive refuses those; proof: by SAT.",
)
@click.option("--proof", "mode", flag_value="proof", help="The same as --mode=proof.")
@SEED
@click.option(
    "--seconds", type=float, help="After which a proof gives up; 0 for never.  [default: 600]"
)
@click.option(
    "--conflicts",
    type=int,
    help="Of the SAT solver, after which a proof gives up a question.  [default: 1000]",
)
@click.option(
    "--drat",
    type=FILE,
    help="Prove once more, and write that for other checkers: here DRAT, clauses to .cnf beside.",
)
@click.option("--counterexample", type=FILE, help="Write the input that differs to this .npz.")
@click.option("--image", type=FILE, help="Draw the input that differs to this .png.")
@load_options
def check(
    left: Path,
    right: Path,
    mode: Any,
    seed: int,
    seconds: float | None,
    conflicts: int | None,
    drat: Path | None,
    counterexample: Path | None,
    image: Path | None,
    **options: Any,
) -> int:
    """Compare LEFT and RIGHT: checkpoints, IR, circuit files or kernels. Exits 1 when they differ.

    Options that say what a checkpoint lacks apply to whichever side is one.

    \b
    lgc check state_dict.pt mnist.lgk --wiring indices.pt --classes 10 --tau 10
    """
    from ..chain import provenance
    from ..extras import check_drawable
    from ..files import check_writable

    for path in (drat, counterexample, image):
        if path is not None:
            check_writable(path)
    if image is not None:
        check_drawable(image, (".png",))
    limits = _limits(mode, seed, seconds, conflicts, drat)
    given = take_load_options(options)
    sources = _source(left, given), _source(right, given)
    result = _compare(sources, mode, limits, f"comparing {left.name} and {right.name}")
    click.echo(str(result))
    for file, source in zip((left, right), sources):
        notes = provenance(source.module)
        for key, what in (("approximate", "approximate"), ("refine", "refined")):
            if told := notes.get(key):
                click.echo(f"{file.name} is {what}: {told}")
    if drat is not None and result:
        _certify(sources, limits, drat)
    if result.counterexample is not None:
        _show(result.counterexample, counterexample, image)
    return 0 if result else 1


def _limits(
    mode: str, seed: int, seconds: float | None, conflicts: int | None, drat: Path | None
) -> Limits:
    from dataclasses import replace

    from ..errors import UsageError
    from ..proving import LIMITS

    given = {"seconds": seconds, "conflicts": conflicts}
    wanted = [f"--{name}" for name, value in {**given, "drat": drat}.items() if value is not None]
    if mode != "proof" and wanted:
        raise UsageError(f"{wanted[0]} belongs to a proof", hint="add --proof")
    chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    return replace(LIMITS, seed=seed, **chosen)


def _compare(
    sources: tuple[Kernel | Model, Kernel | Model], mode: Any, limits: Limits, what: str
) -> Result:
    from ..checking import prove, subjects
    from ..equivalence import compare

    if mode != "proof":
        with busy(what):
            return compare(*subjects(*sources), mode, seed=limits.seed)
    with progress(what) as tick:
        return prove(*sources, limits, tick=tick)


def _certify(sources: tuple[Kernel | Model, Kernel | Model], limits: Limits, drat: Path) -> None:
    from ..checking import subjects
    from ..proving import certified

    left, right = subjects(*sources)
    with progress(f"writing {drat.name}") as tick:
        certificate = certified(left.chain, right.chain, limits, tick=tick)
    formula = certificate.write(drat)
    lines = f"{len(certificate.formula):,} clauses, {len(certificate.lemmas):,} lemmas"
    say(f"wrote {formula} and {drat}: {lines}")


def _show(example: Counterexample, file: Path | None, image: Path | None) -> None:
    from ..files import atomic_write
    from ..images import NARROWEST, WIDEST, as_text, draw_square, square

    click.echo(f"input {example.text}")
    numbers = example.bits.astype(np.float32) if example.numbers is None else example.numbers
    if example.numbers is not None:
        set_ones = [f"x[{i}]={numbers[i]:g}" for i in np.flatnonzero(numbers).tolist()]
        click.echo(f"numbers {' '.join([*set_ones, 'others 0'])}")
    shown = square(numbers)
    if shown is not None and NARROWEST <= len(shown) <= WIDEST:
        click.echo(as_text(shown))
    if file is not None:
        with atomic_write(file) as temporary, temporary.open("wb") as opened:
            np.savez(opened, X=np.packbits(example.bits)[None], n_bits=len(example.bits))
    if image is not None:
        draw_square(numbers, image)


def _source(file: Path, options: dict[str, Any]) -> Kernel | Model:
    from ..driver import KERNEL_SUFFIX, load_kernel

    return load_kernel(file) if file.suffix == KERNEL_SUFFIX else load_model(file, options)
