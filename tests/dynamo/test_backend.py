"""torch.compile(model, backend="lgc"): the same bytes as eager, by a kernel, or a warning that says why."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
import tomllib
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

import lgc
from lgc.errors import LgcWarning
from tests.support import ROOT

torch = pytest.importorskip("torch", reason="torch is not installed")

from lgc.dynamo import calls, networks  # noqa: E402
from tests.dynamo.networks import GroupSum, LogicLayer, network, rows  # noqa: E402

nn = torch.nn


@pytest.fixture(autouse=True)
def _afresh() -> Iterator[None]:
    torch.compiler.reset()
    networks._compiled.cache_clear()
    with warnings.catch_warnings():
        warnings.simplefilter("error", LgcWarning)
        with torch.no_grad():
            yield


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the batches that kernels answered in a call of a graph, not in its trial."""
    sizes: list[int] = []
    forward = calls.NetworkCall.forward

    def count(self: Any, *given: Any) -> Any:
        by_kernel = self.by_kernel

        def counted(*given: Any) -> Any:
            found = by_kernel(*given)
            sizes.append(len(found))
            return found

        self.by_kernel = counted
        try:
            return forward(self, *given)
        finally:
            del self.by_kernel

    monkeypatch.setattr(calls.NetworkCall, "forward", count)
    return sizes


def compiled(model: Any, **options: Any) -> Any:
    return torch.compile(model, backend=lgc.torch_backend, options=options)


def same(found: Any, wanted: Any) -> bool:
    return found.dtype == wanted.dtype and bool(torch.equal(found, wanted))


def kernels() -> int:
    """How many have been compiled."""
    return networks._compiled.cache_info().misses


def test_gives_the_bytes_of_eager_for_batches_of_any_size(ran: list[int]) -> None:
    model = network()
    fast = compiled(model)
    for n in (7, 9, 1, 300, 7):
        assert same(fast(rows(n)), model(rows(n)))
    assert ran == [7, 9, 1, 300, 7]
    assert kernels() == 1
    assert same(fast(rows(0)), model(rows(0)))


@pytest.mark.parametrize("name", ["uint8", "int64", "float32", "bfloat16"])
def test_rows_of_other_types(name: str, ran: list[int]) -> None:
    model, x = network(), rows(20).to(getattr(torch, name))
    assert same(compiled(model)(x), model(x))
    assert ran == [20]


def test_weights_that_change_are_seen(ran: list[int]) -> None:
    model = network()
    fast, x = compiled(model), rows(50)

    def check() -> None:
        assert same(fast(x), model(x))

    check()
    model[1].weights.copy_(torch.randn(60, 16))
    check()
    model[2].weights.data[:30] = torch.randn(30, 16)
    check()
    model[2].weights.data = torch.randn(60, 16)
    check()
    model[1].weights = nn.Parameter(torch.randn(60, 16))
    check()
    model[1].indices[0].copy_(torch.randint(0, 24, (60,)))
    check()
    model.load_state_dict(network(5).state_dict())
    check()
    assert ran == [50] * 7
    assert kernels() == 7
    model[3].tau = 7.0
    check()


def test_frozen_weights_are_known_by_their_versions(ran: list[int]) -> None:
    model = network()
    fast, x = compiled(model, frozen=True), rows(50)
    before = model(x)
    assert same(fast(x), before)
    model[1].weights.add_(torch.randn(60, 16) * 9)
    assert same(fast(x), model(x))
    assert not same(model(x), before)
    assert ran == [50, 50]


def test_models_of_one_shape_share_a_graph_and_no_weights(ran: list[int]) -> None:
    models = [network(seed) for seed in range(3)]
    fast = [compiled(model) for model in models]
    for _ in range(2):
        for model, one in zip(models, fast):
            assert same(one(rows(40)), model(rows(40)))
    assert ran == [40] * 6
    assert kernels() == 3


def test_another_tau_is_no_stale_result(ran: list[int]) -> None:
    first, second = network(0, tau=3.0), network(0, tau=5.0)
    for model in (first, second, first):
        assert same(compiled(model)(rows(40)), model(rows(40)))
    fast = compiled(first)
    for tau in (4.0, 5.0, 6.0, 3.0):
        first[3].tau = tau
        assert same(fast(rows(40)), first(rows(40)))
    assert ran == [40] * 7


class Around(nn.Module):
    """A network between layers of other kinds, called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.before, self.net, self.after = nn.Linear(24, 24), network(), nn.Linear(5, 3)

    def forward(self, x: Any) -> Any:
        x = x.flatten(1)
        return self.after(self.net((self.before(x) > 0).float()) - self.net(1 - x))


def test_a_network_inside_a_model(ran: list[int]) -> None:
    model = Around().eval()
    assert same(compiled(model)(rows(30)), model(rows(30)))
    assert ran == [30, 30]
    assert kernels() == 1


class Own(nn.Module):
    """Calls its layers itself."""

    def __init__(self) -> None:
        super().__init__()
        self.layers, self.total = nn.ModuleList(network()[1:3]), GroupSum(5, 2.0)

    def forward(self, x: Any) -> Any:
        x = x.flatten(1)
        for layer in self.layers:
            x = layer(x)
        return self.total(x)


def test_a_class_with_a_forward_of_its_own(ran: list[int]) -> None:
    model = Own().eval()
    assert same(compiled(model)(rows(30)), model(rows(30)))
    assert ran == [30]


def test_a_function(ran: list[int]) -> None:
    model = network()
    fast = torch.compile(lambda x: model(x).argmax(1), backend=lgc.torch_backend, fullgraph=True)
    assert same(fast(rows(30)), model(rows(30)).argmax(1))
    assert ran == [30]


def test_numbers_other_than_bits_go_through_the_operations() -> None:
    model, x = network(), torch.rand(40, 24)
    fast = compiled(model)
    with pytest.warns(LgcWarning) as caught:
        found = fast(x)
    assert same(found, model(x))
    assert str(caught[0].message) == (
        "Sequential runs without its kernel: it was given numbers other than 0 and 1, which gates "
        "know nothing of\n  hint: binarise the rows, or put an encoder before the first layer"
    )
    assert same(fast(x.round()), model(x.round()))


class Skewed(Own):
    def forward(self, x: Any) -> Any:
        return super().forward(1 - x)


def refused(model: Any, x: Any, message: str) -> None:
    """A warning, and what eager gives."""
    with pytest.warns(LgcWarning) as caught:
        found = compiled(model)(x)
    assert same(found, model(x))
    assert str(caught[0].message) == f"the graph runs without a kernel: {message}"


def test_gates_that_the_operations_are_not() -> None:
    refused(
        Skewed().eval(), rows(30),
        "Skewed: its operations give something else than the gates that were read\n"
        "  hint: does its forward do what its modules say?",
    )  # fmt: skip


def test_training_mode() -> None:
    refused(
        network().train(), rows(30),
        "Sequential: it is in training mode, and gates are what it is in eval mode\n"
        "  hint: model.eval()",
    )  # fmt: skip


def test_back_in_eval_mode(ran: list[int]) -> None:
    model = network()
    fast = compiled(model)
    for _ in range(2):
        assert same(fast(rows(30)), model(rows(30)))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", LgcWarning)
            assert same(fast.train()(rows(30)), model(rows(30)))
        fast.eval()
    assert ran == [30, 30]


def test_gradients() -> None:
    model = network()
    x = rows(30).requires_grad_()
    with torch.enable_grad(), pytest.warns(LgcWarning) as caught:
        compiled(model)(x).sum().backward()
    assert str(caught[0].message) == (
        "the graph runs without a kernel: Sequential: its result has a gradient, and that of a "
        "kernel has none\n  hint: call it under torch.no_grad() or torch.inference_mode()"
    )
    assert x.grad is not None


def test_weights_without_gradients_need_no_grad_mode(ran: list[int]) -> None:
    model = network()
    with torch.enable_grad():
        assert same(compiled(model)(rows(30)), model(rows(30)))
    with torch.inference_mode():
        assert same(compiled(model)(rows(30)), model(rows(30)))
    assert ran == [30, 30]


def test_hooks() -> None:
    model = network()
    model[2].register_forward_hook(lambda module, given, result: 1 - result)
    refused(model, rows(30), "Sequential.2: it has hooks, which a kernel would not call")


def test_another_type_of_scores() -> None:
    refused(
        network(), rows(30).double(),
        "Sequential: it gives torch.float64, and kernels give torch.float32\n"
        "  hint: call it with float32 rows, outside autocast",
    )  # fmt: skip


def test_no_network() -> None:
    model = nn.Sequential(nn.Linear(4, 3), nn.ReLU()).eval()
    refused(
        model, torch.rand(5, 4),
        "no module in it is a gate network: no frontend knows a Sequential\n"
        "  hint: lgc.compile(model).as_module() needs no graph; TORCH_LOGS=graph_breaks tells "
        "whether torch traced the model in pieces",
    )  # fmt: skip
    torch.compiler.reset()
    with pytest.raises(Exception, match="no frontend knows a Sequential"):
        compiled(model, strict=True)(torch.rand(5, 4))


def test_weights_that_become_nan_go_through_the_operations() -> None:
    model = network()
    fast, x = compiled(model), rows(30)
    fast(x)
    model[1].weights[3, 3] = float("nan")
    with pytest.warns(LgcWarning, match="neuron 3 has weights that are NaN or infinite"):
        found = fast(x)
    assert same(found, model(x))


def test_a_graph_in_pieces() -> None:
    class Talking(LogicLayer):
        def forward(self, x: Any) -> Any:
            torch._dynamo.graph_break()
            return super().forward(x)

    model = nn.Sequential(Talking(24, 60), GroupSum(5, 2.0)).eval()
    x = rows(30).flatten(1)
    with pytest.warns(LgcWarning) as caught:
        found = compiled(model)(x)
    assert same(found, model(x))
    for warning in caught:
        assert "no module in it is a gate network" in str(warning.message)


class Printing(LogicLayer):
    """As difflogic's layers on a CPU."""

    def forward(self, x: Any) -> Any:
        print(self.indices[0].dtype)
        self.indices = self.indices[0].long(), self.indices[1].long()
        return super().forward(x)


def test_layers_that_print(ran: list[int]) -> None:
    model = nn.Sequential(Printing(24, 60), GroupSum(5, 2.0)).eval()
    x = rows(30).flatten(1)
    with torch._dynamo.config.patch(reorderable_logging_functions={print}):
        found = compiled(model)(x)
    assert same(found, model(x))
    assert ran == [30]


def test_an_unknown_option() -> None:
    with pytest.raises(Exception, match="torch.compile: the backend lgc has no option 'speed'"):
        compiled(network(), speed=3)(rows(3))


def test_options_reach_the_compiler() -> None:
    model = network()
    fast = compiled(model, engine="table", pipeline="O0")
    assert same(fast(rows(30)), model(rows(30)))


def test_the_name_lgc_is_an_entry_point() -> None:
    """Where lgc is installed, torch finds the backend by its name."""
    points = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    value = points["torch_dynamo_backends"]["lgc"]
    point = importlib.metadata.EntryPoint("lgc", value, "torch_dynamo_backends")
    assert point.load() is lgc.torch_backend


def test_the_name_lgc_is_found() -> None:
    """As a user writes it; a checkout that is not installed has no entry point."""
    if "lgc" not in torch._dynamo.list_backends(exclude_tags=()):
        pytest.skip("the entry point is not registered")
    model = network()
    fast = torch.compile(model, backend="lgc")
    assert same(fast(rows(30)), model(rows(30)))


def test_importing_the_backend_is_cheap() -> None:
    code = "import lgc, sys; lgc.torch_backend; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
