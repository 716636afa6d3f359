"""The command line, used as a stranger would: what it prints where, exit codes, nothing left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import lgc
from lgc import demo, registry
from lgc.chain import Sums, build_module
from lgc.cli import run_command
from lgc.facts import Facts
from lgc.instruments import shape
from lgc.interfaces import InformedPass, NetlistPass
from lgc.metrics import measure
from lgc.netlist import Netlist
from lgc.synthesis.inverters import inverters
from lgc.text import parse_module, print_module
from tests.support import ROOT, random_layers

Outcome = tuple[int, str, str]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run a command line in an empty folder; gives exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> Outcome:
        code = run_command([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return code, captured.out, captured.err

    return call


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """IR of a small model; its folder is the current one."""
    module = build_module(12, random_layers([60, 50, 40], 12, 0), Sums(4, 3.0), dtype="uint8")
    (tmp_path / "model.mlir").write_text(print_module(module))
    return tmp_path / "model.mlir"


def test_report(run, model: Path) -> None:
    assert run("compile", model, "-o", "model.lgk")[0] == 0
    code, out, err = run("report", "model.lgk")
    assert (code, err) == (0, "")
    assert "sums           40 bits into 4 classes, tau 3\n" in out
    assert "pipeline       fuse-layers,dce,fixpoint(narrow,strash,dce),map-lut\n" in out
    assert "checked        exhaustive, 4,096 vectors\n" in out
    assert "versions       native\n" in out
    told = json.loads(run("report", "--json", "model.lgk")[1])
    gates = lgc.load_kernel("model.lgk").info["gates"]
    assert [stage["gates"] for stage in told["stages"]] == [gates]
    assert told["kernel"]["gates"] == gates
    assert told["provenance"]["checked"] == "exhaustive, 4,096 vectors"
    told = json.loads(run("report", "--json", model)[1])
    assert [stage["gates"] for stage in told["stages"]] == [60, 50, 40]
    assert told["kernel"] == {}
    code, _, err = run("report", "nothing.lgk")
    assert (code, err) == (1, "error: nothing.lgk: cannot be read: No such file or directory\n")


def images(folder: Path) -> Path:
    x, y, _ = demo.images()
    np.savez(folder / "images.npz", x=x, y=y)
    return folder / "images.npz"


def test_demo(run) -> None:
    code, out, err = run("demo")
    assert code == 0
    assert "96.94% of 360 test images, scores as trained" in out
    assert "this is a " in out
    assert err == ""


def test_compile_and_run(run, tmp_path: Path) -> None:
    code, out, err = run("compile", demo.model_path(), "-o", "digits.lgk")
    assert (code, out, err) == (0, "", "")
    code, out, err = run("run", "digits.lgk", images(tmp_path), "-o", "classes.npy")
    assert (code, out) == (0, "accuracy 96.9444% (349 of 360)\n")
    assert err == "images.npz: 360 samples in 'x'\n"
    x, y, scores = demo.images()
    classes = np.load("classes.npy")
    assert classes.dtype == np.int64
    assert (classes == scores.argmax(axis=1)).all()
    assert run("-q", "run", "digits.lgk", "images.npz", "--scores", "-o", "scores.csv")[0] == 0
    assert np.allclose(np.loadtxt("scores.csv", delimiter=","), scores / 6.0)
    assert run("run", "digits.lgk", "images.npz", "--bits", "-o", "bits.npy")[1] == ""
    assert np.load("bits.npy").shape == (360, 1000)
    assert sorted(os.listdir()) == [
        "bits.npy", "classes.npy", "digits.lgk", "images.npz", "scores.csv",
    ]  # fmt: skip
    assert (classes == y).mean() > 0.96
    np.save("x.npy", x)
    code, out, _ = run("run", demo.model_path(), "x.npy")  # compiled on the way
    assert code == 0
    assert out.startswith("classes 0: ")


def test_run_packed_bits(run, model: Path) -> None:
    bits = np.random.default_rng(0).integers(0, 2, (50, 12)).astype(bool)
    np.savez("packed.npz", X=np.packbits(bits, axis=1), n_bits=12)
    np.save("plain.npy", bits)
    for file in ("packed.npz", "plain.npy"):
        assert run("run", model, file, "-o", f"{file}.out.npy")[0] == 0
    assert (np.load("packed.npz.out.npy") == np.load("plain.npy.out.npy")).all()


@pytest.mark.parametrize("suffix", [".o", ".so", ".s", ".ll", ".mlir", ".lgk"])
@pytest.mark.parametrize("level", ["-O0", "-O1", "-O2"])
def test_compile_to_anything(run, model: Path, suffix: str, level: str) -> None:
    if suffix != ".lgk" and level != "-O2":
        return
    code, out, err = run("-v", "compile", model, level, "-o", f"out{suffix}")
    assert code == 0, err
    assert out == ""
    assert f"wrote out{suffix}" in err
    assert Path(f"out{suffix}").stat().st_size > 100
    assert Path("out.h").exists() == (suffix in (".o", ".so"))


def test_compile_keeps_what_was_done(run, model: Path) -> None:
    run("compile", model, "-o", "done.mlir")
    text = Path("done.mlir").read_text()
    assert 'lgc.pipeline = "fuse-layers,dce,fixpoint(narrow,strash,dce)"' in text
    assert 'lgc.checked = "exhaustive, 4,096 vectors"' in text
    run("compile", "done.mlir", "-o", "again.mlir")
    assert Path("again.mlir").read_text() == text  # not optimised twice


O2 = ["fuse-layers", "dce", "narrow", "strash", "dce", "narrow", "strash", "dce"]
"""The passes as they run: the second round finds nothing to do."""


def test_opt_text_in_text_out(run, model: Path) -> None:
    code, out, err = run("opt", model, "-p", "fuse-layers,fold,strash,dce", "--time-passes")
    assert code == 0
    assert lgc.check(lgc.Model(parse_module(out)), model)
    assert [line.split()[0] for line in err.splitlines()] == [
        "pass", "fuse-layers", "fold", "strash", "dce", "total",
    ]  # fmt: skip
    code, out, err = run("opt", model, "-p", "O2", "--stats=json", "-o", "out.mlir")
    assert out == ""
    rows = json.loads(err)
    assert [one["name"] for one in rows] == O2
    circuit = lgc.load("out.mlir").chain.stages[0].net.data  # type: ignore[union-attr]
    assert rows[-1]["depth"] == measure(circuit).depth
    assert rows[-1]["inverters"] == inverters(circuit)
    _, out, _ = run("report", "out.mlir")
    assert f"; {inverters(circuit)} inverters, depth {measure(circuit).depth}, " in out
    _, out, _ = run("report", "out.mlir", "--json")
    assert json.loads(out)["stages"][0]["inverters"] == inverters(circuit)
    code, _, err = run("opt", model, "-p", "O2", "--stats", "--check", "exhaustive")
    table = [line.split() for line in err.splitlines()]
    assert table[0] == ["pass", "gates", "depth", "inverters", "seconds", "check", "checked", "by"]
    assert [row[0] for row in table[1:]] == ["input", *O2, "total"]
    assert table[1] == ["input", "150", "3", str(shape(lgc.load(model).module).inverters)]
    assert table[2][:4] == ["fuse-layers", "150", *table[1][2:]]
    assert table[2][-3:] == ["exhaustive,", "4,096", "vectors"]
    change, size = f"{circuit.gates - 150:+}", str(circuit.gates)
    assert table[-1][1:5] == [size, change, str(rows[-1]["depth"]), str(rows[-1]["inverters"])]
    code, _, err = run("opt", model, "-p", "O2,map-lut", "--stats", "-o", "out.mlir")
    assert err.splitlines()[-1].split()[4] == "–"
    assert run("opt", model, "--stats", "-o", "out.mlir")[2].split() == table[0]
    code, out, err = run("opt", model, "-p", "dce,fuse-layers", "--print-ir-after-all")
    assert err.count("// ---- IR after") == 2
    code, out, err = run("opt", model, "-p", "dce,fuse-layers", "--print-ir-after", "fuse-layers")
    assert err.count("// ---- IR after fuse-layers") == 1
    run("opt", model, "-p", "fuse-layers,dce,strash,dce", "--dump-dir", "dumps", "-o", "out.mlir")
    assert len(os.listdir("dumps")) == 5
    assert run("opt", "dumps/02-dce.mlir", "-p", "strash,dce")[0] == 0


def test_opt_reads_stdin(model: Path) -> None:
    text = model.read_text()
    for arguments in (["opt", "-p", "O2"], ["opt", "-", "-p", "O2"]):
        done = subprocess.run(
            [sys.executable, "-m", "lgc", *arguments],
            input=text, capture_output=True, text=True, check=True, cwd=ROOT,
        )  # fmt: skip
        assert "logic.circuit" in done.stdout


def test_check(run, model: Path) -> None:
    run("opt", model, "-p", "O2", "-o", "same.mlir")
    assert run("check", model, "same.mlir") == (0, "equal (exhaustive, 4,096 vectors)\n", "")
    run("compile", model, "-o", "same.lgk")
    assert run("check", model, "same.lgk", "--mode", "exhaustive")[0] == 0
    other = build_module(12, random_layers([60, 50, 40], 12, 1), Sums(4, 3.0))
    Path("other.mlir").write_text(print_module(other))
    code, out, err = run("check", "same.mlir", "other.mlir", "--counterexample", "why.npz")
    assert (code, err) == (1, "")
    verdict, shown = out.splitlines()
    assert verdict.startswith("different (exhaustive, 4,096 vectors): output bit ")
    bits = [int(bit) for bit in shown.removeprefix("input ")]
    with np.load("why.npz") as why:
        assert np.unpackbits(why["X"], axis=1, count=int(why["n_bits"]))[0].tolist() == bits
    x = np.array([bits], np.uint8)
    values = [lgc.load(name).evaluate(x).bits[0] for name in ("same.mlir", "other.mlir")]
    assert (values[0] != values[1]).any()


def test_list(run) -> None:
    code, out, _ = run("list")
    assert code == 0
    for name in ("strash", "difflogic", "llvm", "O2"):
        assert name in out
    assert run("list", "backends")[1].splitlines()[1].startswith("aiger")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(run, shell: str) -> None:
    code, out, _ = run("completion", shell)
    assert code == 0
    assert "_LGC_COMPLETE" in out


class Wrong(NetlistPass):
    """A pass with a bug, for the tests of crash files and of `lgc reduce`."""

    name = "wrong"

    def rewrite(self, net: Netlist) -> Netlist:
        table = np.where(net.table == 6, np.uint64(7), net.table)
        return Netlist(net.inputs, table, net.fanin, net.outputs)


class Broken(NetlistPass):
    """A pass that crashes."""

    name = "broken"

    def rewrite(self, net: Netlist) -> Netlist:
        raise ZeroDivisionError("there are no gates left")


@pytest.fixture
def bugs(monkeypatch: pytest.MonkeyPatch) -> None:
    from lgc import registry

    find = registry.find
    own = {"wrong": Wrong, "broken": Broken}
    monkeypatch.setattr(registry, "find", lambda kind, name: own.get(name) or find(kind, name))


def test_a_bug_leaves_a_crash_file(run, model: Path, bugs: None) -> None:
    code, out, err = run("opt", model, "-p", "fuse-layers,broken")
    assert (code, out) == (2, "")
    first, second = err.splitlines()
    assert first == "error: this is a bug in lgc: ZeroDivisionError: there are no gates left"
    command = second.partition("; again: ")[2].split()
    assert command[:3] == ["lgc", "opt", "--run-reproducer"]
    code, _, err = run(*command[1:])
    assert code == 2
    assert "ZeroDivisionError: there are no gates left" in err


def test_a_wrong_pass_is_a_bug(run, model: Path, bugs: None) -> None:
    code, out, err = run("opt", model, "-p", "fuse-layers,wrong")
    assert (code, out) == (2, "")
    assert "pass wrong: the function changed: output bit" in err
    code, _, _ = run("compile", model, "-p", "fuse-layers,wrong", "-o", "m.lgk")
    assert code == 2
    assert not Path("m.lgk").exists()


def test_reduce(run, model: Path, bugs: None) -> None:
    code, out, err = run("reduce", model, "-p", "wrong", "-o", "small.mlir")
    assert (code, out) == (0, "")
    assert err == "150 gates, 40 outputs -> 1, 1\n"
    assert run("opt", "small.mlir", "-p", "wrong")[0] == 2
    small = lgc.load("small.mlir").chain.stages[0]
    assert small.net.data.table.tolist() == [6]  # type: ignore[union-attr]


class Hasty(InformedPass):
    """A pass that takes two bits of a one-hot group to be complements, whatever the group's size."""

    name = "wrong"

    def rewrite(self, net: Netlist, facts: Facts) -> Netlist:
        hot = facts.one_hot[facts.group[np.minimum(net.fanin, net.inputs - 1)]]
        pair = (net.fanin < net.inputs).all(axis=1) & (hot[:, 0] == hot[:, 1]) & (hot[:, 0] >= 0)
        pair &= net.fanin[:, 0] != net.fanin[:, 1]
        table = np.where(pair & (net.table == 6), np.uint64(15), net.table)
        return Netlist(net.inputs, table, net.fanin, net.outputs)


def test_reduce_keeps_what_the_failure_depends_on(run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the bits of a group one alone is set, but it need not be one of these two."""
    monkeypatch.setattr(registry, "find", lambda kind, name: Hasty)
    nets = [random_layers([40], 9, 3)[0]]
    groups = np.array([0, 0, 0, 1, 1, 1, -1, -1, -1])
    module = build_module(9, nets, Sums(2), dtype="uint8", one_hot=groups)
    Path("model.mlir").write_text(print_module(module))
    code, _, err = run("reduce", "model.mlir", "-p", "wrong", "-o", "small.mlir")
    assert (code, err) == (
        0,
        "40 gates, 40 outputs, 6 inputs with promises -> 1, 1, 3\n",
    )
    chain = lgc.load("small.mlir").chain
    assert chain.one_hot.tolist() == [0, 0, 0] or chain.one_hot.tolist() == [1, 1, 1]
    assert run("opt", "small.mlir", "-p", "wrong")[0] == 2


def test_reduce_with_a_command(run, model: Path) -> None:
    code, _, err = run("reduce", model, "--test", "grep -q 'a|b'", "-o", "small.mlir")
    assert code == 0
    assert err.endswith("-> 1, 1\n")
    assert "a|b" in Path("small.mlir").read_text()


def test_reduce_needs_something_that_fails(run, model: Path) -> None:
    assert run("reduce", model, "-p", "dce", "-o", "s.mlir") == (
        1,
        "",
        f"error: {model}: nothing fails on this netlist alone\n"
        "  hint: is the pipeline, or the command, the one that failed?\n",
    )
    assert run("reduce", model, "-o", "s.mlir") == (
        1, "", "error: give either a pipeline with -p or a command with --test\n",
    )  # fmt: skip
    assert os.listdir() == ["model.mlir"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["compile", "none.pt", "-o", "m.lgk"], "error: none.pt: there is no such file"),
        (
            ["compile", "model.mlir", "-o", "m.exe"],
            "error: m.exe: no backend writes files ending in '.exe'\n"
            "  hint: one of .aig, .aag, .bench, .blif, .cnf, .csv, .lgk, .o, .so, .s, .ll, .mlir, .smt2, .v",
        ),
        (["compile", "model.mlir", "-o", "no/m.lgk"], "error: no/m.lgk: the folder no does not exist"),
        (["compile", "model.mlir", "-o", "m.lgk", "--cpu", "z80"], "error: --cpu: there is no machine called 'z80'\n  hint: one of native, x86-64, x86-64-v2, x86-64-v3, x86-64-v4, aarch64, aarch64-sha3, riscv64, plain"),
        (["compile", "model.mlir", "-p", "folt", "-o", "m.lgk"], "error: there is no pass called 'folt'\n  hint: did you mean fold?"),
        (["compile", "model.mlir"], "error: Missing option '-o' / '--output'.\n  hint: lgc compile --help"),
        (["compile", "cut.pt", "-o", "m.lgk"], "error: cut.pt: the archive is damaged or cut short\n  hint: copy the file again"),
        (["run", "m.lgk", "x.npy"], "error: m.lgk: cannot be read: No such file or directory"),
        (["run", "bad.lgk", "x.npy"], "error: bad.lgk: this is not a kernel file\n  hint: lgc compile … -o model.lgk"),
        (["run", "model.mlir", "none.npy"], "error: none.npy: cannot be read: No such file or directory"),
        (["run", "model.mlir", "narrow.npy"], "narrow.npy: 3 samples in 'narrow.npy'\nerror: narrow.npy: rows 0 to 2: a sample has 5 numbers, the model reads 12"),
        (["run", "model.mlir", "narrow.npy", "-o", "o.txt"], "error: o.txt: results are written as .npy, .csv or .parquet, not '.txt'"),
        (["run", "model.mlir", "odd.npz"], "error: odd.npz: no array looks like a batch\n  hint: --x names it; there are foo"),
        (["run", "model.mlir", "odd.npz", "--x", "bar"], "error: odd.npz: there is no array 'bar'\n  hint: --x names it; there are foo"),
        (["run", "model.mlir", "few.npz"], "error: few.npz: 2 labels for 3 samples"),
        (["opt", "model.mlir", "-p", "fold("], "error: pipeline 'fold(': brackets do not match"),
        (["opt", "model.mlir", "--print-ir-after", "x"], "error: there is no pass called 'x'\n  hint: `lgc list` prints what there is"),
        (["opt", "bad.mlir"], "error: bad.mlir, line 1, column 17: Operation builtin.nonsense is not registered\n  hint: the text form is described in docs/ir.md"),
        (["opt", "model.mlir", "--run-reproducer"], "error: model.mlir: the file has no line `// reproduce: --check=… -p '…'`\n  hint: give the pipeline with -p"),
        (["bench", "model.mlir", "--rows", "0"], "error: lgc bench: rows, repeat and threads are at least 1"),
        (["bench", "model.mlir", "--threads", "0"], "error: lgc bench: rows, repeat and threads are at least 1"),
        (["bench", "model.mlir", "--fetch"], "error: lgc bench: --fetch needs a folder\n  hint: --difflogic FOLDER"),
        (["bench", "model.mlir", "--batches", "1,many"], "error: --batches: '1,many' is no list of batch sizes\n  hint: such as 1,64,4096"),
        (["bench", "model.mlir", "--plot", "a.gif"], "error: a.gif: pictures are .png or .svg, not '.gif'"),
        (["bench", "model.mlir", "--plot", "no/a.png"], "error: no/a.png: the folder no does not exist"),
        (["bench", "bad.lgk", "--engine", "table"], "error: --engine: a kernel file has its engine\n  hint: give the model, or compile it again: lgc compile … --engine …"),
        (["check", "model.mlir", "wide.mlir", "--mode", "exhaustive"], None),
        (["frobnicate"], "error: No such command 'frobnicate'.\n  hint: lgc --help"),
    ],
)  # fmt: skip
def test_user_errors(run, model: Path, arguments: list[str], message: str | None) -> None:
    Path("cut.pt").write_bytes(b"PK\x03\x04 and then nothing")
    Path("bad.lgk").write_text("hello")
    Path("bad.mlir").write_text("builtin.nonsense")
    Path("wide.mlir").write_text(
        print_module(build_module(20, random_layers([8], 20, 0), Sums(4, 3.0)))
    )
    np.save("narrow.npy", np.zeros((3, 5), np.uint8))
    np.savez("odd.npz", foo=np.zeros(3))
    np.savez("few.npz", x=np.zeros((3, 12)), y=np.zeros(2))
    before = sorted(os.listdir())
    code, out, err = run(*arguments)
    assert code == 1
    assert sorted(os.listdir()) == before
    if message is None:
        assert out == "different (features: 12 against 20)\n"
        return
    assert out == ""
    assert err == message + "\n"


def test_warnings_go_to_stderr_unless_quiet(run, tmp_path: Path) -> None:
    layer = {
        "0.weights": np.eye(4, 16, dtype=np.float32),
        "0.indices": np.array([[0, 1, 2, 3], [1, 2, 3, 0]]),
    }
    np.savez("m.npz", **layer)
    arguments = ("compile", "m.npz", "--classes", "2", "--tau", "1", "-o", "m.mlir")
    assert run(*arguments)[2] == (
        "warning: m.npz: the input width is not in the file; 4 is the least that the wiring "
        "allows, --inputs states it\n"
    )
    assert run("-q", *arguments)[2] == ""


def test_version_and_help(run) -> None:
    assert run("--version")[1] == f"lgc {lgc.__version__}\n"
    code, out, _ = run("--help")
    assert code == 0
    for command in (
        "demo",
        "compile",
        "run",
        "opt",
        "check",
        "bench",
        "list",
        "reduce",
        "completion",
    ):
        assert command in out
        assert "lgc " + command in run(command, "--help")[1]


def test_interrupting_leaves_nothing_behind(
    run, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lgc.text.print_module", interrupt)
    monkeypatch.setattr("lgc.backends.mlir.print_module", interrupt)
    assert run("compile", model, "-o", "m.mlir") == (130, "", "\ninterrupted\n")
    assert os.listdir() == ["model.mlir"]


def test_colour_only_where_wanted(run) -> None:
    assert "\x1b[" not in run("list")[1]
    assert "\x1b[" in run("--color", "always", "list")[1]
    assert "\x1b[" not in run("--color", "never", "list")[1]


def test_a_closed_pipe_is_no_error(model: Path) -> None:
    done = subprocess.run(
        f"{sys.executable} -m lgc opt {model} | head -c 10", shell=True, cwd=ROOT,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert "bug" not in done.stderr
