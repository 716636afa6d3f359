"""LUT counts of lgc's ``map-lut`` and ``rewrite{cost=lut3}`` beside ABC's, on the same circuits.

    python bench/luts.py                                       # the shipped digits net
    python bench/luts.py --model DIR --model DIR --abc PATH
    python bench/luts.py --model DIR --quick    # without resynthesis, which takes ABC minutes

A model folder holds ``state_dict.pt``, ``indices.pt`` and ``testset.npz``. *core* ends at the last
layer; *complete* goes on with class sums and argmax, as gates. Both programs get the circuit that
``O2`` leaves. Counted are LUTs of two inputs or more: buffers, inverters and constants are free.
ABC's own ``cec`` proves every result equal to the circuit; a time is the whole call of ABC, or the
pass alone for lgc (compiled loops, the first call left out). Without ABC its columns hold a dash.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import lgc
from lgc import demo
from lgc.backends.llvm.lowering import lower
from lgc.interfaces import NetlistPass
from lgc.model import Model
from lgc.netlist import Netlist
from lgc.passes.map_lut import MapLut
from lgc.passes.rewrite import Rewrite
from lgc.surgery import arity, tidy

# compress2rs of abc.rc, which not every installation has
COMPRESS2RS = (
    "balance -l; resub -K 6 -l; rewrite -l; resub -K 6 -N 2 -l; refactor -l; resub -K 8 -l; "
    "balance -l; resub -K 8 -N 2 -l; rewrite -l; resub -K 10 -l; rewrite -z -l; "
    "resub -K 10 -N 2 -l; balance -l; resub -K 12 -l; refactor -z -l; resub -K 12 -N 2 -l; "
    "rewrite -z -l; balance -l"
)
SCRIPTS = {
    "`strash; if -a`": "strash; if -K {k} -a",
    "`compress2rs; dch; if -a; mfs2 -a`": (
        "strash; " + COMPRESS2RS + "; dch; if -K {k} -a; mfs2 -a"
    ),
}


def write_blif(net: Netlist, path: Path) -> None:
    """The netlist as BLIF: nets are ``n0 …``, outputs ``o0 …``."""
    net = tidy(net)
    lines = [
        ".model net",
        ".inputs " + " ".join(f"n{i}" for i in range(net.inputs)),
        ".outputs " + " ".join(f"o{i}" for i in range(len(net.outputs))),
    ]
    rows = zip(net.table.tolist(), net.fanin.tolist(), arity(net).tolist())
    for number, (table, fanin, reads) in enumerate(rows, net.inputs):
        names = "".join(f"n{read} " for read in fanin[:reads])
        lines.append(f".names {names}n{number}")
        values = [
            table >> ((1 << net.k) - 1 - (index << (net.k - reads))) & 1  # the high bits are in use
            for index in range(1 << reads)
        ]
        if not reads:
            lines += ["1"] * values[0]
            continue
        fewer = int(2 * sum(values) <= len(values))  # ABC builds a gate from what is listed
        lines += [f"{i:0{reads}b} {fewer}" for i, value in enumerate(values) if value == fewer]
    lines += [f".names n{output} o{i}\n1 1" for i, output in enumerate(net.outputs.tolist())]
    path.write_text("\n".join([*lines, ".end", ""]))


def count_blif(path: Path) -> int:
    """LUTs of two inputs or more in a BLIF file."""
    text = path.read_text().replace("\\\n", " ")
    return sum(len(line.split()) > 3 for line in text.splitlines() if line.startswith(".names"))


def luts(net: Netlist) -> int:
    """LUTs of two inputs or more."""
    return int((arity(tidy(net)) > 1).sum())


def find_abc() -> str | None:
    """ABC's program, if there is one."""
    known = map(shutil.which, ("berkeley-abc", "yosys-abc", "abc"))
    return next(filter(None, known), None)


def trained(folder: Path) -> Model:
    """The model of a folder."""
    with np.load(folder / "testset.npz") as rows:
        inputs = int(rows["n_bits"])
    return lgc.load(
        folder / "state_dict.pt", wiring=folder / "indices.pt", classes=10, tau=1, inputs=inputs
    )


def run(abc: str, script: str) -> str:
    """What ABC prints."""
    done = subprocess.run([abc, "-q", script], capture_output=True, text=True, check=True)
    return done.stdout


def equivalent(abc: str | None, one: Path, other: Path) -> str:
    """Whether two BLIF files are proved equal."""
    if abc is None:
        return "–"
    return "yes" if "are equivalent" in run(abc, f"cec {one} {other}") else "**no**"


def circuits(folder: Path | None) -> Iterator[tuple[str, Netlist]]:
    """The circuits of a model after ``O2``."""
    model = lgc.optimize(lgc.load(demo.model_path()) if folder is None else trained(folder))
    name = folder.name if folder else "digits (shipped)"
    yield f"{name}, core", lower(model.chain, "bits").net
    yield f"{name}, complete", lower(model.chain, "scores").net


def ours(net: Netlist, one: NetlistPass) -> tuple[Netlist, float]:
    """lgc's LUTs and seconds."""
    one.rewrite(net)
    start = time.perf_counter()
    mapped = one.rewrite(net)
    return mapped, time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--model", type=Path, action="append", help="model folder; repeatable")
    parser.add_argument("--abc", help="ABC's program; by default berkeley-abc, yosys-abc or abc")
    parser.add_argument("--k", type=int, nargs="+", default=[3, 4, 6], help="LUT inputs")
    parser.add_argument("--quick", action="store_true", help="only ABC's first script")
    options = parser.parse_args()
    scripts = dict(list(SCRIPTS.items())[: 1 if options.quick else None])
    abc = options.abc or find_abc()

    head = ["circuit", "gates", "k", f"lgc {lgc.__version__} `map-lut`", "lgc `rewrite{cost=lut3}`"]
    head += [f"ABC {name}" for name in scripts]
    print("| " + " | ".join([*head, "fewest", "equivalent?"]) + " |")
    print("|---" * (len(head) + 2) + "|")
    for folder in options.model or [None]:
        for name, net in circuits(folder):
            with tempfile.TemporaryDirectory() as scratch:
                source, mine, theirs = (Path(scratch, f"{part}.blif") for part in ("in", "a", "b"))
                write_blif(net, source)
                for k in options.k:
                    counts, proofs = list[int](), list[str]()
                    cells = [name, f"{luts(net):,}", str(k)]
                    for one in (MapLut(k=k), Rewrite(cost="lut3") if k == 3 else None):
                        if one is None:
                            cells.append("–")
                            continue
                        mapped, spent = ours(net, one)
                        write_blif(mapped, mine)
                        counts.append(luts(mapped))
                        proofs.append(equivalent(abc, source, mine))
                        cells.append(f"{counts[-1]:,} ({spent:.2f} s)")
                    lgcs = len(counts)
                    for script in scripts.values():
                        if abc is None:
                            cells.append("–")
                            continue
                        start = time.perf_counter()
                        commands = script.format(k=k)
                        run(abc, f"read_blif {source}; {commands}; write_blif {theirs}")
                        spent = time.perf_counter() - start
                        counts.append(count_blif(theirs))
                        proofs.append(equivalent(abc, source, theirs))
                        cells.append(f"{counts[-1]:,} ({spent:.1f} s)")
                    winner = "lgc" if int(np.argmin(counts)) < lgcs else "ABC"
                    print(f"| {' | '.join([*cells, winner, ', '.join(proofs)])} |", flush=True)


if __name__ == "__main__":
    main()
