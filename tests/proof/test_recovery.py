"""Sums are right whatever the traces are, and in the order of a circuit that leaves enough."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgc.evaluation import unpack_planes
from lgc.netlist import Netlist
from lgc.proof.counting import Builder
from lgc.proof.orders import orders
from lgc.proof.recovery import Recovery
from lgc.sums.adders import add_up
from lgc.sums.arithmetic import Gates
from tests.support import random_planes


def check_sum(found: Recovery) -> None:
    """Item by item the adders add, each from what is there; and the result is the sum."""
    values = {item: plane[:1] for item, plane in enumerate(found.values[: found.one + 1])}
    waiting = list(found.adders)
    while waiting:
        ready = [adder for adder in waiting if all(read in values for read in adder.reads)]
        assert ready, "adders that read one another"
        for adder in ready:
            bits = unpack_planes(np.array([values[read] for read in adder.reads]), 64)
            total = bits.sum(axis=1)
            for item, place in ((adder.total, 0), (adder.carry, 1)):
                plane = np.packbits(total >> place & 1 != 0, bitorder="little").view("<u8")
                assert item not in values or (values[item] == plane).all()
                values[item] = plane
        waiting = [adder for adder in waiting if adder not in ready]
    bits = unpack_planes(found.bits[:, :1], 64)
    expected = bits @ np.array(found.weight, np.int64) + found.constant
    given = sum(
        unpack_planes(values[item][None], 64)[:, 0].astype(np.int64) << place
        for place, item in enumerate(found.result)
        if item is not None
    )
    assert (given == expected).all()


@given(st.data())
def test_any_traces_leave_the_sum_right(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 14))
    seed = data.draw(st.integers(0, 100))
    weight = data.draw(st.lists(st.integers(1, 5), min_size=count, max_size=count))
    bits = random_planes(count, 4, seed)
    random = np.random.default_rng(seed)
    chosen = random.random((data.draw(st.integers(0, 20)), count)) < data.draw(
        st.sampled_from([0.2, 0.5, 0.9])
    )
    parities = [np.bitwise_xor.reduce(bits[row], initial=np.uint64(0)) for row in chosen]
    traces = np.concatenate([np.array(parities, np.uint64).reshape(-1, 4), bits[:1] & bits[-1:]])
    check_sum(Recovery(bits, weight, data.draw(st.integers(0, 9)), traces))


def chains(net: Netlist, weight: list[int], constant: int, length: int = 0) -> Netlist:
    """The adders of `lower-sums`, without any gate in front."""
    bits = 2 * np.arange(len(weight))
    added = add_up(net.inputs, bits, np.array(weight), constant, lambda bits: bits[::-1], length)
    last = Gates(net.inputs + len(added.table)).netlist(added.number)
    table = np.concatenate([added.table.astype(np.uint64), last.table])
    return Netlist(net.inputs, table, np.concatenate([added.fanin, last.fanin]), last.outputs)


def trees(net: Netlist, weight: list[int], constant: int, length: int = 0) -> Netlist:
    """Carry-save adders, three bits of a column at a time."""
    builder = Builder(net)
    nets = np.append(np.arange(net.inputs), builder.constant(True))
    total = builder.total(nets, np.array([*weight, constant], np.int64))
    return builder.finish(total)


@pytest.mark.parametrize("count", [9, 30, 64])
@pytest.mark.parametrize(
    ("adders", "constant", "every"), [(chains, 0, 1), (chains, 5, 1), (chains, 5, 2), (trees, 0, 1)]
)
def test_an_order_is_recovered(
    count: int, constant: int, adders: Callable[..., Netlist], every: int
) -> None:
    """Of chains of which every second net is there, and of whole trees, most carries are found."""
    random = np.random.default_rng(count)
    weight = random.choice([1, 1, 1, 2], count).tolist()
    net = Netlist(count, np.zeros(0, np.uint64), np.zeros((0, 2), np.int32), [0])
    circuit = adders(net, weight, constant)
    planes = random_planes(count, 64, 1)
    nets = np.arange(count, circuit.nets, dtype=np.int32)
    values = Netlist(count, circuit.table, circuit.fanin, nets).evaluate(planes)
    found = Recovery(planes, weight, constant, values[::every])
    check_sum(found)

    def normal(rows: np.ndarray) -> set[bytes]:
        flip = np.where(rows[:, :1] & np.uint64(1) != 0, ~np.uint64(0), np.uint64(0))
        return {row.tobytes() for row in rows ^ flip}

    known = normal(values)
    carries = [adder.carry for adder in found.adders if found.values[adder.carry].any()]
    same = sum(bool(normal(found.values[item][None]) & known) for item in carries)
    assert same >= (0.9 if every == 1 else 0.6) * len(carries)


@pytest.mark.parametrize("begun", [True, False])
@pytest.mark.parametrize("vertices", [2, 3, 4, 5, 6, 7])
def test_every_order_adds_all_vertices(vertices: int, begun: bool) -> None:
    """Steps read what is there, once, and a form is the carry of its step."""
    bits = random_planes(vertices, 2, vertices)
    for order in orders(vertices, begun):
        there = {1 << place: bits[place] for place in range(vertices)}
        for step, form in zip(order.steps, order.carries):
            reads = [there.pop(one) for one in step]
            there[sum(step)] = np.bitwise_xor.reduce(reads)
            a, b, c = reads[0], reads[1], reads[-1]
            carry = a & b if len(reads) == 2 else a & b | a & c | b & c
            products = [bits[i] & bits[j] for i, j in form]
            assert (np.bitwise_xor.reduce(products, initial=np.uint64(0)) == carry).all()
        assert list(there) == [(1 << vertices) - 1]
        assert sum(len(step) == 2 for step in order.steps) == (vertices % 2 == 0)


def test_five_bits_that_follow_no_total_can_be_added_in_ten_ways() -> None:
    assert len(orders(5, False)) == 10
    assert len(orders(5, True)) == 6
