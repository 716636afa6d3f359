"""Names and containers in which forks of difflogic keep weights, wiring and sizes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import lgc
from lgc.checkpoint import read_checkpoint
from lgc.cli import run_command
from lgc.errors import InputError, UsageError
from lgc.frontends.difflogic.keys import has_weights
from tests.checkpoint.test_readers import tensor_program, torch_zip
from tests.frontends.test_difflogic import (
    GATES,
    OPTIONS,
    WIRING,
    check,
    failing,
    logits,
    pairs,
    save,
    weights,
)

torch = pytest.importorskip("torch", reason="torch is not installed")


def tensors(arrays: dict[str, Any]) -> dict[str, Any]:
    return {name: torch.from_numpy(value) for name, value in arrays.items()}


def saved(folder: Path, tree: Any, name: str = "m.pt") -> Path:
    torch.save(tree, folder / name)
    return folder / name


SIDES = [tuple(map(torch.from_numpy, pair)) for pair in WIRING]
STATE = tensors(weights(["1", "2"]))


@pytest.mark.parametrize(
    "both",
    [
        SIDES,
        [list(pair) for pair in SIDES],
        [torch.stack(pair) for pair in SIDES],
        [torch.stack(pair, 1) for pair in SIDES],
        [tuple(side.tolist() for side in pair) for pair in SIDES],
        [tuple(side.int() for side in pair) for pair in SIDES],
    ],
    ids=["tuple", "list", "(2, out)", "(out, 2)", "numbers", "int32"],
)
def test_shapes_of_indices(tmp_path: Path, both: list[Any]) -> None:
    named = {f"{i}.indices": one for i, one in enumerate(both, 1)}
    check(lgc.load(saved(tmp_path, {**STATE, **named}), **OPTIONS))
    bare = saved(tmp_path, STATE)
    for side in (named, {"state_dict": named}, dict(zip("12", both)), both, {"connections": both}):
        check(lgc.load(bare, wiring=saved(tmp_path, side, "w.pt"), **OPTIONS))
    check(lgc.load(saved(tmp_path, {"model_state_dict": STATE, "connections": both}), **OPTIONS))


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.net.", "model.layers."])
@pytest.mark.parametrize("names", [("conn_a", "conn_b"), ("indices_0", "indices_1")])
def test_prefixes(tmp_path: Path, prefix: str, names: tuple[str, str]) -> None:
    """In front of the weights, with the wiring beside them or in a file that has none."""
    state = {f"{prefix}{key}": value for key, value in STATE.items()}
    rows = {
        f"{i}.{name}": side for i, pair in enumerate(SIDES, 1) for name, side in zip(names, pair)
    }
    bare = saved(tmp_path, state)
    check(lgc.load(bare, wiring=saved(tmp_path, rows, "w.pt"), **OPTIONS))
    inside = {f"{prefix}{key}": value for key, value in rows.items()}
    lightning = {"state_dict": {**state, **inside}, "epoch": 3, "pytorch-lightning_version": "2"}
    check(lgc.load(saved(tmp_path, lightning), **OPTIONS))


def test_one_layer_alone(tmp_path: Path) -> None:
    a, b = WIRING[0]
    file = save(tmp_path / "m.npz", weights=logits(GATES[0]), indices=np.stack([a, b]))
    model = lgc.load(file, **OPTIONS)
    x = np.array([[s >> i & 1 for i in range(4)] for s in range(16)])
    right = GATES[0] >> (3 - (2 * x[:, a] + x[:, b])) & 1
    assert np.array_equal(model.evaluate(x).bits, right)


def test_layers_stand_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    names = ["9", "010"]
    check(lgc.load(save(tmp_path / "m.npz", **weights(names), **pairs(names)), **OPTIONS))


CONFIG = {"num_classes": 2, "tau": 1.5, "in_dim": 4, "hidden": 6}


@pytest.mark.parametrize("key", ["model_config", "hyper_parameters", "config"])
def test_the_config_says_the_sizes(tmp_path: Path, key: str, recwarn: Any) -> None:
    tree = {"model_state_dict": STATE, "connections": SIDES, key: CONFIG}
    file = saved(tmp_path, tree)
    model = lgc.load(file)
    check(model)
    assert model.chain.group_sum.tau.value.data == 1.5  # type: ignore[union-attr]
    assert not recwarn.list
    assert lgc.load(file, tau=3).chain.group_sum.tau.value.data == 3  # type: ignore[union-attr]
    assert lgc.load(file, input="thermometer:1,2").chain.features == 2
    assert (key, "bits 4, classes 2, tau 1.5") in lgc.inspect(file).found.holds


@pytest.mark.parametrize(
    ("config", "missing"),
    [
        ({"k": 2, "num_classes": 4, "tau": 1}, ["classes"]),
        ({"k": 2, "num_classes": 2, "tau": 1}, []),
        ({"k": "2", "tau": True}, ["classes", "tau"]),
        ({"k": 2, "tau": 10**400}, ["tau"]),
        ({"k": 10**400, "tau": -1}, ["classes", "tau"]),
    ],
)
def test_what_a_config_says_is_weighed(tmp_path: Path, config: Any, missing: list[str]) -> None:
    tree = {"model_state_dict": STATE, "connections": SIDES, "model_config": config}
    found = lgc.inspect(saved(tmp_path, tree))
    assert [one.option for one in found.found.missing] == missing


def test_the_config_says_what_four_weights_are(tmp_path: Path) -> None:
    light = {}
    for prefix, gates in zip("12", GATES):
        bits = gates[:, None] >> np.array([3, 2, 1, 0]) & 1
        light[f"{prefix}.weights"] = np.where(bits, 0.75, 0.25).astype(np.float32)
    config = {"parametrization": "linear", **CONFIG}
    tree = {"state_dict": tensors(light), "connections": SIDES, "model_config": config}
    check(lgc.load(saved(tmp_path, tree)))


def test_files_saved_on_a_gpu(tmp_path: Path) -> None:
    program = tensor_program(32, 0, (2, 16), (16, 1)).replace(
        b"X\x03\x00\x00\x00cpu", b"X\x06\x00\x00\x00cuda:0"
    )
    values = np.eye(2, 16, 6, dtype="<f4")
    (tmp_path / "m.pt").write_bytes(torch_zip(program, {"0": values.tobytes()}))
    assert np.array_equal(read_checkpoint(tmp_path / "m.pt").data, values)


@pytest.mark.parametrize("key", ["1.luts", "1.gate_sequence", "0.selection"])
def test_relatives_are_not_claimed(key: str) -> None:
    assert has_weights(weights(["1", "2"]))
    assert not has_weights({**weights(["1", "2"]), key: np.zeros((4, 4), np.float32)})


def test_many_tensors_of_one_storage(tmp_path: Path) -> None:
    """A few bytes that would name the same numbers again and again are refused."""
    numbers = torch.zeros(1 << 16, 16)
    twice = {
        "1.weights": numbers,
        "2.weights": numbers,
        **{f"{i}.indices": SIDES[0] for i in (1, 2)},
    }
    assert len(read_checkpoint(saved(tmp_path, twice)).data) == 4
    file = saved(tmp_path, {f"{i}.weights": numbers for i in range(100)})
    with pytest.raises(InputError) as caught:
        lgc.load(file)
    assert str(caught.value) == "m.pt: far too many layers have the same weights"
    file = saved(tmp_path, {f"{i}.weights": numbers[:] for i in range(100)})
    with pytest.raises(InputError) as caught:
        lgc.load(file)
    assert str(caught.value).replace(f"{tmp_path}/", "") == (
        "m.pt: the tensors have far more numbers than the file\n"
        "  hint: save the weights alone: torch.save(model.state_dict(), path)"
    )


def test_indices_beyond_any_input(tmp_path: Path) -> None:
    far = pairs(["1", "2"])
    far["1.indices"][0, 0] = 1 << 40
    whole = {**weights(["1", "2"]), **far}
    assert failing(tmp_path, whole, inputs=None) == (
        "m.npz: 1099511627777 inputs are more than the 16777216 that lgc takes\n"
        "  hint: is the file damaged?"
    )
    described = {**OPTIONS, "inputs": 10**9}
    assert failing(tmp_path, {**weights(["1", "2"]), **pairs(["1", "2"])}, **described) == (
        "--inputs: 1000000000 inputs are more than the 16777216 that lgc takes\n"
        "  hint: is the file damaged?"
    )
    ragged = {**STATE, "1.indices": ([1, [2]], [3]), "2.indices": SIDES[1]}
    with pytest.raises(InputError) as caught:
        lgc.load(saved(tmp_path, ragged), **OPTIONS)
    assert str(caught.value) == (
        "m.pt: layer 1: wiring of type object and shape (0,) does not fit 6 gates\n"
        "  hint: the wiring is two rows of whole numbers, one number a gate"
    )


def live(names: tuple[str, ...], width: str, classes: str) -> Any:
    """A network of a fork: other attributes, other containers."""

    class Layer(torch.nn.Module):
        def __init__(self, inputs: int, gates: np.ndarray, pair: Any) -> None:
            super().__init__()
            setattr(self, width, inputs)
            self.weights = torch.nn.Parameter(torch.from_numpy(logits(gates)).bfloat16())
            if len(names) == 1:
                self.register_buffer(names[0], torch.stack(pair))
            else:
                for name, side in zip(names, pair):
                    self.register_buffer(name, side)

    class GroupSum(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            setattr(self, classes, 2)
            self.tau = torch.tensor(2.5)

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.flatten = torch.nn.Flatten()
            self.layers = torch.nn.ModuleList(
                [Layer(4, GATES[0], SIDES[0]), Layer(6, GATES[1], SIDES[1])]
            )
            self.head = GroupSum()

    return Net().eval()


@pytest.mark.parametrize(
    ("names", "width", "classes"),
    [
        (("indices",), "in_dim", "k"),
        (("conn_a", "conn_b"), "in_features", "num_classes"),
        (("indices_0", "indices_1"), "input_dim", "n_classes"),
    ],
)
def test_live_modules_of_forks(names: tuple[str, ...], width: str, classes: str) -> None:
    model = lgc.from_torch(live(names, width, classes))
    check(model)
    assert model.chain.features == 4
    assert model.chain.group_sum.tau.value.data == 2.5  # type: ignore[union-attr]


def test_a_live_module_whose_wiring_does_not_fit() -> None:
    net = live(("conn_a", "conn_b"), "in_dim", "k")
    net.layers[1].conn_b = torch.zeros(3, dtype=torch.long)
    with pytest.raises(InputError) as caught:
        lgc.from_torch(net)
    assert str(caught.value) == (
        "Net: layer 1: wiring of type int64 and shape (3,) does not fit 4 gates\n"
        "  hint: the wiring is two rows of whole numbers, one number a gate"
    )


def test_a_module_without_wiring_is_none_of_ours() -> None:
    plain = SimpleNamespace(weights=np.zeros((4, 16)))
    with pytest.raises(InputError, match="no frontend knows a SimpleNamespace"):
        lgc.from_torch(plain)


def test_a_replay_has_to_know_the_inputs(tmp_path: Path, capsys: Any) -> None:
    file = save(tmp_path / "m.npz", **weights(["1", "2"]))
    text = "replay:seed=0,prelude=none,mode=random,device=cuda"
    with pytest.raises(UsageError) as caught:
        lgc.load(file, wiring=text, classes=2, tau=1)
    assert str(caught.value) == (
        "m.npz: a replay has to know how many numbers go in, which the file does not say\n"
        "  hint: give it with --inputs"
    )
    assert run_command(["inspect", str(file), "--wiring", text]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"wiring {text}" in said
    assert "missing --inputs numbers in one sample, which the replay has to know" in said
