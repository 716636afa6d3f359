"""Pipeline stages: the fewest register bits, against every placement there is."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lgc import tables
from lgc.errors import UsageError
from lgc.hardware import staging
from lgc.hardware.retiming import fewest, total
from lgc.hardware.staging import Stages, crossing, depths, place, registers
from lgc.hardware.times import Reads
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist

Placement = tuple[int, ...]


class Plain:
    """What `lgc.hardware.staging` promises, gate by gate."""

    def __init__(self, net: Netlist) -> None:
        self.net = net
        used = [tables.depends(net.table, net.k, i).tolist() for i in range(net.k)]
        constant = {net.inputs + g for g in range(net.gates) if not any(u[g] for u in used)}
        self.reads = [
            {int(net.fanin[g, i]) for i in range(net.k) if used[i][g]} - constant
            for g in range(net.gates)
        ]
        self.timed = [net.inputs + g not in constant for g in range(net.gates)]
        self.outputs = {int(out) for out in net.outputs} - constant

    def depths(self, stage: Placement, count: int) -> list[int]:
        inputs, longest, deep = self.net.inputs, [0] * max(count, 1), dict[int, int]()
        for g, reads in enumerate(self.reads):
            if self.timed[g]:
                same = [r for r in reads if r >= inputs and stage[r - inputs] == stage[g]]
                deep[inputs + g] = 1 + max((deep[r] for r in same), default=0)
                longest[stage[g]] = max(longest[stage[g]], deep[inputs + g])
        return longest

    @property
    def depth(self) -> int:
        return self.depths((0,) * self.net.gates, 1)[0]

    def in_order(self, stage: Placement) -> bool:
        inputs = self.net.inputs
        return all(
            r < inputs or stage[r - inputs] <= stage[g]
            for g, reads in enumerate(self.reads)
            for r in reads
        )

    def crossing(self, stage: Placement, rank: int, count: int) -> set[int]:
        made = [0] * self.net.inputs + list(stage)
        read = {r for g, reads in enumerate(self.reads) if stage[g] >= rank for r in reads}
        return {net for net in read | self.outputs if made[net] < rank}

    def bits(self, stage: Placement, count: int) -> int:
        return sum(len(self.crossing(stage, rank, count)) for rank in range(1, count + 1))

    def placements(self, count: int, limit: int) -> Iterator[Placement]:
        choices = [range(count) if timed else (0,) for timed in self.timed]
        for stage in itertools.product(*choices):
            if self.in_order(stage) and max(self.depths(stage, count)) <= limit:
                yield stage


def placed(stages: Stages) -> Placement:
    return tuple(stages.stage.tolist())


@st.composite
def deep(draw: st.DrawFn, max_gates: int) -> Netlist:
    """Most gates read one of the last nets, some nothing at all."""
    random = np.random.default_rng(draw(st.integers(0, 1 << 30)))
    inputs, k = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    own = inputs + np.arange(draw(st.integers(max_gates // 2, max_gates)))
    fanin = random.integers(0, own[:, None], (len(own), k))
    fanin[:, 0] = np.maximum(own - random.geometric(0.5, len(own)), 0)
    table = random.integers(0, int(tables.ones(k)), len(own), np.uint64, endpoint=True)
    table[random.random(len(own)) < 0.1] = 0
    outputs = random.integers(0, inputs + len(own), draw(st.integers(1, 3)))
    return Netlist(inputs, table, fanin, [*outputs, inputs + len(own) - 1])


@given(deep(7), st.data())
def test_no_placement_has_fewer_bits(net: Netlist, data: st.DataObject) -> None:
    plain = Plain(net)
    count = data.draw(st.integers(min(2, plain.depth), min(3, plain.depth)))
    assume(count)
    limit = -(-plain.depth // count)
    stages = place(net, count=count)
    assert (stages.count, stages.limit) == (count, limit)
    least = min(plain.bits(stage, count) for stage in plain.placements(count, limit))
    assert plain.bits(placed(stages), count) == least


@given(deep(7), st.data())
def test_no_placement_within_the_limit_has_fewer_bits(net: Netlist, data: st.DataObject) -> None:
    plain = Plain(net)
    limit = data.draw(st.integers(max(1, -(-plain.depth // 3)), max(1, plain.depth)))
    stages = place(net, limit=limit)
    assert (stages.count, stages.limit) == (-(-plain.depth // limit), limit)
    assume(stages.count)
    every = plain.placements(stages.count, limit)
    least = min(plain.bits(stage, stages.count) for stage in every)
    assert plain.bits(placed(stages), stages.count) == least


@given(deep(40), st.data())
def test_keeps_order_and_limit(net: Netlist, data: st.DataObject) -> None:
    plain = Plain(net)
    count = data.draw(st.integers(0, plain.depth))
    stages = place(net, count=count)
    stage = placed(stages)
    assert stages.limit == (-(-plain.depth // count) if count else plain.depth)
    assert stages.stage.dtype == np.int32
    assert all(0 <= one < max(count, 1) for one in stage)
    assert plain.in_order(stage)
    assert max(plain.depths(stage, count)) <= stages.limit
    assert depths(net, stages).tolist() == plain.depths(stage, count)[:count]
    held = [crossing(net, stages, rank).tolist() for rank in range(1, count + 1)]
    assert held == [sorted(plain.crossing(stage, rank, count)) for rank in range(1, count + 1)]
    assert registers(net, stages).tolist() == [len(nets) for nets in held]
    if count:
        assert held[-1] == sorted(plain.outputs)


@given(deep(40), st.data())
def test_blocks_are_never_worse_than_levels_nor_better_than_all_at_once(
    net: Netlist, data: st.DataObject
) -> None:
    plain = Plain(net)
    assume(plain.depth)
    count = data.draw(st.integers(1, plain.depth))
    limit = -(-plain.depth // count)
    reads = Reads.of(net)
    levels = np.where(reads.gates, reads.within(reads.live)[0] - 1, 0) // limit
    most, least = total(reads, levels, count), int(registers(net, place(net, count=count)).sum())
    for room in (0, 20):
        stage = fewest(reads, levels, count, limit, room)
        assert plain.in_order(tuple(stage.tolist()))
        assert max(plain.depths(tuple(stage.tolist()), count)) <= limit
        assert least <= total(reads, stage, count) <= most


def test_large_netlists_are_placed_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    net = chains(20, 24)
    whole = registers(net, place(net, count=6)).sum()
    monkeypatch.setattr(staging, "ROOM", 100)
    assert registers(net, place(net, count=6)).sum() == whole == 6 * 20


def chains(width: int, length: int) -> Netlist:
    """Rows of inverters."""
    gates = np.arange(width * length, dtype=np.int32)[:, None]
    last = np.arange(width * length, width * length + width)
    return Netlist(width, np.full(width * length, 1, np.uint64), gates, last)


def test_cuts_where_the_netlist_is_narrow() -> None:
    # %6 could be on either side: two nets are before it, and three behind it
    net = parse_netlist(
        "in 5; %5 = a&b %0 %1; %6 = a&b %2 %3; %7 = a|b %5 %6; %8 = a^b %7 %6; out %8"
    )
    stages = place(net, limit=2)
    assert registers(net, stages).tolist() == [2, 1]
    assert crossing(net, stages, 1).tolist() in ([5, 6], [6, 7])


def test_an_early_output_waits_for_the_last_rank() -> None:
    net = parse_netlist("in 2; %2 = a&b %0 %1; %3 = a|b %2 %0; %4 = a^b %3 %1; out %2 %4")
    stages = place(net, count=3)
    assert stages.stage.tolist() == [0, 1, 2]
    assert crossing(net, stages, 2).tolist() == [1, 2, 3]
    assert crossing(net, stages, 3).tolist() == [2, 4]


def test_an_input_that_is_an_output_crosses_every_rank() -> None:
    net = parse_netlist("in 2; %2 = a&b %0 %1; %3 = a|b %2 %1; out %0 %3 %0")
    stages = place(net, count=2)
    assert [crossing(net, stages, rank).tolist() for rank in (1, 2)] == [[0, 1, 2], [0, 3]]


def test_constants_cost_no_register() -> None:
    net = parse_netlist("in 1; %1 = 1 %0 %0; %2 = a^b %0 %1; %3 = a^b %2 %1; out %3 %1")
    stages = place(net, count=2)
    assert stages.stage.tolist() == [0, 0, 1]
    assert [crossing(net, stages, rank).tolist() for rank in (1, 2)] == [[2], [3]]


def test_no_stages_are_combinational() -> None:
    net = chains(2, 3)
    stages = place(net, count=0)
    assert (stages.count, stages.stage.tolist(), stages.limit) == (0, [0] * 6, 3)
    assert depths(net, stages).tolist() == registers(net, stages).tolist() == []


def test_a_limit_that_all_paths_keep_needs_one_rank() -> None:
    net = chains(2, 3)
    stages = place(net, limit=9)
    assert (stages.count, stages.stage.tolist(), stages.limit) == (1, [0] * 6, 9)
    assert registers(net, stages).tolist() == [2]


def message(net: Netlist, **options: int) -> str:
    with pytest.raises(UsageError) as caught:
        place(net, **options)
    return str(caught.value)


def test_more_stages_than_gates() -> None:
    assert message(chains(1, 3), count=4) == (
        "--stages: 4 stages are more than the logic is deep: 3 gates\n  hint: 3 is the most"
    )


def test_fewer_stages_than_none() -> None:
    assert message(chains(1, 3), count=-1) == (
        "--stages: -1 stages are too few\n  hint: 0 is combinational"
    )


def test_a_limit_below_one() -> None:
    assert message(chains(1, 3), limit=0) == (
        "--max-logic-depth: 0 gates between registers are too few\n  hint: 1 is the least"
    )


@pytest.mark.parametrize("options", [{}, {"count": 1, "limit": 1}])
def test_one_of_both_is_given(options: dict[str, int]) -> None:
    with pytest.raises(AssertionError, match="either count or limit"):
        place(chains(1, 3), **options)
