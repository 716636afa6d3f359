"""The table engine's programs: the same function, long runs, slots used again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgc import tables
from lgc.backends.llvm.interpreter import records
from lgc.backends.llvm.lowering import lower
from lgc.backends.llvm.runs import WINDOW, kinds, lower_in_runs
from lgc.backends.llvm.slots import assign_slots
from lgc.chain import Sums, build_module, read_chain
from lgc.equivalence import compare_netlists
from tests.backends.corpus import MODELS, random_layers


def test_eighty_kinds_and_how_to_read_them() -> None:
    found = kinds()
    assert len(found.table) == 80
    index = np.arange(8)
    for table in range(256):
        value = table >> (7 - index) & 1
        order = found.order[table]
        # operand j of the kind is fan-in order[j]
        entry = sum((index >> (2 - place) & 1) << (2 - j) for j, place in enumerate(order))
        kind = int(found.table[found.kind[table]])
        assert (kind >> (7 - np.asarray(entry)) & 1 == value).all()


@pytest.mark.parametrize("hurry", [False, True])
@pytest.mark.parametrize("name", MODELS)
def test_the_same_function_as_straight_programs(name: str, hurry: bool) -> None:
    chain = read_chain(MODELS[name]())
    kind = "scores" if chain.group_sum is not None else "bits"
    one, other = lower(chain, kind), lower_in_runs(chain, kind, hurry)
    assert (one.classes, one.index_bits, one.base) == (other.classes, other.index_bits, other.base)
    assert one.count_bits == other.count_bits
    assert compare_netlists(one.net, other.net)


def test_runs_are_long_where_layers_are_wide() -> None:
    chain = read_chain(build_module(400, random_layers([8000] * 4, 400, 1), Sums(10)))
    made = records(lower_in_runs(chain, "scores", hurry=True).net)
    assert made.runs[:, 1].sum() == len(made.rows)
    assert len(made.rows) > 20 * len(made.runs)
    assert made.rows.itemsize == 2
    assert (np.diff(made.runs[:, 0]) != 0).all()


def test_many_planes_take_wide_records() -> None:
    made = records(
        lower_in_runs(
            read_chain(build_module(70_000, random_layers([50], 70_000, 0), None)), "bits"
        ).net
    )
    assert made.width == "wide"
    assert made.rows.itemsize == 4


def test_windows_bound_what_is_alive() -> None:
    chain = read_chain(build_module(64, random_layers([WINDOW * 4] * 2, 64, 0), Sums(2)))
    net = lower_in_runs(chain, "scores").net
    assert records(net).slots < net.nets / 3


@given(st.data())
def test_slots_are_never_shared_by_living_values(data: st.DataObject) -> None:
    inputs = data.draw(st.integers(1, 5))
    gates = data.draw(st.integers(0, 40))
    born = np.full(inputs + gates, -1)
    born[inputs:] = np.sort(data.draw(st.lists(st.integers(0, 9), min_size=gates, max_size=gates)))
    ages = data.draw(st.lists(st.integers(0, 6), min_size=len(born), max_size=len(born)))
    last = np.where(born < 0, np.array(ages) - 1, born + np.array(ages))
    wanted = np.array(data.draw(st.lists(st.booleans(), min_size=len(born), max_size=len(born))))
    slot, slots = assign_slots(inputs, born, last, wanted)
    assert (slot[:inputs] == np.arange(inputs)).all()
    for group in range(int(born.max(initial=0)) + 1):
        alive = (slot >= 0) & (born <= group) & (last >= group)
        assert len(np.unique(slot[alive])) == alive.sum()
    assert slots == max(slot.max() + 1, inputs)
    assert ((slot[inputs:] >= 0) == wanted[inputs:]).all()


def test_carries_of_complements() -> None:
    from lgc.backends.llvm.runs import _carries

    for flips, table in enumerate(_carries().tolist()):
        for i in range(8):
            a, b, c = (i ^ flips) >> 2 & 1, (i ^ flips) >> 1 & 1, (i ^ flips) & 1
            assert table >> (7 - i) & 1 == (b if b == c else 1 - a)
    assert tables.ones(3) == 255
