"""PLA: cubes as they are evaluated one by one; ABC's own tables; what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgc.chain import build_module
from lgc.errors import LgcError
from lgc.evaluation import pack_planes, unpack_planes
from lgc.exchange.aiger import read_aiger
from lgc.exchange.pla import is_pla, read_pla
from lgc.registry import find
from tests.exchange.cases import abc, random_net, same


def values(data: bytes) -> np.ndarray:
    """The outputs for all inputs in order, bool ``(2**n, m)``; input i is bit i."""
    net = read_pla(data, "f").net
    every = np.arange(1 << net.inputs)
    bits = (every[:, None] >> np.arange(net.inputs) & 1).astype(np.bool_)
    return unpack_planes(net.evaluate(pack_planes(bits)), len(every))


def evaluated(rows: list[tuple[str, str]], inputs: int, outputs: int) -> np.ndarray:
    """Each row in turn, as the manual says it."""
    found = np.zeros((1 << inputs, outputs), np.bool_)
    for index in range(1 << inputs):
        for cube, gives in rows:
            holds = all(c in "-2x" or int(c) == index >> i & 1 for i, c in enumerate(cube))
            for number, letter in enumerate(gives):
                found[index, number] |= holds and letter in "14"
    return found


ROWS = st.lists(
    st.tuples(st.text("01-2x", min_size=4, max_size=4), st.text("01-2~4", min_size=3, max_size=3)),
    min_size=1,
    max_size=12,
)


@given(ROWS, st.sampled_from([" ", "|", "  |\t", ""]))
def test_the_on_set(rows: list[tuple[str, str]], between: str) -> None:
    text = ".i 4\n.o 3\n" + "".join(f"{cube}{between}{gives}\n" for cube, gives in rows) + ".e\n"
    assert np.array_equal(values(text.encode()), evaluated(rows, 4, 3))


def test_types_names_and_comments() -> None:
    for kind in ("f", "fd", "fr", "fdr"):
        text = (
            f"# made by hand\n.type {kind}\n.i 2\n.o 2\n.ilb a b\n.ob p q\n.p 2\n"
            "1- 10 # first\n-0 -1\n.end\nnothing more\n"
        )
        circuit = read_pla(text.encode(), "f")
        assert (circuit.inputs, circuit.outputs) == (("a", "b"), ("p", "q"))
        assert values(text.encode()).tolist() == [[0, 1], [1, 1], [0, 0], [1, 0]]


def test_wide_cubes_and_many_of_them() -> None:
    random = np.random.default_rng(0)
    cubes = random.choice(list("01-"), (300, 200))
    gives = random.choice(list("01"), (300, 5))
    text = ".i 200\n.o 5\n" + "\n".join(
        f"{''.join(cube)} {''.join(row)}" for cube, row in zip(cubes, gives)
    )
    net = read_pla(text.encode(), "f").net
    samples = random.random((640, 200)) < 0.5
    samples[:300] = np.where(cubes == "-", samples[:300], cubes == "1")  # in a cube at least
    wanted = np.zeros((640, 5), np.bool_)
    for cube, row in zip(cubes, gives):
        inside = ((cube == "-") | ((cube == "1") == samples)).all(axis=1)
        wanted |= inside[:, None] & (row == "1")
    assert np.array_equal(unpack_planes(net.evaluate(pack_planes(samples)), 640), wanted)


def test_abc_writes_what_we_read(tmp_path: Path) -> None:
    module = build_module(6, [random_net(2, 40, 5, inputs=6, outputs=4)], None)
    find("backends", "aiger")().write(module, tmp_path / "a.aig", {})
    abc("read a.aig; collapse; write_pla a.pla", tmp_path)
    found = read_pla((tmp_path / "a.pla").read_bytes(), "a.pla").net
    same(found, read_aiger((tmp_path / "a.aig").read_bytes(), "a.aig").net)


HINT = "\n  hint: rows are places of 0, 1 and -, then those of the outputs, such as: 1-0 10"
ONE = "\n  hint: a model has at least one of each"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1- 1\n", f"f: .i is missing: how many inputs there are{HINT}"),
        (".i 2\n", f"f: .o is missing: how many outputs there are{HINT}"),
        (".i 0\n.o 1\n", f"f: the circuit has no inputs{ONE}"),
        (".i 1\n.o 0\n", f"f: the circuit has no outputs{ONE}"),
        (".i two\n", "f, line 1: .i is followed by one number"),
        (".i 99999999\n", "f, line 1: .i is followed by one number"),
        (".i 2\n.i 3\n", "f, line 2: .i stands there a second time"),
        (".i 2\n.o 1\n1- 1\n1 1\n", f"f, line 4: a row of 2 inputs and 1 outputs was expected, this one has 2 places{HINT}"),
        (".i 2\n.o 1\n1q 1\n", f"f, line 3: 'q' is no place of a row{HINT}"),
        (".i 2\n.o 1\n1- q\n", f"f, line 3: 'q' is no place of a row{HINT}"),
        (".i 2\n.o 1\n.type g\n", "f, line 3: the type 'g' is not known\n  hint: types are f, fd, fr, fdr"),
        (".i 2\n.o 1\n.mv 3 1 4\n", "f, line 3: .mv: variables of more than two values"),
        (".i 2\n.o 1\n.what\n", f"f, line 3: '.what' is no command of a PLA{HINT}"),
        (".i 16777216\n.o 1\n", f"f: there are no rows{HINT}"),
        (".i 2\n.o 1\n.ilb a\n1- 1\n", "f: .ilb names 1 of 2"),
    ],
)  # fmt: skip
def test_messages(text: str, message: str) -> None:
    with pytest.raises(LgcError) as caught:
        read_pla(text.encode(), "f")
    assert str(caught.value) == message


def test_is_known_by_its_start() -> None:
    assert is_pla(b"# Benchmark\n.i 8\n.o 3\n")
    assert is_pla(b"\n.type fr\n.o 3\n.i\t8\n")
    for other in (b".inputs a\n", b".model m\n", b".i a\n", b"1- 1\n", b""):
        assert not is_pla(other)
