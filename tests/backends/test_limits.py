"""The measuring side: limits of the machine, what a program asks of memory, timing in turn."""

from __future__ import annotations

import math
import re
from pathlib import Path

import llvmlite.binding as llvm
import numpy as np
import pytest

from lgc import driver, registry
from lgc.backends.llvm.hierarchy import USUAL, Cache, hierarchy, told
from lgc.backends.llvm.limits import CHAINS, ROUNDS, limits_text, measure
from lgc.backends.llvm.lowering import core, lower
from lgc.backends.llvm.machine import NAMED, host_features, machine
from lgc.backends.llvm.replay import Trace, misses, trace
from lgc.backends.llvm.selection import select
from lgc.benchmark import Measured
from lgc.chain import Sums, build_module, read_chain
from lgc.limits import Limits, Misses, Traffic, share
from lgc.timing import alternate, median, ratio
from tests.support import random_layers


@pytest.mark.parametrize("name", ["native", "x86-64-v2", "x86-64-v3"])
def test_limits_are_plausible(name: str) -> None:
    target = machine(name)
    if not target.required() <= host_features():
        pytest.skip(f"this processor is no {name}")
    limits = measure(target)
    assert list(limits.updates) == list(limits.bandwidth) == ["L1", "L2", "L3", "memory"]
    for value in (limits.gate_bits, *limits.bandwidth.values()):
        assert math.isfinite(value)
    # from one plane a microsecond to sixteen a cycle at 10 GHz
    assert 1e6 * target.plane_bits < limits.gate_bits < 1.6e11 * target.plane_bits
    for rate in (*limits.bandwidth.values(), *limits.updates.values()):
        assert 1e6 < rate < 1.6e11 * target.plane_bytes
    assert limits.instruction == ("vpternlog" if target.ternary else "and, xor")
    assert limits.caches["L1"] > 0 == limits.caches["memory"]


@pytest.mark.parametrize("name", NAMED)
def test_loops_hold_what_they_count(name: str) -> None:
    """After code generation there are as many gates, and loads, as an iteration is said to have."""
    target = machine(name)
    text = target.target_machine(1).emit_assembly(llvm.parse_assembly(limits_text(target, "t_")))
    gates, loads = text.partition("t_loads:")[::2]
    loads, updates = loads.partition("t_updates:")[::2]
    words = ["vpternlog"] if target.ternary else ["andp", "xorp", "orp", "and\t", "eor\t", "xor\t"]
    found = [line for line in gates.splitlines() if any(word in line for word in words)]
    assert len(found) == CHAINS * ROUNDS
    if name.startswith("x86"):  # %rsi is where results go at the end
        read, written = r"\(%r(?!si)\w+\), .*%[xyz]mm", r"%[xyz]mm\d+, -?\d*\(%r(?!si)"
        for loop, stores in ((loads, 0), (updates, CHAINS)):
            assert len(re.findall(read, loop)) == CHAINS
            assert len(re.findall(written, loop)) == stores


def test_the_share_of_the_limits() -> None:
    limits = Limits(
        "vpternlog",
        1e12,
        {"L1": 4e9, "L2": 2e9, "memory": 1e9},
        {"L1": 0.1, "L2": 1e9, "memory": 0.5e9},
        {},
    )
    traffic = Traffic(
        1000, 400, 500, 300, {"L1": Misses(100, 20, 50), "L2": Misses(10, 0, 12)}, 512
    )
    found = share(traffic, limits, 1e-5)
    assert found.gate_bits == pytest.approx(1000 * 512 / 1e-5)
    assert found.gate_share == pytest.approx(0.0512)
    assert found.bandwidth == pytest.approx(
        {"L1": 500 * 64 / 1e-5, "L2": 170 * 64 / 1e-5, "memory": 22 * 64 / 1e-5}
    )
    assert found.bandwidth_share == pytest.approx(
        {
            "L1": 500 * 64 / 4e9 / 1e-5,
            "L2": (70 * 64 / 2e9 + 50 * 64 / 1e9) / 1e-5,
            "memory": 12 * 64 / 0.5e9 / 1e-5,  # more return than come: none is only read
        }
    )


@pytest.mark.parametrize("cpu", ["native", "x86-64-v2", "x86-64-v3"])
@pytest.mark.parametrize("engine", ["straight", "table"])
def test_a_replay_counts_what_the_kernel_does(cpu: str, engine: str) -> None:
    if not machine(cpu).required() <= host_features():
        pytest.skip(f"this processor is no {cpu}")
    module = build_module(40, random_layers([300, 200], 40, 0), Sums(4), dtype="bool")
    kernel = driver.compile(driver.Model(module), cpu=cpu, engine=engine)  # type: ignore[arg-type]
    found = registry.find("backends", "llvm")().traffic(kernel)
    assert found.gates == kernel.info["program_gates"]
    assert (found.loads, found.stores) == (kernel.info["loads"], kernel.info["stores"])
    assert found.plane_bits == kernel.info["plane_bits"]
    assert 0 < found.sums < found.gates
    if engine == "straight":
        chain, made_for = read_chain(kernel.module), machine(cpu)
        sums = select(lower(chain, "scores").net, made_for).gates
        assert found.sums == sums - select(core(chain), made_for).gates
    assert found.loads > 0
    assert set(found.misses) == {"L1", "L2", "L3"}
    assert found.misses["L3"] == Misses(0, 0, 0)


@pytest.mark.parametrize("engine", ["straight", "table"])
@pytest.mark.parametrize("cpu", ["x86-64-v2", "x86-64-v4"])
def test_no_plane_is_read_before_it_is_written(cpu: str, engine: str) -> None:
    chain = read_chain(build_module(40, random_layers([300, 200], 40, 0), Sums(4), dtype="bool"))
    made = trace(chain, "scores", machine(cpu), engine)  # type: ignore[arg-type]
    known = set(range(chain.bits))
    for slot, store in zip(made.slot.tolist(), made.store.tolist()):
        if store:
            known.add(slot)
        assert slot in known


def by_hand(lines: list[int], stores: list[int], sets: int, ways: int) -> list[int]:
    """Loads and stores that miss, and changed lines that leave, in the second of two runs."""
    recent: list[list[int]] = [[] for _ in range(sets)]
    changed: set[int] = set()
    missed = [0, 0, 0]
    for _ in range(2):
        missed = [0, 0, 0]
        for line, store in zip(lines, stores):
            kept = recent[line % sets]
            missed[store] += line not in kept
            if line in kept:
                kept.remove(line)
            kept.insert(0, line)
            for gone in kept[ways:]:
                missed[2] += gone in changed
                changed.discard(gone)
            del kept[ways:]
            if store:
                changed.add(line)
    return missed


@pytest.mark.parametrize("count", [300, 30_000])
@pytest.mark.parametrize("plane_bytes", [16, 64, 128])
def test_misses_are_those_of_a_cache_by_hand(count: int, plane_bytes: int) -> None:
    random = np.random.default_rng(count)
    slot = np.minimum(random.integers(0, 200, count), random.integers(0, 200, count))
    store = (random.random(count) < 0.3).astype(np.int64)
    cache = Cache(64 * 4 * 8, 4, 64)
    lines, stores = (slot * plane_bytes // 64).tolist(), store.tolist()
    if plane_bytes == 128:  # two lines a plane
        lines = [2 * line + i for line in slot.tolist() for i in (0, 1)]
        stores = [one for one in stores for _ in (0, 1)]
    loads, written, returned = by_hand(lines, stores, 8, 4)
    each = max(plane_bytes // 64, 1)
    want = Misses(loads // each, written // each, returned * max(64 // plane_bytes, 1) // each)
    assert misses(Trace(0, 0, slot, store), plane_bytes, cache) == want
    assert min(want.loads, want.stores, want.returned) > 0
    large = Cache(1 << 20, 8, 64)
    assert misses(Trace(0, 0, slot, store), plane_bytes, large) == Misses(0, 0, 0)


def test_caches_as_linux_tells_them(tmp_path: Path) -> None:
    assert set(hierarchy()) >= {"L1", "L2", "L3"}
    assert told(tmp_path) == {}
    for index, (level, kind, size, ways) in enumerate(
        [(1, "Data", "48K", 12), (1, "Instruction", "32K", 8), (2, "Unified", "2M", 16),
         (3, "Unified", "what", 16)]
    ):  # fmt: skip
        folder = tmp_path / f"index{index}"
        folder.mkdir()
        for name, value in (
            ("level", level), ("type", kind), ("size", size),
            ("ways_of_associativity", ways), ("coherency_line_size", 64),
        ):  # fmt: skip
            (folder / name).write_text(f"{value}\n")
    assert told(tmp_path) == {"L1": Cache(48 << 10, 12, 64), "L2": Cache(2 << 20, 16, 64)}
    assert told(tmp_path)["L1"].sets == 64
    assert USUAL["L1"].sets == 64


def test_calls_take_turns() -> None:
    called: list[int] = []
    times = alternate([lambda: called.append(0), lambda: called.append(1)], 5, 0.0)
    assert called == [0, 1, 0, 1] + [0, 1] * 5
    assert times.shape == (5, 2)
    assert (times > 0).all()
    called.clear()
    alternate([lambda: called.append(0)], 1, 10.0)
    assert len(called) == 2 + 100
    assert median(lambda: called.append(0), 3) > 0
    times = np.array([[1.0, 2.0], [1.0, 8.0], [4.0, 8.0]])
    assert ratio(times, 1, 0) == 2.0


@pytest.mark.parametrize(
    ("planes", "rows", "levels", "level"),
    [
        (1000, 1000, ["L1"], "L1"),
        (32 << 10, (32 << 10) + 1, ["L1"], "L2"),
        ((1 << 20) + 1, 1 << 30, ["L1", "L2", "L3"], "memory"),
        (1 << 30, 1 << 20, ["L1", "L2", "L3", "memory"], "L2"),
    ],
)
def test_levels_are_those_that_hold_something(
    planes: int, rows: int, levels: list[str], level: str
) -> None:
    caches = {"L1": 32 << 10, "L2": 1 << 20, "L3": 32 << 20, "memory": 0}
    rates = dict.fromkeys(caches, 1e9)
    limits = Limits("vpternlog", 1e12, rates, rates, caches)
    traffic = Traffic(1000, 400, 500, 300, dict.fromkeys(("L1", "L2", "L3"), Misses(0, 0, 0)), 512)
    measured = Measured(
        "net", 10, "bool", 1, {"packing": 2.0}, 1.0, 1.0, 1.0, rows, traffic, limits,
        share(traffic, limits, 1e-5), {"slots": planes, "plane_bits": 8}, {}, (),
    )  # fmt: skip
    assert measured.levels == levels
    assert measured.reading == (level, rows / 2, rows / 2e9)


def test_gates_apart_from_class_sums() -> None:
    module = build_module(40, random_layers([300, 200], 40, 0), Sums(4), dtype="bool")
    kernel = driver.compile(driver.Model(module), lazy=True)
    x = np.zeros((600, 40), np.bool_)
    assert set(kernel.profile(x, 1)) == {"packing", "gates", "unpacking", "total"}
    kernel.wait()  # type: ignore[attr-defined]
    apart = kernel.profile(x, 2, apart=True)
    assert set(apart) == {"packing", "gates", "unpacking", "total", "bare"}
    assert apart["bare"] > 0
    backend = registry.find("backends", "llvm")()
    bare = driver.compile(driver.Model(build_module(40, random_layers([300, 200], 40, 0), None)))
    assert backend.traffic(bare).sums == 0
    assert bare.profile(x, 1, apart=True)["bare"] > 0
