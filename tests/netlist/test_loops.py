"""Loops: machine code does what Python does, on every construct it knows; the rest is refused."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lgc import covering, loops
from lgc.loops import Row, loop
from lgc.translation import llvm_text

WEIGHT = 7
small = st.integers(-(2**31), 2**31)


def _weighted(x: int, y: int) -> int:
    return x * WEIGHT - y


def _note(out: Row, x: int) -> None:
    """Appends; the last element counts."""
    if x == 13:
        return
    out[out[len(out) - 1]] = x
    out[len(out) - 1] += 1


@loop(_weighted, _note)
def arithmetic(a: int, b: int, out: Row) -> None:
    _note(out, a + b)
    _note(out, a - b)
    _note(out, (a & 0xFFFF) * b)
    _note(out, a // (b * b + 1))
    _note(out, a % (b * b + 1))
    _note(out, a // -3)
    _note(out, b % -3)
    _note(out, a & b)
    _note(out, a | b)
    _note(out, a ^ b)
    _note(out, ~a)
    _note(out, -b)
    _note(out, a << (b & 15))
    _note(out, a >> (b & 63))
    _note(out, min(a, b, 5))
    _note(out, max(a, b))
    _note(out, abs(a))
    _note(out, _weighted(a, _weighted(b, 1)))


@loop(_note)
def decisions(a: int, b: int, out: Row) -> None:
    _note(out, a if a < b else b)
    _note(out, a and b)
    _note(out, a or b)
    _note(out, (a and b) or 3)
    _note(out, a == b)
    _note(out, not a)
    _note(out, not (a != b and a > 0))
    _note(out, 0 <= a < b)
    _note(out, a >= b > -5)
    flag = a <= b
    if flag and (b > 3 or a > 3):
        _note(out, 1)
    elif a == 0:
        _note(out, 2)
    else:
        _note(out, 3)
    a, b = b, a
    _note(out, a)
    a = True
    _note(out, a)


@loop(_note)
def repetition(row: Row, out: Row) -> None:
    for x in row:
        if x == 0:
            continue
        if x < -100:
            break
        _note(out, x)
    for i in range(len(row) - 1, -1, -2):
        row[i], row[0] = row[0], row[i] + i
    total = 0
    for i in range(3):
        for j in range(i, 3):
            if j == 2:
                break
            total += i * j + row[j]
        i += 10  # the counter is another
        _note(out, i)
    while total > 10:
        total //= 2
        if total == 17:
            continue
        if total == 12:
            break
    _note(out, total)
    row[total & 3] ^= 5


def both(one: loops.Loop, *args: object) -> None:
    """Plain and compiled must leave the same in all arrays."""
    plain, native = ([a.copy() if isinstance(a, np.ndarray) else a for a in args] for _ in "12")
    one.plain(*plain)
    one.compiled(*native)
    for left, right in zip(plain, native):
        assert np.array_equal(left, right), one.function.__name__


@settings(max_examples=200)
@given(st.one_of(small, st.integers(-6, 6)), st.one_of(small, st.integers(-6, 6)))
def test_numbers(a: int, b: int) -> None:
    both(arithmetic, a, b, np.zeros(30, np.int64))
    both(decisions, a, b, np.zeros(30, np.int64))


@given(st.lists(st.one_of(small, st.integers(-120, 40)), min_size=4, max_size=9))
def test_rows(row: list[int]) -> None:
    both(repetition, np.array(row, np.int64), np.zeros(30, np.int64))


def _power(a: int) -> None:
    a = a**2


def _text(a: int, out: Row) -> None:
    out[0] = len("text")


def _forgotten(out: Row) -> None:
    out[0] = _weighted(1, 2)


def _other_row(out: Row) -> None:
    out = out


def _otherwise(a: int) -> None:
    while a > 0:
        a -= 1
    else:
        a = 5


def _twice(out: Row) -> None:
    out[_weighted(1, 2)] += 1


def _middle(a: int) -> None:
    a = 1 < _weighted(a, 1) < 3


def _is(a: int, b: int) -> None:
    a = a is b


def _spread(a: int) -> None:
    for i in (1, 2, 3):
        a += i


@pytest.mark.parametrize(
    ("function", "shown"),
    [
        (_power, "a ** 2"),
        (_text, "len('text')"),
        (_forgotten, "_weighted(1, 2)"),
        (_other_row, "out"),
        (_otherwise, "while a > 0:\n    a -= 1\nelse:\n    a = 5"),
        (_twice, "out[_weighted(1, 2)] += 1"),
        (_middle, "1 < _weighted(a, 1) < 3"),
        (_is, "a is b"),
        (_spread, "(1, 2, 3)"),
    ],
)
def test_what_loops_do_not_know_is_refused(function: Callable[..., None], shown: str) -> None:
    helpers = () if function is _forgotten else (_weighted,)
    with pytest.raises(AssertionError) as caught:
        llvm_text(function, helpers)
    assert str(caught.value) == f"{function.__name__}: loops know no `{shown}`"


def test_a_loop_without_source_runs_as_python(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: object) -> str:
        raise OSError("could not get source code")

    monkeypatch.setattr(inspect, "getsource", missing)
    one = loops.Loop(repetition.function, repetition.helpers)
    row, out = np.arange(5), np.zeros(30, np.int64)
    one(1 << 40, row, out)
    assert one.compiled == one.plain
    assert out[-1] > 0


def test_objects_come_from_the_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LGC_CACHE_DIR", str(tmp_path))
    for _ in range(2):
        one = loops.Loop(arithmetic.function, arithmetic.helpers)
        both(one, 3, 4, np.zeros(30, np.int64))
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_cannot_be_written_only_costs_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LGC_CACHE_DIR", "/dev/null/nowhere")
    both(loops.Loop(arithmetic.function, arithmetic.helpers), 3, 4, np.zeros(30, np.int64))


class _Strict(list[int]):
    """A list with the indices of machine code: none is negative."""

    def __getitem__(self, index: int) -> int:  # type: ignore[override]
        assert index >= 0
        return super().__getitem__(index)

    def __setitem__(self, index: int, value: int) -> None:  # type: ignore[override]
        assert index >= 0
        super().__setitem__(index, value)


def test_no_loop_counts_from_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python would, machine code would read something else."""
    from lgc.backends.llvm import allocation, order
    from lgc.surgery import compose
    from tests.support import random_layers

    def strict(self: loops.Loop, work: int, *args: object) -> None:
        ran.add(self.function.__name__)
        lists = [_Strict(a.tolist()) if isinstance(a, np.ndarray) else a for a in args]
        self.function(*lists)
        for arg, values in zip(args, lists):
            if isinstance(arg, np.ndarray) and arg.flags.writeable:
                arg[:] = values

    ran: set[str] = set()
    monkeypatch.setattr(loops.Loop, "__call__", strict)
    net = covering.cover(compose(random_layers([60, 60, 60], 12, 5)), 3, 3)
    order.execution_order(net)
    allocation.allocate(net, 4, np.zeros(net.gates, np.int64), True)
    assert {"_enumerate", "_choose", "_functions", "_finish", "_allocate"} <= ran
