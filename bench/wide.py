"""Wide tables: a DWN of LUTs of six inputs, as gates of three and as a kernel.

    python bench/wide.py [--luts 2400] [--n 6]

Tables and wiring are random, which is the worst that training could leave. Prints gates of three
for each LUT, seconds of each step, and images a second of the whole call, rows in and classes out,
on one thread: bits packed, and numbers behind a thermometer of 200 levels for 16 features.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import lgc
from lgc.chain import Sums, build_module
from lgc.netlist import Netlist
from lgc.splitting import split

FEATURES, LEVELS, CLASSES = 16, 200, 5


def net_of(luts: int, n: int, seed: int) -> Netlist:
    """One layer of random LUTs over the bits of the thermometer."""
    random, bits = np.random.default_rng(seed), FEATURES * LEVELS
    table = random.integers(0, 1 << 64, luts, np.uint64) >> np.uint64(64 - (1 << n))
    reads = np.stack([random.permutation(bits)[:n] for _ in range(luts)])
    return Netlist(bits, table, reads.astype(np.int32), np.arange(bits, bits + luts))


def best(call: Callable[[], Any], rounds: int) -> float:
    """Seconds of the fastest call."""
    seconds: list[float] = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description="Wide tables as gates of three and as a kernel.")
    parser.add_argument("--luts", type=int, default=2400)
    parser.add_argument("--n", type=int, default=6)
    parser.add_argument("--rows", type=int, default=8192)
    parser.add_argument("--rounds", type=int, default=41)
    options = parser.parse_args()
    net, random = net_of(options.luts, options.n, 0), np.random.default_rng(1)
    start = time.perf_counter()
    made = split(net, 3)
    seconds = time.perf_counter() - start
    print(f"{options.luts:,} LUTs of {options.n} inputs, {net.inputs:,} bits, {CLASSES} classes")
    print(f"  gates of three: {made.gates:,}, {made.gates / net.gates:.2f} a LUT, {seconds:.1f} s")

    sums = Sums(CLASSES)
    feature = np.repeat(np.arange(FEATURES), LEVELS)
    level = np.tile(np.linspace(1, 253, LEVELS).astype(np.uint8), FEATURES)
    x = random.integers(0, 256, (options.rows, FEATURES)).astype(np.uint8)
    bits = np.ascontiguousarray(x[:, feature] > level)
    models = {
        "packed bits": (
            build_module(net.inputs, [net], sums),
            lgc.packed(np.packbits(bits, axis=1), net.inputs),
        ),
        "uint8 rows": (
            build_module(FEATURES, [net], sums, feature=feature, level=level),
            x,
        ),
    }
    for name, (module, rows) in models.items():
        model = lgc.Model(module)
        start = time.perf_counter()
        kernel = lgc.compile(model)
        seconds = time.perf_counter() - start
        assert (kernel.counts(rows) == model.evaluate(rows).counts).all()
        spent = best(lambda k=kernel, r=rows: k.predict(r, threads=1), options.rounds)
        rate, gates = options.rows / spent, kernel.info["program_gates"]
        print(
            f"  {name}: {rate / 1e6:.2f} M images/s, {gates:,} gates with the sums, "
            f"{rate * gates / 1e12:.2f} T gates/s; compiled in {seconds:.1f} s"
        )


if __name__ == "__main__":
    main()
