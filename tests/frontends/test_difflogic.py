"""difflogic models: golden files, key variants, live modules, and every complaint in full."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lgc
from lgc import registry
from lgc.binarisation import parse_binarisation
from lgc.description import KEYS
from lgc.errors import InputError, LgcError, LgcWarning, UnsupportedError, UsageError
from lgc.inputs import packed
from lgc.reference import run
from tests.frontends.images import module
from tests.support import shared_model

WIRING = [
    (np.array([0, 1, 2, 3, 0, 1]), np.array([1, 2, 3, 0, 2, 3])),
    (np.array([0, 2, 4, 1]), np.array([1, 3, 5, 0])),
]
GATES = [np.array([1, 6, 7, 14, 9, 2]), np.array([6, 1, 13, 10])]


def logits(gates: np.ndarray) -> np.ndarray:
    """Logits whose largest is the given gate."""
    random = np.random.default_rng(0)
    weights = random.uniform(-1, 1, (len(gates), 16)).astype(np.float32)
    weights[np.arange(len(gates)), gates] = 2
    return weights


def weights(prefixes: list[str]) -> dict[str, np.ndarray]:
    return {f"{p}.weights": logits(gates) for p, gates in zip(prefixes, GATES)}


def expected(bits: np.ndarray) -> np.ndarray:
    """The definition, gate by gate."""
    for gates, (a, b) in zip(GATES, WIRING):
        bits = gates >> (3 - (2 * bits[:, a] + bits[:, b])) & 1
    return bits


def check(model: lgc.Model) -> None:
    """A read model computes what the definition says."""
    x = np.array([[s >> i & 1 for i in range(4)] for s in range(16)])
    outcome = model.evaluate(x)
    assert np.array_equal(outcome.bits, expected(x))
    assert outcome.counts is not None
    assert np.array_equal(outcome.counts, expected(x).reshape(16, 2, -1).sum(axis=2))


def save(path: Path, **arrays: np.ndarray) -> Path:
    np.savez(path, **arrays)
    return path


def pairs(prefixes: list[str]) -> dict[str, np.ndarray]:
    return {f"{p}.indices": np.stack(pair) for p, pair in zip(prefixes, WIRING)}


OPTIONS: dict[str, Any] = {"classes": 2, "tau": 1.0, "inputs": 4}


@pytest.mark.parametrize(
    ("name", "tau", "features"),
    [("digits_4x2000", 10, 192), ("mnist_6x8000", 10, 400), ("fmnist_6x8000_residual", 30, 2352)],
)
def test_golden_files(name: str, tau: float, features: int) -> None:
    folder = shared_model(name)
    model = lgc.load(
        folder / "state_dict.pt", wiring=folder / "indices.pt", classes=10, tau=tau, inputs=features
    )
    with np.load(folder / "golden.npz") as golden, np.load(folder / "testset.npz") as test:
        rows = min(2048, len(test["X"]))
        x = packed(test["X"][:rows], int(test["n_bits"]))
        outcome = run(model.module, x)
        assert np.array_equal(np.packbits(outcome.bits, axis=1), golden["Y"][:rows])
        assert outcome.counts is not None
        assert np.array_equal(outcome.counts, golden["scores"][:rows])
        # All images through the optimised, compiled kernel.
        kernel = lgc.compile(model)
        whole = packed(test["X"], int(test["n_bits"]))
        assert np.array_equal(kernel.counts(whole), golden["scores"])
        assert np.array_equal(kernel.predict(whole), golden["pred"])
        assert np.array_equal(kernel.bits(x), outcome.bits)


@pytest.mark.parametrize(
    "prefixes", [["0", "1"], ["9", "10"], ["model.layers.3", "model.layers.12"]]
)
def test_indices_beside_the_weights(tmp_path: Path, prefixes: list[str]) -> None:
    check(lgc.load(save(tmp_path / "m.npz", **weights(prefixes), **pairs(prefixes)), **OPTIONS))


@pytest.mark.parametrize(("left", "right"), [("conn_a", "conn_b"), ("indices_0", "indices_1")])
def test_two_rows_beside_the_weights(tmp_path: Path, left: str, right: str) -> None:
    rows = {
        f"{p}.{side}": row
        for p, pair in zip("12", WIRING)
        for side, row in zip((left, right), pair)
    }
    check(lgc.load(save(tmp_path / "m.npz", **weights(["1", "2"]), **rows), **OPTIONS))


def test_wiring_in_a_file_beside(tmp_path: Path) -> None:
    file = save(tmp_path / "m.npz", **weights(["1", "2"]))
    check(lgc.load(file, wiring=save(tmp_path / "w.npz", **pairs(["1", "2"])), **OPTIONS))


def test_torch_variants(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    state = {name: torch.from_numpy(value) for name, value in weights(["1", "2"]).items()}
    both = [tuple(map(torch.from_numpy, pair)) for pair in WIRING]
    torch.save(state, tmp_path / "m.pt")
    torch.save({f"{i}.indices": pair for i, pair in enumerate(both, 1)}, tmp_path / "w.pt")
    check(lgc.load(tmp_path / "m.pt", wiring=tmp_path / "w.pt", **OPTIONS))
    torch.save(
        {"model_state_dict": state, "connections": both, "model_config": {"k": 2}},
        tmp_path / "c.pt",
    )
    check(lgc.load(tmp_path / "c.pt", **OPTIONS))
    rows = {f"{i}.indices_{side}": pair[side] for i, pair in enumerate(both, 1) for side in (0, 1)}
    torch.save({"state_dict": {**state, **rows}, "epoch": 3}, tmp_path / "l.pt")
    check(lgc.load(tmp_path / "l.pt", **OPTIONS))


def test_the_first_maximum_wins_a_tie(tmp_path: Path) -> None:
    tied = np.zeros((4, 16), np.float32)
    tied[:, [6, 9]] = 1
    file = save(
        tmp_path / "m.npz",
        **{"0.weights": tied, "0.indices": np.array([[0, 1, 2, 3], [1, 2, 3, 0]])},
    )
    stage = lgc.load(file, **OPTIONS).chain.stages[0]
    assert stage.net.data.table.tolist() == [6, 6, 6, 6]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "middle", "edge"),
    [
        ("sigmoid", 0.0, np.float32(-1e-9)),
        ("sigmoid", 0.0, np.float32(-1.7e-7)),  # what torch rounds to a half; -1.8e-7 it does not
        ("linear", 0.5, 0.5),
        ("sin", 0.0, np.float32(-1e-9)),
        ("sin", np.float32(2 * np.pi), np.float32(2 * np.pi)),
    ],
)
def test_light_parametrisation(tmp_path: Path, name: str, middle: float, edge: float) -> None:
    """Four weights a gate: outputs for 00, 01, 10, 11; on the edge is on."""
    arrays: dict[str, np.ndarray] = pairs(["1", "2"])
    for prefix, gates in zip("12", GATES):
        bits = gates[:, None] >> np.array([3, 2, 1, 0]) & 1
        arrays[f"{prefix}.weights"] = np.where(bits, middle + 0.25, middle - 0.25).astype(
            np.float32
        )
    on = arrays["1.weights"] > middle
    arrays["1.weights"][0, on[0].argmax()] = edge
    check(lgc.load(save(tmp_path / "m.npz", **arrays), **OPTIONS, parametrisation=name))
    assert failing(tmp_path, arrays) == (
        "m.npz: layer 1: four weights a gate, and the file does not say what they are\n"
        "  hint: give it with --parametrisation: one of sigmoid, linear, sin"
    )
    assert failing(tmp_path, arrays, parametrisation="tanh") == (
        "m.npz: layer 1: there is no parametrisation called 'tanh'\n"
        "  hint: give it with --parametrisation: one of sigmoid, linear, sin"
    )


@pytest.mark.parametrize(
    ("sums", "message"),
    [
        (
            {"3.weights": np.ones(4, np.float32)},
            "m.npz: GroupSum has weights of its own, real numbers\n"
            "  hint: train it with use_weights=False and use_bias=False, the default",
        ),
        (
            {"3.bias": np.zeros(2, np.float32)},
            "m.npz: GroupSum has bias of its own, real numbers\n"
            "  hint: train it with use_weights=False and use_bias=False, the default",
        ),
        (
            {"3.flip_mask": np.zeros(4, np.bool_)},
            "m.npz: GroupSum with flip_mask is not known\n"
            "  hint: train it with gs_flip=0 and n_splits=1, the default",
        ),
    ],
)
def test_class_sums_that_are_no_counts(
    tmp_path: Path, sums: dict[str, np.ndarray], message: str
) -> None:
    """difflogic-iwp can train them; to leave them out would be another model."""
    assert failing(tmp_path, {**weights(["1", "2"]), **pairs(["1", "2"]), **sums}) == message


def test_a_description_beside_the_weights(tmp_path: Path) -> None:
    file = save(tmp_path / "m.npz", **weights(["1", "2"]))
    save(tmp_path / "w.npz", **pairs(["1", "2"]))
    described = {"format": "difflogic", "inputs": 4, "classes": 4, "tau": 2, "wiring": "w.npz"}
    (tmp_path / "m.json").write_text(json.dumps(described))
    check(lgc.load(file, classes=2))  # an option wins
    assert lgc.load(file).chain.group_sum.classes == 4  # type: ignore[union-attr]
    (tmp_path / "m.json").rename(tmp_path / "other.json")
    check(lgc.load(file, classes=2, description=tmp_path / "other.json"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "d.json: this is not JSON"),
        ("[1]", "d.json: a description is a JSON object"),
        (
            '{"klasses": 3}',
            f"d.json: unknown key 'klasses'\n  hint: known are {', '.join(KEYS)}",
        ),
        ('{"classes": "three"}', 'd.json: classes cannot be "three"'),
        ('{"classes": true}', "d.json: classes cannot be true"),
        ('{"format": "dwn"}', "d.json: the description is of a dwn model, not difflogic"),
    ],
)
def test_bad_descriptions(tmp_path: Path, text: str, message: str) -> None:
    file = save(tmp_path / "m.npz", **weights(["1", "2"]), **pairs(["1", "2"]))
    (tmp_path / "d.json").write_text(text)
    with pytest.raises(InputError) as caught:
        lgc.load(file, description=tmp_path / "d.json")
    assert str(caught.value).replace(f"{tmp_path}/", "") == message


def failing(tmp_path: Path, arrays: dict[str, np.ndarray], **options: Any) -> str:
    with pytest.raises(LgcError) as caught:
        lgc.load(save(tmp_path / "m.npz", **arrays), **{**OPTIONS, **options})
    return str(caught.value).replace(f"{tmp_path}/", "")


def test_what_is_missing_is_asked_for_by_the_flag(tmp_path: Path) -> None:
    whole = {**weights(["1", "2"]), **pairs(["1", "2"])}
    assert failing(tmp_path, weights(["1", "2"])) == (
        "m.npz: the wiring of layer 1 is not in the file\n"
        "  hint: give the file that holds it with --wiring, or compute it: lgc inspect --try-replay"
    )
    assert failing(tmp_path, whole, classes=None) == (
        "m.npz: the number of classes is not in the file\n  hint: give it with --classes"
    )
    assert failing(tmp_path, whole, tau=None) == (
        "m.npz: GroupSum's tau is not in the file\n"
        "  hint: give it with --tau; --tau 1 gives plain counts"
    )
    with pytest.warns(LgcWarning) as warned:
        lgc.load(save(tmp_path / "m.npz", **whole), classes=2, tau=1.0)
    assert str(warned[0].message) == (
        "m.npz: the input width is not in the file; 4 is the least that the wiring allows, "
        "--inputs states it"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lgc.load(tmp_path / "m.npz", **OPTIONS)


def test_what_does_not_fit(tmp_path: Path) -> None:
    whole = {**weights(["1", "2"]), **pairs(["1", "2"])}
    assert failing(tmp_path, whole, classes=3) == (
        "m.npz: 4 outputs do not fall into 3 equal groups\n  hint: is --classes right?"
    )
    assert failing(tmp_path, whole, inputs=3) == (
        "m.npz: layer 1: gate 2 reads net 3, but the layer has 3 inputs\n"
        "  hint: was the checkpoint saved with another input size?"
    )
    assert failing(tmp_path, whole, inputs=0) == "--inputs: a model has at least one input, not 0"
    assert failing(tmp_path, whole, tau=0.0) == "--tau: tau must be a positive number, not 0.0"
    assert (
        failing(tmp_path, whole, tau=float("nan"))
        == "--tau: tau must be a positive number, not nan"
    )
    assert failing(tmp_path, {**whole, "2.indices": np.zeros((2, 9), int)}) == (
        "m.npz: layer 2: wiring of type int64 and shape (9,) does not fit 4 gates\n"
        "  hint: the wiring is two rows of whole numbers, one number a gate"
    )
    assert failing(tmp_path, {**whole, "2.indices": np.zeros((2, 4))}) == (
        "m.npz: layer 2: wiring of type float64 and shape (4,) does not fit 4 gates\n"
        "  hint: the wiring is two rows of whole numbers, one number a gate"
    )
    negative = np.stack(WIRING[1])
    negative[0, 3] = -1
    assert failing(tmp_path, {**whole, "2.indices": negative}) == (
        "m.npz: layer 2: gate 3 reads net -1, but the layer has 6 inputs\n"
        "  hint: was the checkpoint saved with another input size?"
    )
    for bad in (np.nan, np.inf):
        broken = whole["1.weights"].copy()
        broken[4, 7] = bad
        assert failing(tmp_path, {**whole, "1.weights": broken}) == (
            "m.npz: layer 1: neuron 4 has weights that are NaN or infinite\n"
            "  hint: the training diverged, or the file is damaged"
        )
    empty = {"1.weights": np.zeros((0, 16), np.float32), "1.indices": np.zeros((2, 0), int)}
    assert failing(tmp_path, empty) == "m.npz: an empty network: a layer without gates"
    save(tmp_path / "w.npz", **pairs(["3", "4"]))
    assert failing(tmp_path, weights(["1", "2"]), wiring=tmp_path / "w.npz") == (
        "w.npz: no wiring for layer 1\n"
        "  hint: a key 1.indices is expected; there are 3.indices, 4.indices"
    )


def test_files_no_frontend_knows(tmp_path: Path) -> None:
    (tmp_path / "cat.jpg").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(InputError) as caught:
        lgc.load(tmp_path / "cat.jpg")
    assert str(caught.value) == (
        f"{tmp_path}/cat.jpg: no frontend knows this kind of file\n"
        f"  hint: there are frontends for {', '.join(registry.entries('frontends'))}"
    )
    with pytest.raises(InputError) as caught:
        lgc.load(save(tmp_path / "other.npz", a=np.eye(3)))
    assert "no frontend knows this kind of file" in str(caught.value)
    for path, message in (
        (tmp_path / "none", "there is no such file"),
        (tmp_path, "is a folder, a file is needed"),
    ):
        with pytest.raises(InputError) as caught:
            lgc.load(path)
        assert str(caught.value) == f"{path}: {message}"
    with pytest.raises(UsageError) as wrong:
        lgc.load(tmp_path / "cat.jpg", frontend="difflogik")
    assert (
        str(wrong.value)
        == "there is no frontend called 'difflogik'\n  hint: did you mean difflogic?"
    )


@pytest.mark.parametrize(
    ("text", "x", "bits"),
    [
        ("bool", [0, 0.1, -1], [0, 1, 0]),
        ("round", [0.5, 0.51, 1], [0, 1, 1]),
        (">2.5", [2.5, 3, 0], [0, 1, 0]),
        ("thermometer:1,2", [0.0, 1.5, 3], [0, 1, 1, 0, 0, 1]),
        ("thermometer-by-feature:1,2", [0.0, 1.5, 3], [0, 0, 1, 0, 1, 1]),
        ("one-hot:1,2", [0.0, 1.0, 0.0], [0, 1, 0]),
    ],
)
def test_binarisation(text: str, x: list[float], bits: list[int]) -> None:
    parsed = parse_binarisation(text)
    feature, level = parsed.thresholds(3)
    assert (np.array(x, np.float32)[feature] > level).astype(int).tolist() == bits
    assert parsed.features(len(bits)) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "grey",
            "--input: 'grey' is not a binarisation\n  hint: one of bool, round, >0.5, "
            "thermometer:1,2,3, thermometer-by-feature:1,2,3 or one-hot:3,3,2",
        ),
        (">x", "--input: the thresholds of '>x' are not a number"),
        (">1,2", "--input: the thresholds of '>1,2' are not a number"),
        (
            "thermometer:",
            "--input: the thresholds of 'thermometer:' are not numbers separated by commas",
        ),
        (
            "thermometer:1,nan",
            "--input: the thresholds of 'thermometer:1,nan' are not numbers separated by commas",
        ),
        *(
            (
                text,
                f"--input: the groups of '{text}' are not sizes separated by commas\n"
                "  hint: one-hot:3,1,2 is a group of 3, a bit of its own, a group of 2",
            )
            for text in ("one-hot:", "one-hot:3,0", "one-hot:3,x", "one-hot:-3")
        ),
        (
            "thermometer:2,1",
            "--input: the thresholds of 'thermometer:2,1' do not increase\n"
            "  hint: list them from the smallest to the largest",
        ),
    ],
)
def test_bad_binarisation(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_binarisation(text)
    assert str(caught.value) == message


def test_thermometer_input_widens_the_first_layer(tmp_path: Path) -> None:
    file = save(tmp_path / "m.npz", **weights(["1", "2"]), **pairs(["1", "2"]))
    model = lgc.load(file, classes=2, tau=1, inputs=2, input="thermometer:1,5")
    assert (model.chain.features, model.chain.bits) == (2, 4)
    x = np.array([[0, 9], [2, 3]], np.uint8)
    bits = np.array([[0, 1, 0, 1], [1, 1, 0, 0]])
    assert np.array_equal(model.evaluate(x).bits, expected(bits))


def test_one_hot_groups_are_declared_with_the_input(tmp_path: Path) -> None:
    file = save(tmp_path / "m.npz", **weights(["1", "2"]), **pairs(["1", "2"]))
    model = lgc.load(file, classes=2, tau=1, input="one-hot:1,3,2")
    assert model.chain.one_hot.tolist() == [-1, 0, 0, 0, 1, 1]
    assert model.chain.features == 6
    assert model.chain.facts.possible == 2 * 3 * 2
    with pytest.raises(UsageError) as caught:
        lgc.load(file, classes=2, tau=1, inputs=4, input="one-hot:1,3,2")
    assert str(caught.value) == (
        "--input: the groups of 'one-hot:1,3,2' are 6 numbers, the model reads 4"
    )


def live_model(torch: Any, layers: int, tau: float = 3.7) -> Any:
    """difflogic's modules with its evaluation semantics, written out."""

    class LogicLayer(torch.nn.Module):
        def __init__(self, inputs: int, gates: np.ndarray, pair: Any) -> None:
            super().__init__()
            self.in_dim, self.out_dim = inputs, len(gates)
            self.weights = torch.nn.Parameter(torch.from_numpy(logits(gates)))
            self.indices = tuple(torch.from_numpy(side) for side in pair)

        def forward(self, x: Any) -> Any:
            a, b = (x[..., side] for side in self.indices)
            one_hot = torch.nn.functional.one_hot(self.weights.argmax(-1), 16).float()
            every = [
                torch.zeros_like(a), a * b, a - a * b, a, b - a * b, b, a + b - 2 * a * b, a + b - a * b,
                1 - (a + b - a * b), 1 - (a + b - 2 * a * b), 1 - b, 1 - b + a * b, 1 - a, 1 - a + a * b,
                1 - a * b, torch.ones_like(a),
            ]  # fmt: skip
            return sum(one_hot[:, gate] * value for gate, value in enumerate(every))

    class GroupSum(torch.nn.Module):
        def __init__(self, k: int) -> None:
            super().__init__()
            self.k, self.tau = k, tau

        def forward(self, x: Any) -> Any:
            return x.reshape(*x.shape[:-1], self.k, -1).sum(-1) / self.tau

    stack = [LogicLayer(4, GATES[0], WIRING[0]), LogicLayer(6, GATES[1], WIRING[1])][:layers]
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Sequential(*stack), GroupSum(2)).eval()


@pytest.mark.parametrize("layers", [1, 2])
def test_live_models_give_what_the_module_gives(layers: int) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    net = live_model(torch, layers)
    x = torch.from_numpy(np.array([[s >> i & 1 for i in range(4)] for s in range(16)])).float()
    with torch.no_grad():
        right = net(x).numpy()
    model = lgc.from_torch(net)
    assert model.chain.features == 4
    for kernel in (lgc.compile(model), lgc.compile(net)):
        assert np.array_equal(kernel(x), right)
        assert kernel(x).dtype == right.dtype


def test_live_models_with_other_modules() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    net = live_model(torch, 2)
    wrong = torch.nn.Sequential(torch.nn.Linear(4, 4), *net)
    with pytest.raises(UnsupportedError) as caught:
        lgc.from_torch(wrong)
    assert str(caught.value) == (
        "Sequential: a module of class Linear is not part of a difflogic network\n"
        "  hint: lgc.from_torch takes Sequential(Flatten, LogicLayer, …, GroupSum)"
    )
    with pytest.raises(UnsupportedError) as caught:
        lgc.from_torch(torch.nn.Sequential(*net, torch.nn.Identity()))
    assert str(caught.value) == "Sequential: Identity stands after GroupSum"
    with pytest.raises(InputError) as nothing:
        lgc.from_torch(torch.nn.Linear(2, 2))
    assert str(nothing.value) == (
        "no frontend knows a Linear\n"
        "  hint: lgc.from_torch takes Sequential(Flatten, LogicLayer, …, GroupSum)"
    )
    with pytest.raises(UsageError, match="the number of classes is not in the file"):
        lgc.from_torch(net[1])


@pytest.mark.parametrize(
    ("said", "name"),
    [("sigmoid-st", "sigmoid"), ("linear", "linear"), ("SIN01", "sin"), ("sin-st", "sin")],
)
def test_a_live_layer_says_what_its_four_weights_are(said: str, name: str, tmp_path: Path) -> None:
    """As difflogic-iwp's LogicLayerIWP does; 0.3 is on or off by the activation."""
    random = np.random.default_rng(0)
    four = random.uniform(-2, 2, (6, 4)).astype(np.float32)
    layer = module("LogicLayerIWP", weights=four, indices=WIRING[0], in_dim=4, act_fn_str=said)
    live = lgc.from_torch(module("Sequential", layer, module("GroupSum", k=2, tau=1.0)))
    file = save(tmp_path / "m.npz", **{"1.weights": four, "1.indices": np.stack(WIRING[0])})
    read = lgc.load(file, **OPTIONS, parametrisation=name)
    assert live.chain.stages[0].net.data == read.chain.stages[0].net.data  # type: ignore[union-attr]


def test_live_class_sums_that_are_no_counts() -> None:
    layer = module("LogicLayer", weights=logits(GATES[0]), indices=WIRING[0], in_dim=4)
    sums = module("GroupSum", k=2, tau=1.0, n_splits=3)
    with pytest.raises(UnsupportedError) as caught:
        lgc.from_torch(module("Sequential", layer, sums))
    assert str(caught.value) == (
        "Sequential: GroupSum with n_splits is not known\n"
        "  hint: train it with gs_flip=0 and n_splits=1, the default"
    )
