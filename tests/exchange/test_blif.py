"""BLIF there and back, covers of all kinds, and what is wrong with a damaged file."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgc import tables
from lgc.covers import cover, cubes
from lgc.errors import InputError, LgcError, UnsupportedError
from lgc.evaluation import exhaustive_planes, unpack_planes
from lgc.exchange.blif import is_blif, read_blif, write_blif
from lgc.exchange.circuit import Circuit
from lgc.exchange.trees import Parts
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist, print_netlist
from tests.exchange.cases import abc, circuits, joined, proved, random_net, same
from tests.strategies import netlists


def read(body: str) -> Netlist:
    """A model of inputs a to d and output y."""
    return read_blif(f".model m\n.inputs a b c d\n.outputs y\n{body}\n.end\n".encode(), "f").net


def values(net: Netlist) -> str:
    """The first output on all inputs in order."""
    bits = unpack_planes(net.evaluate(exhaustive_planes(net.inputs)), 1 << net.inputs)[:, 0]
    return "".join(map(str, bits.astype(int)))


@pytest.mark.parametrize("net", circuits(), ids=repr)
def test_there_and_back(net: Netlist) -> None:
    data = joined(write_blif(Circuit(net)))
    assert is_blif(data)
    again = read_blif(data, "a.blif")
    same(net, again.net)
    assert (again.inputs, again.outputs) == (None, None)
    assert joined(write_blif(again)) == joined(
        write_blif(read_blif(joined(write_blif(again)), "b.blif"))
    )


@given(netlists(k=None))
def test_there_and_back_for_any_netlist(net: Netlist) -> None:
    same(net, read_blif(joined(write_blif(Circuit(net))), "a.blif").net)


@given(st.integers(1, 6), st.data())
def test_a_cover_is_its_table_and_nothing_in_it_is_idle(k: int, data: st.DataObject) -> None:
    table = data.draw(st.integers(0, int(tables.ones(k))))
    chosen, value = cover(table, k)
    wanted = table if value else table ^ int(tables.ones(k))

    def points(some: tuple[str, ...]) -> set[int]:
        return {
            p for p in range(1 << k) for cube in some
            if all(c in ("-", str(p >> (k - 1 - i) & 1)) for i, c in enumerate(cube))
        }  # fmt: skip

    assert points(chosen) == {p for p in range(1 << k) if wanted >> ((1 << k) - 1 - p) & 1}
    for left_out in range(len(chosen)):
        assert points(chosen[:left_out] + chosen[left_out + 1 :]) != points(chosen)


def test_small_covers() -> None:
    assert cover(int("0001", 2), 2) == (("11",), 1)
    assert cover(int("0111", 2), 2) == (("00",), 0)
    assert cover(0, 2) == ((), 1)
    assert len(cubes(0x17, 3)) == 3


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (".names a b c d y\n1--0 1\n01-- 1", "0000111110101010"),
        (".names a b c d y\n1--0 0\n01-- 0", "1111000001010101"),
        (".names a \\\n b c d y\n1111 1", "0000000000000001"),
        (".names y\n1", "1" * 16),
        (".names y\n0", "0" * 16),
        (".names y", "0" * 16),
        (".names a y", "0" * 16),
        (".names a y\n- 1", "1" * 16),
        (".names d y # last\n# a comment\n\n0 1", "10" * 8),
        (".names t y\n1 1\n.names a b t\n11 1", "0000" * 3 + "1111"),
        (".names a a y\n10 1", "0" * 16),
        (".area 7\n.names a y\n1 1", "0" * 8 + "1" * 8),
    ],
)
def test_covers(body: str, wanted: str) -> None:
    assert values(read(body)) == wanted


@pytest.mark.parametrize("value", ["1", "0"])
@pytest.mark.parametrize("rows", [["1-0-11-0-", "---------", "000000000"], ["1" * 9], []])
def test_covers_of_many_places(rows: list[str], value: str) -> None:
    names = " ".join("abcdefghi")
    text = f".model m\n.inputs {names}\n.outputs y z\n.names a b z\n01 1\n.names {names} y\n"
    for cut in range(len(rows) + 1):
        some = rows[:cut]
        net = read_blif((text + "".join(f"{row} {value}\n" for row in some)).encode(), "f").net
        assert net.k == 6
        for index, got in enumerate(values(net)):
            point = f"{index:09b}"
            on = any(all(c in ("-", p) for c, p in zip(row, point)) for row in some)
            assert got == str(int(on == (value == "1"))) if some else got == "0"


def test_very_wide_gates_are_trees() -> None:
    names = " ".join(f"i{n}" for n in range(300))
    net = read_blif(
        f".inputs {names}\n.outputs y\n.names {names} y\n{'1' * 300} 1\n".encode(), "f"
    ).net
    assert net.gates < 70
    planes = np.full((300, 1), ~np.uint64(0))
    planes[299] = 1
    assert net.evaluate(planes).tolist() == [[1]]


def test_names_survive_and_gates_are_ordered() -> None:
    text = b""".inputs left right
.outputs
.outputs sum out
.names both either sum
01 1
.names left right both
11 1
.names left right either
1- 1
-1 1
.names left out
1 1
"""
    circuit = read_blif(text, "f")
    assert (circuit.inputs, circuit.outputs) == (("left", "right"), ("sum", "out"))
    assert print_netlist(circuit.net) == (
        "in 2; %2 = a&b %0 %1; %3 = a|b %0 %1; %4 = ~a&b %2 %3; %5 = a %0 %0; out %4 %5"
    )
    again = read_blif(joined(write_blif(circuit)), "f")
    assert (again.inputs, again.outputs) == (circuit.inputs, circuit.outputs)
    same(again.net, circuit.net)


def test_what_is_written() -> None:
    net = parse_netlist("in 2; %2 = a&b %0 %1; %3 = ~(a&b) %2 %0; %4 = a^b %3 %2; out %4 %4 %0 %2")
    circuit = Circuit(net, ("a", "n0"), None, "one\ntwo \\")
    assert (
        joined(write_blif(circuit)).decode()
        == """# one
# two /
.model lgc
.inputs a n0
.outputs y0 y1 y2 y3
.names a n0 y3
11 1
.names y3 a n_1
11 0
.names n_1 y3 y0
01 1
10 1
.names y0 y1
1 1
.names a y2
1 1
.end
"""
    )


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        (("a", "b"), True),
        (("a", "a"), False),
        (("a", "b c"), False),
        (("a", "#b"), False),
        (("a", ".b"), False),
        (("a", "b\\"), False),
        (("a",), False),
    ],
)
def test_names_that_blif_cannot_hold_are_left_out(names: tuple[str, ...], kept: bool) -> None:
    net = parse_netlist("in 2; %2 = a&b %0 %1; out %2")
    again = read_blif(joined(write_blif(Circuit(net, inputs=names))), "f")
    assert again.inputs == (names if kept else None)
    same(net, again.net)


def test_own_names_give_way() -> None:
    """Names of the file may look like those that lgc gives."""
    net = parse_netlist("in 2; %2 = a&b %0 %1; %3 = a^b %2 %1; out %3")
    for circuit in (
        Circuit(net, ("y0", "n1"), None),
        Circuit(net, None, ("x1",)),
        Circuit(net, ("n0", "n_0"), ("n1",)),
        Circuit(net, ("a", "b"), ("a",)),
    ):
        same(net, read_blif(joined(write_blif(circuit)), "f").net)


@pytest.mark.parametrize("net", circuits()[:-1], ids=repr)
def test_abc_reads_ours_and_we_read_what_it_writes(net: Netlist, tmp_path: Path) -> None:
    (tmp_path / "own.blif").write_bytes(joined(write_blif(Circuit(net))))
    said = abc("read own.blif; strash; if -K 5; write_blif abc.blif", tmp_path)
    assert "rror" not in said, said
    same(net, read_blif((tmp_path / "abc.blif").read_bytes(), "abc.blif").net)
    proved("own.blif", "abc.blif", tmp_path)


def test_abc_proves_wide_covers(tmp_path: Path) -> None:
    """Read by us, written again, and proved against the file itself."""
    random = np.random.default_rng(4)
    names = " ".join(f"i{n}" for n in range(14))
    text = f".model wide\n.inputs {names}\n.outputs y z\n"
    for output, value in (("y", 1), ("z", 0)):
        text += f".names {names} {output}\n"
        for _ in range(9):
            text += "".join(random.choice(list("01----"), 14)) + f" {value}\n"
    (tmp_path / "wide.blif").write_text(text + ".end\n")
    circuit = read_blif((text + ".end\n").encode(), "wide.blif")
    (tmp_path / "own.blif").write_bytes(joined(write_blif(circuit)))
    proved("wide.blif", "own.blif", tmp_path)


FLAT = "\n  hint: flatten the design first, for example with Yosys: flatten; or ABC"
ROW = "\n  hint: places are 0, 1 or -, the value 0 or 1, such as: 1-0 1"
HEAD = ".model m\n.inputs a b\n.outputs y\n"
BAD: list[tuple[str, str]] = [
    ("", "f: the circuit has no inputs\n  hint: a model has at least one of each"),
    (".inputs a\n", "f: the circuit has no outputs\n  hint: a model has at least one of each"),
    (
        HEAD + ".mlatch d D=a Q=y c\n",
        "f, line 4: .mlatch is a latch of a library\n"
        "  hint: let the tool that wrote the file unmap it to .latch",
    ),
    (
        HEAD + ".latch a\n",
        "f, line 4: .latch has what comes next, its own name, edge and clock, and what it starts with\n"
        "  hint: such as: .latch next q re clk 0; 3 is an unknown start",
    ),
    (
        HEAD + ".latch a y ah b 0\n",
        "f, line 4: the latch is open by level (ah), not at an edge\n"
        "  hint: a step is one edge of a clock: re or fe",
    ),
    (HEAD + ".latch a y up b 0\n", "f, line 4: 'up' is no edge\n  hint: re or fe"),
    (
        HEAD + ".latch a y re b 0\n.latch b z fe b 0\n",
        "f, line 5: a second clock, or the other edge of it\n"
        "  hint: a step is one edge of one clock, at which all latches change",
    ),
    (HEAD + ".subckt add a=a y=y\n", "f, line 4: .subckt is an instance of another model" + FLAT),
    (HEAD + ".search x.blif\n", "f, line 4: .search is a reference to another file" + FLAT),
    (
        HEAD + ".gate nand2 A=a B=b Y=y\n",
        "f, line 4: .gate is a gate of a library\n"
        "  hint: let the tool that wrote the file unmap it to .names",
    ),
    (
        HEAD + ".exdc\n",
        "f, line 4: .exdc is don't-cares from outside\n  hint: take that part out of the file",
    ),
    (HEAD + ".end\n.model n\n", "f, line 5: 2 models are in the file" + FLAT),
    (
        HEAD + ".name a y\n1 1\n",
        "f, line 4: '.name' is no command of BLIF\n  hint: a row of a cover begins with 0, 1 or -",
    ),
    (HEAD + ".names\n1\n", "f, line 4: .names without a name"),
    (
        HEAD + "11 1\n",
        "f, line 4: '11' is a row without a .names before it\n"
        "  hint: a row of a cover belongs to the .names before it",
    ),
    (
        HEAD + ".names a y\n1 1\n.area 3\n0 1\n",
        "f, line 7: '0' is a row without a .names before it\n"
        "  hint: a row of a cover belongs to the .names before it",
    ),
    (HEAD + ".names a b y\n1 1\n", "f, line 5: a row of 2 places and a value was expected" + ROW),
    (HEAD + ".names a b y\n11\n", "f, line 5: a row of 2 places and a value was expected" + ROW),
    (HEAD + ".names a b y\n12 1\n", "f, line 5: a row of 2 places and a value was expected" + ROW),
    (HEAD + ".names a b y\n1- x\n", "f, line 5: a row of 2 places and a value was expected" + ROW),
    (HEAD + ".names y\n1 1\n", "f, line 5: a row of 0 places and a value was expected" + ROW),
    (
        HEAD + ".names a b y\n11 1\n00 0\n",
        "f, line 6: rows with 0 and with 1 stand in one cover\n"
        "  hint: a cover lists where the signal is 1, or where it is 0",
    ),
    (HEAD + ".names a y\n1 1\n.names b y\n1 1\n", "f, line 6: 'y' is defined for the second time"),
    (HEAD + ".names b a\n1 1\n", "f, line 4: 'a' is defined for the second time"),
    (
        HEAD + ".names a z y\n11 1\n",
        "f, line 4: 'z' is read, but nothing defines it\n"
        "  hint: is the name spelled alike in both places?",
    ),
    (
        HEAD + ".names a z\n1 1\n",
        "f, line 3: 'y' is read, but nothing defines it\n"
        "  hint: is the name spelled alike in both places?",
    ),
    (
        HEAD + ".names t y\n1 1\n.names a u t\n11 1\n.names t u\n0 1\n",
        "f, line 6: signals wait for one another: 't' reads 'u' reads 't'\n"
        "  hint: a circuit without memory has no cycles",
    ),
    (
        HEAD
        + ".names t0 y\n1 1\n"
        + "".join(f".names t{i + 1} t{i}\n1 1\n" for i in range(9))
        + ".names t0 t9\n1 1\n",
        "f, line 6: signals wait for one another: 't0' reads 't1' reads 't2' reads 't3' reads 't4' "
        "reads 't5' reads 't6' reads 't7' …\n  hint: a circuit without memory has no cycles",
    ),
    (
        HEAD + "." + "x" * 50 + "\n",
        f"f, line 4: '.{'x' * 36}…' is no command of BLIF\n"
        "  hint: a row of a cover begins with 0, 1 or -",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), BAD, ids=range(len(BAD)))
def test_messages(text: str, message: str) -> None:
    with pytest.raises(LgcError, match=re.escape(message) + r"\Z") as caught:
        read_blif(text.encode(), "f")
    assert isinstance(caught.value, InputError | UnsupportedError)


def test_what_is_recognised() -> None:
    assert is_blif(b"# made by hand\n\n.model x\n")
    assert is_blif(b".inputs a b\n")
    assert not is_blif(b"INPUT(a)\n")
    assert not is_blif(b"model x\n")


def test_names_in_any_encoding() -> None:
    circuit = read_blif(".inputs größe \u00e4\n.outputs y\n.names größe y\n1 1\n".encode(), "f")
    assert circuit.inputs == ("größe", "ä")
    same(circuit.net, read_blif(joined(write_blif(circuit)), "f").net)
    broken = read_blif(b".inputs \xff \xfe\n.outputs y\n.names \xfe y\n1 1\n", "f")
    assert broken.net.fanin.tolist() == [[1, 0]]
    same(broken.net, read_blif(joined(write_blif(broken)), "f").net)


def test_a_long_file_takes_the_compiled_way() -> None:
    net = random_net(3, 20_000, 5)
    same(net, read_blif(joined(write_blif(Circuit(net))), "f").net)


@pytest.mark.parametrize(("literals", "gates"), [(6, 1), (7, 2), (8, 2), (11, 2), (12, 3), (36, 7)])
def test_a_wide_conjunction_takes_as_few_gates_as_it_can(literals: int, gates: int) -> None:
    """A gate of six takes five symbols away: ⌈(n - 1) / 5⌉."""
    parts = Parts(literals)
    symbol, inverted = parts.all_of([(one, one % 2 == 0) for one in range(literals)])
    assert len(parts.rows) == gates
    value = {one: one % 2 for one in range(literals)}
    for own, reads, table, _ in parts.rows:
        place = sum(value[read] << 5 - i for i, read in enumerate(reads))
        value[own] = table >> (63 - place) & 1
    assert value[symbol] ^ inverted == 1
