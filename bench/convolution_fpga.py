"""A convolutional net on FPGA fabrics, unrolled and streamed: LUTs, cycles for an image, images.

    python bench/convolution_fpga.py                            # 12 x 12 pixels, 8 and 16 kernels
    python bench/convolution_fpga.py --size 28 --no-place       # larger, without nextpnr
    python bench/convolution_fpga.py --fabric xilinx

The net: 3 x 3 windows, padded, kernels that are trees of three gates over four of their inputs; OR
pooling of 2 x 2; the same with twice the kernels; layers of 200 and 100 gates; ten classes. Gates
and wiring are random, so what it answers means nothing: sizes and cycles are those of a trained
net of that shape. One bit a pixel comes in, the class comes out.

Columns: LUTs, flip-flops, RAM blocks, LUTs on the longest path, by Yosys; bits of line buffers;
clock cycles from one image to the next, and from the last pixel to the class; MHz by nextpnr in a
harness of registers on an HX8K (iCE40), one seed; images a second, MHz over cycles. *simulated*
says whether Icarus gives for random images what the model gives. What is missing or fails leaves
dashes and a line at the end.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import lgc
from lgc.assembling import Assembly, Values, on_grid, or_pool, patches
from lgc.chain import Sums, build_module
from lgc.errors import LgcError
from lgc.hdl import Project
from lgc.model import Model
from lgc.netlist import Netlist

GATES = [1, 2, 4, 6, 7, 8, 9, 11, 13, 14]
"""Tables that depend on both inputs."""

FABRICS = ("ice40", "xilinx")
SAMPLES = 40
"""Images that are simulated."""

WAYS: dict[str, dict[str, Any]] = {
    "unrolled": {},
    "unrolled, 6 ranks": {"stages": 6, "interface": "valid"},
    "streamed": {"convolution": "streamed", "interface": "valid"},
    "streamed, 4 ranks behind": {"convolution": "streamed", "interface": "valid", "stages": 4},
}

COLUMNS = (
    "design", "LUTs", "flip-flops", "RAM", "depth", "line buffers", "cycles", "latency", "MHz",
    "images/s", "simulated",
)  # fmt: skip


def trees(random: np.random.Generator, inputs: int, kernels: int) -> Netlist:
    """Kernels that are each a tree of three gates over four inputs."""
    leaves = random.integers(0, inputs, (kernels, 4))
    first = inputs + 3 * np.arange(kernels)[:, None]
    above = np.concatenate([first, first + 1], axis=1)
    fanin = np.stack([leaves[:, :2], leaves[:, 2:], above], axis=1).reshape(-1, 2)
    table = random.choice(GATES, len(fanin))
    return Netlist(inputs, table, fanin.astype(np.int32), (first + 2).ravel().astype(np.int32))


def net(size: int, kernels: int, seed: int = 0) -> Model:
    """The net on ``size`` × ``size`` pixels."""
    random = np.random.default_rng(seed)
    assembly = Assembly(size * size)
    values: Values = assembly.inputs.reshape(1, size, size)
    for count in (kernels, 2 * kernels):
        index, grid = patches(values, (3, 3), (1, 1), (1, 1))
        values = on_grid(assembly.map(trees(random, index.shape[1], count), index), grid)
        values = or_pool(assembly, values, (2, 2), (2, 2), (0, 0))
    values = values.ravel()
    for count in (200, 100):
        reads = values[random.integers(0, len(values), (count, 2))]
        values = assembly.layer(random.choice(GATES, count), reads)
    return Model(build_module(size * size, assembly.finish(values), Sums(10), dtype="bool"))


def megahertz(project: Project) -> float | None:
    """What nextpnr reaches on an HX8K, by the script of the project; None if it does not."""
    done = subprocess.run(
        ["make", "-C", str(project.folder / "scripts"), "pnr", "FAMILY=ice40"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    found = re.findall(r"Max frequency for clock .*: ([0-9.]+) MHz", done.stdout)
    return float(found[-1]) if found and not done.returncode else None


def row(title: str, project: Project, fabric: Any, place: bool, missing: list[str]) -> list[str]:
    """The cells of a design."""
    report = project.report()
    cycles, cells = report["initiation_interval"], {}
    simulated = clock = None
    try:
        simulated = project.simulate().passed
    except LgcError as error:
        missing.append(str(error))
    try:
        cells = project.synthesize(fabric)
    except LgcError as error:
        missing.append(str(error))
    if place and fabric == "ice40" and (clock := megahertz(project)) is None:
        missing.append(f"nextpnr-ice40 places no {title!r}, or is not here")
    rams = {name: n for name, n in cells.get("other", {}).items() if "RAM" in name}
    found = [
        cells.get("luts"), cells.get("flip_flops"), sum(rams.values()) if cells else None,
        cells.get("depth"), (report["stream"] or {}).get("line_buffers", 0), cycles,
        report["latency"], clock, None if clock is None else clock * 1e6 / cycles,
    ]  # fmt: skip
    texts = ["–" if one is None else f"{one:,.0f}" for one in found]
    passed = "–" if simulated is None else "yes" if simulated else "**no**"
    return [title, *texts, passed]


def table(model: Model, fabric: Any, place: bool, missing: list[str]) -> Iterator[str]:
    """Markdown, line by line as the designs are done."""
    yield "| " + " | ".join(COLUMNS) + " |"
    yield "|---" * len(COLUMNS) + "|"
    for title, options in WAYS.items():
        with tempfile.TemporaryDirectory() as scratch:
            project = lgc.hdl.generate(
                model, Path(scratch, "conv"), samples=SAMPLES, family=fabric, **options
            )
            yield "| " + " | ".join(row(title, project, fabric, place, missing)) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--size", type=int, default=12, help="pixels of a row")
    parser.add_argument("--kernels", type=int, default=8, help="of the first convolution")
    parser.add_argument("--fabric", action="append", choices=FABRICS, help="repeatable")
    parser.add_argument("--no-place", action="store_true", help="without nextpnr")
    options = parser.parse_args()
    model = net(options.size, options.kernels)
    missing: list[str] = []
    print(
        f"lgc {lgc.__version__}; {options.size} x {options.size} pixels, {options.kernels} kernels"
    )
    for fabric in options.fabric or FABRICS:
        print(f"\n{fabric}\n")
        for line in table(model, fabric, not options.no_place, missing):
            print(line, flush=True)
    print("".join(f"\nmissing: {line}" for line in dict.fromkeys(missing)))


if __name__ == "__main__":
    main()
