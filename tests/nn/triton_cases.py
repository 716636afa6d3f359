"""Triton's kernels in its interpreter; `test_triton` runs this with TRITON_INTERPRET set."""

from __future__ import annotations

import itertools

import pytest
import torch

from lgc import nn
from lgc.nn import formula, operators, triton_kernels
from lgc.nn.logics import LOGICS
from lgc.tables import EXPRESSIONS


def case(logic: str, samples: int, rows: int = 9, gates: int = 11) -> tuple[torch.Tensor, ...]:
    """Gradient, planes, coefficients, indices: two rows that nobody reads, gates of one row."""
    torch.manual_seed(samples)
    indices = torch.randint(0, rows - 2, (2, gates))
    indices[1, :4] = indices[0, :4]
    coefficients = torch.randn(gates, LOGICS[logic].matrix.shape[1])
    return torch.randn(gates, samples), torch.rand(rows, samples), coefficients, indices


@pytest.mark.parametrize("logic", LOGICS)
@pytest.mark.parametrize("samples", [1, 37, 260])
def test_kernels_are_the_formula(logic: str, samples: int) -> None:
    gradient, planes, coefficients, indices = case(logic, samples)
    made = triton_kernels.forward(planes, coefficients, indices, logic)
    reads, parts = triton_kernels.backward(gradient, planes, coefficients, indices, logic, True)
    wide = planes.double(), coefficients.double(), indices, logic
    torch.testing.assert_close(made.double(), formula.values(*wide), atol=1e-5, rtol=1e-5)
    with torch.no_grad():
        expected = formula.gradients(gradient.double(), *wide, True)
    assert reads is not None
    assert (reads[-2:] == 0).all()
    torch.testing.assert_close(reads.double(), expected[0], atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(parts.double(), expected[1], atol=1e-4, rtol=1e-4)
    nothing, same = triton_kernels.backward(gradient, planes, coefficients, indices, logic, False)
    assert nothing is None
    assert torch.equal(same, parts)


@pytest.mark.parametrize("logic", LOGICS)
def test_every_gate_is_itself_on_bits(logic: str) -> None:
    bits = torch.tensor(list(itertools.product([0.0, 1.0], repeat=2)))
    indices = torch.tensor([[0] * 16, [1] * 16])
    matrix = torch.from_numpy(LOGICS[logic].matrix)
    made = triton_kernels.forward(bits.t().contiguous(), matrix, indices, logic)
    for gate, text in enumerate(EXPRESSIONS):
        expected = [eval(text, {"a": bool(a), "b": bool(b)}) & 1 for a, b in bits.tolist()]
        assert made[gate].tolist() == expected, text


@pytest.mark.parametrize("logic", LOGICS)
def test_slopes_at_kinks_are_those_of_the_formula(logic: str) -> None:
    grid = torch.tensor(list(itertools.product([0.25, 0.5, 0.75], repeat=2))).t().contiguous()
    indices = torch.tensor([[0] * 8, [1] * 8])
    coefficients, gradient = torch.eye(LOGICS[logic].matrix.shape[1], 8), torch.ones(8, 9)
    coefficients = coefficients.t().contiguous()
    arguments = gradient, grid, coefficients, indices, logic, True
    reads, _ = triton_kernels.backward(*arguments)
    with torch.no_grad():
        expected, _ = formula.gradients(*arguments)
    torch.testing.assert_close(reads, expected)


@pytest.mark.parametrize("logic", LOGICS)
def test_nan_stays_nan(logic: str) -> None:
    gradient, planes, coefficients, indices = case(logic, 20)
    planes[3, 7] = float("nan")
    made = triton_kernels.forward(planes, coefficients, indices, logic)
    readers = (indices == 3).any(0)
    assert readers.any()
    assert torch.equal(torch.isnan(made[:, 7]), readers)
    assert not torch.isnan(made[:, :7]).any()
    _, parts = triton_kernels.backward(gradient, planes, coefficients, indices, logic, True)
    assert torch.equal(torch.isnan(parts).any(1), readers)


def test_sixteen_bits_are_computed_in_float32() -> None:
    gradient, planes, coefficients, indices = (
        each.half() if each.is_floating_point() else each for each in case("product", 50)
    )
    made = triton_kernels.forward(planes, coefficients, indices, "product")
    expected = formula.values(planes.double(), coefficients.double(), indices, "product")
    assert made.dtype == torch.float16
    assert torch.equal(made, expected.half())
    reads, parts = triton_kernels.backward(gradient, planes, coefficients, indices, "product", True)
    assert reads is not None
    assert reads.dtype == parts.dtype == torch.float16


@pytest.mark.parametrize(("rows", "gates", "samples"), [(3, 5, 0), (1, 1, 1)])
def test_small_layers(rows: int, gates: int, samples: int) -> None:
    planes, indices = torch.ones(rows, samples), torch.zeros(2, gates, dtype=torch.int64)
    coefficients = torch.ones(gates, 4)
    made = triton_kernels.forward(planes, coefficients, indices, "product")
    assert torch.equal(made, torch.full((gates, samples), 4.0))
    reads, parts = triton_kernels.backward(made, planes, coefficients, indices, "product", True)
    assert torch.equal(parts, torch.full((gates, 4), 4.0 * samples))
    assert reads is not None
    assert reads[0].tolist() == [4.0 * 4 * gates] * samples


def test_networks_train_through_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def gradients() -> list[torch.Tensor]:
        torch.manual_seed(0)
        net = torch.nn.Sequential(
            nn.LogicLayer(9, 20), nn.LogicLayer(20, 30, logic="hamacher"), nn.GroupSum(3)
        )
        net(torch.rand(11, 9)).square().sum().backward()
        return [each.grad for each in net.parameters() if each.grad is not None]

    monkeypatch.setattr(operators, "on_cpu", lambda *_: False)
    expected = gradients()  # of the formula
    calls: list[str] = []
    for name in ("forward", "backward"):
        kernel = getattr(triton_kernels, name)
        monkeypatch.setattr(
            triton_kernels, name, lambda *a, k=kernel, n=name: (calls.append(n), k(*a))[1]
        )
    monkeypatch.setattr(operators, "_GPUS", ("cpu",))
    torch.testing.assert_close(gradients(), expected, atol=1e-4, rtol=1e-4)
    assert calls == ["forward"] * 2 + ["backward"] * 2
