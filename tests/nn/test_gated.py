"""Layers that let values pass."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import lgc
from lgc import nn
from lgc.errors import UsageError

OPTIONS = (
    {"form": "and"},
    {"form": "mux", "parametrization": "light", "k": 3},
    {"form": "mux", "connections": "learnable", "candidates": 3},
)


def network(**options: object) -> torch.nn.Sequential:
    torch.manual_seed(5)
    return torch.nn.Sequential(
        nn.Threshold(40, 5.0),
        nn.GatedLogicLayer(40, 40, **options),
        nn.GatedLogicLayer(40, 60, **options),
        nn.GroupSum(10, 3.0),
    )


@pytest.mark.parametrize("options", OPTIONS)
def test_eval_mode_is_what_is_compiled(options: dict[str, object], tmp_path: Path) -> None:
    net = network(**options)
    x = torch.randint(0, 12, (100, 40), generator=torch.Generator().manual_seed(1))
    net(x).sum().backward()
    assert all(each.grad is not None for each in net.parameters())
    net[1].value.temperature = net[1].gate.temperature = 0.5
    scores = net.eval()(x).numpy()
    assert np.unique(scores).size > 3
    nn.save(net, tmp_path / "m.pt")
    for model in (lgc.load(tmp_path / "m.pt"), lgc.from_torch(net)):
        assert np.array_equal(lgc.compile(model)(x.numpy()), scores)
    again = nn.load(tmp_path / "m.pt").eval()
    assert np.array_equal(again(x).numpy(), scores)
    assert again[1].gate.temperature == 0.5


def test_gates_say_how_much_passes() -> None:
    torch.manual_seed(0)
    x = torch.rand(9, 20)
    both = nn.GatedLogicLayer(20, 30)
    torch.testing.assert_close(both(x), both.value(x) * both.gate(x))
    choice = nn.GatedLogicLayer(20, 30, "mux")
    kept = torch.cat([x, x[:, :10]], dim=1)
    value, gate = choice.value(x), choice.gate(x)
    torch.testing.assert_close(choice(x), gate * value + (1 - gate) * kept)


def test_a_closed_choice_is_a_wire() -> None:
    layer = nn.GatedLogicLayer(20, 20, "mux").eval()
    with torch.no_grad():
        layer.gate.weights[:] = torch.eye(16)[0]  # the gate that is 0
    x = torch.randint(0, 2, (30, 20)).float()
    assert torch.equal(layer(x), x)


def test_wrong_arguments() -> None:
    with pytest.raises(UsageError, match="form is one of and, mux"):
        nn.GatedLogicLayer(10, 10, "or")
