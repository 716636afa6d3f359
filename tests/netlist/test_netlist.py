"""The netlist: what it refuses, and what it means."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from lgc.evaluation import (
    evaluate,
    exhaustive_planes,
    pack_planes,
    unpack_planes,
)
from lgc.levels import NARROW, groups, levels
from lgc.netlist import Netlist, NetlistError
from tests.strategies import build, netlists
from tests.support import random_layers, random_planes

XOR = build(2, [6], [[0, 1]], [2])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, [], np.zeros((0, 2), int), [0]), "a netlist needs at least one input, not 0"),
        (
            (2, [6], [[0, 1], [0, 1]], [2]),
            "table (1,) and fanin (2, 2) do not fit together: (n,) and (n, k) are needed",
        ),
        ((2, [6], np.zeros((1, 7), int), [2]), "gates have 1 to 6 fan-ins, not 7"),
        ((2, [6], [[0, 1]], []), "a netlist needs a row of outputs with at least one net"),
        ((2, [6], [[0, 1]], [[2]]), "a netlist needs a row of outputs with at least one net"),
        ((2, [6], [[0, 1]], [3]), "output 0 reads net %3, but there are 3 nets"),
        ((2, [6], [[0, 1]], [-1]), "output 0 reads net %-1, but there are 3 nets"),
        ((2, [6], [[0, 9]], [2]), "gate %2 reads net %9, but there are 3 nets"),
        ((2, [6], [[0, -1]], [2]), "gate %2 reads net %-1, but there are 3 nets"),
        (
            (2, [6, 6], [[0, 3], [0, 2]], [2]),
            "gate %2 reads net %3, which is not computed before it\n"
            "  hint: gates stand in topological order; a cycle has none",
        ),
        (
            (2, [6], [[0, 2]], [2]),
            "gate %2 reads net %2, which is not computed before it\n"
            "  hint: gates stand in topological order; a cycle has none",
        ),
        ((2, [16], [[0, 1]], [2]), "gate %2 has table 0x10, too large for 2 fan-ins"),
        ((2, [6.5], [[0, 1]], [2]), None),
    ],
)
def test_refuses(arguments: tuple, message: str | None) -> None:
    with pytest.raises(NetlistError) as caught:
        Netlist(*arguments)
    if message is None:  # NumPy's own words follow
        assert str(caught.value).startswith("table: ")
    else:
        assert str(caught.value) == message


def test_is_immutable_and_leaves_the_callers_arrays_alone() -> None:
    table = np.array([6], np.uint64)
    net = Netlist(2, table, np.array([[0, 1]], np.int32), [2])
    assert table.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        net.table[0] = 1
    with pytest.raises(AttributeError):
        net.inputs = 3  # type: ignore[misc]


def test_equality_and_hash() -> None:
    same, other = build(2, [6], [[0, 1]], [2]), build(2, [9], [[0, 1]], [2])
    assert same == XOR
    assert hash(same) == hash(XOR)
    assert other != XOR
    assert other.digest != XOR.digest
    assert XOR != "XOR"


def test_refuses_planes_of_another_width() -> None:
    with pytest.raises(NetlistError) as caught:
        XOR.evaluate(np.zeros((3, 1), np.uint64))
    assert str(caught.value) == "planes (3, 1) do not fit 2 inputs"


def naive(net: Netlist, bits: list[int]) -> list[int]:
    """The definition, gate by gate."""
    values = list(bits)
    for table, reads in zip(net.table.tolist(), net.fanin.tolist()):
        index = 0
        for read in reads:
            index = 2 * index + values[read]
        values.append(table >> ((1 << net.k) - 1 - index) & 1)
    return [values[output] for output in net.outputs.tolist()]


@given(netlists(k=None))
def test_evaluate_is_the_definition(net: Netlist) -> None:
    samples = 1 << net.inputs
    result = unpack_planes(net.evaluate(exhaustive_planes(net.inputs)), samples)
    for sample in range(samples):
        bits = [sample >> (net.inputs - 1 - i) & 1 for i in range(net.inputs)]
        assert result[sample].astype(int).tolist() == naive(net, bits)


@pytest.mark.parametrize("samples", [0, 1, 63, 64, 65, 511, 513])
def test_planes_round_trip(samples: int) -> None:
    bits = np.random.default_rng(samples).integers(0, 2, (samples, 5)).astype(bool)
    planes = pack_planes(bits)
    assert planes.shape == (5, -(-samples // 64))
    assert np.array_equal(unpack_planes(planes, samples), bits)


def test_wide_batches_are_evaluated_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    net = random_layers([50, 50], 8, 0)[0]
    planes = random_planes(8, 9, 1)
    whole = net.evaluate(planes)
    monkeypatch.setattr("lgc.evaluation.WORKING_SET", 8 * net.nets * 2)
    pieces = evaluate(net.inputs, net.table, net.fanin, net.outputs, planes)
    assert np.array_equal(whole, pieces)


@given(netlists(k=None, max_gates=40))
def test_groups_are_independent_and_complete(net: Netlist) -> None:
    parts = groups(net.inputs, net.fanin)
    seen = np.zeros(net.nets, bool)
    seen[: net.inputs] = True
    for part in parts:
        assert seen[net.fanin[part]].all()
        seen[net.inputs + part] = True
    assert seen.all()
    assert sum(map(len, parts)) == net.gates


def test_a_deep_chain_is_grouped_by_level() -> None:
    gates = 40 * NARROW
    fanin = np.stack([np.arange(gates), np.zeros(gates, int)], axis=1)
    net = Netlist(1, np.full(gates, 6), fanin, [gates])
    assert levels(1, net.fanin).tolist() == list(range(1, gates + 1))
    assert len(groups(1, net.fanin)) == gates
    ones = np.full((1, 1), ~np.uint64(0))
    assert net.evaluate(ones)[0, 0] == (0 if gates % 2 else ~np.uint64(0))


def test_interleaved_layers_are_grouped_by_level() -> None:
    # Two chains whose gates alternate: runs of two, levels of two.
    fanin = [[max(0, g - 1), max(0, g - 1)] for g in range(1, 4 * NARROW * NARROW)]
    net = build(2, [6] * len(fanin), fanin, [len(fanin)])
    level = levels(2, net.fanin)
    assert (level[2:] >= level[:-2]).all()
    assert sum(map(len, groups(2, net.fanin))) == net.gates


def test_a_million_gates() -> None:
    """Real sizes: build, verify, hash, evaluate, print, parse."""
    from lgc.chain import Sums, build_module, read_chain
    from lgc.surgery import compose
    from lgc.text import parse_module, print_module

    net = compose(random_layers([170_000] * 6, 400, 0))
    assert net.gates == 1_020_000
    module = build_module(400, [net], Sums(10))
    again = read_chain(parse_module(print_module(module))).stages[0].net.data  # type: ignore
    assert again.digest == net.digest
    assert net.evaluate(random_planes(400, 1, 0)).shape == (170_000, 1)
