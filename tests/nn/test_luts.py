"""Layers of tables with up to six inputs."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch

import lgc
from lgc import nn
from lgc.errors import UsageError
from lgc.nn.luts import luts


def network(k: int, parametrization: str) -> torch.nn.Sequential:
    torch.manual_seed(k)
    return torch.nn.Sequential(
        nn.Thermometer(16, 3, [2.0, 7.0, 12.0]),
        nn.LogicLayer(48, 60, k=k, parametrization=parametrization),
        nn.LogicLayer(60, 80, k=2, parametrization=parametrization),
        nn.LogicLayer(80, 50, k=k, parametrization=parametrization, weight_init="residual"),
        nn.GroupSum(10, 3.0),
    )


@pytest.mark.parametrize("parametrization", ["light", "walsh"])
@pytest.mark.parametrize("k", [3, 4, 5, 6])
def test_eval_mode_is_what_is_compiled(k: int, parametrization: str, tmp_path: Path) -> None:
    net = network(k, parametrization)
    x = torch.randint(0, 17, (100, 16), generator=torch.Generator().manual_seed(1))
    net(x).sum().backward()
    scores = net.eval()(x).numpy()
    assert np.unique(scores).size > 3
    nn.save(net, tmp_path / "m.pt")
    for model in (lgc.load(tmp_path / "m.pt"), lgc.from_torch(net)):
        assert np.array_equal(lgc.compile(model)(x.numpy()), scores)
    assert np.array_equal(nn.load(tmp_path / "m.pt").eval()(x).numpy(), scores)


@pytest.mark.parametrize("k", [2, 3, 6])
def test_tables_are_themselves_on_bits(k: int) -> None:
    bits = torch.tensor(list(itertools.product([0.0, 1.0], repeat=k)))
    entries = torch.randint(0, 2, (20, 1 << k), generator=torch.Generator().manual_seed(k)).float()
    indices = torch.arange(k)[:, None].expand(k, 20)
    assert torch.equal(luts(bits, indices, entries), entries.t())


@pytest.mark.parametrize("k", [2, 3, 4, 6])
@pytest.mark.parametrize("samples", [1, 64, 200])
@pytest.mark.parametrize("wanted", [True, False])
def test_compiled_loops_are_the_formula(k: int, samples: int, wanted: bool) -> None:
    torch.manual_seed(0)
    x, entries = torch.rand(samples, 20), torch.rand(30, 1 << k)
    indices = torch.randint(0, 20, (k, 30))
    indices[1, :5] = indices[0, :5]  # two inputs from one row
    gradient = torch.randn(samples, 30)
    results = []
    for kind in (torch.float32, torch.float64):
        a, b = x.to(kind).requires_grad_(wanted), entries.to(kind).requires_grad_()
        made = luts(a, indices, b)
        asked = (a, b) if wanted else (b,)
        results.append((made, *torch.autograd.grad(made, asked, gradient.to(kind))))
    for mine, theirs in zip(*results):
        assert mine.dtype == torch.float32
        torch.testing.assert_close(mine.double(), theirs, atol=1e-5, rtol=1e-4)


def test_gradients_are_the_slopes() -> None:
    torch.manual_seed(3)
    x, entries = torch.rand(5, 6, dtype=torch.float64), torch.rand(4, 16, dtype=torch.float64)
    indices = torch.randint(0, 6, (4, 4))
    assert torch.autograd.gradcheck(
        lambda a, b: luts(a, indices, b), (x.requires_grad_(), entries.requires_grad_())
    )


def test_two_inputs_are_the_gates() -> None:
    torch.manual_seed(0)
    layer, x = nn.LogicLayer(10, 20, parametrization="light"), torch.rand(40, 10)
    torch.testing.assert_close(luts(x, layer.indices, layer.entries()), layer(x))
    softmax = nn.LogicLayer(10, 20)
    torch.testing.assert_close(luts(x, softmax.indices, softmax.entries()), softmax(x))


@pytest.mark.parametrize("parametrization", ["light", "walsh"])
def test_residual_tables_pass_on(parametrization: str) -> None:
    layer = nn.LogicLayer(
        30, 30, k=5, parametrization=parametrization, weight_init="residual"
    ).eval()
    x = torch.randint(0, 2, (50, 30)).float()
    assert torch.equal(layer(x), x[:, layer.indices[0]])


def test_kept_for_backward_is_the_input_alone() -> None:
    layer = nn.LogicLayer(500, 500, k=6, parametrization="light")
    kept: list[int] = []

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        kept.append(tensor.numel() if tensor.shape[-1] == 1000 else 0)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        layer(torch.rand(1000, 500))
    assert sum(kept) == 500 * 1000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"k": 3}, r"softmax has a weight for each of 2\*\*8 gates of 3 inputs"),
        ({"k": 7, "parametrization": "light"}, "2 to 6 inputs, not 7"),
        ({"k": 3, "parametrization": "light", "logic": "yager"}, "no form in yager"),
        ({"k": 3, "parametrization": "light", "connections": "unique"}, "for two inputs"),
    ],
)
def test_wrong_arguments(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        nn.LogicLayer(10, 20, **arguments)  # type: ignore[arg-type]
