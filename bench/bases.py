"""Gate counts of lgc's ``to-basis`` beside ABC's mapping with a library of the same gates.

    python bench/bases.py                                       # the shipped digits net
    python bench/bases.py --model DIR --model DIR --basis nand mux --abc PATH

A model folder holds ``state_dict.pt``, ``indices.pt`` and ``testset.npz``; both programs get the
circuit up to the last layer that ``O2`` leaves. Counted are all gates but constants, inverters
included. ABC's library holds what one gate of the basis computes when it reads a net twice or a
constant too (an inverter, AND and OR of a majority), at the price of that gate. ABC's own ``cec``
proves every result equal to the circuit; a time is the whole call of ABC, or the pass alone for lgc
(the first call, which searches the programs of the basis, left out). Without ABC its columns hold a
dash.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from pathlib import Path

from luts import circuits, equivalent, find_abc, luts, run, write_blif

import lgc
from lgc.netlist import Netlist
from lgc.passes.to_basis import ToBasis
from lgc.surgery import arity, tidy

NOT = {"inv": ["0"]}
LIBRARY: dict[str, dict[str, list[str]]] = {
    "nand": {**NOT, "nand": ["0-", "-0"]},
    "nor": {**NOT, "nor": ["00"]},
    "and-not": {**NOT, "and": ["11"]},
    "or-not": {**NOT, "or": ["1-", "-1"]},
    "xag": {**NOT, "and": ["11"], "xor": ["10", "01"]},
    "mig": {**NOT, "and": ["11"], "or": ["1-", "-1"], "maj": ["11-", "1-1", "-11"]},
    "mux": {
        **NOT, "and": ["11"], "or": ["1-", "-1"], "andn": ["10"], "orn": ["1-", "-0"],
        "mux": ["11-", "0-1"],
    },
}  # fmt: skip
"""Gates of area 1 by their cubes, as BLIF writes them."""

SCRIPTS = ("map -a", "dch; map -a", "dch; amap")


def write_library(basis: str, path: Path) -> None:
    """A genlib file."""
    lines = ["GATE zero 0 O=CONST0;", "GATE one 0 O=CONST1;"]
    for name, cubes in LIBRARY[basis].items():
        products = [
            "*".join("!" * (sign == "0") + pin for sign, pin in zip(cube, "ABC") if sign != "-")
            for cube in cubes
        ]
        lines.append(f"GATE {name} 1 O={'+'.join(products)}; PIN * UNKNOWN 1 999 1 0 1 0")
    path.write_text("\n".join([*lines, ""]))


def write_plain(basis: str, mapped: Path, plain: Path) -> None:
    """A mapped BLIF file without gates of a library, which ABC's ``cec`` reads with none."""
    cubes = {**LIBRARY[basis], "zero": [], "one": [""]}
    lines: list[str] = []
    for line in mapped.read_text().replace("\\\n", " ").splitlines():
        if line.startswith(".gate"):
            _, name, *pins = line.split()
            lines.append(".names " + " ".join(pin.partition("=")[2] for pin in pins))
            lines += [f"{cube} 1".strip() for cube in cubes[name]]
        elif line.startswith(".barbuf"):
            lines += [line.replace(".barbuf", ".names"), "1 1"]
        else:
            lines.append(line)
    plain.write_text("\n".join([*lines, ""]))


def gates(net: Netlist) -> int:
    """All gates but constants."""
    return int((arity(tidy(net)) > 0).sum())


def ours(net: Netlist, basis: str) -> tuple[Netlist, float]:
    """lgc's netlist and seconds."""
    step = ToBasis(basis=basis)
    step.rewrite(net)
    start = time.perf_counter()
    made = step.rewrite(net)
    return made, time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--model", type=Path, action="append", help="model folder; repeatable")
    parser.add_argument("--abc", help="ABC's program; by default berkeley-abc, yosys-abc or abc")
    parser.add_argument("--basis", nargs="+", choices=LIBRARY, default=list(LIBRARY))
    options = parser.parse_args()
    abc = options.abc or find_abc()

    scripts = [f"ABC `{script}`" for script in SCRIPTS]
    head = ["circuit", "gates", "basis", f"lgc {lgc.__version__}", *scripts, "lgc / ABC's best"]
    print("| " + " | ".join([*head, "equivalent?"]) + " |")
    print("|---" * (len(head) + 1) + "|")
    for folder in options.model or [None]:
        name, net = next(circuits(folder))
        with tempfile.TemporaryDirectory() as scratch:
            names = ("in.blif", "a.blif", "mapped.blif", "b.blif", "gates.genlib")
            source, mine, mapped, theirs, library = (Path(scratch, name) for name in names)
            write_blif(net, source)
            for basis in options.basis:
                made, spent = ours(net, basis)
                write_blif(made, mine)
                proofs, counts = [equivalent(abc, source, mine)], list[int]()
                cells = [name, f"{luts(net):,}", basis, f"{gates(made):,} ({spent:.1f} s)"]
                write_library(basis, library)
                for script in SCRIPTS if abc else ():
                    start = time.perf_counter()
                    said = run(
                        abc,
                        f"read_genlib {library}; read_blif {source}; strash; {script}; "
                        f"print_stats; write_blif {mapped}",
                    )
                    spent = time.perf_counter() - start
                    area = re.search(r"area =\s*([0-9.]+)", said)
                    assert area is not None, said
                    counts.append(round(float(area[1])))
                    write_plain(basis, mapped, theirs)
                    proofs.append(equivalent(abc, source, theirs))
                    cells.append(f"{counts[-1]:,} ({spent:.1f} s)")
                if counts:
                    cells.append(f"{gates(made) / min(counts):.3f}")
                else:
                    cells += ["–"] * (len(SCRIPTS) + 1)
                print(f"| {' | '.join([*cells, ', '.join(proofs)])} |", flush=True)


if __name__ == "__main__":
    main()
