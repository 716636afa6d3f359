"""Circuits that every format must carry, and the tools that read and write them too."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp
from xdsl.rewriter import Rewriter

from lgc import tables
from lgc.chain import build_module
from lgc.dialect import CircuitOp, MapOp
from lgc.equivalence import compare_netlists
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist

SMALL = [
    "in 2; %2 = a&~b %0 %1; %3 = a^b %2 %1; out %3 %2",
    "in 2; out %1 %0 %0",
    "in 1; %1 = ~a %0 %0; out %1",
    "in 2; %2 = 0 %0 %1; %3 = 1 %0 %1; out %2 %3 %3 %0",
    "in 3; %3 = 0xe8 %0 %1 %2; %4 = 0x96 %3 %1 %0; %5 = 0x17 %0 %3 %4; out %5 %3 %3 %4",
    "in 3; %3 = a&b %0 %1; %4 = ~(a&b) %0 %1; %5 = a|~b %3 %2; out %4 %5 %3",
    "in 2; %2 = 0x1 %0; %3 = 0x2 %2; out %3",
]


def random_net(k: int, gates: int, seed: int, inputs: int = 12, outputs: int = 20) -> Netlist:
    """Gates of any table over any earlier nets."""
    random = np.random.default_rng(seed)
    table = random.integers(0, int(tables.ones(k)), gates, np.uint64, endpoint=True)
    fanin = (random.random((gates, k)) * (inputs + np.arange(gates))[:, None]).astype(np.int32)
    return Netlist(inputs, table, fanin, random.integers(0, inputs + gates, outputs))


def circuits() -> list[Netlist]:
    """The cases above, and random ones of every width, on both sides of compiled loops."""
    nets = [parse_netlist(text) for text in SMALL]
    nets += [random_net(k, 60, k) for k in range(1, 7)]
    return [*nets, random_net(2, 30_000, 9)]


def same(left: Netlist, right: Netlist) -> None:
    result = compare_netlists(left, right)
    assert result, str(result)


def convolution() -> ModuleOp:
    """A model with a netlist at two places."""
    net = parse_netlist("in 2; %2 = a&b %0 %1; out %2")
    module = build_module(3, [parse_netlist("in 3; out %0 %1 %2")], None)
    first = next(op for op in module.walk() if isinstance(op, CircuitOp))
    Rewriter.replace_op(first, MapOp(first.bits, net, [[0, 1], [1, 2], [0, 2]]))
    return module


def joined(pieces: Iterable[bytes]) -> bytes:
    return b"".join(pieces)


def abc(commands: str, folder: Path) -> str:
    """Run ABC; skips the test by name where it is missing."""
    program = shutil.which("berkeley-abc") or shutil.which("abc")
    if program is None:
        pytest.skip("the tool berkeley-abc is not installed")
    done = subprocess.run(
        [program, "-q", commands], cwd=folder, capture_output=True, text=True, check=False,
        timeout=300,
    )  # fmt: skip
    return done.stdout + done.stderr


def proved(left: str, right: str, folder: Path) -> None:
    """ABC's `cec` proves two files equal."""
    said = abc(f"cec -n {left} {right}", folder)
    assert "Networks are equivalent" in said, said
