"""Other ways to run a trained network, to be timed beside a kernel in the same process.

All of them get bool rows of the bits that enter the first layer, and give classes.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from ..chain import Chain, Sums, build_module, provenance, read_chain
from ..dialect import MapOp
from ..dialect.unpacking import netlist_of
from ..errors import UnsupportedError
from ..netlist import Netlist

NAMES = ("difflogic", "torch", "numpy")

Predict = Callable[[NDArray[np.bool_]], NDArray[np.int64]]


@dataclass(frozen=True)
class Options:
    """What some peers can be told.

    Attributes:
        source: folder of difflogic's unpacked source, where it is not installed.
        cache: folder that keeps what difflogic's C compiler made.
        level: optimisation level of that compiler.
        word: bits of a word in its code: 8, 16, 32 or 64.
        compiler: ``gcc`` or ``clang``.
        say: told what takes long.
    """

    source: Path | None = None
    cache: Path | None = None
    level: int = 1
    word: int = 64
    compiler: str = "gcc"
    say: Callable[[str], None] | None = None


@dataclass(frozen=True, eq=False)
class Peer:
    """A network made ready to run.

    Attributes:
        title: what it is, with versions.
        predict: classes of bool rows, on one thread.
        least: rows that a batch must have.
        seconds: what making it ready took.
        cached: those seconds are of an earlier run.
    """

    title: str
    predict: Predict
    least: int
    seconds: float
    cached: bool = False


class _Maker(Protocol):
    def make(self, module: ModuleOp, options: Options) -> Peer: ...


def make(name: str, module: ModuleOp, options: Options | None = None) -> Peer:
    """Make a peer of `NAMES` ready to run a model that reads bits (see `reading_bits`).

    Raises:
        UnsupportedError: a library is missing, or the peer cannot run this model.
    """
    if read_chain(module).group_sum is None:
        raise UnsupportedError(
            "the model has no class sums, so that there is nothing to compare",
            where=f"peer {name}",
        )
    maker: _Maker = importlib.import_module(f".{name}", __name__)  # type: ignore[assignment]
    return maker.make(module, options or Options())


@contextmanager
def one_thread() -> Generator[None]:
    """What runs inside leaves torch one thread."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def circuits(chain: Chain) -> list[Netlist]:
    """The stages of a model as netlists.

    Raises:
        UnsupportedError: one is a `logic.map`.
    """
    nets: list[Netlist] = []
    for stage in chain.stages:
        if isinstance(stage, MapOp):
            raise UnsupportedError("logic.map has no peer", where="peers")
        nets.append(netlist_of(stage))
    return nets


def reading_bits(module: ModuleOp) -> ModuleOp:
    """The model from its first bits on: what a thermometer gives is what it reads.

    It is the module itself where bit i is ``x[i] > 0`` already.
    """
    chain = read_chain(module)
    alike = chain.bits == chain.features and (chain.feature == np.arange(chain.bits)).all()
    level = chain.encoding.thresholds
    if alike and level is not None and not level.any():
        return module
    sums = chain.group_sum
    told = None
    if sums is not None:
        rows = sums.groups(), sums.weights(), sums.offsets()
        told = Sums(sums.classes, sums.tau.value.data, *rows, sums.shift)
    return build_module(
        chain.bits, circuits(chain), told, dtype="bool", provenance=provenance(module)
    )
