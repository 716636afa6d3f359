"""lgc verify: is a property of a model true for all inputs?"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from .findings import as_dict, draw_examples, print_report, write_examples
from .options import FILE, SEED, load_model, load_options, take_load_options
from .terminal import progress, say

if TYPE_CHECKING:
    from ..model import Model

NAMES = ("robust", "dead-inputs", "constant-outputs", "unreachable-classes")


@click.command("verify")
@click.argument("model", type=FILE)
@click.option(
    "--property",
    "name",
    type=click.Choice(NAMES),
    required=True,
    help="robust: no input near a sample has another class. dead-inputs: nothing depends on them. "
    "constant-outputs: bits of the last layer that never change. unreachable-classes: no input is "
    "given them.",
)
@click.option("--data", type=FILE, help="Samples for robust: a file as `lgc run` reads it.")
@click.option("--x", "x_keys", metavar="KEY", multiple=True, help="As for `lgc run`.")
@click.option("--y", "y_key", metavar="KEY", help="As for `lgc run`.")
@click.option("--packed", is_flag=True, help="Samples are bytes of packed bits (numpy.packbits).")
@click.option("--samples", type=int, metavar="N", help="Only the first N samples.")
@click.option("--sample", "chosen", type=int, multiple=True, help="Only this one; again for more.")
@click.option("--flips", type=int, metavar="K", help="Near: up to K bits flipped.")
@click.option("--features", type=int, metavar="K", help="Near: up to K numbers replaced.")
@click.option("--radius", type=float, metavar="R", help="Near: every number changed by up to R.")
@click.option("--smallest", is_flag=True, help="Search the smallest K or R that changes the class.")
@click.option(
    "--per",
    type=click.Choice(["feature", "bit"]),
    default="feature",
    show_default=True,
    help="Dead inputs: numbers of a sample, or the bits made of them.",
)
@click.option(
    "--target",
    type=click.Choice(["outputs", "class"]),
    default="outputs",
    show_default=True,
    help="Dead for the bits of the last layer, or for the class.",
)
@click.option(
    "--conflicts",
    type=int,
    default=1_000_000,
    show_default=True,
    help="Of the solver, for each sample, input, output or class.",
)
@click.option("--seconds", type=float, default=60.0, show_default=True, help="For each of them.")
@click.option(
    "--enumerate",
    "most",
    type=int,
    default=1 << 26,
    show_default=True,
    help="Up to so many inputs near a sample are all run.",
)
@SEED
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--counterexamples", type=FILE, metavar="FILE", help="Write them to this .npz.")
@click.option("--image", type=FILE, metavar="FILE", help="Draw counterexamples: .png or .svg.")
@click.option("--shape", metavar="HxW", help="Of the images; by default square.")
@click.option(
    "--export",
    type=FILE,
    metavar="FILE",
    help="Write the questions for another prover, .cnf or .smt2, and solve nothing here.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 unless everything is proved.")
@load_options
def verify(
    model: Path,
    name: Any,
    data: Path | None,
    x_keys: tuple[str, ...],
    y_key: str | None,
    packed: bool,
    samples: int | None,
    chosen: tuple[int, ...],
    flips: int | None,
    features: int | None,
    radius: float | None,
    smallest: bool,
    per: Any,
    target: Any,
    conflicts: int,
    seconds: float,
    most: int,
    seed: int,
    as_json: bool,
    counterexamples: Path | None,
    image: Path | None,
    shape: str | None,
    export: Path | None,
    strict: bool,
    **options: Any,
) -> int:
    """Prove or refute a property of MODEL, for all inputs there are.

    Each sample, input, output or class is proved, refuted by an example that was run, or undecided
    because a limit was reached. Exits with 0 whatever is found, unless --strict.

    \b
    lgc verify model.pt --property robust --data testset.npz --samples 100 --flips 2
    lgc verify model.pt --property robust --data images.npz --radius 8 --smallest
    lgc verify model.pt --property dead-inputs --per bit
    """
    from .. import provers
    from ..extras import check_drawable
    from ..files import check_writable
    from ..verification import verify as run_verify

    for path, check in ((image, check_drawable), (export, provers.check_suffix)):
        if path is not None:
            check(path)
    for path in (image, export, counterexamples):
        if path is not None:
            check_writable(path)
    size = _shape(shape)
    source = load_model(model, take_load_options(options))
    batch, labels = _read(source, data, x_keys, y_key, packed)
    numbers = _chosen(batch, samples, chosen)
    near: dict[str, Any] = {"flips": flips, "features": features, "radius": radius}
    if export is not None:
        _export(source, name, batch, numbers, near, per, target, export)
        return 0
    with progress(f"verifying {model.name}") as update:
        report = run_verify(
            source, name, batch, **near, smallest=smallest, chosen=numbers, per=per, target=target,
            conflicts=conflicts, seconds=seconds, enumerate=most, seed=seed, progress=update,
        )  # fmt: skip
    if as_json:
        click.echo(json.dumps(as_dict(report), indent=2))
    else:
        print_report(report, smallest, labels)
    examples = [one for one in report.findings if one.bits is not None]
    if counterexamples is not None:
        write_examples(examples, counterexamples)
    if image is not None:
        draw_examples(source, batch, examples, size, image)
    return int(strict and report.count("proved") < len(report.findings))


def _shape(text: str | None) -> tuple[int, int] | None:
    from ..errors import UsageError

    if text is None:
        return None
    height, _, width = text.partition("x")
    if not (height.isdecimal() and width.isdecimal()):
        raise UsageError(f"a shape is height x width, not {text!r}", where="--shape", hint="28x28")
    return int(height), int(width)


def _read(
    model: Model, data: Path | None, x: tuple[str, ...], y: str | None, packed: bool
) -> tuple[Any, Any]:
    """All samples of a file, and their labels."""
    if data is None:
        return None, None
    from ..data import open_data
    from ..inputs import PackedBits

    source = open_data(data, x, y, packed=packed)
    rows = source.block_rows()
    blocks = [one for part in source.parts(rows) for one in source.read(part, rows)]
    parts = [one.x.data if isinstance(one.x, PackedBits) else one.x for one in blocks]
    first = blocks[0]
    batch: Any = np.concatenate(parts)
    if isinstance(first.x, PackedBits):
        batch = PackedBits(batch, first.x.width)
    elif first.packed:
        batch = PackedBits(batch, model.chain.bits)
    labels = (
        None if first.y is None else np.concatenate([one.y for one in blocks if one.y is not None])
    )
    return batch, labels


def _chosen(batch: Any, first: int | None, chosen: tuple[int, ...]) -> list[int] | None:
    from ..errors import UsageError

    if chosen and first is not None:
        raise UsageError("the first ones, or chosen ones?", where="--samples and --sample")
    if first is not None and batch is not None:
        return list(range(min(first, len(batch))))
    return sorted(set(chosen)) or None


def _export(
    model: Model,
    name: str,
    batch: Any,
    chosen: list[int] | None,
    near: Any,
    per: str,
    target: str,
    path: Path,
) -> None:
    """Write the questions; nothing is solved."""
    from .. import provers, verification
    from ..proof.dependence import units

    chain = model.chain
    if name == "robust":
        near = verification.near_of(**near)
        given = verification.samples_of(model, batch)
        numbers = verification.chosen_samples(chosen, len(given))

        def write(file: Path, number: int) -> None:
            own = verification.class_of(model, given.bits[number])
            provers.write_robust(file, given, number, near, own)

        _write(numbers, path, write)
    elif name == "dead-inputs":
        found = units(chain.facts, chain.feature, chain.features, per)
        _write(
            range(len(found)),
            path,
            lambda file, number: provers.write_dead(
                file, chain, per, number, found[number], target
            ),
        )
    elif name == "constant-outputs":
        _write(
            range(chain.outputs),
            path,
            lambda file, number: provers.write_constant(file, chain, number),
        )
    else:
        sums = chain.group_sum
        classes = range(sums.classes if sums is not None else 1)
        _write(classes, path, lambda file, number: provers.write_class(file, chain, number))


def _write(numbers: Sequence[int], path: Path, write: Callable[[Path, int], None]) -> None:
    from .. import provers

    for number in numbers:
        file = provers.numbered(path, number, len(numbers))
        write(file, number)
        say(f"wrote {file}")
