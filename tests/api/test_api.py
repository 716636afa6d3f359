"""The Python API: what `import lgc` offers, on models, kernels and files."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import lgc
from lgc import demo
from lgc.chain import Sums, build_module, provenance
from lgc.errors import UsageError
from lgc.interfaces import Kernel


@pytest.fixture(scope="module")
def model() -> lgc.Model:
    return lgc.load(demo.model_path())


@pytest.fixture(scope="module")
def kernel(model: lgc.Model) -> Kernel:
    return lgc.compile(model)


def test_the_shipped_model(model: lgc.Model, kernel: Kernel) -> None:
    x, y, scores = demo.images()
    assert np.array_equal(kernel.counts(x), scores)
    assert np.array_equal(kernel(x), scores.astype(np.float32) / np.float32(6))
    assert (kernel.predict(x) == y).mean() == pytest.approx(349 / 360)
    outcome = model.evaluate(x)
    assert np.array_equal(outcome.bits, kernel.bits(x))
    assert kernel.features == 64
    assert kernel.classes == 10


def test_model_says_what_it_is(model: lgc.Model) -> None:
    assert repr(model) == "<Model 64 features, 4000 gates, 10 classes>"
    summary = model.summary()
    assert summary.splitlines()[0] == "input          64 numbers, 192 bits"
    assert "sums           1000 bits into 10 classes, tau 6" in summary
    assert "source         digits.npz" in summary
    assert str(model).startswith("builtin.module attributes {")


def test_optimize_keeps_statistics_and_origin(model: lgc.Model) -> None:
    once = lgc.optimize(model, "fuse-layers,dce")
    twice = lgc.optimize(once, "strash", seed=5)
    assert [one.name for one in twice.stats] == ["fuse-layers", "dce", "strash"]
    facts = provenance(twice.module)
    assert facts["pipeline"] == "fuse-layers,dce,strash"
    assert facts["checked"] == "random, 2,048 vectors, seed 5"
    assert len(facts["sha256"]) == 64
    assert twice.gates < once.gates <= model.gates == 4000  # the first model is untouched


def test_check_takes_anything(model: lgc.Model, kernel: Kernel, tmp_path: Path) -> None:
    optimised = lgc.optimize(model)
    optimised.save(tmp_path / "m.mlir")
    kernel.save(tmp_path / "m.lgk")
    sides = [
        model,
        optimised,
        kernel,
        tmp_path / "m.mlir",
        str(tmp_path / "m.lgk"),
        demo.model_path(),
    ]
    for side in sides:
        result = lgc.check(side, kernel)
        assert isinstance(result, lgc.Result)
        assert result.equal
        assert result.how == (
            "random, 2,048 vectors, seed 0; 2,048 rows of floats and of bytes around the thresholds"
        )
    with pytest.raises(UsageError) as caught:
        lgc.check(model, kernel, mode="off")
    assert str(caught.value) == "mode: a check that is off checks nothing"


def test_check_finds_a_wrong_kernel(model: lgc.Model) -> None:
    """A kernel of another model: observed by running it, not by trusting what it carries."""
    optimised = lgc.optimize(model, "O2")
    net = optimised.chain.stages[0].net.data  # type: ignore[union-attr]
    table = net.table.copy()
    table[0] ^= np.uint64(1)
    changed = lgc.Netlist(net.inputs, table, net.fanin, net.outputs)
    chain = optimised.chain
    other = build_module(
        64, [changed], Sums(10, 6.0), feature=chain.feature, level=chain.level, dtype="float32"
    )
    other = lgc.compile(lgc.Model(other), pipeline="O0")
    result = lgc.check(model, other)
    assert not result
    assert result.counterexample is not None
    assert result.counterexample.what == "score of class"


def test_compile_takes_a_path() -> None:
    kernel = lgc.compile(str(demo.model_path()), pipeline="O1")
    assert kernel.info["provenance"]["pipeline"] == "fuse-layers,dce,fold,dce"
    progress: list[tuple[int, int]] = []
    lgc.compile(demo.model_path(), progress=lambda done, total: progress.append((done, total)))
    assert progress[-1][0] == progress[-1][1]


def test_everything_works_without_torch() -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import lgc; from lgc import demo\n"
        "x, y, scores = demo.images(); kernel = lgc.compile(demo.model_path())\n"
        "assert (kernel.counts(x) == scores).all(); assert lgc.check(demo.model_path(), kernel)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_nothing_warns() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lgc.compile(lgc.load(demo.model_path())).predict(demo.images()[0])


def test_check_looks_at_packing_too(model: lgc.Model) -> None:
    """Same gates, another threshold: equal on bits, different on numbers."""
    optimised = lgc.optimize(model)
    chain = optimised.chain
    net = chain.stages[0].net.data  # type: ignore[union-attr]
    level = chain.level.copy()
    level[:] = np.where(level == 7, np.float32(7.5), level)
    other = build_module(64, [net], Sums(10, 6.0), feature=chain.feature, level=level)
    kernel = lgc.compile(lgc.Model(other), pipeline="O0")

    class Disguised(type(kernel)):  # type: ignore[misc]
        """Says it binarises like the model, as a kernel with a wrong packer would."""

        @property
        def module(self):  # type: ignore[override]
            return optimised.module

    kernel.__class__ = Disguised
    result = lgc.check(optimised, kernel)
    assert not result
    assert result.how.endswith("rows of float32 around the thresholds")
