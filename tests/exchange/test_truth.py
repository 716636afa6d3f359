"""Truth tables: every value where it stands, ABC's reading of the same text, what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lgc.errors import LgcError
from lgc.evaluation import pack_planes, unpack_planes
from lgc.exchange.blif import read_blif
from lgc.exchange.decisions import decided
from lgc.exchange.truth import is_truth, read_truth
from lgc.netlist import Netlist
from tests.exchange.cases import abc, same


def values(net: Netlist) -> np.ndarray:
    """Bool ``(outputs, 2**n)`` by index; input i is bit i of the index."""
    every = np.arange(1 << net.inputs)
    bits = (every[:, None] >> np.arange(net.inputs) & 1).astype(np.bool_)
    return unpack_planes(net.evaluate(pack_planes(bits)), len(every)).T


def tables(inputs: int, outputs: int, seed: int) -> np.ndarray:
    """Random, but for parts that are alike, constants and single inputs."""
    random = np.random.default_rng(seed)
    made = random.random((outputs, 1 << inputs)) < 0.4
    half = 1 << inputs >> 1
    made[0, half:] = made[0, :half]
    made[outputs // 2] = bool(seed % 2)
    made[-1] = np.arange(1 << inputs) >> (seed % inputs) & 1
    return made


@pytest.mark.parametrize("inputs", range(1, 14))
def test_every_value(inputs: int) -> None:
    wanted = tables(inputs, 5, inputs)
    assert np.array_equal(values(decided(wanted)), wanted)
    lines = ["".join("01"[one] for one in row[::-1]) for row in wanted.tolist()]
    binary = "\n".join(lines).encode()
    assert np.array_equal(values(read_truth(binary, "f", inputs).net), wanted)
    if inputs >= 2:
        wide = 1 << inputs - 2
        digits = "\n".join(f"0x{int(line, 2):0{wide}x}" for line in lines)
        assert np.array_equal(values(read_truth(digits.encode(), "f").net), wanted)


def test_what_is_alike_is_built_once() -> None:
    """The parity of n inputs has two different parts at each input."""
    index = np.arange(1 << 12)
    parity = np.array([[int(i).bit_count() & 1 for i in index]], np.bool_)
    assert decided(parity).gates <= 2 + 2 * 6
    assert decided(np.ones((3, 4096), np.bool_)).gates == 1


@pytest.mark.parametrize("seed", range(3))
def test_abc_reads_the_same(seed: int, tmp_path: Path) -> None:
    folder = tmp_path
    wanted = np.random.default_rng(seed).random((3, 32)) < 0.5  # ABC fails at constants
    lines = ["".join("01"[one] for one in row[::-1]) for row in wanted.tolist()]
    (folder / "t.truth").write_text("\n".join(lines) + "\n")
    abc("read_truth -xf t.truth; write_blif t.blif", folder)
    same(
        read_blif((folder / "t.blif").read_bytes(), "t.blif").net,
        read_truth((folder / "t.truth").read_bytes(), "t.truth").net,
    )


def test_short_tables_are_told_apart_by_the_number_of_inputs() -> None:
    """1000 is a conjunction, or four inputs of which index 12 alone counts."""
    binary, wide = read_truth(b"1000", "f", 2).net, read_truth(b"1000", "f", 4).net
    assert np.flatnonzero(values(binary)[0]).tolist() == [3]
    assert np.flatnonzero(values(wide)[0]).tolist() == [12]
    assert read_truth(b"1000\n0110", "f").net.inputs == 2
    assert read_truth(b"8000", "f").net.inputs == 4
    assert read_truth(b"0x8", "f").net.inputs == 2


ORDER = "\n  hint: a line of 2**n digits for each output, such as 1000 for the conjunction of two inputs"


@pytest.mark.parametrize(
    ("text", "bits", "message"),
    [
        ("", None, f"f: there is no table{ORDER}"),
        ("# nothing\n", None, f"f: there is no table{ORDER}"),
        ("10001000\n10q0", None, f"f, line 2: '10q0' is no table{ORDER}"),
        ("10001000\n1000", None, f"f, line 2: 4 digits where the first table has 8{ORDER}"),
        ("100010001000", None, f"f, line 1: a table of 12 values is none of whole inputs: 2, 4, 8, 16 and so on are{ORDER}"),
        ("1000", None, "f: '1000' may be 4 values or 16, in hexadecimal\n  hint: --inputs says how many inputs there are; 0x before the digits does as well"),
        ("10001000", 2, "f: a table of 8 values has 3 inputs, not 2\n  hint: are --inputs and --input right?"),
        ("0x10\n10", None, "f: some tables have 0x before them and some have not"),
        ("1\n0\n1\n0\n1\n0\n1\n0\n", None, "f: the circuit has no inputs\n  hint: a model has at least one of each"),
    ],
)  # fmt: skip
def test_messages(text: str, bits: int | None, message: str) -> None:
    with pytest.raises(LgcError) as caught:
        read_truth(text.encode(), "f", bits)
    assert str(caught.value) == message


def test_is_known_by_its_start() -> None:
    for text in (b"1000\n", b"# a\n10001000\n0110", b"0x8000\n", b"01" * 2048):
        assert is_truth(text)
    for other in (b"", b"1\n", b"101\n", b"8000\n", b"0,1\n", b"aag 1 0\n", b"1000 1\n", b"01" * 9):
        assert not is_truth(other)


def test_files(tmp_path: Path) -> None:
    import lgc

    (tmp_path / "t.truth").write_text("8000000000000001\n")
    assert lgc.load(tmp_path / "t.truth").chain.bits == 6
    (tmp_path / "and.tt").write_text("1000\n")
    assert lgc.load(tmp_path / "and.tt", inputs=2).evaluate(np.ones((1, 2))).bits.tolist() == [
        [True]
    ]
    assert lgc.load(tmp_path / "and.tt", inputs=1, input="bits:2").evaluate(
        [[3], [2]]
    ).bits.tolist() == [
        [True],
        [False],
    ]
