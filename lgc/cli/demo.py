"""lgc demo: the main job on a model and images that ship with lgc."""

from __future__ import annotations

import time

import click
import numpy as np
from numpy.typing import NDArray

from .terminal import console


@click.command("demo")
def demo() -> None:
    """Load, optimise, compile and run a small trained network, and check every answer.

    \b
    lgc demo
    """
    from .. import demo as shipped
    from .. import driver, report

    start = time.perf_counter()
    model = driver.load(shipped.model_path())
    loaded = time.perf_counter()
    optimised = driver.optimize(model)
    done = time.perf_counter()
    kernel = driver.compile(optimised)
    ready = time.perf_counter()
    x, y, scores = shipped.images()
    classes, counts = kernel.predict(x), kernel.counts(x)
    if not np.array_equal(counts, scores):
        raise AssertionError("the kernel's scores are not those of the trained network")
    seconds = kernel.profile(np.tile(x, (100, 1)))
    rows = [
        ("read", f"{model.gates:,} gates from digits.npz in {loaded - start:.2f} s"),
        ("optimise", f"{optimised.gates:,} gates left in {done - loaded:.2f} s, checked"),
        ("compile", f"{kernel.info['plane_bits']}-bit planes in {ready - done:.2f} s"),
        ("accuracy", f"{(classes == y).mean():.2%} of {len(y)} test images, scores as trained"),
        ("speed", f"{100 * len(x) / seconds['total']:,.0f} images a second on one core"),
    ]
    click.echo(_picture(x[0]))
    click.echo(f"this is a {classes[0]}\n")
    report.show(console(), report.listing(rows, "lgc demo"))


def _picture(pixels: NDArray[np.uint8]) -> str:
    """An 8 × 8 image with values 0 to 16 as text."""
    shades = " ░▒▓█"
    return "\n".join(
        "".join(shades[min(int(value) // 4, 4)] * 2 for value in row)
        for row in pixels.reshape(8, 8)
    )
