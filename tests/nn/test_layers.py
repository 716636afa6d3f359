"""Layers of gates: relaxed values and gradients, hard gates, states, files."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch

import lgc
from lgc import nn
from lgc.errors import InputError, UsageError
from lgc.nn import functional
from lgc.nn.logics import LOGICS
from lgc.nn.parametrizations import PARAMETRIZATIONS
from lgc.tables import EXPRESSIONS

PAIRS = list(itertools.product(PARAMETRIZATIONS, LOGICS))


def network(parametrization: str = "softmax", logic: str = "product") -> torch.nn.Sequential:
    torch.manual_seed(5)
    options = {"parametrization": parametrization, "logic": logic}
    return torch.nn.Sequential(
        nn.Thermometer(16, 3, [2.0, 7.0, 12.0]),
        nn.LogicLayer(48, 100, **options),
        nn.LogicLayer(100, 120, weight_init="residual", **options),
        nn.LogicLayer(120, 90, connections="unique", **options),
        nn.GroupSum(10, 3.0, beta=1.5),
    )


def rows(n: int = 100) -> torch.Tensor:
    return torch.randint(0, 17, (n, 16), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("logic", LOGICS)
def test_every_gate_is_itself_on_bits(logic: str) -> None:
    bits = torch.tensor(list(itertools.product([0.0, 1.0], repeat=2)))
    indices = torch.tensor([[0] * 16, [1] * 16])
    matrix = torch.from_numpy(LOGICS[logic].matrix)
    made = functional.gates(bits, indices, matrix, logic)
    for gate, text in enumerate(EXPRESSIONS):
        expected = [eval(text, {"a": bool(a), "b": bool(b)}) & 1 for a, b in bits.tolist()]
        assert made[:, gate].tolist() == expected, text


@pytest.mark.parametrize("logic", LOGICS)
@pytest.mark.parametrize("samples", [1, 63, 64, 200])
def test_compiled_loops_are_the_formula(logic: str, samples: int) -> None:
    torch.manual_seed(0)
    x = torch.rand(samples, 30)
    indices = torch.randint(0, 30, (2, 50))
    indices[1, :5] = indices[0, :5]  # both inputs from one row
    coefficients = torch.randn(50, LOGICS[logic].matrix.shape[1])
    gradient = torch.randn(samples, 50)
    results = []
    for kind in (torch.float32, torch.float64):
        a = x.to(kind).requires_grad_()
        b = coefficients.to(kind).requires_grad_()
        made = functional.gates(a, indices, b, logic)
        results.append((made, *torch.autograd.grad(made, (a, b), gradient.to(kind))))
    for mine, theirs in zip(*results):
        assert mine.dtype == torch.float32
        torch.testing.assert_close(mine.double(), theirs, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("logic", LOGICS)
def test_gradients_are_the_slopes(logic: str) -> None:
    torch.manual_seed(3)
    x = torch.rand(6, 5, dtype=torch.float64) * 0.8 + 0.1
    coefficients = torch.randn(7, LOGICS[logic].matrix.shape[1], dtype=torch.float64)
    indices = torch.randint(0, 5, (2, 7))
    assert torch.autograd.gradcheck(
        lambda a, b: functional.gates(a, indices, b, logic),
        (x.requires_grad_(), coefficients.requires_grad_()),
    )


@pytest.mark.parametrize("threads", ["1", "2", "5"])
def test_threads_change_nothing(threads: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def gradients() -> list[torch.Tensor]:
        net = network()
        net(rows(300)).square().sum().backward()
        return [each.grad for each in net.parameters() if each.grad is not None]

    monkeypatch.setenv("LGC_THREADS", "3")
    expected = gradients()
    monkeypatch.setenv("LGC_THREADS", threads)
    assert all(torch.equal(a, b) for a, b in zip(gradients(), expected))


@pytest.mark.parametrize("name", PARAMETRIZATIONS)
def test_probabilities_sum_to_one_and_settle(name: str) -> None:
    torch.manual_seed(0)
    layer = nn.LogicLayer(10, 40, parametrization=name)
    total = layer.probabilities().sum(1)
    torch.testing.assert_close(total, torch.ones(40))
    with torch.no_grad():
        layer.weights *= 1000  # as after long training: one gate is left
    assert (layer.probabilities().argmax(1) == layer.tables()).all()


@pytest.mark.parametrize("name", PARAMETRIZATIONS)
def test_residual_layers_pass_on(name: str) -> None:
    layer = nn.LogicLayer(30, 30, parametrization=name, weight_init="residual")
    assert (layer.tables() == 3).all()
    if name != "gumbel":  # which draws
        assert layer.probabilities()[:, 3].min() > 0.89


def test_light_is_the_mixture_of_its_gates() -> None:
    torch.manual_seed(0)
    layer = nn.LogicLayer(10, 20, parametrization="light")
    matrix = torch.from_numpy(LOGICS["product"].matrix)
    torch.testing.assert_close(layer.coefficients(), layer.probabilities() @ matrix)


@pytest.mark.parametrize(("parametrization", "logic"), PAIRS)
def test_eval_mode_is_what_is_compiled(parametrization: str, logic: str, tmp_path: Path) -> None:
    net, x = network(parametrization, logic), rows()
    net(x).sum().backward()
    scores = net.eval()(x).numpy()
    assert np.unique(scores).size > 5
    nn.save(net, tmp_path / "m.pt")
    for model in (lgc.load(tmp_path / "m.pt"), lgc.from_torch(net)):
        assert np.array_equal(lgc.compile(model)(x.numpy()), scores)
    again = nn.load(tmp_path / "m.pt").eval()
    assert torch.equal(again(x), torch.from_numpy(scores))


def test_other_formats_hold_everything(tmp_path: Path) -> None:
    net, x = network(), rows()
    state = {key: value.numpy() for key, value in net.state_dict().items()}
    np.savez(tmp_path / "m.npz", **dict(sorted(state.items())))
    kernel = lgc.compile(tmp_path / "m.npz")
    assert np.array_equal(kernel(x.numpy()), net.eval()(x).numpy())


def test_difflogic_compatible() -> None:
    torch.manual_seed(7)
    state = {"1.weights": torch.randn(20, 16), "2.weights": torch.randn(30, 16)}
    wiring = [
        (torch.randint(0, 12, (20,)), torch.randint(0, 12, (20,))),
        (torch.randint(0, 20, (30,)), torch.randint(0, 20, (30,))),
    ]
    net = nn.from_difflogic(state, wiring, 10, 2.0, inputs=12)
    assert torch.equal(net[1].weights, state["2.weights"])
    torch.manual_seed(7)
    layer = nn.LogicLayer(12, 20)
    assert torch.equal(layer.weights, state["1.weights"])  # difflogic draws weights first
    with pytest.raises(InputError, match="wiring"):
        nn.from_difflogic(state, wiring[:1], 10)


def test_kept_for_backward_is_the_input_alone() -> None:
    net = torch.nn.Sequential(nn.LogicLayer(500, 500), nn.LogicLayer(500, 500))
    kept: list[int] = []

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        kept.append(tensor.numel() if tensor.shape[-1] == 1000 else 0)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        net(torch.rand(1000, 500))
    assert sum(kept) == 2 * 500 * 1000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"parametrization": "hard"}, "parametrization is one of softmax"),
        ({"logic": "fuzzy"}, "logic is one of product"),
        ({"weight_init": "zero"}, "weight_init is one of"),
        ({"temperature": 0.0}, "temperature"),
        ({"connections": "all"}, "connections are random, unique"),
    ],
)
def test_wrong_arguments(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        nn.LogicLayer(10, 20, **arguments)  # type: ignore[arg-type]


def test_wrong_shapes() -> None:
    with pytest.raises(UsageError, match="reads 10 values"):
        nn.LogicLayer(10, 20)(torch.rand(3, 11))
    with pytest.raises(UsageError, match="cannot read 100 values"):
        nn.LogicLayer(100, 20)
    with pytest.raises(UsageError, match="equal groups"):
        nn.GroupSum(3)(torch.rand(2, 10))


def test_states_of_other_modules_are_refused(tmp_path: Path) -> None:
    layer = nn.LogicLayer(10, 20)
    with pytest.raises(InputError, match=r"logic 'product', the module has 'minimum'"):
        nn.LogicLayer(10, 20, logic="minimum").load_state_dict(layer.state_dict())
    with pytest.raises(UsageError, match="BatchNorm1d"):
        nn.save(torch.nn.Sequential(layer, torch.nn.BatchNorm1d(20)), tmp_path / "m.pt")
    torch.save({"0.weights": torch.randn(20, 16)}, tmp_path / "d.pt")
    with pytest.raises(InputError, match="no module says what it is"):
        nn.load(tmp_path / "d.pt")


def test_thermometers(tmp_path: Path) -> None:
    x = torch.tensor([[0.0, 5.0], [1.0, 5.0], [2.0, 7.0], [9.0, 9.0]])
    uniform = nn.Thermometer.uniform(x, 2)
    assert uniform.thresholds.tolist() == [
        [3.0, pytest.approx(5 + 4 / 3)],
        [6.0, pytest.approx(5 + 8 / 3)],
    ]
    distributive = nn.Thermometer.distributive(x, 1)
    assert distributive.thresholds.tolist() == [[1.5, 8.0]]
    assert distributive(x).tolist() == [[0, 0], [0, 0], [1, 0], [1, 1]]
    learnt = nn.Thermometer(2, 1, [3.0], learnable=True, softness=2.0)
    made = learnt(x)
    assert made.tolist() == (x > 3).float().tolist()
    made.sum().backward()
    assert (learnt.thresholds.grad < 0).all()
    one = nn.Threshold(2, [1.0, 6.0])
    assert one(x).tolist() == [[0, 0], [0, 0], [1, 1], [1, 1]]
    net = torch.nn.Sequential(one, nn.LogicLayer(2, 4), nn.GroupSum(2))
    nn.save(net, tmp_path / "m.pt")
    assert torch.equal(nn.load(tmp_path / "m.pt").eval()(x), net.eval()(x))


def test_selections(tmp_path: Path) -> None:
    torch.manual_seed(3)
    net = torch.nn.Sequential(
        nn.Thermometer(16, 2, [2.0, 7.0]), nn.Select(32, 12, list(range(30, 6, -2))),
        nn.LogicLayer(12, 40), nn.GroupSum(10),
    )  # fmt: skip
    nn.save(net.eval(), tmp_path / "m.pt")
    bits = net[0](rows())
    assert torch.equal(net[1](bits), bits[:, list(range(30, 6, -2))])
    kernel = lgc.compile(tmp_path / "m.pt")
    assert (kernel(rows().numpy().astype(np.uint8)) == net(rows().float()).numpy()).all()
    for indices in ([0, 32], [-1, 0], [0]):
        with pytest.raises(UsageError, match="^Select: no 2 columns of 32 values$"):
            nn.Select(32, 2, indices)
    with pytest.raises(InputError, match=r"it was made for 31 inputs, and gets 32$"):
        lgc.compile(torch.nn.Sequential(net[0], nn.Select(31, 2), nn.GroupSum(2)))


def test_notes(tmp_path: Path) -> None:
    net = network()
    nn.save(net, tmp_path / "a.pt", {"classes": ["Käfer", "ant"], "seed": 3})
    assert nn.notes(tmp_path / "a.pt") == {"classes": ["Käfer", "ant"], "seed": 3}
    again = nn.load(tmp_path / "a.pt").state_dict()
    assert all(torch.equal(again[key], value) for key, value in net.state_dict().items())
    assert lgc.check(net.eval(), tmp_path / "a.pt")
    holds = lgc.inspect(tmp_path / "a.pt").found.holds
    assert holds[-2:] == (("classes", "Käfer, ant"), ("seed", "3"))
    nn.save(net, tmp_path / "b.pt")
    assert nn.notes(tmp_path / "b.pt") == {}


def test_the_name_of_a_file_is_not_in_it(tmp_path: Path) -> None:
    for name in ("a.pt", "other", "c_"):
        nn.save(network(), tmp_path / name)
        assert (tmp_path / name).read_bytes() == (tmp_path / "a.pt").read_bytes()
