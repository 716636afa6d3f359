"""lgc list: what there is, with one line each."""

from __future__ import annotations

import click

from .terminal import console

KINDS = ("passes", "frontends", "backends", "pipelines")


@click.command("list")
@click.argument("kind", type=click.Choice(KINDS), required=False)
def list_command(kind: str | None) -> None:
    """List passes, frontends, backends and pipelines.

    \b
    lgc list passes
    """
    from .. import report

    for number, one in enumerate((kind,) if kind else KINDS):
        if number:
            click.echo()
        report.show(console(), report.listing(_rows(one), one))


def _rows(kind: str) -> list[tuple[str, str]]:
    from .. import registry
    from ..pipeline import NAMED

    if kind == "pipelines":
        return [
            (name if not place else "", f"{step.text}: {step.why}")
            for name, steps in NAMED.items()
            for place, step in enumerate(steps)
        ]
    return [(entry.name, entry.summary) for entry in registry.entries(kind).values()]  # type: ignore[arg-type]
