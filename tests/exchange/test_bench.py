"""BENCH there and back, both of its forms, and what is wrong with a damaged file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given

from lgc.errors import InputError, LgcError, UnsupportedError
from lgc.exchange.bench import is_bench, read_bench, write_bench
from lgc.exchange.circuit import Circuit
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist
from tests.exchange.cases import abc, circuits, joined, proved, random_net, same
from tests.exchange.test_blif import values
from tests.strategies import netlists

C17 = b"""# c17, of the ISCAS benchmarks
INPUT(1)
INPUT(2)
INPUT(3)
INPUT(6)
INPUT(7)
OUTPUT(22)
OUTPUT(23)
10 = NAND(1, 3)
11 = NAND(3, 6)
16 = NAND(2, 11)
19 = NAND(11, 7)
22 = NAND(10, 16)
23 = NAND(16, 19)
"""


def read(body: str, inputs: str = "abc") -> Netlist:
    ports = "".join(f"INPUT({name})\n" for name in inputs)
    return read_bench(f"{ports}OUTPUT(y)\n{body}\n".encode(), "f").net


@pytest.mark.parametrize("net", circuits(), ids=repr)
def test_there_and_back(net: Netlist) -> None:
    data = joined(write_bench(Circuit(net)))
    assert is_bench(data)
    again = read_bench(data, "a.bench")
    same(net, again.net)
    assert (again.inputs, again.outputs) == (None, None)


@given(netlists(k=None))
def test_there_and_back_for_any_netlist(net: Netlist) -> None:
    same(net, read_bench(joined(write_bench(Circuit(net))), "a.bench").net)


def test_c17() -> None:
    circuit = read_bench(C17, "c17.bench")
    assert circuit.inputs == ("1", "2", "3", "6", "7")
    assert circuit.outputs == ("22", "23")
    assert circuit.net.table.tolist() == [14] * 6
    assert joined(write_bench(circuit)).decode().splitlines()[7:] == [
        "n0 = NAND(1, 3)",
        "n1 = NAND(3, 6)",
        "n2 = NAND(2, n1)",
        "n3 = NAND(n1, 7)",
        "22 = NAND(n0, n2)",
        "23 = NAND(n2, n3)",
    ]


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("y = AND(a, b, c)", "00000001"),
        ("y = nand ( a , b , c )", "11111110"),
        ("y=OR(a,b,c)", "01111111"),
        ("y = NOR(a, b)", "11000000"),
        ("y = XOR(a, b, c)", "01101001"),
        ("y = XNOR(a, b, c)", "10010110"),
        ("y = AND(c)", "01010101"),
        ("y = BUF(a)", "00001111"),
        ("y = BUFF(b)", "00110011"),
        ("y = NOT(c) # not", "10101010"),
        ("y = INV(c)", "10101010"),
        ("y = gnd", "00000000"),
        ("y = VDD", "11111111"),
        ("y = LUT 0x2 ( a, c )", "00001010"),  # the first name is the lowest bit of the index
        ("y = LUT 0x08 ( a, b )", "00000011"),
        ("y = LUT 0xE8 ( a, b, c )", "00010111"),
        ("y = LUT 0x1 ( b )", "11001100"),
        ("y = LUT 0x40 ( a, b, c )", "00010000"),
        ("y = NOR(t, c)\nt = LUT 0X1 (a, b)", "00101010"),
    ],
)
def test_gates(body: str, wanted: str) -> None:
    assert values(read(body)) == wanted


@pytest.mark.parametrize("kind", ["AND", "NAND", "OR", "NOR", "XOR", "XNOR"])
def test_gates_of_many_inputs(kind: str) -> None:
    names = "abcdefghi"
    net = read(f"y = {kind}({', '.join(names)})\nz = LUT 0x8 ( a, b )", names)
    for index, got in enumerate(values(net)):
        ones = index.bit_count()
        value = {"A": ones == 9, "O": ones > 0, "X": ones % 2 == 1}[kind.replace("N", "")[0]]
        assert got == str(int(value != (kind in ("NAND", "NOR", "XNOR"))))


def test_what_is_written() -> None:
    text = "in 2; %2 = a&~b %0 %1; %3 = a|~b %2 %1; %4 = ~a|b %3 %0; %5 = 1 %0 %0; out %4 %5 %4 %0"
    circuit = Circuit(parse_netlist(text), comment="a line")
    assert (
        joined(write_bench(circuit)).decode()
        == """# a line
INPUT(x0)
INPUT(x1)
OUTPUT(y0)
OUTPUT(y1)
OUTPUT(y2)
OUTPUT(y3)
n0 = AND(x0, n4)
n1 = OR(n0, n4)
y0 = OR(n5, x0)
y1 = vdd
n4 = NOT(x1)
n5 = NOT(n1)
y2 = BUFF(y0)
y3 = BUFF(x0)
"""
    )
    wide = parse_netlist(
        "in 3; %3 = 0x35 %0 %1 %2; %4 = 0x0f %0 %1 %2; %5 = 0x00 %0 %0 %0; out %3 %4 %5"
    )
    assert joined(write_bench(Circuit(wide))).decode().splitlines()[6:] == [
        "y0 = LUT 0xac ( x2, x1, x0 )",
        "y1 = BUFF( x0 )",
        "y2 = gnd",
    ]


@pytest.mark.parametrize("name", ["a b", "a(", "a=", "a,b", "a)", "#a", ""])
def test_names_that_bench_cannot_hold_are_left_out(name: str) -> None:
    net = parse_netlist("in 1; %1 = ~a %0 %0; out %1")
    assert read_bench(joined(write_bench(Circuit(net, (name,), ("z",)))), "f").inputs is None
    assert read_bench(joined(write_bench(Circuit(net, (".a",), ("z",)))), "f").inputs == (".a",)


@pytest.mark.parametrize("net", circuits()[:-1], ids=repr)
def test_abc_reads_ours_and_we_read_what_it_writes(net: Netlist, tmp_path: Path) -> None:
    (tmp_path / "own.bench").write_bytes(joined(write_bench(Circuit(net))))
    for way in ("strash; write_bench abc.bench", "strash; if -K 4; write_bench -l abc.bench"):
        said = abc(f"read own.bench; {way}", tmp_path)
        assert "rror" not in said, said
        same(net, read_bench((tmp_path / "abc.bench").read_bytes(), "abc.bench").net)
        proved("own.bench", "abc.bench", tmp_path)


LINES = "\n  hint: lines are INPUT(a), OUTPUT(y), y = AND(a, b), y = LUT 0x8 ( a, b ), y = vdd"
TABLE = "\n  hint: a hexadecimal number such as 0x8, of one bit for each vector of inputs"
HEAD = "INPUT(a)\nINPUT(b)\nOUTPUT(y)\n"
BAD: list[tuple[str, str]] = [
    ("y = vdd\n", "f: the circuit has no inputs\n  hint: a model has at least one of each"),
    ("INPUT(a)\n", "f: the circuit has no outputs\n  hint: a model has at least one of each"),
    (
        HEAD + "y = DFF(a)\n",
        "f, line 4: DFF is a register\n"
        "  hint: BLIF and AIGER say what registers start with; or cut the circuit there, and --state",
    ),
    (
        HEAD + "y = LUT 0x1 (a, a, a, a, a, a, b)\n",
        "f, line 4: a LUT of 7 inputs is more than 6\n"
        "  hint: map it to smaller ones first, for example with ABC: if -K 6",
    ),
    (HEAD + "y = LUT 0x10 (a, b)\n", "f, line 4: '0x10' is no table of 2 inputs" + TABLE),
    (HEAD + "y = LUT 12 (a, b)\n", "f, line 4: '12' is no table of 2 inputs" + TABLE),
    (HEAD + "y = LUT 0x12345678123456789 (a, b)\n", "f, line 4: '0x12345678123456789' is no table of 2 inputs" + TABLE),
    (HEAD + "hello\n", "f, line 4: 'hello' is no line of a BENCH file" + LINES),
    (HEAD + "INPUT a\n", "f, line 4: 'INPUT a' is no line of a BENCH file" + LINES),
    (HEAD + "INOUT(c)\n", "f, line 4: 'INOUT ( c )' is no line of a BENCH file" + LINES),
    (HEAD + "INPUT(c(\n", "f, line 4: 'INPUT ( c (' is no line of a BENCH file" + LINES),
    (HEAD + "y =\n", "f, line 4: 'y =' is no line of a BENCH file" + LINES),
    (HEAD + "y = AND\n", "f, line 4: 'y = AND' is no line of a BENCH file" + LINES),
    (HEAD + "y = vdd(a)\n", "f, line 4: 'y = vdd ( a )' is no line of a BENCH file" + LINES),
    (HEAD + "y = MAJ(a, b)\n", "f, line 4: 'y = MAJ ( a , b )' is no line of a BENCH file" + LINES),
    (HEAD + "y = AND()\n", "f, line 4: 'y = AND ( )' is no line of a BENCH file" + LINES),
    (HEAD + "y = AND(a b)\n", "f, line 4: 'y = AND ( a b )' is no line of a BENCH file" + LINES),
    (HEAD + "y = AND(a, b,\n", "f, line 4: 'y = AND ( a , b ,' is no line of a BENCH file" + LINES),
    (HEAD + "y = AND(a, ,)\n", "f, line 4: 'y = AND ( a , , )' is no line of a BENCH file" + LINES),
    (HEAD + "y = AND)a, b)\n", "f, line 4: 'y = AND ) a , b )' is no line of a BENCH file" + LINES),
    (HEAD + "y = NOT(a, b)\n", "f, line 4: 'y = NOT ( a , b )' is no line of a BENCH file" + LINES),
    (HEAD + "( = AND(a, b)\n", "f, line 4: '( = AND ( a , b )' is no line of a BENCH file" + LINES),
    (HEAD + "y = AND(a, b)\ny = OR(a, b)\n", "f, line 5: 'y' is defined for the second time"),
    (
        HEAD + "y = AND(a, z)\n",
        "f, line 4: 'z' is read, but nothing defines it\n"
        "  hint: is the name spelled alike in both places?",
    ),
    (
        HEAD + "y = AND(a, y)\n",
        "f, line 4: signals wait for one another: 'y' reads 'y'\n"
        "  hint: a circuit without memory has no cycles",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), BAD, ids=range(len(BAD)))
def test_messages(text: str, message: str) -> None:
    with pytest.raises(LgcError, match=re.escape(message) + r"\Z") as caught:
        read_bench(text.encode(), "f")
    assert isinstance(caught.value, InputError | UnsupportedError)


def test_what_is_recognised() -> None:
    assert is_bench(C17)
    assert is_bench(b"y = AND(a, b)\nINPUT(a)")
    assert not is_bench(b".model x\n")
    assert not is_bench(b"x = 3\n")


def test_a_long_file_takes_the_compiled_way() -> None:
    net = random_net(3, 20_000, 5)
    same(net, read_bench(joined(write_bench(Circuit(net))), "f").net)
