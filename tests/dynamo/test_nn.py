"""Modules of lgc.nn under torch.compile: kernels in eval mode, torch's own operations in training."""

from __future__ import annotations

import warnings

import pytest

import lgc
from lgc.errors import LgcWarning

torch = pytest.importorskip("torch", reason="torch is not installed")

from lgc import nn  # noqa: E402
from lgc.nn.parametrizations import PARAMETRIZATIONS  # noqa: E402


def network(parametrization: str) -> torch.nn.Sequential:
    torch.manual_seed(5)
    return torch.nn.Sequential(
        nn.Thermometer(16, 3, [2.0, 7.0, 12.0]),
        nn.LogicLayer(48, 100, parametrization=parametrization),
        nn.LogicLayer(100, 60, parametrization=parametrization),
        nn.GroupSum(10, 3.0, beta=1.5),
    )


def rows(n: int) -> torch.Tensor:
    return 20 * torch.rand(n, 16, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_networks_run_as_kernels(parametrization: str) -> None:
    torch.compiler.reset()
    model = network(parametrization).eval()
    fast = torch.compile(model, backend=lgc.torch_backend, options={"strict": True})
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("error", LgcWarning)
        for n in (40, 50):
            assert torch.equal(fast(rows(n)), model(rows(n)))
        model[1].weights.data = -model[1].weights.data
        model[0].thresholds[1] = 9.0
        assert torch.equal(fast(rows(40)), model(rows(40)))


def test_a_training_step_is_traced_whole() -> None:
    torch.compiler.reset()
    model, x = network("softmax"), rows(40)
    fast = torch.compile(model, backend="aot_eager", fullgraph=True)
    gradients = []
    for one in (model, fast):
        model.zero_grad()
        one(x).logsumexp(1).sum().backward()
        gradients.append([weights.grad.clone() for weights in model.parameters()])
    for eager, compiled in zip(*gradients):
        assert torch.allclose(eager, compiled, rtol=1e-4, atol=1e-5)
        assert compiled.abs().sum() > 0
