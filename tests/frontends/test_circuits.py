"""Circuit files as models of numbers: every format of a plain function gives that function.

`make_circuits` makes the files with Yosys and ABC; what they must give is said here in NumPy.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import lgc
from lgc.cli import run_command
from lgc.errors import LgcError, UnsupportedError
from lgc.interchange import circuit_of
from lgc.reading import Inspection, LoadOptions
from lgc.registry import entries, find
from tests.frontends.make_circuits import SOURCES
from tests.support import ROOT

FOLDER = Path(__file__).parent / "fixtures" / "circuits"
LARGEST = sorted(FOLDER.glob("largest*"))
COMPARE = sorted(FOLDER.glob("compare*"))

KINDS = {".json": "yosys", ".pla": "pla", ".truth": "truth-table", ".blif": "blif",
         ".aig": "aiger", ".bench": "bench", ".v": "verilog"}  # fmt: skip


def numbers(count: int) -> np.ndarray:
    """All samples of so many numbers of four bits, uint8 ``(16**count, count)``."""
    every = np.arange(16**count)
    return np.stack([every >> 4 * place & 15 for place in range(count)], axis=1).astype(np.uint8)


@pytest.mark.parametrize("file", LARGEST, ids=lambda file: file.name)
def test_the_largest_of_four(file: Path) -> None:
    x = numbers(4)
    model = lgc.load(file, input="bits:4", head="one-hot")
    outcome = model.evaluate(x)
    assert np.array_equal(outcome.classes, x.argmax(axis=1))
    assert (outcome.counts.sum(axis=1) == 1).all()
    assert circuit_of(model.module).outputs == ("y[0]", "y[1]", "y[2]", "y[3]")
    assert np.array_equal(lgc.compile(model).predict(x), x.argmax(axis=1))


def test_the_largest_as_a_number() -> None:
    x = numbers(4)
    model = lgc.load(FOLDER / "number.blif", input="bits:4", head="index")
    assert np.array_equal(model.evaluate(x).classes, x.argmax(axis=1))
    assert np.array_equal(lgc.compile(model).predict(x), x.argmax(axis=1))


@pytest.mark.parametrize("file", COMPARE, ids=lambda file: file.name)
def test_comparing_two(file: Path) -> None:
    x = numbers(2)
    bits = lgc.load(file, input="bits:4").evaluate(x).bits
    a, b = x.T
    assert np.array_equal(bits, np.stack([a < b, a == b, a > b], axis=1))


def test_tables_of_the_same_function(tmp_path: Path) -> None:
    """As `lgc.exchange.truth` has them, and the same in hexadecimal."""
    x = numbers(2)
    a, b = x.T
    values = np.stack([a < b, a == b, a > b])
    index = a + 16 * b
    assert index.tolist() == list(range(256))
    lines = ["".join("01"[one] for one in row[::-1]) for row in values.tolist()]
    digits = [f"{int(line, 2):064x}" for line in lines]
    for name, text in {
        "a.truth": "\n".join(lines), "b.tt": "\n".join(digits).upper() + "\n",
        "c.txt": "# three outputs\n" + "\n".join(lines), "d.txt": "\n".join(f"0x{d}" for d in digits),
    }.items():  # fmt: skip
        (tmp_path / name).write_text(text)
        result = lgc.check(
            lgc.load(tmp_path / name, input="bits:4"),
            lgc.load(FOLDER / "compare.aig", input="bits:4"),
            mode="proof",
        )
        assert result, name


def test_words_are_taken_apart() -> None:
    """Bits of words, ports that count the other way, in the order of the file."""
    model = lgc.load(FOLDER / "words.json")
    circuit = circuit_of(model.module)
    assert circuit.inputs == (*(f"a[{i}]" for i in range(4)), *(f"b[{i}]" for i in range(4)), "s")
    assert circuit.outputs == (
        "y[3]",
        "y[2]",
        "y[1]",
        "y[0]",
        *(f"z[{i}]" for i in range(2, 6)),
        "t",
    )
    every = np.arange(512)
    a, b, s = every & 15, every >> 4 & 15, every >> 8
    y = np.where(s == 1, (a & b) ^ ~b, a | b) & 15
    z = ~(a ^ b) & 15
    wanted = y | z << 4 | (1 - s) << 8
    x = (every[:, None] >> np.arange(9) & 1).astype(np.uint8)
    assert np.array_equal(model.evaluate(x).bits @ (1 << np.arange(9)), wanted)


def test_instances_are_refused_with_the_command_that_joins_them(tmp_path: Path) -> None:
    file = FOLDER / "hierarchy.json"
    with pytest.raises(UnsupportedError) as caught:
        lgc.load(file)
    assert str(caught.value).startswith(
        "hierarchy.json, module number, cell one: it is an instance of the module largest\n"
    )
    command = re.search(r"yosys -p '([^']*)'", caught.value.hint or "")
    assert command is not None
    program = shutil.which("yosys")
    if program is None:
        pytest.skip("the program yosys is not installed")
    shutil.copy(file, tmp_path)
    subprocess.run([program, "-q", "-p", command[1]], cwd=tmp_path, check=True)
    assert lgc.check(tmp_path / "again.json", FOLDER / "number.blif", mode="proof")


def test_files_are_known_by_their_content() -> None:
    for file in sorted(FOLDER.iterdir()):
        claimed = [
            name for name, one in entries("frontends").items() if one.load()().recognises(file)
        ]
        assert claimed == [KINDS[file.suffix]], file.name


@pytest.mark.parametrize(
    ("name", "kind", "rows"),
    [
        ("largest_lut6.json", "Yosys netlist, JSON",
         (("inputs", "16 bits, x[0] to x[15]"), ("gates", "22, of up to 6 inputs"),
          ("outputs", "4 bits, y[0] to y[3]"))),
        ("compare.pla", "PLA of ESPRESSO",
         (("inputs", "8 bits, x[0] to x[7]"), ("gates", "243, of up to 2 inputs"),
          ("outputs", "3 bits, y[0] to y[2]"))),
    ],
)  # fmt: skip
def test_inspection(name: str, kind: str, rows: tuple[tuple[str, str], ...]) -> None:
    frontend = find("frontends", KINDS[Path(name).suffix])()
    found = frontend.inspect(FOLDER / name, LoadOptions())
    assert (found.kind, found.holds[0], found.holds[2]) == (kind, rows[0], rows[2])
    assert found.holds[1][1].endswith(rows[1][1].partition(",")[2])


def test_inspection_of_tables(tmp_path: Path) -> None:
    (tmp_path / "t.truth").write_text("1000\n0110\n0001\n")
    found: Inspection = find("frontends", "truth-table")().inspect(
        tmp_path / "t.truth", LoadOptions()
    )
    assert found.kind == "truth tables"
    assert found.holds[::2] == (("inputs", "2 bits"), ("outputs", "3 bits"))


def test_the_sources_are_those_of_the_script() -> None:
    for name, text in SOURCES.items():
        assert (FOLDER / f"{name}.v").read_text() == text


def test_fixtures_stay_small() -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 400_000


def test_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    x = numbers(4)[::97]
    np.savez("data.npz", x=x, y=x.argmax(axis=1))
    for name, head in (("largest_xilinx.json", "one-hot"), ("number.blif", "index")):
        told = [str(FOLDER / name), "data.npz", "--input", "bits:4", "--head", head]
        assert run_command(["run", *told]) == 0
        assert capsys.readouterr().out == f"accuracy 100.0000% ({len(x)} of {len(x)})\n"


def test_a_netlist_without_its_cells_is_refused(tmp_path: Path) -> None:
    content = json.loads((FOLDER / "largest_lut6.json").read_text())
    cells = content["modules"]["largest"]["cells"]
    first = next(iter(cells))
    del cells[first]
    (tmp_path / "cut.json").write_text(json.dumps(content))
    with pytest.raises(LgcError, match=r"bit [0-9]+ is read, but nothing drives it"):
        lgc.load(tmp_path / "cut.json")


def test_the_session_of_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every snippet and command of docs/formats/circuits.md, in a folder with the fixtures."""
    shutil.copytree(FOLDER, tmp_path / "circuits")
    monkeypatch.chdir(tmp_path / "circuits")
    page = (ROOT / "docs" / "formats" / "circuits.md").read_text()
    for code in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(compile(code, "circuits.md", "exec"), {})
    commands = [
        line[2:]
        for block in re.findall(r"```console\n(.*?)```", page, re.DOTALL)
        for line in block.splitlines()
    ]
    assert len(commands) == 9
    for line in commands:
        assert run_command(shlex.split(line)[1:]) == 0, line
    with np.load("numbers.npz") as data:
        assert np.array_equal(np.load("largest.npy"), data["y"])
