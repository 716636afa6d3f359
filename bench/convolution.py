"""Convolutional nets of LogicTreeNet's architecture with random gates: time to compile, images/s.

``python bench/convolution.py --size S --size M --size B``; with ``--torchlogix PYTHON``, a Python
of 3.12 or newer that has it, the same circuit goes through torchlogix's C code (gcc -O0, words of
64 bits, its simplification first), both are called in turn on the same rows of bools, and every
score is compared.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
from torchlogix_verilog import INSTALL, circuit
from tree_nets import SIZES, raw_gates, tree_net

import lgc
from lgc.interfaces import Kernel
from lgc.model import Model

WORKER = """\
import json, sys, time
import numpy as np
from torchlogix.circuit import Circuit
folder = sys.argv[1]
start = time.perf_counter()
made = Circuit.from_json_file(folder + "/circuit.json")
made.simplify()
simplified = time.perf_counter() - start
start = time.perf_counter()
made.compile(opt_level=0, pack_bits=64)
print(json.dumps([len(made.gates), simplified, time.perf_counter() - start]), flush=True)
rows = np.load(folder + "/rows.npy")
for line in sys.stdin:
    start = time.perf_counter()
    scores = made(rows, use_compiled=True)
    spent = time.perf_counter() - start
    np.save(folder + "/scores.npy", scores)
    print(spent, flush=True)
"""


def median(call: Callable[[], object], times: int) -> float:
    """Seconds of a call."""
    spent: list[float] = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        spent.append(time.perf_counter() - start)
    return float(np.median(spent))


def compiled(model: Model) -> tuple[Kernel, float]:
    """A kernel made from scratch, every pass checked, and the seconds that took."""
    start = time.perf_counter()
    kernel = lgc.compile(model)
    return kernel, time.perf_counter() - start


def against(python: str, rows: int, times: int) -> None:
    """Size S beside torchlogix, calls in turn."""
    model = tree_net("S", encoder=False)
    bits = np.random.default_rng(0).random((rows, model.chain.features)) < 0.5
    unrolled = lgc.optimize(model, "unroll-map", check="off")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "circuit.json").write_text(json.dumps(circuit(unrolled.chain, "complete")))
        np.save(Path(folder, "rows.npy"), bits)
        worker = subprocess.Popen(
            [python, "-c", WORKER, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert worker.stdin is not None
        assert worker.stdout is not None
        told = worker.stdout.readline()
        if not told:
            sys.exit(f"{INSTALL}")
        gates, simplified, made = json.loads(told)
        kernel, seconds = compiled(model)
        own: list[float] = []
        theirs: list[float] = []
        for _ in range(times):
            worker.stdin.write("run\n")
            worker.stdin.flush()
            theirs.append(float(worker.stdout.readline()))
            start = time.perf_counter()
            counts = kernel.counts(bits, threads=1)
            own.append(time.perf_counter() - start)
        same = np.array_equal(np.load(Path(folder, "scores.npy")).reshape(counts.shape), counts)
        worker.stdin.close()
        worker.wait()
    click.echo(
        f"S, rows of {bits.shape[1]:,} bools, {rows:,} rows, one thread, scores equal: {same}\n"
        f"  torchlogix  {gates:,} gates, {simplified:.1f} s to simplify, {made:.1f} s of gcc -O0, "
        f"{rows / np.median(theirs):,.0f} images/s\n"
        f"  lgc         {seconds:.1f} s, {rows / np.median(own):,.0f} images/s, "
        f"{np.median(np.array(theirs) / np.array(own)):.1f} times as many"
    )


def alone(size: str, rows: int, times: int) -> None:
    """A line about a size."""
    model = tree_net(size)
    x = np.random.default_rng(0).integers(0, 256, (rows, 3072), dtype=np.uint8)
    kernel, seconds = compiled(model)
    few = x[:32]
    same = np.array_equal(model.evaluate(few).counts, kernel.counts(few))
    spent = median(lambda: kernel.predict(x, threads=1), times)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    click.echo(
        f"{size}: {raw_gates(model):,} gates, {model.gates:,} of them different; compiled in "
        f"{seconds:.1f} s, {memory:.2f} GiB at most; {rows / spent:,.0f} images/s from bytes, "
        f"one thread; {len(few)} rows as the reference: {same}"
    )


@click.command(help=__doc__)
@click.option("--size", "sizes", type=click.Choice(list(SIZES)), multiple=True, default=["S"])
@click.option("--rows", default=4096, show_default=True, help="Images.")
@click.option("--times", default=5, show_default=True, help="Calls, of which the median counts.")
@click.option("--torchlogix", help="A Python that has torchlogix, to be compared with.")
def main(sizes: tuple[str, ...], rows: int, times: int, torchlogix: str | None) -> None:
    for size in sizes:
        alone(size, rows, times)
    if torchlogix is not None:
        against(torchlogix, rows, times)


if __name__ == "__main__":
    main()
