"""Layers of gates in torch's other machinery: compile, autocast, torch.func, gradients twice, DDP."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn.functional import cross_entropy

from lgc import nn
from lgc.nn import functional
from lgc.nn.logics import LOGICS


def network(**options: Any) -> torch.nn.Sequential:
    torch.manual_seed(5)
    return torch.nn.Sequential(
        nn.Thermometer(6, 2, [2.0, 7.0]),
        nn.LogicLayer(12, 40, grad_factor=2.0, **options),
        nn.LogicLayer(40, 30, **options),
        nn.GroupSum(10, 3.0),
    )


def data(n: int = 24) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    x = torch.randint(0, 10, (n, 6), generator=generator).float()
    return x, torch.randint(0, 10, (n,), generator=generator)


def step(net: torch.nn.Module, call: Callable[..., torch.Tensor]) -> list[torch.Tensor]:
    """Scores and gradients."""
    x, y = data()
    torch.manual_seed(2)
    net.zero_grad()
    scores = call(x)
    cross_entropy(scores, y).backward()
    return [scores.detach(), *(each.grad.clone() for each in net.parameters())]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"parametrization": "walsh", "logic": "yager"},
        {"parametrization": "gumbel"},
        {"parametrization": "light", "k": 4},
    ],
    ids=str,
)
def test_compile_takes_whole_networks(options: dict[str, str]) -> None:
    torch._dynamo.reset()
    net = network(**options)
    compiled = torch.compile(net, backend="aot_eager", fullgraph=True)
    for mine, theirs in zip(step(net, compiled), step(net, net)):
        torch.testing.assert_close(mine, theirs)
    net.eval()
    assert torch.equal(compiled(data()[0]), net(data()[0]))


def test_operators_are_as_declared() -> None:
    planes, coefficients = torch.rand(5, 6), torch.rand(7, 4)
    indices, gradient = torch.randint(0, 5, (2, 7)), torch.rand(7, 6)
    given = planes, coefficients, indices, "product"
    tests = ("test_schema", "test_faketensor")
    torch.library.opcheck(torch.ops.lgc.gates.default, given, test_utils=tests)
    for wanted in (True, False):
        torch.library.opcheck(
            torch.ops.lgc.gates_backward.default, (gradient, *given, wanted), test_utils=tests
        )


@pytest.mark.parametrize("logic", ["product", "hamacher", "einstein"])
def test_gradients_of_gradients(logic: str) -> None:
    torch.manual_seed(3)
    x = torch.rand(4, 5, dtype=torch.float64) * 0.8 + 0.1
    coefficients = torch.randn(6, LOGICS[logic].matrix.shape[1], dtype=torch.float64)
    indices = torch.randint(0, 5, (2, 6))
    assert torch.autograd.gradgradcheck(
        lambda a, b: functional.gates(a, indices, b, logic),
        (x.requires_grad_(), coefficients.requires_grad_()),
    )


@pytest.mark.parametrize("k", [2, 3])
def test_penalties_on_gradients_train(k: int) -> None:
    """With float32 too, where the loops of the first gradient have no gradient themselves."""
    net = network(k=k, parametrization="light")
    x = torch.rand(9, 12, requires_grad=True)
    (slopes,) = torch.autograd.grad(net[1:](x).square().sum(), x, create_graph=True)
    slopes.square().sum().backward()
    found = [each.grad.double() for each in net.parameters()]  # type: ignore[union-attr]
    wide = network(k=k, parametrization="light").double()
    again = x.detach().double().requires_grad_()
    (slopes,) = torch.autograd.grad(wide[1:](again).square().sum(), again, create_graph=True)
    slopes.square().sum().backward()
    for mine, theirs in zip(found, wide.parameters()):
        torch.testing.assert_close(mine, theirs.grad, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("k", [2, 3])
def test_functional_transforms(k: int) -> None:
    net, (x, y) = network(k=k, parametrization="light"), data(8)
    held = {name: each.detach() for name, each in net.named_parameters()}

    def loss(weights: dict[str, torch.Tensor], x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return cross_entropy(torch.func.functional_call(net, weights, (x,)), y)

    cross_entropy(net(x), y).backward()
    whole = torch.func.grad(loss)(held, x, y)
    each = torch.func.vmap(torch.func.grad(loss), (None, 0, 0))(held, x[:, None], y[:, None])
    for name, weights in net.named_parameters():
        torch.testing.assert_close(whole[name], weights.grad)
        torch.testing.assert_close(each[name].mean(0), weights.grad)
    two = {name: torch.stack([value, value + 1]) for name, value in held.items()}
    ensemble = torch.func.vmap(lambda weights: torch.func.functional_call(net, weights, (x,)))(two)
    torch.testing.assert_close(ensemble[0], net(x))
    with pytest.raises(NotImplementedError, match="jvp"):
        torch.func.jvp(net[1:], (torch.rand(3, 12),), (torch.rand(3, 12),))


def test_autocast_rounds_nothing() -> None:
    for parametrization, k in (("softmax", 2), ("light", 2), ("walsh", 2), ("walsh", 3)):
        net = network(parametrization=parametrization, k=k)
        expected = step(net, net)
        with_autocast = torch.autocast("cpu", dtype=torch.bfloat16)(net.forward)
        assert all(torch.equal(a, b) for a, b in zip(step(net, with_autocast), expected))


def _work(rank: int, folder: str) -> None:
    """The rank's half of the samples, and the gradients that it ends with."""
    torch.set_num_threads(1)
    torch.distributed.init_process_group(
        "gloo",
        init_method=f"file://{folder}/meet",
        rank=rank,
        world_size=2,
        timeout=timedelta(minutes=3),
    )
    net = torch.nn.parallel.DistributedDataParallel(network().double())
    x, y = data()
    cross_entropy(net(x[rank::2]), y[rank::2]).backward()
    gradients = [each.grad for each in net.parameters()]
    torch.save(gradients, f"{folder}/{rank}.pt")
    torch.distributed.destroy_process_group()
    os._exit(0)  # threads of gloo and the interpreter can wait for one another at the end


def test_two_processes_have_the_gradients_of_one(tmp_path: Path) -> None:
    both = torch.multiprocessing.spawn(_work, (str(tmp_path),), nprocs=2, join=False)
    assert both is not None
    stop = time.monotonic() + 120
    while not both.join(timeout=5):
        if time.monotonic() > stop:
            for process in both.processes:
                process.kill()
            pytest.fail("two processes have not ended after two minutes")
    net = network().double()  # numba would compile its loops in each process
    expected = step(net, net)[1:]
    for rank in range(2):
        found = torch.load(tmp_path / f"{rank}.pt")
        for mine, theirs in zip(found, expected):
            torch.testing.assert_close(mine, theirs)
