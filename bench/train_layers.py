"""Training: layers and networks of gates, beside difflogic's Python or its CUDA kernels.

    python bench/train_layers.py --difflogic FOLDER [--fetch]
    python bench/train_layers.py --device cuda [--width 8000 --width 64000]

Milliseconds, medians of calls that take turns: one layer, forward and backward, and a whole
training step, which is scores, cross-entropy, gradients and Adam. Both networks have the same
weights and wiring; the largest difference of their scores is printed. On a CPU difflogic's Python
layers are the peer, which need its source alone; they have all threads of torch, while lgc, whose
layers have threads of their own, leaves torch one, as `lgc train` does. On a GPU the peer are
difflogic's CUDA kernels, which are compiled when it is installed: ``pip install
--no-build-isolation difflogic``. Says what is missing where there is no GPU, no Triton or no
difflogic.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import statistics
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch

from lgc import nn
from lgc.nn import operators
from lgc.peers import difflogic as peer
from lgc.peers.fetch import fetch

CLASSES, TAU = 10, 10.0


def found(module: str, without: str) -> Any:
    """A module, or nothing and a line that says so."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        print(f"{module} is missing ({error}): {without}")
        return None


def pair(layer: nn.LogicLayer, difflogic: Any, device: str) -> torch.nn.Module:
    """difflogic's layer with the same weights and wiring."""
    made = difflogic.LogicLayer(layer.in_dim, layer.out_dim, device=device)
    with torch.no_grad():
        layer.weights.copy_(made.weights)
        layer.indices.copy_(torch.stack(tuple(made.indices)))
    return made


def networks(width: int, options: argparse.Namespace, difflogic: Any) -> dict[str, Any]:
    """Layers and GroupSum of each library."""
    sizes = [options.inputs, *[width] * options.layers]
    layers = [nn.LogicLayer(*each, device=options.device) for each in pairwise(sizes)]
    made = {"lgc": torch.nn.Sequential(*layers, nn.GroupSum(CLASSES, TAU))}
    if difflogic is not None:
        theirs = [pair(layer, difflogic, options.device) for layer in layers]
        made["difflogic"] = torch.nn.Sequential(*theirs, difflogic.GroupSum(CLASSES, TAU))
    return made


def layer_call(
    layer: torch.nn.Module, width: int, options: argparse.Namespace, rows: bool
) -> Callable[[], None]:
    """Forward and backward of one layer; its input lies as the layer before leaves it."""
    shape = (options.batch, width) if rows else (width, options.batch)
    x, gradient = (torch.rand(shape, device=options.device) for _ in range(2))
    x, gradient = (x, gradient) if rows else (x.t(), gradient.t())
    x.requires_grad_()

    def call() -> None:
        x.grad = None
        layer(x).backward(gradient)

    return call


def step_call(net: torch.nn.Module, x: torch.Tensor, y: torch.Tensor) -> Callable[[], None]:
    """One training step."""
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01, fused=True)

    def call() -> None:
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(net(x), y).backward()
        optimiser.step()

    return call


def timed(call: Callable[[], None], device: str, threads: int) -> float:
    """Milliseconds of a call, with so many threads of torch; on a GPU by its own events."""
    if device == "cpu":
        torch.set_num_threads(threads)
        start = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):  # difflogic prints types in every call
            call()
        return 1000 * (time.perf_counter() - start)
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    begin.record()
    call()
    end.record()
    end.synchronize()
    return begin.elapsed_time(end)


def milliseconds(
    calls: dict[str, Callable[[], None]], options: argparse.Namespace
) -> dict[str, float]:
    """Medians, the calls in turn."""
    warm = 2 if options.device == "cpu" else 5  # the first ones compile and allocate
    spent: dict[str, list[float]] = {name: [] for name in calls}
    threads = torch.get_num_threads()
    for number in range(options.rounds + warm):
        for name, call in calls.items():
            passed = timed(call, options.device, 1 if name == "lgc" else threads)
            if number >= warm:
                spent[name].append(passed)
    torch.set_num_threads(threads)
    return {name: statistics.median(each) for name, each in spent.items()}


def kept(net: torch.nn.Module, x: torch.Tensor) -> float:
    """MiB that scores keep for their gradients, each piece of memory counted once."""
    held: dict[int, int] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        held[storage.data_ptr()] = storage.nbytes()
        return tensor

    made: list[torch.Tensor] = []  # what is kept stays, so that no address is used twice
    with (
        torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        made.append(net(x))
    return sum(held.values()) / 2**20


def row(what: str, figures: dict[str, float], unit: str) -> None:
    told = ", ".join(f"{name} {figure:,.3f} {unit}" for name, figure in figures.items())
    more = f"; {figures['difflogic'] / figures['lgc']:.2f} times" if len(figures) > 1 else ""
    print(f"  {what}: {told}{more}")


def measure(width: int, options: argparse.Namespace, difflogic: Any) -> None:
    print(f"{options.layers} x {width:,}, batch {options.batch}, {options.inputs} bits")
    made = networks(width, options, difflogic)
    x = torch.randint(0, 2, (options.batch, options.inputs), device=options.device).float()
    y = torch.randint(0, CLASSES, (options.batch,), device=options.device)
    if len(made) > 1:
        with contextlib.redirect_stdout(io.StringIO()):
            apart = (made["lgc"](x) - made["difflogic"](x)).abs().max().item()
        print(f"  scores differ by at most {apart:.1e}")
    as_rows = options.device == "cpu"  # how difflogic's Python layers leave their results
    calls = {
        name: layer_call(net[1], width, options, as_rows and name == "difflogic")
        for name, net in made.items()
    }
    row("one layer, forward and backward", milliseconds(calls, options), "ms")
    calls = {name: step_call(net, x, y) for name, net in made.items()}
    row("training step", milliseconds(calls, options), "ms")
    row("kept for gradients", {name: kept(net, x) for name, net in made.items()}, "MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description="Training layers of gates beside difflogic.")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--difflogic", type=Path, metavar="FOLDER", help="difflogic's source")
    parser.add_argument("--fetch", action="store_true", help="download it there first")
    parser.add_argument("--width", type=int, action="append", help="8000; on a GPU also 64000")
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--inputs", type=int, default=784)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=21)
    options = parser.parse_args()
    if options.device == "cpu":
        if options.fetch:
            fetch(options.difflogic)
        difflogic = peer.load(options.difflogic) if options.difflogic else None
        print(f"CPU, {torch.get_num_threads()} threads of torch {torch.__version__}")
        widths = (8000,)
    else:
        triton = found("triton", "layers of lgc run by torch's own operations")
        difflogic = found("difflogic", "lgc alone is measured")
        if not torch.cuda.is_available():
            raise SystemExit("there is no GPU that torch can use: nothing to measure")
        versions = f"torch {torch.__version__}, Triton {getattr(triton, '__version__', 'none')}"
        print(f"{torch.cuda.get_device_name()}, {versions}")
        widths = (8000, 64000)
    torch.manual_seed(0)
    for width in options.width or widths:
        measure(width, options, difflogic)
    if operators.failures():
        raise SystemExit(f"Triton failed, these are figures of torch: {operators.failures()[0]}")


if __name__ == "__main__":
    main()
