"""Convolutions of trees, pooling, images of bits."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch

import lgc
from lgc import nn
from lgc.errors import InputError, UsageError
from lgc.nn.logics import LOGICS
from lgc.nn.trees import Sliding, trees

SLIDING = Sliding(2, (5, 4), (3, 4), (2, 1), (1, 1))


def leaves_of(kernels: int, depth: int) -> torch.Tensor:
    high = torch.tensor([2, 3, 3])
    draws = torch.rand(kernels, 1 << depth, 3, generator=torch.Generator().manual_seed(4))
    return (draws * high).long()


def network(parametrization: str, relaxation: str = "max") -> torch.nn.Sequential:
    torch.manual_seed(5)
    options = {"parametrization": parametrization}
    return torch.nn.Sequential(
        nn.Thermometer(128, 2, [4.0, 9.0]),
        nn.LogicConv2d(8, 4, 12, 3, 3, padding=1, **options),
        nn.OrPool2d(2, relaxation=relaxation),
        nn.LogicConv2d((4, 4), 12, 16, 2, (3, 2), (1, 2), connections="unique", **options),
        nn.OrPool2d((2, 1), 1, relaxation=relaxation),
        nn.Flatten(),
        nn.LogicLayer(32, 60, **options),
        nn.GroupSum(10, 3.0),
    )


def images(n: int = 70) -> torch.Tensor:
    return torch.randint(0, 17, (n, 2, 8, 8), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("parametrization", ["softmax", "gumbel", "light", "walsh"])
def test_eval_mode_is_what_is_compiled(parametrization: str, tmp_path: Path) -> None:
    net, x = network(parametrization), images()
    net(x).sum().backward()
    assert all(each.grad is not None for each in net.parameters())
    scores = net.eval()(x).numpy()
    assert np.unique(scores).size > 3
    nn.save(net, tmp_path / "m.pt")
    rows = x.flatten(1).numpy()
    for model in (lgc.load(tmp_path / "m.pt"), lgc.from_torch(net)):
        assert np.array_equal(lgc.compile(model)(rows), scores)
    again = nn.load(tmp_path / "m.pt").eval()
    assert torch.equal(again(x), net(x))


def test_rows_are_images_and_bits_need_no_encoder() -> None:
    net = torch.nn.Sequential(*list(network("softmax"))[1:]).eval()
    bits = torch.randint(0, 2, (50, 4 * 8 * 8)).float()
    assert torch.equal(net(bits), net(bits.reshape(50, 4, 8, 8)))
    assert np.array_equal(lgc.compile(lgc.from_torch(net))(bits.numpy()), net(bits).numpy())


def test_images_of_bits_are_level_by_level() -> None:
    x = images(5)
    made = nn.Thermometer(128, 2, [4.0, 9.0])(x)
    assert torch.equal(made, torch.cat([x > 4, x > 9], dim=1).float())


def test_convolutions_stay_rolled() -> None:
    assert str(lgc.from_torch(network("softmax"))).count("logic.map") == 4


@pytest.mark.parametrize("logic", ["product", "minimum"])
@pytest.mark.parametrize(("samples", "depth"), [(1, 1), (70, 3)])
@pytest.mark.parametrize("wanted", [True, False])
def test_compiled_loops_are_the_formula(logic: str, samples: int, depth: int, wanted: bool) -> None:
    torch.manual_seed(0)
    x, leaves = torch.rand(samples, 40), leaves_of(6, depth)
    coefficients = 3 * torch.randn(6 * ((1 << depth) - 1), LOGICS[logic].matrix.shape[0])
    coefficients = torch.softmax(coefficients, 1) @ torch.from_numpy(LOGICS[logic].matrix)
    gradient = torch.randn(samples, 6 * 12)
    results = []
    for kind in (torch.float32, torch.float64):
        a, b = x.to(kind).requires_grad_(wanted), coefficients.to(kind).requires_grad_()
        made = trees(a, leaves, b, SLIDING, logic)
        asked = (a, b) if wanted else (b,)
        results.append((made, *torch.autograd.grad(made, asked, gradient.to(kind))))
    for mine, theirs in zip(*results):
        assert mine.dtype == torch.float32
        torch.testing.assert_close(mine.double(), theirs, atol=1e-4, rtol=1e-3)


def test_gradients_are_the_slopes() -> None:
    torch.manual_seed(3)
    x, leaves = torch.rand(2, 40, dtype=torch.float64), leaves_of(3, 2)
    coefficients = torch.randn(9, 4, dtype=torch.float64)
    assert torch.autograd.gradcheck(
        lambda a, b: trees(a, leaves, b, SLIDING),
        (x.requires_grad_(), coefficients.requires_grad_()),
    )


def test_a_kernel_is_its_tree() -> None:
    torch.manual_seed(0)
    layer = nn.LogicConv2d((5, 6), 3, 4, 2, (2, 3), (1, 2), (1, 0)).eval()
    x = torch.randint(0, 2, (9, 3, 5, 6)).float()
    around = torch.nn.functional.pad(x, (0, 0, 1, 1))
    made = layer(x)
    assert made.shape == (9, 4, 6, 2)
    tables = layer.tables().reshape(4, 3).tolist()

    def gate(table: int, a: float, b: float) -> float:
        return float(table >> (3 - 2 * int(a) - int(b)) & 1)

    for sample, kernel, row, column in itertools.product(range(9), range(4), range(6), range(2)):
        read = [
            float(around[sample, c, row + down, 2 * column + right])
            for c, down, right in layer.leaves[kernel].tolist()
        ]
        one, two, root = tables[kernel]
        expected = gate(root, gate(one, read[0], read[1]), gate(two, read[2], read[3]))
        assert made[sample, kernel, row, column] == expected


@pytest.mark.parametrize("relaxation", ["max", "probabilistic"])
def test_pools(relaxation: str) -> None:
    torch.manual_seed(0)
    pool = nn.OrPool2d((3, 2), 2, 1, relaxation)
    bits = (torch.rand(5, 3, 7, 6) > 0.8).float()
    hard = torch.nn.functional.max_pool2d(bits, (3, 2), 2, 1)
    assert torch.equal(pool(bits), hard)
    x = torch.rand(2, 2, 5, 4, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(pool, (x,))


def test_kept_for_backward_is_the_input_alone() -> None:
    layer = nn.LogicConv2d(8, 3, 20, 4, 3)
    kept: list[int] = []

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        kept.append(tensor.numel() if tensor.shape[-1] == 50 else 0)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        layer(torch.rand(50, 3, 8, 8))
    assert sum(kept) == 50 * 3 * 8 * 8


def test_wrong_arguments(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not fit into"):
        nn.LogicConv2d(4, receptive_field_size=5)
    with pytest.raises(UsageError, match="depth 0"):
        nn.LogicConv2d(4, tree_depth=0)
    with pytest.raises(UsageError, match="no 8 different ones"):
        nn.LogicConv2d(4, tree_depth=3, connections="unique")
    with pytest.raises(UsageError, match="connections are random or unique"):
        nn.LogicConv2d(4, connections="fixed")
    with pytest.raises(UsageError, match=r"images of \(1, 4, 4\)"):
        nn.LogicConv2d(4)(torch.rand(2, 1, 5, 5))
    with pytest.raises(UsageError, match="stride is"):
        nn.LogicConv2d(4, stride=0)
    with pytest.raises(UsageError, match="relaxation is one of"):
        nn.OrPool2d(2, relaxation="mean")
    with pytest.raises(UsageError, match="more than half"):
        nn.OrPool2d(2, padding=2)
    with pytest.raises(UsageError, match="images are pooled"):
        nn.OrPool2d(2)(torch.rand(3, 4))
    with pytest.raises(UsageError, match="reads 10 values"):
        nn.LogicLayer(10, 20)(torch.rand(3, 2, 4, 4))
    bits = torch.nn.Sequential(nn.LogicConv2d(4, 1, 2), nn.LogicConv2d(4, 2, 2))
    with pytest.raises(InputError, match=r"made for images of \(2, 4, 4\)"):
        lgc.from_torch(bits)
    with pytest.raises(InputError, match="none stands here"):
        lgc.from_torch(torch.nn.Sequential(nn.LogicLayer(4, 4), nn.OrPool2d(2)))
    state = torch.nn.Sequential(nn.LogicConv2d(4, 1, 2)).state_dict()
    state["0.leaves"][0, 0, 1] = 2
    torch.save(state, tmp_path / "m.pt")
    with pytest.raises(InputError, match="leaves read up to"):
        lgc.load(tmp_path / "m.pt")
