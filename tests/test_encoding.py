"""Circuits that read the bits of numbers: the same bits everywhere, whatever reads the numbers."""

from __future__ import annotations

import ctypes
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lgc
from lgc.binarisation import parse_encoding
from lgc.chain import Sums, build_module, read_chain
from lgc.cli import run_command
from lgc.encoding import Encoding, low_bits
from lgc.errors import UnsupportedError, UsageError
from lgc.evaluation import unpack_planes
from lgc.exchange.aiger import write_aiger
from lgc.exchange.circuit import Circuit
from lgc.facts import of_places
from lgc.inputs import packed
from lgc.model import Model
from lgc.neighbours import Near, samples
from lgc.netlist import Netlist
from lgc.proving import prove_chains
from tests.backends.corpus import random_net
from tests.exchange.cases import joined
from tests.support import shared_model

WIDE = st.integers(-(1 << 40), 1 << 40)


def bit(number: int, place: int) -> bool:
    """As Python's whole numbers have it: two's complement of any length."""
    return bool(number >> place & 1)


@given(st.lists(WIDE, min_size=1, max_size=5), st.data())
def test_bits_of_whole_numbers(numbers: list[int], data: st.DataObject) -> None:
    feature = np.array(data.draw(st.lists(st.integers(0, len(numbers) - 1), min_size=1)), np.int32)
    place = np.array(data.draw(st.lists(st.integers(0, 15), min_size=len(feature))), np.int32)
    place = place[: len(feature)]
    encoding = Encoding(feature, None, place)
    wanted = [[bit(numbers[f], p) for f, p in zip(feature.tolist(), place.tolist())]]
    for dtype in (np.int64, np.float64):
        x = np.array([numbers], dtype)
        assert encoding.rows(x).tolist() == wanted
        assert unpack_planes(encoding.planes(x), 1).tolist() == wanted


def test_of_fractions_the_number_below_counts_and_what_is_no_number_is_zero() -> None:
    x = np.array([2.75, -0.25, -1.0, np.nan, np.inf, -np.inf, 65537.5], np.float32)
    assert low_bits(x).tolist() == [2, 0xFFFF, 0xFFFF, 0, 0, 0, 1]
    assert low_bits(np.array([-1, 300], np.int16)).tolist() == [0xFFFF, 300]
    assert low_bits(np.array([True, False])).tolist() == [1, 0]


def test_large_batches_are_encoded_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lgc.encoding._AT_ONCE", 500)
    x = np.random.default_rng(0).integers(0, 256, (130, 5), np.uint8)
    encoding = Encoding(np.repeat(np.arange(5, dtype=np.int32), 8), None, np.tile(np.arange(8), 5))
    wanted = np.unpackbits(x, axis=1, bitorder="little").astype(np.bool_)
    assert np.array_equal(unpack_planes(encoding.planes(x), 130), wanted)


def test_spellings() -> None:
    low, high = (parse_encoding(text) for text in ("bits:3", " bits:3,msb "))
    assert (low.features(12), low.features(13), low.each) == (4, None, 3)
    assert low.arguments(2)["place"].tolist() == [0, 1, 2, 0, 1, 2]
    assert high.arguments(2)["place"].tolist() == [2, 1, 0, 2, 1, 0]
    assert high.arguments(2)["feature"].tolist() == [0, 0, 0, 1, 1, 1]
    assert [parse_encoding(f"bits:{n},lsb").arguments(1)["dtype"] for n in (8, 9)] == [
        "uint8", "float32"
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["bits:", "bits:0", "bits:17", "bits:-8", "bits:8,", "bits:8,x",
                                  "bits:8,msb,msb", "bits:8888888888", "bits:\u00b2"])  # fmt: skip
def test_spellings_that_say_nothing(text: str) -> None:
    message = (
        f"--input: {text!r} does not say which bits of a number\n"
        "  hint: bits:8 or bits:8,msb: 1 to 16 bits, msb for the most significant first"
    )
    with pytest.raises(UsageError, match=re.escape(message) + r"\Z"):
        parse_encoding(text)


def test_models_that_compare_refuse_bits() -> None:
    from lgc import demo

    message = "--input: 'bits:8' is how circuit files read numbers, this model compares them"
    with pytest.raises(UsageError, match=re.escape(message)):
        lgc.load(demo.model_path(), input="bits:8")


def test_facts_of_places() -> None:
    facts = of_places("uint8", [0, 0, 1, 0], [7, 9, 0, 7])
    assert {tuple(row) for row in facts.every().tolist()} == {
        (a, False, b, a) for a in (False, True) for b in (False, True)
    }
    assert of_places("float32", [0, 0], [15, 3]).trivial


def file(folder: Path, net: Netlist) -> Path:
    path = folder / "net.aig"
    path.write_bytes(joined(write_aiger(Circuit(net), True)))
    return path


@pytest.fixture
def models(tmp_path: Path) -> tuple[Model, Model]:
    """The same circuit reading bytes, and reading their bits."""
    path = file(tmp_path, random_net(24, 90, 6, 2, 3))
    return lgc.load(path, input="bits:8", head="one-hot"), lgc.load(path, head="one-hot")


def test_every_kind_of_row_gives_the_same(models: tuple[Model, Model]) -> None:
    whole, plain = models
    x = np.random.default_rng(1).integers(0, 256, (700, 3), np.uint8)
    bits = np.unpackbits(x, axis=1, bitorder="little")
    wanted = plain.evaluate(bits)
    kernel = lgc.compile(whole)
    wide = np.zeros((700, 9), np.uint8)
    wide[:, ::3] = x
    for rows in (x, x.view(np.int8), x.astype(np.int16), x.astype(np.float32), x[::-1][::-1],
                 x.astype(np.int64) - 256, wide[:, ::3], packed(bits.astype(np.bool_))):  # fmt: skip
        assert (kernel.counts(rows) == wanted.counts).all()
        assert (kernel.predict(rows) == wanted.classes).all()
        assert (whole.evaluate(rows).counts == wanted.counts).all()


def test_the_most_significant_bit_first(tmp_path: Path) -> None:
    path = file(tmp_path, random_net(24, 90, 6, 2, 4))
    x = np.random.default_rng(1).integers(0, 256, (70, 3), np.uint8)
    wanted = lgc.load(path).evaluate(np.unpackbits(x, axis=1)).bits
    model = lgc.load(path, input="bits:8,msb")
    assert (model.evaluate(x).bits == wanted).all()
    assert (lgc.compile(model).bits(x) == wanted).all()


def test_kernels_are_saved_and_checked(models: tuple[Model, Model], tmp_path: Path) -> None:
    whole, plain = models
    kernel = lgc.compile(whole)
    kernel.save(tmp_path / "k.lgk")
    again = lgc.load_kernel(tmp_path / "k.lgk")
    checked = lgc.check(whole, again)
    assert checked
    assert checked.how.endswith("rows of floats and of bytes")
    assert "features: 24 against 3" in str(lgc.check(plain, again))


def test_an_error_in_packing_is_found(models: tuple[Model, Model]) -> None:
    """The bits are right, what the kernel does with bytes is not."""
    whole, _ = models
    kernel = lgc.compile(whole)
    kernel._encoding = Encoding(kernel._encoding.feature, None, kernel._encoding.place[::-1])  # type: ignore[attr-defined]
    assert not lgc.check(whole, kernel)


def test_thresholds_and_bits_are_compared_on_bytes() -> None:
    """x[0] > 99 and not x[0] > 200, by thresholds and by a circuit of its bits."""
    from lgc.hardware.encoder import encoder
    from lgc.proving import BYTES

    between = Netlist(2, [2], [[0, 1]], [2])
    level, feature = np.array([99.5, 200], np.float32), np.zeros(2, np.int32)
    compared = build_module(1, [between], None, feature=feature, level=level)
    place, zeros = np.arange(8), np.zeros(8, np.int32)
    comparators = encoder(feature, level, 1, BYTES)
    one, other = (
        build_module(1, [net, last], None, feature=zeros, place=place, dtype="uint8")
        for net, last in (
            (comparators, between), (comparators, Netlist(2, [7], [[0, 1]], [2]))
        )
    )  # fmt: skip
    equal = prove_chains(read_chain(compared), read_chain(one))
    assert equal
    assert "proved by SAT sweeping for bytes" in equal.how
    assert lgc.check(Model(compared), Model(one)).how.startswith("random, 2,048 rows of whole")
    for result in (
        prove_chains(read_chain(compared), read_chain(other)),
        lgc.check(Model(compared), Model(other)),
    ):
        assert not result
    example = prove_chains(read_chain(compared), read_chain(other)).counterexample
    assert example is not None
    x = example.numbers[None]
    assert (Model(compared).evaluate(x).bits != Model(other).evaluate(x).bits).any()
    wide = build_module(1, [between], None, feature=[0, 0], place=[0, 9])
    message = (
        "proof: one model compares numbers, the other reads the bits of numbers wider than a byte\n"
        "  hint: --check=fast draws whole numbers"
    )
    with pytest.raises(UnsupportedError, match=re.escape(message) + r"\Z"):
        prove_chains(read_chain(compared), read_chain(wide))


def test_out_of_reach_thresholds_are_constants_of_bytes() -> None:
    net = Netlist(3, [1, 1], [[0, 1], [3, 2]], [4])
    compared = build_module(1, [net], None, feature=[0, 0, 0], level=[-5, 7.25, 300])
    zero = Netlist(1, [0], [[0, 0]], [1])
    bits = build_module(1, [zero], None, feature=[0], place=[3], dtype="uint8")
    assert prove_chains(read_chain(compared), read_chain(bits))


def test_different_places_are_compared_over_all_of_them() -> None:
    one = build_module(1, [Netlist(2, [1], [[0, 1]], [2])], None, feature=[0, 0], place=[3, 12])
    two = build_module(1, [Netlist(3, [1], [[1, 2]], [3])], None, feature=[0] * 3, place=[1, 12, 3])
    three = build_module(1, [Netlist(2, [1], [[0, 1]], [2])], None, feature=[0, 0], place=[2, 12])
    assert prove_chains(read_chain(one), read_chain(two))
    wrong = prove_chains(read_chain(one), read_chain(three))
    assert wrong.counterexample is not None
    x = wrong.counterexample.numbers[None]
    assert (Model(one).evaluate(x).bits != Model(three).evaluate(x).bits).any()
    assert lgc.check(Model(one), Model(two))
    assert not lgc.check(Model(one), Model(three))


def test_neighbours_of_bytes(models: tuple[Model, Model]) -> None:
    chain = models[0].chain
    x = np.array([[5, 200, 0]], np.uint8)
    given = samples(chain, x)
    bits = given.bits[0].copy()
    bits[[1, 8]] ^= True  # bit 1 of the first number, bit 0 of the second
    found = given.numbers(0, bits)
    assert found is not None
    assert found.tolist() == [7, 201, 0]
    assert given.ball(0, Near("features", 1)).unit.tolist() == chain.feature.tolist()
    message = (
        "radius: a radius is about thresholds, and the model reads the bits of numbers\n"
        "  hint: features counts numbers that change"
    )
    with pytest.raises(UnsupportedError, match=re.escape(message)):
        given.ball(0, Near("radius", 1))


def test_verilog_reads_bits_or_numbers(
    models: tuple[Model, Model], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wires of bytes are the bits; those of wider numbers hold them."""
    monkeypatch.chdir(tmp_path)
    models[0].save("m.mlir")
    for number, text in enumerate(("bits", "u8", "s12", "uq9.3")):
        name = f"v{number}.v"
        assert run_command(["compile", "m.mlir", "-o", name, "--input-format", text]) == 0
        assert run_command(["check", "m.mlir", name, "--proof"]) == 0


def test_the_c_header_says_what_rows_are(models: tuple[Model, Model], tmp_path: Path) -> None:
    from lgc.registry import find

    path = tmp_path / "net.so"
    find("backends", "llvm")().write(models[0].module, path, {"cpu": "native"})
    text = (tmp_path / "net.h").read_text()
    assert "net_predict_u8" in text
    assert "net_predict_bits" in text
    assert "f32" not in text
    library = ctypes.CDLL(str(path))
    x = np.random.default_rng(2).integers(0, 256, (100, 3), np.uint8)
    size = ctypes.c_int64.in_dll(library, "net_scratch_bytes").value
    scratch, out = np.zeros(size + 64, np.uint8), np.zeros(100, np.int64)
    aligned = -(-scratch.ctypes.data // 64) * 64
    call = library.net_predict_u8
    call.argtypes = [
        ctypes.c_void_p,
        ctypes.c_int64,
        ctypes.c_int64,
        ctypes.c_void_p,
        ctypes.c_void_p,
    ]
    call(x.ctypes.data, 3, 100, out.ctypes.data, aligned)
    assert (out == models[0].evaluate(x).classes).all()


def test_reduce_keeps_equal_bits_equal(tmp_path: Path) -> None:
    """The two bits are one, so their exclusive or is never 1."""
    net = Netlist(2, [6], [[0, 1]], [2])
    model = Model(build_module(1, [net], None, feature=[0, 0], place=[3, 3], dtype="uint8"))
    model.save(tmp_path / "m.mlir")
    (tmp_path / "holds.sh").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "holds.sh").chmod(0o755)
    arguments = ["reduce", str(tmp_path / "m.mlir"), "--test", str(tmp_path / "holds.sh")]
    assert run_command([*arguments, "-o", str(tmp_path / "small.mlir")]) == 0


def test_what_needs_thresholds_is_refused(models: tuple[Model, Model]) -> None:
    message = "the model reads the bits of whole numbers, and this is about thresholds"
    with pytest.raises(UnsupportedError, match=message + r"\Z"):
        assert models[0].chain.level is not None


def test_approximation_takes_them(models: tuple[Model, Model], tmp_path: Path) -> None:
    x = np.random.default_rng(3).integers(0, 256, (400, 3), np.uint8)
    np.savez(tmp_path / "d.npz", x=x, y=models[0].evaluate(x).classes)
    models[0].save(tmp_path / "m.mlir")
    told = ["approximate", str(tmp_path / "m.mlir"), "--data", str(tmp_path / "d.npz")]
    assert run_command([*told, "--budget", "5", "-o", str(tmp_path / "a.mlir")]) == 0
    assert lgc.load(tmp_path / "a.mlir").chain.encoding == models[0].chain.encoding


def test_a_gate_list_says_which_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    model = Model(build_module(2, [random_net(16, 30, 10, 2, 1)], Sums(5), dtype="uint8",
                               **{k: v for k, v in parse_encoding("bits:8").arguments(2).items()
                                  if k != "dtype"},
                               provenance={"input": "bits:8"}))  # fmt: skip
    model.save("m.mlir")
    assert run_command(["compile", "m.mlir", "-o", "net.csv"]) == 0
    assert run_command(["check", "m.mlir", "net.csv", "--proof"]) == 0


def test_reports_and_benchmarks_take_them(models: tuple[Model, Model], tmp_path: Path) -> None:
    path = tmp_path / "m.mlir"
    models[0].save(path)
    assert "3 numbers, 24 bits" in models[0].summary()
    assert run_command(["report", str(path)]) == 0
    assert run_command(["bench", str(path), "--rows", "64", "--against", "numpy"]) == 0
    assert run_command(["compile", str(path), "-o", str(tmp_path / "m.smt2")]) == 0
    assert "b9 is bit 1 of x[1]" in (tmp_path / "m.smt2").read_text()
    assert run_command(["compile", str(path), "-o", str(tmp_path / "m.cnf")]) == 0


def test_the_small_circuit_of_iwls_reads_bytes() -> None:
    """As a model of 3,072 bytes and as one of 24,576 bits it is the same."""
    path = shared_model("iwls2021") / "small.aig"
    model = lgc.load(path, input="bits:8", head="one-hot")
    x = np.random.default_rng(0).integers(0, 256, (200, 3072), np.uint8)
    bits = np.unpackbits(x, axis=1, bitorder="little").astype(np.bool_)
    kernel = lgc.compile(model)
    assert (kernel.features, kernel.classes) == (3072, 10)
    wanted = lgc.load(path).evaluate(bits).bits
    assert (kernel.bits(x) == wanted).all()
    assert (kernel.predict(x) == wanted.argmax(axis=1)).all()
