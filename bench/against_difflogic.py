"""lgc beside difflogic's compiled C: the same net, rows and process, call by call in turn.

    python bench/against_difflogic.py --difflogic SOURCE                    # the shipped digits net
    python bench/against_difflogic.py --difflogic SOURCE --model DIR --cache FILE.so

SOURCE is difflogic's unpacked source distribution (``bench/peer_difflogic.py --fetch SOURCE``).
A model folder holds ``state_dict.pt``, ``indices.pt``, ``testset.npz`` and ``golden.npz``. Both get
bool rows and give classes; one thread each. The ratio is the median over pairs of calls.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

import numpy as np
import peer_difflogic as peer
import torch
from numpy.typing import NDArray

import lgc
from lgc import demo


def seconds(call: object, x: NDArray[np.bool_]) -> float:
    """Time of one call."""
    start = time.perf_counter()
    call(x)  # type: ignore[operator]
    return time.perf_counter() - start


def digits(rows: int) -> tuple[lgc.Model, list, list, NDArray[np.bool_]]:
    """The shipped net on its bits: the thermometer stays outside, as difflogic needs it."""
    model = lgc.load(demo.model_path())
    with np.load(demo.model_path()) as arrays:
        count = sum(name.endswith(".weights") for name in arrays)
        weights = [arrays[f"{i + 1}.weights"] for i in range(count)]
        wiring = [tuple(arrays[f"{i + 1}.indices"]) for i in range(count)]
    chain = model.chain
    x = demo.images()[0]
    bits = x[:, chain.feature] > chain.level
    model = lgc.load(demo.model_path(), inputs=chain.bits, input="bool")
    return model, weights, wiring, bits[np.arange(rows) % len(bits)]


def folder(path: Path, rows: int) -> tuple[lgc.Model, list, list, NDArray[np.bool_]]:
    """A model folder."""
    weights, wiring = peer.read_layers(path)
    bits, _ = peer.read_test_rows(path, rows)
    model = lgc.load(
        path / "state_dict.pt",
        wiring=path / "indices.pt",
        classes=10,
        tau=1.0,
        inputs=bits.shape[1],
    )
    return model, weights, wiring, bits


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--difflogic", type=Path, help="unpacked source distribution")
    parser.add_argument("--model", type=Path, help="model folder; default: the shipped digits net")
    parser.add_argument("--cache", type=Path, help="keep difflogic's compiled .so in this file")
    parser.add_argument("--opt", type=int, default=1, help="gcc's optimisation level")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=31)
    options = parser.parse_args()
    torch.set_num_threads(1)
    peer.load_peer(options.difflogic)

    build = folder(options.model, options.rows) if options.model else digits(options.rows)
    model, weights, wiring, x = build
    start = time.perf_counter()
    optimised = lgc.optimize(model)
    kernel = lgc.compile(optimised)
    ours = time.perf_counter() - start
    handle = peer.compile(
        peer.build(weights, wiring, x.shape[1], 10, 1.0), opt=options.opt, cache=options.cache
    )

    def theirs(batch: NDArray[np.bool_]) -> NDArray[np.int64]:
        return handle(batch).argmax(1).numpy()

    assert np.array_equal(kernel.predict(x), theirs(x)), "the two disagree"
    packed = lgc.packed(x)
    pairs = [
        (seconds(kernel.predict, x), seconds(kernel.predict, packed), seconds(theirs, x))
        for _ in range(options.runs)
    ]
    own, own_packed, other = (statistics.median(column) for column in zip(*pairs))
    ratio = statistics.median(b / a for a, _, b in pairs)
    ratio_packed = statistics.median(b / a for _, a, b in pairs)

    def rate(spent: float) -> str:
        return f"{options.rows / spent / 1e6:.2f} M/s"

    name = options.model.name if options.model else "digits (shipped)"
    print(f"| {name}, {model.gates:,} gates | compile | bool rows | packed bits |")
    print("|---|---|---|---|")
    compiled = f"{handle.wall_seconds:.1f} s" + (" (cached)" if handle.cached else "")
    print(f"| difflogic 0.1.0, gcc -O{options.opt}, 64 bits | {compiled} | {rate(other)} | – |")
    print(f"| lgc {lgc.__version__} | {ours:.1f} s | {rate(own)} | {rate(own_packed)} |")
    print(f"| ratio | {handle.wall_seconds / ours:.0f} × | {ratio:.1f} × | {ratio_packed:.1f} × |")


if __name__ == "__main__":
    main()
