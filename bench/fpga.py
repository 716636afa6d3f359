"""What Yosys makes of a model on FPGA fabrics, from Verilog written in several ways.

    python bench/fpga.py                                            # the shipped digits net
    python bench/fpga.py --model DIR --fabric ice40 --cache KEPT    # a model folder, one fabric
    python bench/fpga.py --part sums --no-place                     # without nextpnr
    python bench/fpga.py --torchlogix PYTHON3.12                    # a Python that has torchlogix

A model folder holds ``state_dict.pt``, ``indices.pt`` and ``testset.npz``. Bits go in: no encoder.
*core* ends at the last layer, *complete* gives the class, *sums* is the class sums alone, whose
inputs are the bits of the last layer. Columns: LUTs in all and by the inputs in use (ECP5 also has
some of none, as constant halves of a mux), flip-flops, cells of carry chains, muxes that join LUTs,
LUTs on the longest path (see `mapped.py`); *of first*, LUTs over those of the first design of the
table; MHz by nextpnr in a harness of registers (see `place.py`); seconds of Yosys. *equal* says
whether the mapped design, read back as gates, gives what the model gives on random rows that its
thresholds can give. What is
missing or fails leaves dashes and a line at the end. A run of Yosys takes up to minutes;
``--cache`` keeps results by script and text.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from fabrics import FABRICS, ToolError, synthesize, version
from lgc_verilog import What
from lgc_verilog import verilog as lgc_verilog
from luts import trained
from mapped import Mapped
from numpy.typing import NDArray
from place import device, frequency
from plain_verilog import PARTS, WAYS, Part, Way, gates, verilog
from torchlogix_verilog import verilog as by_torchlogix

import lgc
from lgc import demo
from lgc.chain import Chain
from lgc.dialect import CircuitOp
from lgc.errors import UsageError
from lgc.evaluation import pack_planes, unpack_planes
from lgc.facts import nothing
from lgc.model import Model

ROWS = 4096
"""Random rows on which a mapped design is compared with the model."""

COLUMNS = (
    "design", "LUTs", "1/2/3/4/5/6 inputs", "flip-flops", "carries", "muxes", "depth", "of first",
    "MHz", "s", "equal",
)  # fmt: skip

STAGES = (4, 16)
"""Register ranks of the rows that have some; whether these are equal, simulation says."""

NAMES: dict[Way, str] = {
    "tree": "naive netlist, tree of `+`",
    "adders": "naive netlist, full adders",
    "loop": "behavioural, `for` loops",
    "expression": "behavioural, one long `+`",
}


@dataclass(frozen=True)
class Design:
    """One way to write a part of a model; no files where the tool that writes it is missing.

    Attributes:
        files: text by file name; the top module is ``top``, from ``x`` to ``y``.
        keep: LUT cells that it instantiates stay as they are.
        what: is written, where it is not the part that the table is of.
        less: text by file name of what is not counted.
    """

    name: str
    files: dict[str, str]
    keep: bool = False
    what: What | None = None
    less: dict[str, str] | None = None


@dataclass
class Bench:
    """Settings, and what is missing: a line each."""

    store: Path | None
    torchlogix: str
    place: bool
    missing: list[str]

    def miss(self, line: str) -> None:
        if line not in self.missing:
            self.missing.append(line)


def written(bench: Bench, model: Model, fabric: str, part: Part) -> Iterator[Design]:
    """Plain Verilog."""
    if part == "core":
        yield Design("naive netlist", {"top.v": verilog(model.chain, part)})
        return
    for way in WAYS:
        yield Design(NAMES[way], {"top.v": verilog(model.chain, part, way)})


def torchlogix(bench: Bench, model: Model, fabric: str, part: Part) -> Iterator[Design]:
    """torchlogix's Verilog."""
    if part == "sums":
        return
    try:
        number, text = by_torchlogix(bench.torchlogix, model.chain, part)
    except ToolError as error:
        bench.miss(str(error))
        yield Design("torchlogix", {})
        return
    yield Design(f"torchlogix {number}", {"top.v": text})


def by_lgc(bench: Bench, model: Model, fabric: str, part: Part) -> Iterator[Design]:
    """lgc's Verilog: LUT cells that stay as they are, and expressions that Yosys maps."""
    family = FABRICS[fabric].family
    for style, keep in (("lut", True), ("assign", False)):

        def files(what: What, style: str = style, stages: int = 0) -> dict[str, str]:
            return {"top.v": lgc_verilog(model, what, family, style, stages=stages)}

        name = f"**lgc**, {'LUT cells' if keep else 'assign'}"
        if part != "sums":
            yield Design(name, files(part), keep)
            for stages in STAGES if keep and part == "complete" else ():
                try:
                    yield Design(f"{name}, {stages} ranks", files(part, stages=stages), keep)
                except UsageError as error:  # a small net is not so deep
                    bench.miss(f"{stages} ranks: {error.message}")
            continue
        yield Design(f"{name}, alone", files("sums"), keep)
        yield Design(
            f"{name}, with the core, less the core", files("scores"), keep, "scores", files("core")
        )


WRITERS: list[Callable[[Bench, Model, str, Part], Iterator[Design]]] = [
    written, torchlogix, by_lgc,
]  # fmt: skip
"""Who writes a part of a model for a fabric: a function each, in the order of the table."""


def expected(chain: Chain, part: What, x: NDArray[np.bool_]) -> NDArray[Any]:
    """What a part gives on rows of bits: bits, or one class a row."""
    if part != "sums":
        planes = pack_planes(x)
        for stage in chain.stages:
            planes = gates(stage).evaluate(planes)
        x = unpack_planes(planes, len(x))
    if part == "core":
        return x
    assert chain.group_sum is not None
    sums = chain.group_sum.weighted()
    scores = sums.values(x)
    if part == "complete":
        return scores.argmax(axis=1)
    sizes = [int((sums.group == number).sum()).bit_length() for number in range(sums.classes)]
    bits = [score[:, None] >> np.arange(size) & 1 for score, size in zip(scores.T, sizes)]
    return np.concatenate(bits, axis=1).astype(np.bool_)


def equal(chain: Chain, part: What, mapped: Mapped) -> str:
    """Whether the gates of a mapped design give what the model gives."""
    if not mapped.gates:
        return "–"
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "gates.blif")
        path.write_text(mapped.gates)
        (stage,) = lgc.load(path).chain.stages
    assert isinstance(stage, CircuitOp)
    net = stage.net.data
    facts = nothing(net.inputs) if part == "sums" else chain.facts
    planes = facts.planes(ROWS // 64, np.random.default_rng(0))
    got, x = unpack_planes(net.evaluate(planes), ROWS), unpack_planes(planes, ROWS)
    numbers = got @ (1 << np.arange(got.shape[1])) if part == "complete" else got
    return "yes" if np.array_equal(numbers, expected(chain, part, x)) else "**no**"


def row(
    bench: Bench, model: Model, fabric: str, part: Part, design: Design, first: int
) -> tuple[list[str], int]:
    """The cells of a design, and its LUTs, 0 if unknown."""
    dashes = [design.name, *["–"] * (len(COLUMNS) - 1)]
    if not design.files:
        return dashes, 0
    try:
        mapped = synthesize(design.files, FABRICS[fabric], keep=design.keep, store=bench.store)
        rest = Counter[int]()
        if design.less is not None:
            rest.update(
                synthesize(design.less, FABRICS[fabric], keep=design.keep, store=bench.store).luts
            )
    except ToolError as error:
        bench.miss(str(error))
        return dashes, 0
    clock = "–"
    if bench.place and device(fabric) and design.less is None:
        try:
            clock = f"{frequency(mapped, fabric, store=bench.store):.1f}"
        except ToolError as error:
            bench.miss(str(error))
    sizes = "/".join(f"{mapped.luts.get(size, 0) - rest[size]:,}" for size in range(1, 7))
    total = mapped.total - rest.total()
    return [
        design.name, f"{total:,}", sizes, f"{mapped.flip_flops:,}", f"{mapped.carries:,}",
        f"{mapped.muxes:,}", str(mapped.depth), f"{total / (first or total):.1%}",
        clock, f"{mapped.seconds:.0f}", equal(model.chain, design.what or part, mapped),
    ], total  # fmt: skip


def table(bench: Bench, model: Model, fabric: str, part: Part) -> Iterator[str]:
    """Markdown, line by line as the designs are done."""
    yield "| " + " | ".join(COLUMNS) + " |"
    yield "|---" * len(COLUMNS) + "|"
    first = 0
    for writer in WRITERS:
        for design in writer(bench, model, fabric, part):
            cells, luts = row(bench, model, fabric, part, design, first)
            first = first or luts
            yield "| " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--model", type=Path, action="append", help="model folder; repeatable")
    parser.add_argument("--fabric", action="append", choices=FABRICS, help="repeatable")
    parser.add_argument("--part", action="append", choices=PARTS, help="repeatable")
    parser.add_argument("--cache", type=Path, help="folder that keeps what Yosys and nextpnr made")
    parser.add_argument("--torchlogix", default=sys.executable, help="a Python that has torchlogix")
    parser.add_argument("--no-place", action="store_true", help="without nextpnr")
    options = parser.parse_args()
    bench = Bench(options.cache, options.torchlogix, not options.no_place, [])
    try:
        print(f"{version()}; lgc {lgc.__version__}")
    except ToolError as error:
        bench.miss(str(error))
    for path in options.model or [None]:
        model = lgc.load(demo.model_path()) if path is None else trained(path)
        name = "digits (shipped)" if path is None else path.name
        for fabric in options.fabric or FABRICS:
            for part in options.part or PARTS:
                print(f"\n## {name}, {part}, {FABRICS[fabric].title}\n")
                for line in table(bench, model, fabric, part):
                    print(line, flush=True)
    if bench.missing:
        print("\nMissing or failed:\n")
    for line in bench.missing:
        print(f"- {line}")


if __name__ == "__main__":
    main()
