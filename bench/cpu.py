"""The CPU engine's figures as Markdown tables, beside difflogic's compiled C.

    python bench/cpu.py --difflogic FOLDER --fetch                    # the shipped digits net
    python bench/cpu.py --model DIR --difflogic FOLDER --cache KEPT   # a model folder
    python bench/cpu.py --gates 1000000                               # and a generated net

A model folder holds ``state_dict.pt``, ``indices.pt`` and ``testset.npz``. difflogic is compiled
by gcc, which takes minutes for 48,000 gates (``--cache`` keeps it); where difflogic is not given
its cells are "–". All calls of a table take turns in one process, have agreed on every row
before, and get the same rows; ratios are medians over turns. What starts from nothing runs in
processes of its own, with lgc's disk cache off or its own.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

import llvmlite.binding as llvm
import numpy as np
from nets import Net, digits, folder, generated

import lgc
from lgc import benchmark, peers, registry
from lgc.errors import LgcError
from lgc.interfaces import Kernel
from lgc.peers import Options, Peer
from lgc.peers.fetch import fetch
from lgc.timing import alternate, median, ratio

LARGE = 200_000
"""Rows for two threads; at most 256 MiB of bools."""

Line = tuple[str, str]


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def fresh(what: str, net: Net, cache: Path | None) -> dict[str, float]:
    """`fresh.py` with lgc's disk cache in that folder, or off."""
    say(f"{what} in a process of its own, cache {'off' if cache is None else 'on'}")
    kept = {"LGC_CACHE_SIZE": "0"} if cache is None else {"LGC_CACHE_DIR": str(cache)}
    script = Path(__file__).with_name("fresh.py")
    done = subprocess.run(
        [sys.executable, str(script), what, json.dumps(net.load)],
        env={**{k: v for k, v in os.environ.items() if k != "LGC_CACHE_SIZE"}, **kept},
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout)


def from_nothing(net: Net, home: Path) -> list[Line]:
    """Compiling and the first prediction, from a checkpoint in a new process."""
    cache = Path(tempfile.mkdtemp(dir=home))
    cold = fresh("compile", net, None)
    fresh("compile", net, cache)
    warm = fresh("compile", net, cache)
    first, again = fresh("first", net, None), fresh("first", net, cache)

    def running(label: str, at: dict[str, float]) -> Line:
        steps = f"load {at['load']:.2f} s, compile {at['compile']:.2f} s"
        return label, f"**{at['load'] + at['compile']:.2f} s** ({steps})"

    def predicted(label: str, at: dict[str, float]) -> Line:
        steps = f"compile(lazy=True) {at['compile']:.3f} s, predict {at['predict']:.3f} s"
        return label, f"**{at['compile'] + at['predict']:.3f} s** ({steps})"

    return [
        running("checkpoint to running kernel, disk cache off", cold),
        running("the same from the disk cache", warm),
        ("largest resident memory of compiling", f"**{cold['bytes'] / 2**30:.2f} GiB**"),
        predicted("first prediction after load, new process, disk cache off", first),
        predicted("the same, lgc's runtime in the disk cache", again),
    ]


def first_here(net: Net) -> Line:
    """The first prediction in this process, which has lgc's runtime and loops already."""
    times: list[float] = []
    with patch.dict(os.environ, {"LGC_CACHE_SIZE": "0"}):
        for _ in range(3):
            model = net.model()
            start = time.perf_counter()
            kernel = lgc.compile(model, lazy=True)
            kernel.predict(net.x[:1])
            times.append(time.perf_counter() - start)
            kernel.wait()
    return "the same in a process that compiled before, disk cache off", f"**{min(times):.3f} s**"


def two_threads(kernel: Kernel, net: Net) -> Line:
    rows = min(LARGE, (256 << 20) // net.x.shape[1])
    large = net.x[np.arange(rows) % len(net.x)]
    found: list[str] = []
    for name, batch in (("bool rows", large), ("packed bits", lgc.packed(large))):
        calls = [lambda batch=batch, n=n: kernel.predict(batch, threads=n) for n in (1, 2)]
        found.append(f"{name} **{ratio(alternate(calls, 11, 0.0), 0, 1):.2f} ×**")
    return f"two threads over one, {rows:,} rows", ", ".join(found)


def batch_of_one(kernel: Kernel, net: Net, plane: float) -> Line:
    one = net.x[:1]
    spent = median(lambda: kernel.predict(one), 2000)
    share = f"{spent / plane:.1f} × one plane's gates ({plane * 1e6:.1f} µs)"
    return "batch of 1, whole call from Python", f"**{spent * 1e6:.1f} µs**, {share}"


def limits(measured: benchmark.Measured) -> list[Line]:
    """Phases, and the share of the limits measured in this run."""
    traffic, most, got = measured.traffic, measured.limits, measured.share
    phases = [f"{name} {s / measured.rows * 1e9:.1f}" for name, s in measured.phases.items()]
    rate = f"{got.gate_bits / 1e12:.2f} of {most.gate_bits / 1e12:.2f} T/s"
    gates = f"{traffic.gates:,} gates a plane, {traffic.sums:,} of them class sums"
    lines = [
        ("ns an image, bool rows", ", ".join(phases)),
        (f"gates on registers, {most.instruction}", f"{rate}, **{got.gate_share:.0%}** ({gates})"),
    ]
    facts = [f"{traffic.loads:,} loads, {traffic.stores:,} stores a plane"]
    for level, missed in traffic.misses.items():
        text = f"{missed.loads:,} loads, {missed.stores:,} stores miss {level}"
        facts.append(f"{text}, {missed.returned:,} planes return")
    for level, fact in zip(measured.levels, facts):
        reached, part = got.bandwidth[level] / 1e9, got.bandwidth_share[level]
        rate = f"{reached:.0f} of {reached / max(part, 1e-9):.0f} GB/s"
        lines.append((f"planes from {level}", f"{rate}, **{part:.0%}** ({fact})"))
    level, got_rows, part = measured.reading
    rate = f"{got_rows / 1e9:.0f} of {most.bandwidth[level] / 1e9:.0f} GB/s"
    planes, code = measured.plane_bytes / 1024, measured.info["program_bytes"] / 1024
    return [
        *lines,
        (f"bool rows from {level}, while they are packed", f"{rate}, **{part:.0%}**"),
        ("planes in all, code and records", f"{planes:,.0f} KiB, {code:,.0f} KiB"),
    ]


def rivals(net: Net, options: argparse.Namespace) -> list[Peer]:
    """difflogic at each level and word, or nothing where it is not given."""
    made: list[Peer] = []
    for level in options.levels:
        for word in options.words:
            settings = Options(options.difflogic, options.cache, level, word, say=say)
            try:
                made.append(peers.make("difflogic", net.model().module, settings))
            except LgcError as error:
                if options.difflogic is not None:
                    raise
                say(f"without difflogic: {error}")
                return []
    return made


def report(net: Net, others: list[Peer], home: Path, runs: int) -> None:
    """The tables of one network."""
    starting = from_nothing(net, home)
    say(f"compiling {net.name}")
    model, x = net.model(), net.x
    kernel = lgc.compile(model)
    sources = {"bool rows": x, "uint8 rows": x.view(np.uint8), "packed bits": lgc.packed(x)}
    some = model.evaluate(x[:4096]).classes
    want = others[0].predict(x) if others else kernel.predict(x)
    assert np.array_equal(some, want[:4096]), "the reference disagrees"
    for source, rows in sources.items():
        assert np.array_equal(kernel.predict(rows), want), f"lgc disagrees on {source}"
    for other in others:
        assert np.array_equal(other.predict(x), want), f"{other.title} disagrees"

    say(f"measuring {net.name}")
    calls = [lambda rows=rows: kernel.predict(rows, threads=1) for rows in sources.values()]
    calls += [lambda other=other: other.predict(x) for other in others]
    times = alternate(calls, runs)
    backend = registry.find("backends", "llvm")()
    measured = benchmark.measure(net.name, kernel, backend, x, repeat=runs)
    lines = [
        *starting,
        first_here(net),
        two_threads(kernel, net),
        batch_of_one(kernel, net, measured.plane),
        *limits(measured),
    ]

    chain, info = model.chain, kernel.info
    print(f"\n## {net.name}: {chain.gates:,} gates, {chain.bits} bits, {kernel.classes} classes\n")
    heads = [f"over {other.title}" for other in others] or ["over difflogic"]
    titles = [f"lgc, {source}" for source in sources] + [other.title for other in others]
    print(f"| {len(x):,} rows, classes out, one thread | images/s | {' | '.join(heads)} |")
    print("|---|---|" + "---|" * len(heads))
    for place, title in enumerate(titles):
        slow = range(len(sources), len(titles))
        cells = [f"{ratio(times, i, place):.1f} ×" for i in slow] or ["–"]
        rate = len(x) / np.median(times[:, place]) / 1e6
        print(f"| {title} | {rate:.2f} M | {' | '.join(cells)} |")
    if not others:
        print("| difflogic | – | – |")
    for other in others:
        earlier = " (in an earlier run)" if other.cached else ""
        lines.append((f"compile, {other.title}", f"{other.seconds:.1f} s{earlier}"))
    print(f"\n| {info['engine']} engine, planes of {info['plane_bits']} bits | |\n|---|---|")
    for label, value in lines:
        print(f"| {label} | {value} |")
    sys.stdout.flush()


def machine() -> str:
    """Processor and versions, and how busy the machine is."""
    name = platform.processor() or platform.machine()
    told = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    names = [line for line in told.splitlines() if line.startswith("model name")]
    if names:
        name = names[0].partition(":")[2].strip()
    try:
        gcc = subprocess.run(["gcc", "-dumpfullversion"], capture_output=True, text=True).stdout
    except OSError:
        gcc = "–"
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{name} ({llvm.get_host_cpu_name()}), {cores} cores, {platform.system()}; "
        f"lgc {lgc.__version__}, Python {platform.python_version()}, NumPy {np.__version__}, "
        f"LLVM {'.'.join(map(str, llvm.llvm_version_info))}, gcc {gcc.strip()}; "
        f"load at the start {load}."
    )


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--model", type=Path, help="model folder; default: the shipped digits net")
    parser.add_argument("--classes", type=int, default=10, help="of the model folder")
    parser.add_argument("--gates", type=int, default=0, help="a generated net of so many as well")
    parser.add_argument("--difflogic", type=Path, help="unpacked source distribution")
    parser.add_argument("--fetch", action="store_true", help="download it there with pip first")
    parser.add_argument("--cache", type=Path, help="folder that keeps what gcc made")
    parser.add_argument("--levels", type=numbers, default=[1, 3], help="gcc's -O, such as 1,3")
    parser.add_argument("--words", type=numbers, default=[64], help="difflogic's, such as 32,64")
    parser.add_argument("--rows", type=int, default=10_000, help="in a batch")
    parser.add_argument("--runs", type=int, default=31, help="of which the median counts")
    options = parser.parse_args()
    if options.fetch:
        if options.difflogic is None:
            parser.error("--fetch needs --difflogic FOLDER")
        fetch(options.difflogic)
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        given = options.model
        net = folder(given, options.rows, options.classes) if given else digits(options.rows)
        others = rivals(net, options)
        print(machine())
        report(net, others, home, options.runs)
        if options.gates:
            report(generated(options.gates, options.rows, home), [], home, options.runs)


if __name__ == "__main__":
    try:
        main()
    except LgcError as error:
        sys.exit(f"error: {error}")
