"""Questions written for other provers, read back and answered by them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lgc
from lgc.cli import run_command
from lgc.errors import UsageError
from lgc.inputs import packed
from lgc.model import Model
from lgc.neighbours import Near, samples
from lgc.proof.dependence import units
from lgc.provers import (
    check_suffix,
    numbered,
    write_class,
    write_constant,
    write_dead,
    write_robust,
)
from lgc.verification import class_of
from tests.strategies import netlists
from tests.verification.cases import every_input, models

slow = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def dimacs(path: Path) -> tuple[bool, np.ndarray]:
    """The answer of a solver of python-sat's to a file, and the values of the variables."""
    formula = pytest.importorskip("pysat.formula", reason="python-sat is not installed")
    solvers = pytest.importorskip("pysat.solvers", reason="python-sat is not installed")
    cnf = formula.CNF(from_file=str(path))
    assert f"p cnf {cnf.nv} {len(cnf.clauses)}\n" in path.read_text()
    with solvers.Solver(name="minisat22", bootstrap_with=cnf.clauses) as solver:
        answer = solver.solve()
        return answer, np.array(solver.get_model() if answer else []) > 0


def smt(path: Path) -> tuple[bool, Any]:
    """The answer of z3 to a file, and a function that gives the value of a name."""
    z3 = pytest.importorskip("z3", reason="z3-solver is not installed")
    solver = z3.Solver()
    solver.from_file(str(path))
    answer = solver.check()
    assert answer != z3.unknown
    if answer == z3.unsat:
        return False, None
    model = solver.model()
    return True, lambda name: bool(model.eval(z3.Bool(name), model_completion=True))


def example(path: Path, bits: int) -> np.ndarray | None:
    """An input that another prover finds, bool ``(bits,)``."""
    if path.suffix == ".cnf":
        answer, values = dimacs(path)
        return values[:bits] if answer else None
    answer, value = smt(path)
    return np.array([value(f"b{i}") for i in range(bits)]) if answer else None


@slow
@given(model=models(), suffix=st.sampled_from([".cnf", ".smt2"]), data=st.data())
def test_robustness(model: Model, suffix: str, data: st.DataObject, tmp_path: Path) -> None:
    bits, classes, _ = every_input(model)
    row = data.draw(st.integers(0, len(bits) - 1))
    near = Near(data.draw(st.sampled_from(["flips", "features"])), data.draw(st.integers(1, 3)))
    given = samples(model.chain, packed(bits[[row]]))
    (found,) = lgc.verify(model, "robust", given.batch, **{near.kind: int(near.size)}).findings
    path = tmp_path / f"question{suffix}"
    write_robust(path, given, 0, near, class_of(model, bits[row]))
    other = example(path, model.chain.bits)
    assert (other is not None) == (found.answer == "refuted")
    if other is not None:
        (place,) = np.flatnonzero((bits == other).all(axis=1))
        assert classes[place] != classes[row]
        changed = other != bits[row]
        count = changed.sum() if near.kind == "flips" else len(set(model.chain.feature[changed]))
        assert count <= near.size


@slow
@given(model=models("uint8"), suffix=st.sampled_from([".cnf", ".smt2"]), data=st.data())
def test_a_radius(model: Model, suffix: str, data: st.DataObject, tmp_path: Path) -> None:
    x = np.array(
        [[data.draw(st.sampled_from([0, 1, 2, 3, 8, 255]))] * model.chain.features], np.uint8
    )
    given, near = samples(model.chain, x), Near("radius", data.draw(st.integers(0, 9)))
    (found,) = lgc.verify(model, "robust", x, radius=near.size).findings
    path = tmp_path / f"question{suffix}"
    write_robust(path, given, 0, near, class_of(model, given.bits[0]))
    assert (example(path, model.chain.bits) is not None) == (found.answer == "refuted")


@slow
@given(model=models(), suffix=st.sampled_from([".cnf", ".smt2"]))
def test_classes(model: Model, suffix: str, tmp_path: Path) -> None:
    for one in lgc.verify(model, "unreachable-classes").findings:
        path = tmp_path / f"question{suffix}"
        write_class(path, model.chain, one.index)
        other = example(path, model.chain.bits)
        assert (other is not None) == (one.answer == "refuted")
        if other is not None:
            assert class_of(model, other) == one.index


@slow
@given(
    model=models(),
    suffix=st.sampled_from([".cnf", ".smt2"]),
    per=st.sampled_from(["feature", "bit"]),
    target=st.sampled_from(["outputs", "class"]),
)
def test_dead_inputs(model: Model, suffix: str, per: Any, target: Any, tmp_path: Path) -> None:
    chain = model.chain
    found = units(chain.facts, chain.feature, chain.features, per)
    for one in lgc.verify(model, "dead-inputs", per=per, target=target).findings:
        path = tmp_path / f"question{suffix}"
        write_dead(path, chain, per, one.index, found[one.index], target)
        other = example(path, chain.bits)
        assert (other is not None) == (one.answer == "refuted")


@slow
@given(model=models(), suffix=st.sampled_from([".cnf", ".smt2"]))
def test_constant_outputs(model: Model, suffix: str, tmp_path: Path) -> None:
    for one in lgc.verify(model, "constant-outputs").findings:
        path = tmp_path / f"question{suffix}"
        write_constant(path, model.chain, one.index)
        assert (example(path, model.chain.bits) is not None) == (one.answer == "refuted")


@slow
@given(net=netlists(max_inputs=4, max_gates=5, k=None))
def test_gates_of_any_width_in_smtlib(net: Any, tmp_path: Path) -> None:
    """Every vector, asserted, gives each output the value that the netlist gives it."""
    z3 = pytest.importorskip("z3", reason="z3-solver is not installed")
    from lgc.chain import build_module
    from lgc.evaluation import exhaustive_planes, unpack_planes
    from lgc.registry import find

    path = tmp_path / "net.smt2"
    find("backends", "smtlib")().write(
        build_module(net.inputs, [net], None, dtype="bool"), path, {}
    )
    every = exhaustive_planes(net.inputs)
    bits = unpack_planes(every, 1 << net.inputs)
    outputs = unpack_planes(net.evaluate(every), len(bits))
    text = path.read_text()
    for row, values in zip(bits, outputs):
        claims = [f"b{i}" if value else f"(not b{i})" for i, value in enumerate(row)]
        wrong = [f"(xor o{j} {str(bool(value)).lower()})" for j, value in enumerate(values)]
        solver = z3.Solver()
        solver.from_string(
            f"{text}(assert (and true {' '.join(claims)}))(assert (or false {' '.join(wrong)}))"
        )
        assert solver.check() == z3.unsat


def test_compile_writes_smtlib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scores and the class of an image of the shipped model, as z3 computes them."""
    z3 = pytest.importorskip("z3", reason="z3-solver is not installed")
    from lgc import demo

    monkeypatch.chdir(tmp_path)
    assert run_command(["compile", str(demo.model_path()), "-o", "model.smt2"]) == 0
    x, _, scores = demo.images()
    text = Path("model.smt2").read_text()
    assert "; b0 is x[0] > 2\n" in text
    chain = lgc.load(demo.model_path()).chain
    bits = x[0][chain.feature] > chain.level
    known = "".join(
        f"(assert {'b' if on else '(not b'}{i}{'' if on else ')'})" for i, on in enumerate(bits)
    )
    solver = z3.Solver()
    solver.from_string(text + known)
    assert solver.check() == z3.sat
    right = "".join(f"(= s{c} (_ bv{s} 8)) " for c, s in enumerate(scores[0].tolist()))
    width = int(text.partition("(define-fun s0 () (_ BitVec ")[2].partition(")")[0])
    solver = z3.Solver()
    solver.from_string(
        text + known + f"(assert (not (and {right.replace(' 8)', f' {width})')} "
        f"(= class (_ bv{scores[0].argmax()} 4)))))"
    )
    assert solver.check() == z3.unsat


def test_one_file_for_each_question() -> None:
    assert numbered(Path("q.cnf"), 7, 1) == Path("q.cnf")
    assert numbered(Path("a/q.cnf"), 7, 2) == Path("a/q-7.cnf")
    with pytest.raises(UsageError) as error:
        check_suffix(Path("q.txt"))
    assert str(error.value) == "q.txt: questions are written as .cnf or .smt2, not '.txt'"
