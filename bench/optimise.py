"""lgc's optimiser beside ABC's and mockturtle's, on the same circuits, in one run.

    python bench/optimise.py                              # the shipped digits net
    python bench/optimise.py --model DIR --model FILE     # folders, or what lgc loads: .aig, …
    python bench/optimise.py --quick                      # without what takes a minute or more
    python bench/optimise.py --quick --part core          # no class sums, whose proofs are long

Every row is one way to optimise; all start from the gates that `strash` leaves. Columns, counted
alike for all: *AND+XOR*, gates of two inputs, an XOR counts 1 (ABC: `if -K 2 -a`); *AIG*, AND
gates with every XOR taken apart and twins shared (ABC's `strash` of any result); *LUT k*, by
lgc's `map-lut` or ABC's `if -K k -a` (`mfs2 -a` where the row says so). Buffers, inverters and
constants are free. Seconds are for optimising alone, compiled loops, the first call left out, or
the whole process for others; mapping is not included. *of -O3* is that time over lgc's for
`-O3`, the default: above 1 is slower than lgc. *equal by* says who has proved the circuit and all
its LUT netlists equal to the start: ABC's `cec`, or lgc's own proof where that gives up after some
seconds (see `equal.py`). mockturtle comes as aigverse, in cut rewriting,
resubstitution and refactoring until none gains. What is not installed has a row of dashes.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from equal import Provers
from luts import COMPRESS2RS, count_blif, find_abc, luts, trained, write_blif

import lgc
from lgc import demo
from lgc.chain import build_module
from lgc.model import Model
from lgc.netlist import Netlist
from lgc.passes.map_lut import MapLut
from lgc.passes.restructure import Restructure
from lgc.passes.rewrite import Rewrite
from lgc.passes.strash import Strash
from lgc.splitting import split
from lgc.sums.arithmetic import ONE, Counter, Gates, argmax
from lgc.sums.classifier import classifier
from lgc.sums.terms import Weights, collect
from lgc.surgery import restrict, tidy, widen

DEFAULT = "lgc `-O3`"
WIDTHS = (3, 4, 6)
COLUMNS = ["AND+XOR", "AIG", *(f"LUT {k}" for k in WIDTHS)]
DEEPSYN = "&deepsyn -T 60"

OURS: dict[str, Callable[[Netlist], Netlist]] = {
    "`strash`": lambda net: net,
    "`-O3`": lambda net: o3(net),
    "`rewrite`": Rewrite().rewrite,
    "`rewrite{cost=aig}`": Rewrite(cost="aig").rewrite,
    "`restructure{seconds=60}`": Restructure(seconds=60).rewrite,
    "`restructure{cost=aig seconds=60}`": Restructure(cost="aig", seconds=60).rewrite,
}
ABC: dict[str, tuple[str, str]] = {
    "`strash`": ("", "if -K {k} -a"),
    "`dc2` × 3": ("dc2; dc2; dc2", "if -K {k} -a"),
    "`compress2rs`": (COMPRESS2RS, "if -K {k} -a"),
    "`compress2rs` × 3": ("; ".join([COMPRESS2RS] * 3), "if -K {k} -a"),
    "`compress2rs; dch; if -a; mfs2 -a`": (COMPRESS2RS, "dch; if -K {k} -a; mfs2 -a"),
    f"`{DEEPSYN}`": (f"&get; {DEEPSYN}; &put", "if -K {k} -a"),
}
LONG = (
    f"`{DEEPSYN}`",
    "`compress2rs` × 3",
    "`restructure{seconds=60}`",
    "`restructure{cost=aig seconds=60}`",
)

ALIASES = {"b": "balance", "rs": "resub", "rw": "rewrite", "rwz": "rewrite -z", "rf": "refactor",
           "rfz": "refactor -z", "compress2rs": f'"{COMPRESS2RS}"'}  # fmt: skip
"""What `&deepsyn` expects of abc.rc, which not every installation has."""


def o3(net: Netlist) -> Netlist:
    """Unchecked: ABC proves the result."""
    module = build_module(net.inputs, [net], None, dtype="bool")
    chain = lgc.optimize(Model(module), "O3", check="off").chain
    return chain.stages[0].net.data


def core(model: Model) -> Netlist:
    """The gates of a model, layers joined."""
    return lgc.optimize(model, "fuse-layers,strash").chain.stages[0].net.data


def full_adders(model: Model) -> Netlist:
    """The class from the bits, sums by full adders."""
    net, sums = last(model)
    net = widen(tidy(net), 3)
    gates = Gates(net.inputs, net.table.tolist(), [(a, b, c) for a, b, c in net.fanin.tolist()])
    terms = collect(net, sums)
    literal, weight, offset = terms.positive
    counters = [Counter(gates) for _ in offset]
    one = gates.add(ONE, 0)
    for counter, more in zip(counters, (offset - offset.min()).tolist()):
        counter.add_weighted(one, more)
    for bit, group, times in zip(literal.tolist(), terms.group.tolist(), weight.tolist()):
        counters[group].add_weighted(bit, times)
    made = gates.netlist(argmax(gates, [counter.finish() for counter in counters]))
    return split(restrict(made, made.outputs), 2)


def chains(model: Model) -> Netlist:
    """The class from the bits, sums as `lower-sums` builds them."""
    return split(classifier(*last(model), "class").net, 2)


def last(model: Model) -> tuple[Netlist, Weights]:
    """The gates behind the class sums, and these."""
    chain = lgc.optimize(model).chain
    assert chain.group_sum is not None
    return chain.stages[0].net.data, chain.group_sum.weighted()


PARTS: dict[str, Callable[[Model], Netlist]] = {
    "core": core,
    "complete, full adders": full_adders,
    "complete, lower-sums": chains,
}
"""What is taken of a model, by name: a netlist of gates of two fan-ins."""


@dataclass
class Row:
    """One way: its counts in the order of `COLUMNS`, None where unknown."""

    tool: str
    counts: list[int | None]
    seconds: float | None = None
    equal: str | None = None


@dataclass
class Bench:
    """One circuit in a scratch folder, with ABC if it is there."""

    net: Netlist
    scratch: Path
    abc: str | None
    rows: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        write_blif(self.net, self.scratch / "start.blif")
        text = "".join(f"alias {name} {meaning}\n" for name, meaning in ALIASES.items())
        (self.scratch / "abc.rc").write_text(text)

    @property
    def provers(self) -> Provers:
        return Provers(self.abc, self.scratch)

    def run(self, script: str) -> str:
        """What ABC prints."""
        return self.provers.run(script)

    def equal(self, files: list[str]) -> str | None:
        """Who has proved all files equal to the start."""
        return self.provers.equal("start.blif", files)

    def ands(self, file: str) -> int | None:
        """AND gates of a file, as ABC counts them."""
        if self.abc is None:
            return None
        printed = self.run(f"read {file}; strash; print_stats")
        found = re.search(r"and\s*=\s*(\d+)", printed)
        return int(found[1]) if found else None

    def ours(self, name: str, optimise: Callable[[Netlist], Netlist]) -> None:
        if name not in LONG:  # a minute does not show what its loops take to compile
            optimise(self.net)
        start = time.perf_counter()
        made = optimise(self.net)
        spent = time.perf_counter() - start
        write_blif(made, self.scratch / "ours.blif")
        files, counts = ["ours.blif"], [luts(made), self.ands("ours.blif")]
        for k in WIDTHS:
            mapped = MapLut(k=k).rewrite(made)
            files.append(f"ours{k}.blif")
            write_blif(mapped, self.scratch / files[-1])
            counts.append(luts(mapped))
        self.rows.append(Row(f"lgc {name}", counts, spent, self.equal(files)))

    def mapped(self, tool: str, file: str, mapping: str, spent: float) -> None:
        """The row of an AIGER file that another tool wrote."""
        counts: list[int | None] = [self.ands(file)]
        files = [file]
        for k in (2, *WIDTHS):
            files.append(f"theirs{k}.blif")
            self.run(f"read {file}; strash; {mapping.format(k=k)}; write_blif {files[-1]}")
            made = self.scratch / files[-1]
            counts.append(count_blif(made) if made.exists() else None)
        counts[0], counts[1] = counts[1], counts[0]
        self.rows.append(Row(tool, counts, spent, self.equal(files)))

    def theirs(self, name: str, script: str, mapping: str) -> None:
        tool = f"ABC {name}"
        made = self.scratch / "abc.aig"
        made.unlink(missing_ok=True)
        start = time.perf_counter()
        if self.abc is not None:
            self.run(f"read_blif start.blif; strash; {script}; write_aiger abc.aig")
        spent = time.perf_counter() - start
        if made.exists():
            self.mapped(tool, made.name, mapping, spent)
        else:
            self.rows.append(Row(tool, [None] * len(COLUMNS)))

    def aigverse(self) -> None:
        tool = "aigverse (mockturtle)"
        try:
            from aigverse import algorithms, io
        except ImportError:
            self.rows.append(Row(tool, [None] * len(COLUMNS)))
            return
        if self.abc is None:  # which writes the AIGER file it reads
            self.rows.append(Row(tool, [None] * len(COLUMNS)))
            return
        self.run("read_blif start.blif; strash; write_aiger start.aig")
        aig = io.read_aiger_into_aig(str(self.scratch / "start.aig"))
        start = time.perf_counter()
        before = None
        while before is None or aig.num_gates < before:
            before = aig.num_gates
            for step in (
                algorithms.aig_cut_rewriting,
                algorithms.aig_resubstitution,
                algorithms.sop_refactoring,
            ):
                made = algorithms.cleanup_dangling(step(aig))
                if made.num_gates <= aig.num_gates:
                    aig = made
        spent = time.perf_counter() - start
        io.write_aiger(aig, str(self.scratch / "mockturtle.aig"))
        self.mapped(tool, "mockturtle.aig", "if -K {k} -a", spent)


def table(rows: list[Row]) -> str:
    """Markdown; the fewest of each column in bold."""
    best = [
        min((row.counts[i] for row in rows if row.counts[i] is not None), default=None)
        for i in range(len(COLUMNS))
    ]
    lines = ["| " + " | ".join(["tool", *COLUMNS, "s", "of -O3", "equal by"]) + " |"]
    lines.append("|---" * (len(COLUMNS) + 4) + "|")
    default = next((row.seconds for row in rows if row.tool == DEFAULT), None)
    for row in rows:
        cells = [row.tool]
        for count, least in zip(row.counts, best):
            text = "–" if count is None else f"{count:,}"
            cells.append(f"**{text}**" if count is not None and count == least else text)
        cells.append("–" if row.seconds is None else f"{row.seconds:.2f}")
        cells.append(f"{row.seconds / default:.2f}" if row.seconds and default else "–")
        cells.append(row.equal or "–")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def models(paths: list[Path]) -> Iterator[tuple[str, Model]]:
    """Models by name: folders of difflogic, files, or the shipped net."""
    if not paths:
        yield "digits (shipped)", lgc.load(demo.model_path())
    for path in paths:
        yield path.name, trained(path) if path.is_dir() else lgc.load(path)


def compare(net: Netlist, abc: str | None, quick: bool) -> list[Row]:
    """All rows of one circuit."""
    net = Strash().rewrite(net)
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(net, Path(scratch), abc)
        for name, optimise in OURS.items():
            if not (quick and name in LONG):
                bench.ours(name, optimise)
        for name, (script, mapping) in ABC.items():
            if not (quick and name in LONG):
                bench.theirs(name, script, mapping)
        if not quick:
            bench.aigverse()
        return bench.rows


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--model", type=Path, action="append", help="folder or file; repeatable")
    parser.add_argument("--abc", help="ABC's program; by default berkeley-abc, yosys-abc or abc")
    parser.add_argument(
        "--part", action="append", choices=list(PARTS), help="only this; repeatable"
    )
    parser.add_argument("--quick", action="store_true", help="only what takes seconds")
    options = parser.parse_args()
    abc = options.abc or find_abc()
    for name, model in models(options.model or []):
        sums = model.chain.group_sum is not None
        for part, take in PARTS.items():
            if part not in (options.part or PARTS) or (part != "core" and not sums):
                continue
            net = take(model)
            print(f"## {name}, {part}: {net.inputs:,} inputs, {len(net.outputs):,} outputs\n")
            print(table(compare(net, abc, options.quick)), "\n", flush=True)


if __name__ == "__main__":
    main()
