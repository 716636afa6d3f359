"""Circuit files as models: options, names, facts about the origin, and the command line."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import lgc
from lgc import demo
from lgc.chain import build_module, provenance, read_chain
from lgc.cli import run_command
from lgc.errors import InputError, LgcError, UnsupportedError, UsageError
from lgc.interchange import circuit_of
from lgc.model import Model
from lgc.netlist_text import parse_netlist
from lgc.registry import find
from lgc.surgery import compose
from tests.backends.corpus import MODELS, model
from tests.exchange.cases import convolution, same

SUFFIXES = {
    ".aig": "aiger",
    ".aag": "aiger",
    ".blif": "blif",
    ".bench": "bench",
    ".csv": "gate-list",
}


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("name", MODELS)
def test_every_format_carries_every_model(name: str, suffix: str, tmp_path: Path) -> None:
    """What is read back is the circuit between thresholds and sums; a list says the sums too."""
    module = model(name)
    written = find("backends", SUFFIXES[suffix])().write(module, tmp_path / f"m{suffix}", {})
    assert sorted(tmp_path.iterdir()) == sorted(written)
    again = lgc.load(tmp_path / f"m{suffix}").module
    same(circuit_of(module).net, circuit_of(again).net)


@pytest.mark.parametrize("suffix", [".aig", ".aag", ".blif", ".bench", ".csv"])
def test_the_command_line_writes_checks_and_reads(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    source, file = str(demo.model_path()), f"core{suffix}"
    assert run_command(["compile", source, "-o", file]) == 0
    assert run_command(["check", source, file, "--classes", "10", "--tau", "10",
                        "--input", "thermometer:2,7,12"]) == 0  # fmt: skip
    assert run_command(["opt", file, "-p", "strash", "-o", "core.mlir"]) == 0
    assert run_command(["compile", file, "-p", "dce", "-o", "again.blif"]) == 0
    assert run_command(["check", "again.blif", "core.mlir"]) == (0 if suffix != ".csv" else 1)
    assert run_command(["list", "frontends"]) == 0
    assert SUFFIXES[suffix] in capsys.readouterr().out


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "two.blif"
    path.write_text(
        ".inputs a b c d\n.outputs p q r s\n.names a b p\n11 1\n.names c q\n1 1\n"
        ".names d r\n0 1\n.names a d s\n1- 1\n-1 1\n"
    )
    return path


def test_bits_are_greater_than_zero_and_outputs_the_last_layer(file: Path) -> None:
    chain = lgc.load(file).chain
    assert chain.level.tolist() == [0.0] * 4
    assert chain.group_sum is None
    outcome = lgc.load(file).evaluate(np.array([[3, 1, 0, -1], [0, 1, 0.1, 1]], np.float32))
    assert outcome.bits.tolist() == [[True, False, True, True], [False, True, False, True]]


def test_options(file: Path) -> None:
    summed = lgc.load(file, classes=2, tau=4, input="thermometer:1,2", inputs=2)
    chain = summed.chain
    assert (chain.features, chain.feature.tolist(), chain.level.tolist()) == (
        2,
        [0, 1, 0, 1],
        [1, 1, 2, 2],
    )
    assert chain.group_sum is not None
    assert (chain.group_sum.classes, chain.group_sum.tau.value.data) == (2, 4.0)
    assert lgc.load(file, classes=4).evaluate(np.ones((1, 4))).counts.tolist() == [[1, 1, 0, 1]]
    assert {key: value for key, value in provenance(summed.module).items() if key != "sha256"} == {
        "source": "two.blif", "frontend": "blif", "input": "thermometer:1,2"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"classes": 3},
            "two.blif: 4 outputs do not fall into 3 equal groups\n  hint: is --classes right?",
        ),
        (
            {"classes": 0},
            "two.blif: 4 outputs do not fall into 0 equal groups\n  hint: is --classes right?",
        ),
        ({"classes": 2, "tau": 0}, "--tau: tau must be a positive number, not 0.0"),
        (
            {"input": "thermometer:1,2,3"},
            "two.blif: 4 inputs do not fall into 3 levels\n  hint: is --input right?",
        ),
        (
            {"inputs": 5},
            "two.blif: the circuit reads 4 numbers, not 5\n  hint: leave --inputs out: the file says it",
        ),
        ({"input": "some"}, "--input: 'some' is not a binarisation"),
    ],
)
def test_messages(file: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises((InputError, UsageError), match=re.escape(message)):
        lgc.load(file, **options)  # type: ignore[arg-type]


def test_names_go_through_passes_and_formats(file: Path, tmp_path: Path) -> None:
    module = lgc.optimize(lgc.load(file), "O2").module
    for suffix in (".aig", ".bench", ".aag", ".blif"):
        find("backends", SUFFIXES[suffix])().write(module, tmp_path / f"next{suffix}", {})
        circuit = circuit_of(lgc.load(tmp_path / f"next{suffix}").module)
        assert (circuit.inputs, circuit.outputs) == (tuple("abcd"), tuple("pqrs"))
    again = Model(find("frontends", "mlir")().read(written_ir(module, tmp_path), None))
    assert circuit_of(again.module).inputs == tuple("abcd")


def written_ir(module, folder: Path) -> Path:
    Model(module).save(folder / "m.mlir")
    return folder / "m.mlir"


def test_names_that_fit_no_longer_are_left_out(file: Path) -> None:
    from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, IntegerAttr, StringAttr

    module = lgc.load(file).module
    for odd in (
        StringAttr("a"),
        DictionaryAttr({"inputs": StringAttr("abcd")}),
        DictionaryAttr({"inputs": ArrayAttr([StringAttr("a")] * 3)}),
        DictionaryAttr({"inputs": ArrayAttr([IntegerAttr(1, 8)] * 4)}),
    ):
        module.attributes["lgc.names"] = odd
        assert circuit_of(module).inputs is None


def test_the_comment_says_where_it_comes_from(tmp_path: Path) -> None:
    assert run_command(["compile", str(demo.model_path()), "-o", str(tmp_path / "a.blif")]) == 0
    lines = (tmp_path / "a.blif").read_text().splitlines()
    assert lines[:2] == [f"# written by lgc {lgc.__version__}", "# source: digits.npz"]
    assert "# input: thermometer:2,7,12" in lines
    chain = read_chain(lgc.load(demo.model_path()).module)
    assert f"# left out: {chain.outputs} bits into 10 class sums" in lines


def test_convolutions_are_refused_by_name(tmp_path: Path) -> None:
    message = (
        "logic.map, a convolution, is no plain circuit\n  hint: -p unroll-map,O2 makes one of it"
    )
    for backend in ("aiger", "bench", "blif", "dimacs", "gate-list"):
        with pytest.raises(UnsupportedError, match=re.escape(message) + r"\Z"):
            find("backends", backend)().write(convolution(), tmp_path / "a.x", {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("frontend", ["aiger", "bench", "blif", "gate-list"])
def test_files_that_cannot_be_read(frontend: str, tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    with pytest.raises(InputError, match=r"empty: the file is empty\Z"):
        lgc.load(tmp_path / "empty", frontend=frontend)
    with pytest.raises(LgcError, match="no frontend knows this kind of file"):
        lgc.load(tmp_path / "empty")
    one = find("frontends", frontend)()
    with pytest.raises(InputError, match=r"none: cannot be read: No such file or directory\Z"):
        one.read(tmp_path / "none", None)


def test_layers_are_joined(tmp_path: Path) -> None:
    nets = [
        parse_netlist("in 2; %2 = a^b %0 %1; out %2 %0"),
        parse_netlist("in 2; %2 = ~(a|b) %0 %1; out %2"),
    ]
    module = build_module(2, nets, None)
    same(circuit_of(module).net, compose(nets))
