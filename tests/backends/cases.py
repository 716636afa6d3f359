"""Random models, and every way a kernel can be made and fed: what the differential tests share.

A case is a number: the model, the rows and the ways follow from it.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp

from lgc import cache
from lgc.backends.llvm import NativeKernel
from lgc.backends.llvm.machine import host_features, machine
from lgc.chain import Sums, build_module, read_chain
from lgc.inputs import PackedBits
from lgc.interfaces import Kernel
from lgc.netlist import Netlist
from lgc.reference import Outcome, run
from tests.backends.corpus import random_net
from tests.support import random_layers

kernels = importlib.import_module("lgc.backends.llvm.kernel")

MACHINES = tuple(
    name
    for name in ("x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4", "native")
    if machine(name).required() <= host_features()
)
"""Those that run here."""

WAYS = ("table", "table in a hurry", "straight", "straight in a hurry", "generated")
"""``generated`` is straight code by LLVM's code generator where others write assembly."""

WIDTHS = (None, 64, 128, 256, 512)
"""Bits of a plane; None is what suits the machine."""

THREADS = (1, 2, 3, 7)
SIZES = (0, 1, 63, 64, 65, 511, 512, 513)
"""Batch sizes at the borders of words and of the widest planes."""

LEVELS = (-np.inf, -1.0, -0.0, 0.0, 0.5, 1.0, 2.0, 126.5, 127.0, 254.0, 255.0, 300.0, np.inf)
FLOATS = (np.nan, np.inf, -np.inf, -0.0, 0.0, 1e-45, -1e-45, 0.5, 1.0, 2.0, 254.5, 255.0, 1e30)
BYTES = (0, 0, 0, 1, 1, 2, 3, 126, 127, 128, 254, 255)


_NOTHING = SimpleNamespace(key=cache.key, fetch=lambda _: None, keep=lambda *_: None)
"""A cache of kernels that keeps none; what all kernels share is still made only once."""


def compiled(module: ModuleOp, cpu: str, way: str, plane_bits: int | None = None) -> NativeKernel:
    """A kernel made in one of `WAYS`, never taken from the cache."""
    engine, _, manner = way.partition(" ")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "cache", _NOTHING)
        if engine == "generated":
            plain = functools.partial(kernels.program_texts, assembly=False)
            patch.setattr(kernels, "program_texts", plain)
            engine = "straight"
        target = machine(cpu, plane_bits)
        made = NativeKernel(kernels.build_artefact(module, target, engine, bool(manner)))
        if made.classes:
            nothing = np.zeros((0, made.features), np.uint8)  # compiled the same way
            made.step(nothing, what="bits") if len(made.initial) else made.bits(nothing)
        return made


def agree(kernel: Kernel, x: Any, expected: Outcome, threads: int | None = None) -> None:
    """All questions, to the bit."""
    assert same(kernel.bits(x, threads=threads), expected.bits)
    assert kernel.gives_class == (expected.classes is not None)
    if expected.counts is None or expected.classes is None:
        assert same(kernel(x, threads=threads), expected.bits.astype(np.float32))
        if expected.classes is not None:
            assert same(kernel.predict(x, threads=threads), expected.classes)
        return
    assert same(kernel.counts(x, threads=threads), expected.counts)
    assert same(kernel.predict(x, threads=threads), expected.classes)
    scores = expected.counts.astype(np.float32) / np.float32(kernel.tau)
    assert same(kernel(x, threads=threads), scores)


def same(left: np.ndarray, right: np.ndarray) -> bool:
    """Equal in shape, dtype and every bit."""
    alike = left.shape == right.shape and left.dtype == right.dtype
    return alike and left.tobytes() == right.tobytes()


@dataclass(frozen=True, eq=False)
class Case:
    """A model and rows for it."""

    module: ModuleOp
    floats: np.ndarray
    bytes: np.ndarray

    def sources(self) -> dict[str, Any]:
        """The kinds of rows that compiled code reads in place, and one that it does not."""
        chain = read_chain(self.module)
        bits = np.unpackbits(
            chain.encoding.planes(self.bytes).astype("<u8").view(np.uint8),
            axis=1, count=len(self.bytes), bitorder="little",
        ).T  # fmt: skip
        return {
            "float32": self.floats,
            "uint8": self.bytes,
            "bool": self.bytes > 1,
            "bits": PackedBits(np.packbits(bits, axis=1), chain.bits),
            "float64": self.floats.astype(np.float64),
        }


def rows(features: int, count: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Floats and bytes around the levels."""
    floats = random.choice(FLOATS, (count, features)).astype(np.float32)
    return floats, random.choice(BYTES, (count, features)).astype(np.uint8)


def random_case(seed: int) -> Case:
    """A model of a random kind with random rows."""
    random = np.random.default_rng(seed)
    kind = random.choice(["layers", "net", "wires", "constants", "one gate", "wide"],
                         p=[0.32, 0.4, 0.1, 0.06, 0.1, 0.02])  # fmt: skip
    features = int(random.choice([1, 2, 7, 8, 9, 63, 64, 65, 100, 130]))
    bits = int(random.integers(1, 1 + 2 * features))
    if kind == "wide":
        features = bits = 66_000  # wide records
    net = _net(kind, bits, random)
    chosen = random.integers(0, features, bits)
    level = random.choice(LEVELS, bits)
    sums = random_sums(len(net[-1].outputs), random) if random.random() < 0.8 else None
    module = build_module(features, net, sums, feature=chosen, level=level)
    if seed % 5 == 4:  # bits of numbers, of bytes or wider ones
        place = random.integers(0, 8 if seed % 2 else 16, bits)
        module = build_module(features, net, sums, feature=chosen, place=place)
    size = int(random.choice([*SIZES, int(random.integers(0, 3000))]))
    return Case(module, *rows(features, 65 if kind == "wide" else size, random))


def _net(kind: str, bits: int, random: np.random.Generator) -> list[Netlist]:
    seed = int(random.integers(1 << 31))
    outputs = int(random.choice([1, 2, 63, 64, 65, int(random.integers(1, 200))]))
    if kind in ("layers", "wide"):
        count = 1 if kind == "wide" else int(random.integers(1, 5))
        return random_layers(random.integers(1, 150, count).tolist(), bits, seed)
    if kind == "net":
        gates, k = int(random.integers(0, 250)), int(random.integers(1, 7))
        return [random_net(bits, gates, outputs, k, seed)]
    gates = {"wires": 40, "constants": 3, "one gate": 1}[kind]
    tables = {"wires": (3, 5, 10, 12, 0, 15), "constants": (0, 15)}.get(kind, tuple(range(16)))
    fanin = [random.integers(0, bits + gate, 2) for gate in range(gates)]
    first = bits if kind != "wires" else 0
    return [
        Netlist(
            bits,
            random.choice(tables, gates),
            np.array(fanin, np.int32),
            random.integers(first, bits + gates, outputs),
        )
    ]


def random_sums(outputs: int, random: np.random.Generator) -> Sums:
    """Class sums: uneven groups, weights of any sign, zeros, offsets, up to the limit."""
    classes = int(random.choice([1, 2, 3, 10, 16, 17, 70]))
    reach = int(random.choice([1, 5, 1000, (1 << 31) // (2 * outputs + 2)]))
    weight, offset = None, None
    if random.random() < 0.6:
        weight = random.integers(-reach, reach + 1, outputs)
        weight[random.random(outputs) < 0.2] = 0
    if random.random() < 0.5:
        offset = random.integers(-reach, reach + 1, classes)
    return Sums(
        classes, float(random.choice([1.0, 0.3, 7.0])), random.integers(0, classes, outputs),
        weight, offset,
    )  # fmt: skip


def check_case(seed: int, ways: int) -> Iterator[str]:
    """Compare a case in some ways, on all kinds of rows; yields each way before it is tried."""
    random = np.random.default_rng([seed, 1])
    case = random_case(seed)
    expected = {name: run(case.module, x) for name, x in case.sources().items()}
    for _ in range(ways):
        cpu, way = str(random.choice(MACHINES)), str(random.choice(WAYS))
        width = WIDTHS[int(random.integers(len(WIDTHS)))]
        made = f"{way}, {cpu}, planes of {width or 'the usual'} bits"
        yield made
        kernel = compiled(case.module, cpu, way, width)
        for name, x in case.sources().items():
            threads = int(random.choice(THREADS))
            yield f"{made}, {name}, {len(x)} rows, {threads} threads"
            agree(kernel, x, expected[name], threads)
