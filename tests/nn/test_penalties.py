"""Penalties: what they are of known networks, and what they do to a training."""

from __future__ import annotations

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

import lgc  # noqa: E402
from lgc import nn  # noqa: E402
from lgc.errors import UsageError  # noqa: E402
from lgc.nn.penalties import entropy, size  # noqa: E402
from lgc.tables import depends  # noqa: E402
from lgc.training.trainer import train  # noqa: E402
from tests.training.test_trainer import DATA, SMALL  # noqa: E402


def sure_of(gates: list[int], parametrization: str = "softmax") -> torch.nn.Sequential:
    """A layer whose neurons are sure."""
    layer = nn.LogicLayer(4, len(gates), parametrization=parametrization)
    with torch.no_grad():
        layer.weights.copy_(torch.nn.functional.one_hot(torch.tensor(gates), 16) * 100.0)
    return torch.nn.Sequential(layer)


@pytest.mark.parametrize("parametrization", ["softmax", "gumbel"])
def test_constants_and_wires_are_free(parametrization: str) -> None:
    net = sure_of(list(range(16)), parametrization)
    state = torch.get_rng_state()
    assert size(net).item() == pytest.approx(10 / 16)
    assert entropy(net).item() == pytest.approx(0, abs=1e-6)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("parametrization", ["softmax", "gumbel", "light", "walsh"])
def test_undecided_neurons(parametrization: str) -> None:
    net = torch.nn.Sequential(nn.LogicLayer(4, 5, parametrization=parametrization))
    with torch.no_grad():
        net[0].weights.zero_()
    assert entropy(net).item() == pytest.approx(1)
    assert size(net).item() == pytest.approx(10 / 16)
    (entropy(net) + size(net)).backward()
    assert net[0].weights.grad is not None


def test_tables_cost_by_the_inputs_that_matter() -> None:
    """Entries that are sure, compared with the dependence of the tables themselves."""
    torch.manual_seed(0)
    layer = nn.LogicLayer(8, 60, k=3, parametrization="light")
    bits = torch.randint(0, 2, (60, 8)).bool()
    bits[:4] = torch.tensor([[0] * 8, [1] * 8, [0] * 4 + [1] * 4, [1, 0] * 4]).bool()
    with torch.no_grad():
        layer.weights.copy_((2.0 * bits - 1) * 100)
    tables = layer.tables().numpy().astype("uint64")
    matter = sum(depends(tables, 3, i).astype(int) for i in range(3))
    assert list(matter[:4]) == [0, 0, 1, 1]
    expected = (matter - 1).clip(0).mean()
    assert size(torch.nn.Sequential(layer)).item() == pytest.approx(expected)
    assert entropy(torch.nn.Sequential(layer)).item() == pytest.approx(0, abs=1e-6)


def test_convolutions_and_choices_of_wires_count() -> None:
    trees = nn.LogicConv2d(4, 1, 3, 2, 2)
    assert 0 < size(torch.nn.Sequential(trees)).item() < 1
    layer = nn.LogicLayer(9, 5, connections="learnable", candidates=4)
    with torch.no_grad():
        layer.weights.zero_()
        layer.wires.strengths.zero_()
    assert entropy(torch.nn.Sequential(layer)).item() == pytest.approx(1)
    with torch.no_grad():
        layer.wires.strengths[..., 0] = 100
    assert entropy(torch.nn.Sequential(layer)).item() == pytest.approx(5 / 15)


def test_a_penalty_makes_a_network_smaller() -> None:
    plain, small = (
        train(replace(SMALL, epochs=20, size_penalty=weight), DATA) for weight in (0.0, 5.0)
    )
    left = [lgc.optimize(each.model, "O2").gates for each in (plain, small)]
    assert left[1] < left[0] / 2
    settled = train(replace(SMALL, epochs=20, entropy=5.0), DATA)
    assert entropy(settled.model).item() < entropy(plain.model).item() / 2


def test_what_has_no_gates() -> None:
    with pytest.raises(UsageError, match=r"^penalty: there is no layer of gates$"):
        size(torch.nn.Sequential(nn.GroupSum(2)))
