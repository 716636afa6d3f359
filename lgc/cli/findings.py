"""What `lgc verify` found: as a table, as JSON, as a file of examples, as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from .terminal import console, say

if TYPE_CHECKING:
    from ..images import Row
    from ..model import Model
    from ..neighbours import Samples
    from ..verification import Finding, Report


def print_report(report: Report, smallest: bool, labels: Any) -> None:
    """A table, and how many were proved."""
    from .. import report as tables

    robust = report.name == "robust"
    headings = [report.item, *(["class"] if robust else []), "verdict"]
    headings += ["proved to", "broken at"] if smallest and robust else []
    headings += ["seconds", "how"]
    rows: list[list[str]] = []
    for one in report.findings:
        if report.item in ("feature", "bit", "output") and one.answer == "refuted":
            continue  # the usual case: the summary counts them
        row = [f"{one.index}", *([f"{one.before}"] if robust else []), _verdict(report, one)]
        if smallest and robust:
            row += [f"{one.proved:g}", "" if one.broken is None else f"{one.broken:g}"]
        rows.append([*row, f"{one.seconds:.3f}", one.how])
    if rows:
        tables.show(console(), tables.rows_table(headings, rows))
    click.echo(f"{report.about}: {report.summary}")
    if robust and labels is not None:
        right = [one for one in report.findings if one.before == labels[one.index]]
        both = sum(one.answer == "proved" for one in right)
        share = both / max(len(report.findings), 1)
        click.echo(f"right and robust: {both:,} of {len(report.findings):,} ({share:.2%})")


def _verdict(report: Report, one: Finding) -> str:
    words = report.verdict(one)
    if report.name == "constant-outputs" and one.answer == "proved":
        return f"{words} {one.before}"
    return words if one.before is None or one.after is None else f"{words}: {one.after}"


def as_dict(report: Report) -> dict[str, Any]:
    """For JSON."""
    found = [
        {
            report.item: one.index,
            "verdict": report.verdict(one),
            "answer": one.answer,
            "how": one.how,
            "seconds": round(one.seconds, 4),
            "class": one.before,
            "other_class": one.after,
            "proved_to": one.proved,
            "broken_at": one.broken,
            "bits": None if one.bits is None else "".join(map(str, one.bits.astype(int).tolist())),
        }
        for one in report.findings
    ]
    return {
        "property": report.name,
        "about": report.about,
        "proved": report.count("proved"),
        "refuted": report.count("refuted"),
        "undecided": report.count("undecided"),
        "findings": [{k: v for k, v in one.items() if v is not None} for one in found],
    }


def write_examples(examples: list[Finding], path: Path) -> None:
    """All examples as one batch that `lgc run` reads; numbers where the samples were numbers."""
    from ..files import atomic_write

    if not examples:
        say(f"nothing was refuted, {path.name} is not written")
        return
    arrays: dict[str, Any] = {"index": np.array([one.index for one in examples])}
    if examples[0].numbers is not None:
        arrays["X"] = np.stack([one.numbers for one in examples if one.numbers is not None])
    else:
        bits = np.stack([one.bits for one in examples if one.bits is not None])
        arrays |= {"X": np.packbits(bits, axis=1), "n_bits": bits.shape[1]}
    with atomic_write(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **arrays)


def draw_examples(
    model: Model, batch: Any, examples: list[Finding], shape: tuple[int, int] | None, path: Path
) -> None:
    """Sample, example and what differs, for the first examples."""
    from .. import images, neighbours

    shown = examples[: images.MOST]
    if not shown:
        say(f"nothing was refuted, {path.name} is not drawn")
        return
    given = None if batch is None else neighbours.samples(model.chain, batch)
    rows = [_row(given, one, shape) for one in shown]
    images.draw(rows, path)


def _row(given: Samples | None, one: Finding, shape: tuple[int, int] | None) -> Row:
    from .. import images
    from ..inputs import PackedBits

    values = one.bits if one.numbers is None else one.numbers
    assert values is not None
    example = images.image(values, shape)
    title = f"class {one.after}" if one.after is not None else f"{one.index}"
    if given is None:
        return images.Row([example], [title])
    batch = given.batch
    own = given.bits[one.index] if isinstance(batch, PackedBits) else batch[one.index].ravel()
    sample = images.image(own, shape)
    titles = [f"sample {one.index}: class {one.before}", title, "what differs"]
    return images.Row([sample, example, np.abs(example - sample)], titles)
