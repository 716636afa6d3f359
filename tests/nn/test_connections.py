"""Connections that are learnt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import lgc
from lgc import nn
from lgc.errors import UsageError
from lgc.nn.mixtures import mixtures

OPTIONS = ({}, {"selection": "straight"}, {"k": 4, "parametrization": "light"})


def network(**options: object) -> torch.nn.Sequential:
    torch.manual_seed(5)
    return torch.nn.Sequential(
        nn.Thermometer(16, 3, [2.0, 7.0, 12.0]),
        nn.LogicLayer(48, 100, connections="learnable", candidates=6, **options),
        nn.LogicLayer(100, 60, connections="learnable", candidates="all", **options),
        nn.GroupSum(10, 3.0),
    )


def rows(n: int = 100) -> torch.Tensor:
    return torch.randint(0, 17, (n, 16), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("pruned", [False, True])
@pytest.mark.parametrize("options", OPTIONS)
def test_eval_mode_is_what_is_compiled(
    options: dict[str, object], pruned: bool, tmp_path: Path
) -> None:
    net, x = network(**options), rows()
    net(x).sum().backward()
    assert all(each.grad is not None for each in net.parameters())
    before = net.eval()(x).numpy()
    if pruned:
        net[1].prune(2)
        net[2].prune(3)
        assert net[1].wires.strengths.shape[-1] == 2
        assert np.array_equal(net(x).numpy(), before)
    net[1].temperature = net[1].wires.temperature = 0.3  # states hold what training changed
    assert np.unique(before).size > 3
    nn.save(net, tmp_path / "m.pt")
    for model in (lgc.load(tmp_path / "m.pt"), lgc.from_torch(net)):
        assert np.array_equal(lgc.compile(model)(x.numpy()), before)
    again = nn.load(tmp_path / "m.pt").eval()
    assert np.array_equal(again(x).numpy(), before)
    assert again[1].wires.temperature == again[1].temperature == 0.3
    torch.testing.assert_close(again.train()(x), net.train()(x))


@pytest.mark.parametrize("options", OPTIONS)
def test_the_hard_form_is_a_layer_with_wires(options: dict[str, object]) -> None:
    layer = network(**options)[1].eval()
    wired = layer.hardened()
    x = torch.randint(0, 2, (50, 48)).float()
    assert wired.wires is None
    assert torch.equal(wired(x), layer(x))


def test_an_input_is_the_sum_of_its_candidates() -> None:
    torch.manual_seed(0)
    layer, x = nn.LearnableConnections(20, 7, 3, 5, temperature=0.5), torch.rand(9, 20)
    expected = torch.einsum("nkoc,koc->nko", x[:, layer.indices], layer.probabilities())
    torch.testing.assert_close(layer(x), expected.flatten(1))
    straight = nn.LearnableConnections(20, 7, 3, 5, "straight")
    made = straight(x)
    assert torch.equal(made, straight.eval()(x))
    made.square().sum().backward()
    assert straight.strengths.grad.abs().min() > 0


def test_candidates_differ_and_cover_all_values() -> None:
    layer = nn.LearnableConnections(30, 15, 2, 4)
    assert all(len(set(each)) == 4 for each in layer.indices.flatten(0, 1).tolist())
    assert layer.indices[..., 0].unique().numel() == 30
    layer.prune(2)
    first = layer.strengths
    assert (first[..., 0] >= first[..., 1]).all()


@pytest.mark.parametrize("samples", [1, 200])
@pytest.mark.parametrize("wanted", [True, False])
def test_compiled_loops_are_the_formula(samples: int, wanted: bool) -> None:
    torch.manual_seed(0)
    x, shares = torch.rand(samples, 20), torch.randn(30, 5)
    candidates = torch.randint(0, 20, (30, 5))
    gradient = torch.randn(samples, 30)
    results = []
    for kind in (torch.float32, torch.float64):
        a, b = x.to(kind).requires_grad_(wanted), shares.to(kind).requires_grad_()
        made = mixtures(a, candidates, b)
        asked = (a, b) if wanted else (b,)
        results.append((made, *torch.autograd.grad(made, asked, gradient.to(kind))))
    for mine, theirs in zip(*results):
        assert mine.dtype == torch.float32
        torch.testing.assert_close(mine.double(), theirs, atol=1e-4, rtol=1e-4)


def test_gradients_are_the_slopes() -> None:
    torch.manual_seed(3)
    x, shares = torch.rand(5, 6, dtype=torch.float64), torch.rand(4, 3, dtype=torch.float64)
    candidates = torch.randint(0, 6, (4, 3))
    assert torch.autograd.gradcheck(
        lambda a, b: mixtures(a, candidates, b), (x.requires_grad_(), shares.requires_grad_())
    )


def test_a_neuron_finds_what_it_needs() -> None:
    torch.manual_seed(0)
    layer = nn.LogicLayer(12, 8, connections="learnable", candidates="all")
    x = torch.randint(0, 2, (256, 12)).float()
    wanted = x[:, 3] * (1 - x[:, 8])
    optimiser = torch.optim.Adam(layer.parameters(), 0.1)
    for _ in range(200):
        optimiser.zero_grad()
        (layer(x) - wanted[:, None]).square().mean().backward()
        optimiser.step()
    right = (layer.eval()(x) == wanted[:, None]).all(0)
    assert right.sum() >= 6  # of wires that are drawn not one would


def test_wrong_arguments() -> None:
    with pytest.raises(UsageError, match="candidates are 1 to 10"):
        nn.LogicLayer(10, 20, connections="learnable", candidates=11)
    with pytest.raises(UsageError, match="selection is one of"):
        nn.LogicLayer(10, 20, connections="learnable", selection="hard")
    with pytest.raises(UsageError, match="temperature"):
        nn.LearnableConnections(10, 20, temperature=0.0)
    with pytest.raises(UsageError, match="have no candidates"):
        nn.LogicLayer(10, 20).prune(1)
    with pytest.raises(UsageError, match="9 of 8 candidates"):
        nn.LogicLayer(10, 20, connections="learnable").prune(9)
