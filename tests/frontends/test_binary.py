"""Binary neurons: what PyTorch gives for trained ones, random ones bit by bit, every complaint."""

from __future__ import annotations

import json
import warnings
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lgc
from lgc.checkpoint import read_checkpoint
from lgc.errors import InputError, LgcError, LgcWarning, UnsupportedError, UsageError
from lgc.frontends.binary import Binary, build
from lgc.frontends.binary.layers import Dense, batch_norm, bias, hardtanh, thresholds
from lgc.reading import LoadOptions
from lgc.reference import run
from tests.frontends.fuzzing import fuzz
from tests.support import ROOT

FOLDER = ROOT / "tests" / "frontends" / "fixtures" / "binary"
NAMES = {"binary": "binary", "norm": "binary", "real": "real"}
"""Files, and what the weights of the last layer are."""


@cache
def golden() -> dict[str, np.ndarray]:
    with np.load(FOLDER / "golden.npz") as found:
        return {key: found[key] for key in found.files}


def description(folder: Path, **values: Any) -> Path:
    known = {"format": "binary", "parametrisation": "signs", "input": ">7", "zero": "+1"}
    (folder / "d.json").write_text(json.dumps({**known, "eps": 1e-5, **values}))
    return folder / "d.json"


def quiet(path: Path, **options: Any) -> lgc.Model:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LgcWarning)
        return lgc.load(path, frontend="binary", **options)


def compare(model: lgc.Model, score: np.ndarray) -> None:
    outcome = model.evaluate(golden()["x"])
    assert outcome.counts is not None
    stated = str(model.module.attributes["lgc.quantisation"].data)
    error = 0.0 if stated == "exact" else float(stated.rpartition(" ")[2])
    mine = outcome.counts / model.chain.group_sum.tau.value.data
    assert np.abs(mine - score).max() <= error * 1.01 + 1e-9
    ranked = np.sort(score, axis=1)
    sure = ranked[:, -1] - ranked[:, -2] > 2 * error
    assert sure.mean() > 0.9
    assert (outcome.classes == score.argmax(axis=1))[sure].all()
    assert (outcome.classes == golden()["y"]).mean() > 0.75


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("precision", [None, "error=0.001"])
def test_trained_networks(name: str, precision: str | None, tmp_path: Path) -> None:
    file = description(tmp_path, last=NAMES[name])
    model = quiet(FOLDER / f"{name}.pt", description=file, quantise=precision)
    compare(model, golden()[f"{name}.score"])


def test_a_kernel(tmp_path: Path) -> None:
    model = quiet(FOLDER / "binary.pt", description=description(tmp_path, last="binary"))
    kernel = lgc.compile(model)
    assert np.array_equal(kernel.counts(golden()["x"]), model.evaluate(golden()["x"]).counts)
    assert lgc.check(model, kernel)


def plain(name: str) -> dict[str, np.ndarray]:
    """The arrays of a file, with weights of the hidden layers as signs."""
    state = dict(read_checkpoint(FOLDER / f"{name}.pt").data)
    return {
        key: np.sign(value) if value.ndim == 2 and len(value) > 10 else value
        for key, value in state.items()
    }


def test_weights_of_plus_and_minus_one_are_recognised(tmp_path: Path) -> None:
    np.savez(tmp_path / "m.npz", **plain("real"))
    assert Binary().recognises(tmp_path / "m.npz")
    assert not Binary().recognises(FOLDER / "real.pt")
    description(tmp_path, last="real").rename(tmp_path / "m.json")
    with pytest.warns(LgcWarning, match="weights of the last layer are rounded"):
        compare(lgc.load(tmp_path / "m.npz"), golden()["real.score"])


def test_a_description_beside_it_is_enough(tmp_path: Path) -> None:
    (tmp_path / "m.pt").write_bytes((FOLDER / "norm.pt").read_bytes())
    description(tmp_path, last="binary").rename(tmp_path / "m.json")
    with pytest.warns(LgcWarning, match="weights of the last layer are rounded to steps of"):
        compare(lgc.load(tmp_path / "m.pt"), golden()["norm.score"])


def live(name: str) -> Any:
    """The modules of a network, as PyTorch's `Sequential` holds them."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    binarised = type("BinarizeLinear", (torch.nn.Linear,), {})
    sign = type("Sign", (torch.nn.Module,), {})
    parts: list[Any] = [torch.nn.Flatten()]
    for inputs, outputs in ((64, 48), (48, 32)):
        parts += [binarised(inputs, outputs), torch.nn.BatchNorm1d(outputs)]
        parts += [torch.nn.Hardtanh(), sign()]
    parts.append((torch.nn.Linear if name == "real" else binarised)(32, 10))
    if name == "norm":
        parts.append(torch.nn.BatchNorm1d(10))
    net = torch.nn.Sequential(*parts, torch.nn.LogSoftmax(1)).eval()
    state = {
        key: torch.tensor(value)
        for key, value in read_checkpoint(FOLDER / f"{name}.pt").data.items()
    }
    moved = {}
    for key, value in state.items():
        number, _, rest = key.partition(".")
        moved[f"{int(number) + 1}.{rest}"] = value
    net.load_state_dict(moved)
    return net


@pytest.mark.parametrize("name", NAMES)
def test_live_networks(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LgcWarning)
        model = lgc.from_torch(live(name), input=">7", parametrisation="signs")
    compare(model, golden()[f"{name}.score"])


def test_live_networks_that_are_refused() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    net = live("binary")
    for parts, message in (
        ([torch.nn.Linear(64, 64), *net], "layer 0 is a Linear with real weights before the last"),
        ([*net, torch.nn.Hardtanh()], "Hardtanh after the last layer would make classes equal"),
        ([*net, torch.nn.GELU()], "a module of class GELU is not part of a binary perceptron"),
    ):
        with pytest.raises(UnsupportedError, match=message):
            lgc.from_torch(torch.nn.Sequential(*parts), parametrisation="signs")


# Random networks with whole numbers, bit by bit.


@settings(deadline=None, max_examples=40)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(["signs", "bits"]),
    st.sampled_from(["signs", "bits"]),
)
def test_random_networks(seed: int, values: str, gives: str) -> None:
    random = np.random.default_rng(seed)
    sizes = [int(size) for size in random.integers(1, 12, int(random.integers(2, 5)))]
    x = random.integers(0, 2, (100, sizes[0]))
    layers: list[Dense] = []
    now = 2 * x - 1 if values == "signs" else x
    for number, (inputs, outputs) in enumerate(pairwise(sizes)):
        weight = random.choice([-1.0, 1.0], (outputs, inputs))
        more, turn = random.integers(-3, 4, outputs) + 0.5, random.choice([-2.0, 0.5], outputs)
        norm = batch_norm(np.zeros(outputs), np.ones(outputs), turn, None, 0.0)
        last = number == len(sizes) - 2
        steps = [] if last else [bias(more), hardtanh(-2.0, 2.0), norm]
        layers.append(Dense(str(number), weight, steps, gives))
        now = now @ weight.T
        if not last:
            now = np.clip(now + more, -2, 2) * turn > 0
            now = 2 * now - 1 if gives == "signs" else now.astype(int)
    module = build(layers, LoadOptions(parametrisation=values), None, "random", {})
    outcome = run(module, x)
    tau = lgc.Model(module).chain.group_sum.tau.value.data
    if sizes[-1] > 1:
        assert np.array_equal(outcome.counts / tau, now)
    else:
        assert np.array_equal(outcome.counts[:, 1] / tau, now[:, 0])
        assert np.array_equal(outcome.classes, now[:, 0] > 0)


def test_what_is_no_threshold() -> None:
    layer = Dense("a", np.ones((1, 4)), [lambda total: (total - 2) ** 2 - 1.5])
    with pytest.raises(InputError, match="m: layer a: neuron 0 is no threshold of its sum"):
        thresholds(layer, "bits", None, "m")
    layer = Dense("a", np.ones((1, 4)), [lambda total: total / np.nan])
    with pytest.raises(InputError, match="m: layer a: activations that are NaN or infinite"):
        thresholds(layer, "bits", None, "m")


def test_zero_is_asked_for() -> None:
    layer = Dense("a", np.ones((1, 4)))
    with pytest.raises(UsageError) as caught:
        thresholds(layer, "signs", None, "m")
    assert str(caught.value) == (
        "m: layer a: a sum of neuron 0 can be 0, and the model does not say which sign that is\n"
        '  hint: write "zero": "+1" or "zero": "-1" into its --description'
    )
    assert thresholds(layer, "signs", "+1", "m").least.tolist() == [2]
    assert thresholds(layer, "signs", "-1", "m").least.tolist() == [3]


def save(folder: Path, **arrays: Any) -> Path:
    np.savez(folder / "m.npz", **arrays)
    return folder / "m.npz"


A, B = np.ones((3, 5)), np.ones((2, 3))


@pytest.mark.parametrize(
    ("arrays", "options", "message"),
    [
        (
            {"a.weight": A, "b.weight": B},
            {},
            "m.npz: what are the bits that enter the first layer?\n  hint: --parametrisation signs "
            "says −1 and +1, --parametrisation bits says 0 and 1",
        ),
        (
            {"a.weight": A, "b.weight": B},
            {"parametrisation": "linear"},
            "m.npz: there is no parametrisation called 'linear'\n  hint: --parametrisation signs "
            "says −1 and +1, --parametrisation bits says 0 and 1",
        ),
        (
            {"a.weight": A, "b.weight": B / 2},
            {"parametrisation": "signs"},
            "m.npz: layer b: the weights of the last layer are real: do they count, or their "
            'signs?\n  hint: write "last": "real" or "last": "binary" into its --description',
        ),
        (
            {"a.weight": A, "b.weight": B},
            {"parametrisation": "signs", "input": "thermometer:1,2"},
            "m.npz: 5 bits do not fall into 2 levels\n  hint: is --input right?",
        ),
        (
            {"a.weight": A, "b.weight": B},
            {"parametrisation": "signs", "tau": 1.0},
            "m.npz: a model of binary neurons has no use for --tau\n  hint: leave it out",
        ),
        (
            {"a.weight": A, "b.weight": np.ones((2, 4))},
            {"parametrisation": "signs"},
            "m.npz: layer b reads 4 numbers, layer a gives 3",
        ),
        (
            {"a.weight": A * [[0], [1], [1]], "b.weight": B},
            {"parametrisation": "signs"},
            "m.npz: layer a: neuron 0 has a weight of 0 or NaN, which has no sign\n"
            "  hint: what does the training code make of it? put −1 or 1 there",
        ),
        (
            {"a.weight": A, "a.bias": np.ones(2), "b.weight": B},
            {"parametrisation": "signs"},
            "m.npz: layer a: a bias or batch norm does not have 3 numbers",
        ),
        (
            {"a.weight": A, "n.running_mean": np.ones(3), "b.weight": B},
            {"parametrisation": "signs"},
            "m.npz: layer a: n has a mean and no variance",
        ),
        (
            {"a.weight": B, "n.running_mean": A, "o.running_mean": A},
            {"parametrisation": "signs"},
            "m.npz: 2 batch norms for 1 linear layers",
        ),
        ({"a": A}, {}, "m.npz: no linear layers: no weights of two dimensions"),
    ],
)
def test_refused_files(
    tmp_path: Path, arrays: dict[str, Any], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(LgcError) as caught:
        quiet(save(tmp_path, **arrays), **options)
    assert str(caught.value) == message


def test_eps_is_told(tmp_path: Path) -> None:
    with pytest.warns(LgcWarning) as caught:
        lgc.load(
            FOLDER / "norm.pt",
            frontend="binary",
            description=(tmp_path / "d.json").write_text(
                '{"parametrisation": "signs", "input": ">7", "last": "binary", "zero": "-1"}'
            )
            and tmp_path / "d.json",
        )
    assert str(caught[0].message) == (
        "norm.pt: eps of the batch norms is not in the file, 1e-05 is assumed; "
        '"eps" in its description states it'
    )


@pytest.mark.parametrize(
    ("key", "value", "known"), [("zero", "0", "+1, -1"), ("activations", "ones", "signs, bits")]
)
def test_words_of_a_description(tmp_path: Path, key: str, value: str, known: str) -> None:
    with pytest.raises(InputError) as caught:
        quiet(FOLDER / "real.pt", description=description(tmp_path, last="real", **{key: value}))
    assert str(caught.value) == f"real.pt: {key} is {value!r}, not one of {known}"


def test_what_rounding_does_to_predictions_is_told(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", golden()["x"])
    with pytest.warns(LgcWarning, match=r"on x.npy, (\d+) of 200 predictions change") as caught:
        model = lgc.load(
            FOLDER / "real.pt",
            frontend="binary",
            description=description(tmp_path, last="real"),
            quantise=f"2,data={tmp_path / 'x.npy'}",
        )
    told = int(str(caught[0].message).split("on x.npy, ")[1].split(" ")[0])
    real = golden()["real.score"].argmax(axis=1)
    assert told == (model.evaluate(golden()["x"]).classes != real).sum()
    assert told > 0


def test_inspection() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LgcWarning)
        found = Binary().inspect(FOLDER / "real.pt", LoadOptions())
    assert found.holds == (("layers", "64 → 48 → 32 → 10"),)
    assert [one.option for one in found.missing] == ["input", "parametrisation"]


def test_mutations(tmp_path: Path) -> None:
    shared: dict[str, Any] = {"frontend": "binary", "parametrisation": "signs", "input": ">7"}
    arrays = {
        f"{n}.weight": np.sign(np.random.default_rng(0).normal(size=s))
        for n, s in (("a", (7, 9)), ("b", (3, 7)))
    }
    norm = {"n.running_mean": np.ones(7), "n.running_var": np.ones(7)}
    fuzz(save(tmp_path, **arrays, **norm).read_bytes(), tmp_path / "m.npz", 200, **shared)
    fuzz((FOLDER / "real.pt").read_bytes(), tmp_path / "m.pt", 40, **shared)
