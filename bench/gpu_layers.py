"""Training on a GPU: layers and networks of gates, beside difflogic's CUDA kernels.

    python bench/gpu_layers.py [--width 8000 --width 64000] [--layers 6] [--batch 100]

Milliseconds by CUDA events, medians of calls that take turns: one layer, forward and backward, and
a whole training step, which is scores, cross-entropy, gradients and Adam. Both networks have the
same weights and wiring; the largest difference of their scores is printed. Says what is missing
where there is no GPU, no Triton or no difflogic (its CUDA extension is compiled when it is
installed: ``pip install --no-build-isolation difflogic``).
"""

from __future__ import annotations

import argparse
import importlib
import statistics
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch

from lgc import nn
from lgc.nn import operators

CLASSES, TAU = 10, 10.0


def found(module: str, without: str) -> Any:
    """A module, or nothing and a line that says so."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        print(f"{module} is missing ({error}): {without}")
        return None


def pair(layer: nn.LogicLayer, difflogic: Any) -> torch.nn.Module:
    """difflogic's layer with the same weights and wiring."""
    made = difflogic.LogicLayer(layer.in_dim, layer.out_dim, device="cuda", implementation="cuda")
    with torch.no_grad():
        layer.weights.copy_(made.weights)
        layer.indices.copy_(torch.stack(tuple(made.indices)))
    return made


def networks(width: int, options: argparse.Namespace, difflogic: Any) -> dict[str, Any]:
    """Layers and GroupSum of each library."""
    sizes = [options.inputs, *[width] * options.layers]
    layers = [nn.LogicLayer(*each, device="cuda") for each in pairwise(sizes)]
    made = {"lgc": torch.nn.Sequential(*layers, nn.GroupSum(CLASSES, TAU))}
    if difflogic is not None:
        theirs = [pair(layer, difflogic) for layer in layers]
        made["difflogic"] = torch.nn.Sequential(*theirs, difflogic.GroupSum(CLASSES, TAU))
    return made


def layer_call(layer: torch.nn.Module, width: int, batch: int) -> Callable[[], None]:
    """Forward and backward of one layer; planes as the layer before leaves them."""
    x = torch.rand(width, batch, device="cuda").t().requires_grad_()
    gradient = torch.rand(width, batch, device="cuda").t()

    def call() -> None:
        x.grad = None
        layer(x).backward(gradient)

    return call


def step_call(net: torch.nn.Module, x: torch.Tensor, y: torch.Tensor) -> Callable[[], None]:
    """One training step."""
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)

    def call() -> None:
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(net(x), y).backward()
        optimiser.step()

    return call


def milliseconds(calls: dict[str, Callable[[], None]], rounds: int) -> dict[str, float]:
    """Medians, the calls in turn."""
    spent: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(rounds + 5):
        for name, call in calls.items():
            start, stop = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            start.record()
            call()
            stop.record()
            stop.synchronize()
            if number >= 5:  # the first ones compile and allocate
                spent[name].append(start.elapsed_time(stop))
    return {name: statistics.median(each) for name, each in spent.items()}


def mebibytes(call: Callable[[], None]) -> float:
    """The most that is allocated during a call."""
    torch.cuda.reset_peak_memory_stats()
    call()
    return torch.cuda.max_memory_allocated() / 2**20


def row(what: str, figures: dict[str, float], unit: str) -> None:
    told = ", ".join(f"{name} {figure:,.3f} {unit}" for name, figure in figures.items())
    more = f"; {figures['difflogic'] / figures['lgc']:.2f} times" if len(figures) > 1 else ""
    print(f"  {what}: {told}{more}")


def measure(width: int, options: argparse.Namespace, difflogic: Any) -> None:
    print(f"{options.layers} x {width:,}, batch {options.batch}, {options.inputs} bits")
    made = networks(width, options, difflogic)
    x = torch.randint(0, 2, (options.batch, options.inputs), device="cuda").float()
    y = torch.randint(0, CLASSES, (options.batch,), device="cuda")
    if len(made) > 1:
        apart = (made["lgc"](x) - made["difflogic"](x)).abs().max().item()
        print(f"  scores differ by at most {apart:.1e}")
    calls = {name: layer_call(net[1], width, options.batch) for name, net in made.items()}
    row("one layer, forward and backward", milliseconds(calls, options.rounds), "ms")
    calls = {name: step_call(net, x, y) for name, net in made.items()}
    row("training step", milliseconds(calls, options.rounds), "ms")
    row("most memory in a step", {name: mebibytes(call) for name, call in calls.items()}, "MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description="Layers of gates on a GPU beside difflogic's.")
    parser.add_argument("--width", type=int, action="append", help="8000 and 64000 by default")
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--inputs", type=int, default=784)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=101)
    options = parser.parse_args()
    triton = found("triton", "layers of lgc run by torch's own operations")
    difflogic = found("difflogic", "lgc alone is measured")
    if not torch.cuda.is_available():
        raise SystemExit("there is no GPU that torch can use: nothing to measure")
    versions = f"torch {torch.__version__}, Triton {getattr(triton, '__version__', 'none')}"
    print(f"{torch.cuda.get_device_name()}, {versions}")
    torch.manual_seed(0)
    for width in options.width or (8000, 64000):
        measure(width, options, difflogic)
    if operators.failures():
        raise SystemExit(f"Triton failed, these are figures of torch: {operators.failures()[0]}")


if __name__ == "__main__":
    main()
