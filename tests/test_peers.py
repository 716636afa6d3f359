"""Peers: each agrees with the reference, and says what it cannot run."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp

from lgc import benchmark, demo, driver, peers, registry
from lgc.chain import Sums, build_module, read_chain
from lgc.errors import InputError, UnsupportedError, UsageError
from lgc.peers import difflogic, fetch
from lgc.reference import run
from tests.support import random_layers


def layered(*sizes: int) -> ModuleOp:
    layers = random_layers(list(sizes) or [70, 60, 40], 30, 3)
    return build_module(30, layers, Sums(4, 2.0), dtype="bool")


def rows(count: int, width: int) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 2, (count, width)).astype(np.bool_)


def one_by_one(module: ModuleOp, x: np.ndarray) -> list[int]:
    """Classes in plain Python, sample by sample and gate by gate."""
    chain = read_chain(module)
    sums = chain.group_sum
    assert sums is not None
    classes: list[int] = []
    for row in x.tolist():
        for net in peers.circuits(chain):
            row = [int(bit) for bit in row]
            for table, reads in zip(net.table.tolist(), net.fanin.tolist()):
                index = sum(row[read] << (net.k - 1 - i) for i, read in enumerate(reads))
                row.append(table >> ((1 << net.k) - 1 - index) & 1)
            row = [row[output] for output in net.outputs]
        scores = sums.offsets().tolist()
        for bit, group, weight in zip(row, sums.groups().tolist(), sums.weights().tolist()):
            scores[group] += weight * bit
        classes.append(scores.index(max(scores)))
    return classes


@pytest.mark.parametrize("name", ["torch", "numpy"])
@pytest.mark.parametrize("count", [0, 1, 63, 200])
def test_agrees_with_gates_one_by_one(name: str, count: int) -> None:
    module, x = layered(), rows(count, 30)
    assert peers.make(name, module).predict(x).tolist() == one_by_one(module, x)


@pytest.mark.parametrize("name", ["torch", "numpy"])
def test_runs_optimised_models_with_weights(name: str) -> None:
    model = driver.optimize(driver.Model(layered()), "O2,map-lut{k=3}")
    x = rows(100, 30)
    assert peers.make(name, model.module).predict(x).tolist() == one_by_one(model.module, x)
    random = np.random.default_rng(2)
    group, weight = random.integers(0, 3, 40), random.integers(-3, 4, 40)
    sums = Sums(3, 1.0, group, weight, [2, 0, 1])
    module = build_module(9, random_layers([60, 40], 9, 1), sums, dtype="bool")
    x = rows(200, 9)
    want = one_by_one(module, x)
    assert peers.make(name, module).predict(x).tolist() == want
    assert len(set(want)) == 3


def test_torch_goes_through_large_batches_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    import lgc.peers.torch

    monkeypatch.setattr(lgc.peers.torch, "PIECE", 1)  # 64 rows, the least
    module, x = layered(), rows(1000, 30)
    assert (peers.make("torch", module).predict(x) == run(module, x).classes).all()


def test_reading_bits() -> None:
    model = driver.load(demo.model_path())
    module = peers.reading_bits(model.module)
    x = demo.images()[0]
    chain = read_chain(module)
    assert (chain.features, chain.dtype) == (192, "bool")
    bits = benchmark.bits_of(model.chain, x)
    assert (run(module, bits).counts == demo.images()[2]).all()
    assert peers.reading_bits(module) is module


def test_models_that_peers_cannot_run(monkeypatch: pytest.MonkeyPatch) -> None:
    no_sums = build_module(9, random_layers([20, 7], 9, 1), None)
    with pytest.raises(UnsupportedError, match="^peer numpy: the model has no class sums, so that"):
        peers.make("numpy", no_sums)
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "torch" else find(name)
    )
    with pytest.raises(UnsupportedError, match="^peer torch: torch is not installed\n  hint: pip"):
        peers.make("torch", layered())
    with pytest.raises(UnsupportedError, match="^peer difflogic: torch, which difflogic needs, is"):
        difflogic.load()


def test_difflogic_layers() -> None:
    nets = difflogic.layers(read_chain(layered()))
    assert [net.gates for net in nets] == [70, 60, 40]
    trained = "^peer difflogic: difflogic runs a model only as it was trained: layers of two-input"
    optimised = driver.optimize(driver.Model(layered()), "O2,map-lut{k=3}").module
    weighted = build_module(9, random_layers([20, 8], 9, 1), Sums(4, 1.0, weight=[2] * 8))
    for module in (optimised, weighted):
        with pytest.raises(UnsupportedError, match=trained):
            difflogic.layers(read_chain(module))
    with pytest.raises(UnsupportedError, match="of one logic layer does not compile"):
        difflogic.layers(read_chain(layered(40)))
    with pytest.raises(UnsupportedError, match="layer 2 has 20 gates for 70 inputs\n  hint: diff"):
        difflogic.layers(read_chain(layered(70, 20)))


def test_difflogic_is_found_or_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "difflogic", raising=False)
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "difflogic" else find(name)
    )
    with pytest.raises(
        UnsupportedError,
        match="^peer difflogic: difflogic is not installed\n  hint: --difflogic FOLDER --fetch ",
    ):
        difflogic.load()
    with pytest.raises(InputError, match="holds no difflogic/compiled_model.py\n  hint: --fetch"):
        difflogic.load(tmp_path)
    package = tmp_path / "difflogic-9" / "difflogic"
    package.mkdir(parents=True)
    (package / "compiled_model.py").touch()
    (package / "__init__.py").write_text("import difflogic_cuda\nHERE = True\n")
    before = list(sys.path)
    monkeypatch.delitem(sys.modules, "difflogic_cuda", raising=False)
    assert difflogic.load(tmp_path).HERE
    assert sys.path == before
    assert difflogic.load() is sys.modules["difflogic"]
    monkeypatch.delitem(sys.modules, "difflogic")


def test_difflogic_options(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="^difflogic has words of 8, 16, 32 and 64 bits, not 24$"):
        peers.make("difflogic", layered(), peers.Options(word=24))
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(UnsupportedError, match="^peer difflogic: no gcc on the search path$"):
        peers.make("difflogic", layered())


def test_fetch_says_what_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Failed:
        returncode = 1

    monkeypatch.setattr(fetch.subprocess, "run", lambda *_, **__: Failed())
    with pytest.raises(InputError, match="^pip could not download difflogic==0.1.0\n  hint: its"):
        fetch.fetch(tmp_path / "new")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(UnsupportedError, match="^pip needs setuptools to read difflogic's meta"):
        fetch.fetch(tmp_path / "new")


def test_a_duel_needs_agreement() -> None:
    model = driver.Model(layered())
    kernel = driver.compile(model)
    x = rows(100, 30)
    own = kernel.predict(x)
    right = peers.Peer("right", lambda x: kernel.predict(x), 128, 1.5)
    result = benchmark.duel(kernel, right, x, repeat=3)
    assert (result.rows, result.turns, result.seconds, result.cached) == (128, 3, 1.5, False)
    assert result.ratio > 0
    assert result.own > 0
    wrong = peers.Peer("wrong", lambda x: own ^ (np.arange(len(x)) == 7), 1, 0.0)
    with pytest.raises(
        AssertionError, match="^the kernel and wrong disagree on 1 of 100 rows, first on row 7$"
    ):
        benchmark.duel(kernel, wrong, x)


def test_kernels_on_bits() -> None:
    backend = registry.find("backends", "llvm")()
    kernel = driver.compile(demo.model_path())
    own = benchmark.kernel_on_bits(kernel, backend)
    x = demo.images()[0]
    bits = benchmark.bits_of(benchmark.chain_of(kernel), x)
    assert (own.predict(bits) == kernel.predict(x)).all()
    assert benchmark.kernel_on_bits(own, backend) is own


class _Net:
    """Stands for ``CompiledLogicNet``: it computes by NumPy, and notes what is compiled."""

    compiled = 0

    def __init__(self, model: object, **options: object) -> None:
        self.model, self.options = model, options

    def compile(self, opt_level: int, save_lib_path: str | None) -> None:
        _Net.compiled += 1
        if save_lib_path is not None:
            Path(save_lib_path).write_text("code")

    @staticmethod
    def load(path: str, num_classes: int, num_bits: int) -> _Net:
        assert Path(path).read_text() == "code"
        return _Net(None, num_bits=num_bits)


def test_difflogic_compiles_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a stand-in for difflogic and gcc: a cache serves the same net with the same options."""
    import torch

    class Layer(torch.nn.Module):
        def __init__(self, inputs: int, gates: int, **_: object) -> None:
            super().__init__()
            self.in_dim, self.out_dim = inputs, gates
            self.weights = torch.nn.Parameter(torch.zeros(gates, 16))
            self.indices = ()

    class Sum(torch.nn.Module):
        def __init__(self, k: int, tau: float, device: str) -> None:
            super().__init__()
            self.k = k

    package = ModuleType("difflogic")
    package.__dict__.update(LogicLayer=Layer, GroupSum=Sum, CompiledLogicNet=_Net)
    monkeypatch.setitem(sys.modules, "difflogic", package)
    monkeypatch.setattr(shutil, "which", lambda _: "/bin/true")
    monkeypatch.setattr(_Net, "compiled", 0)
    said: list[str] = []

    def make(module: ModuleOp, level: int = 1) -> peers.Peer:
        options = peers.Options(cache=tmp_path / "kept", level=level, say=said.append)
        return peers.make("difflogic", module, options)

    first, again = make(layered()), make(layered())
    assert (first.cached, again.cached, again.seconds) == (False, True, first.seconds)
    assert again.title == "difflogic 0.1.0, gcc -O1, 64 bits"
    assert again.least == 64
    assert _Net.compiled == 1
    make(layered(), level=3)
    make(layered(80, 60, 40))
    assert _Net.compiled == 3
    assert len(list((tmp_path / "kept").glob("*.so"))) == 3
    assert said[0] == "difflogic: gcc -O1 compiles 170 gates, up to 1 s"
    assert not list((tmp_path / "kept").glob("*.partial"))


def test_difflogic_gets_the_gates(monkeypatch: pytest.MonkeyPatch) -> None:
    """The logits and the wiring it is given are those of the netlists."""
    import torch

    made: list[object] = []

    class Layer(torch.nn.Module):
        def __init__(self, inputs: int, gates: int, **_: object) -> None:
            super().__init__()
            self.weights = torch.nn.Parameter(torch.zeros(gates, 16))
            made.append(self)

    package = ModuleType("difflogic")
    package.__dict__.update(LogicLayer=Layer, GroupSum=lambda *_, **__: torch.nn.Identity())
    nets = random_layers([70, 60], 30, 3)
    difflogic.build(package, nets, 4)
    for layer, net in zip(made, nets):
        assert (layer.weights.argmax(1).numpy() == net.table).all()  # type: ignore[attr-defined]
        assert (np.stack([side.numpy() for side in layer.indices], 1) == net.fanin).all()  # type: ignore[attr-defined]
