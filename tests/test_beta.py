"""GroupSum's beta: scores are (count + beta) / tau; counts stay whole, and nothing loses it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import lgc
from lgc.chain import Sums, build_module
from lgc.model import Model
from tests.support import random_layers

BETA, TAU = 2.7, 3.0


def net(beta: float) -> Model:
    return Model(
        build_module(8, random_layers([16, 12], 8, 3), Sums(4, TAU, beta=beta), dtype="bool")
    )


def shift(model: Model) -> float:
    sums = model.chain.group_sum
    assert sums is not None
    return sums.shift


def test_without_beta_the_text_has_none() -> None:
    assert "beta" not in str(net(0.0))
    assert "beta" not in net(0.0).summary()
    assert "beta = 2.700000e+00 : f64}" in str(net(BETA))
    assert "into 4 classes, tau 3, beta 2.7" in net(BETA).summary()
    assert net(BETA).describe()["beta"] == BETA


def test_kernels_add_it_as_eval_mode_does(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    kernel = lgc.compile(net(BETA))
    x = np.random.default_rng(0).integers(0, 2, (100, 8)).astype(bool)
    counts = net(0.0).evaluate(x).counts
    assert counts is not None
    assert (kernel.counts(x) == counts).all()
    wanted = (torch.from_numpy(counts).float() + BETA) / TAU
    assert kernel(x).tobytes() == wanted.numpy().tobytes()
    assert kernel.beta == BETA
    kernel.save(tmp_path / "net.lgk")
    again = lgc.load_kernel(tmp_path / "net.lgk")
    assert again.beta == BETA
    assert again(x).tobytes() == kernel(x).tobytes()
    lazy = lgc.compile(net(BETA), lazy=True)
    assert lazy.beta == BETA
    assert lazy(x).tobytes() == kernel(x).tobytes()


@pytest.mark.parametrize("pipeline", ["O0", "O1", "O2", "O3", "Os", "Ocpu", "O2,lower-sums"])
def test_pipelines_keep_it(pipeline: str) -> None:
    assert shift(lgc.optimize(net(BETA), pipeline)) == BETA


def test_a_check_tells_models_apart_by_it() -> None:
    assert lgc.check(net(BETA), lgc.compile(net(BETA)))
    result = lgc.check(net(BETA), net(0.0))
    assert not result
    assert "beta: 2.7 against 0.0" in str(result)


def test_verilog_carries_it(tmp_path: Path) -> None:
    from lgc.cli import run_command

    net(BETA).save(tmp_path / "net.mlir")
    options = ["-p", "O1", "--outputs", "scores"]
    target = str(tmp_path / "net.v")
    assert run_command(["compile", str(tmp_path / "net.mlir"), *options, "-o", target]) == 0
    text = Path(target).read_text()
    assert "before the division by tau and the addition of beta, 2.7" in text
    pytest.importorskip("pyosys", reason="there is no Yosys")
    assert shift(lgc.load(target)) == BETA


def test_gate_lists_carry_it(tmp_path: Path) -> None:
    from lgc.cli import run_command

    net(BETA).save(tmp_path / "net.mlir")
    arguments = ["compile", str(tmp_path / "net.mlir"), "-p", "O0", "-o", str(tmp_path / "net.csv")]
    assert run_command(arguments) == 0
    assert shift(lgc.load(tmp_path / "net.csv")) == BETA
    assert lgc.check(net(BETA), tmp_path / "net.csv")
    metadata = tmp_path / "net_metadata.json"
    metadata.write_text(metadata.read_text().replace("2.7", '"2.7"'))
    with pytest.raises(lgc.LgcError, match='beta cannot be "2.7"'):
        lgc.load(tmp_path / "net.csv")


def test_the_c_header_says_it() -> None:
    from lgc.backends.llvm.native import header

    assert " * Scores in eval mode are (count + 2.7) / 3.0.\n" in header(net(BETA).module, "net")
    assert "Scores" not in header(net(0.0).module, "net")
