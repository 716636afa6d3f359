"""torchlogix: live models, state dicts and circuits give what the library itself gives."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lgc
from lgc.dialect import MapOp
from lgc.errors import LgcWarning
from lgc.frontends.torchlogix.decoding import decode
from lgc.frontends.torchlogix.encoding import learnt, levels_of
from tests.frontends.make_torchlogix import FOLDER, SAVED
from tests.frontends.torchlogix_models import golden, live, names, stand_in, tensors

SHAPES: Mapping[str, tuple[int, ...]] = {"thermometer": (2, 3, 3)}
"""Of models whose layers do not tell it."""

DESCRIPTIONS: Mapping[str, dict[str, Any]] = {
    "dense_raw": {"classes": 5, "tau": 2.5},
    "dense_warp6": {"classes": 5, "tau": 2.5, "parametrisation": "warp"},
    "dense_light4": {"classes": 5, "tau": 2.5, "beta": 0.75, "parametrisation": "light"},
    "dense_learnable": {"classes": 3, "tau": 1, "beta": -2, "inputs": 12},
    "thermometer": {
        "sample_shape": [2, 3, 3],
        "layers": [
            {"kind": "binarization", "feature_dim": 1},
            {"kind": "flatten"},
            {"kind": "dense"},
            {"kind": "group_sum", "classes": 4, "tau": 3},
        ],
    },
    "conv2d": {
        "sample_shape": "2,6,6",
        "layers": [
            {"kind": "binarization", "feature_dim": 1},
            {"kind": "conv2d", "padding": 1},
            {"kind": "or_pool2d", "size": 2, "stride": 1, "padding": 1},
            {"kind": "conv2d", "padding": 0},
            {"kind": "flatten"},
            {"kind": "dense"},
            {"kind": "group_sum", "classes": 5, "tau": 4, "beta": 0.5},
        ],
    },
    "learnt_thresholds": {
        "sample_shape": [2, 4, 4],
        "classes": 4,
        "tau": 2,
        "layers": [
            {"kind": "binarization", "feature_dim": 1, "temperature_softplus": 0.05},
            {"kind": "conv2d", "padding": 1},
            {"kind": "flatten"},
            {"kind": "group_sum"},
        ],
    },
    "conv3d": {
        "sample_shape": [1, 4, 4, 4],
        "layers": [
            {"kind": "binarization", "feature_dim": 1},
            {"kind": "conv3d", "padding": 0},
            {"kind": "or_pool3d", "size": [2, 2, 2], "stride": 2, "padding": 1},
            {"kind": "flatten"},
            {"kind": "group_sum", "classes": 4, "tau": 2},
        ],
    },
    "transpose2d": {
        "sample_shape": [2, 3, 3],
        "layers": [
            {"kind": "binarization", "feature_dim": -3},
            {
                "kind": "conv_transpose2d", "name": "1", "stride": 2, "padding": 1,
                "receptive_field": 3,
            },
            {
                "kind": "conv_transpose2d", "name": "2", "stride": 1, "padding": 0,
                "receptive_field": [2, 2],
            },
        ],
    },
    "residual": {
        "sample_shape": [3, 4, 4],
        "layers": [
            {
                "kind": "residual",
                "main": [{"kind": "conv2d", "padding": 1}, {"kind": "conv2d", "padding": 1}],
                "shortcut": [],
            },
            {
                "kind": "residual",
                "main": [{"kind": "conv2d", "padding": 1}, {"kind": "conv2d", "padding": 1}],
            },
            {"kind": "flatten"},
            {"kind": "dense"},
            {"kind": "group_sum", "classes": 3, "tau": 5},
        ],
    },
}  # fmt: skip
"""What each file needs beside it."""


def scores(model: lgc.Model, x: np.ndarray) -> np.ndarray:
    """What a model gives in eval mode, float32, bits as 0 and 1."""
    out, sums = model.evaluate(x.reshape(len(x), -1)), model.chain.group_sum
    if sums is None or out.counts is None:
        return out.bits.astype(np.float32)
    counts = out.counts.astype(np.float32) + np.float32(sums.shift)
    return counts / np.float32(sums.tau.value.data)


def same(model: lgc.Model, x: np.ndarray, y: np.ndarray) -> bool:
    return scores(model, x).tobytes() == y.reshape(len(y), -1).tobytes()


def described(name: str, folder: Path, **changes: Any) -> Path:
    """A file of the fixtures with its description beside it."""
    file = folder / f"{name}.pt"
    file.write_bytes((FOLDER / file.name).read_bytes())
    description = {"format": "torchlogix", **DESCRIPTIONS[name], **changes}
    file.with_suffix(".json").write_text(json.dumps(description))
    return file


@pytest.mark.parametrize("name", names())
def test_live_models(name: str) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    model, x, y = live()[name]
    assert same(lgc.from_torch(model, sample_shape=SHAPES.get(name)), x, y)


@pytest.mark.parametrize("name", names())
def test_stand_ins(name: str) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    x, y = golden()[f"{name}.x"].astype(np.float32), golden()[f"{name}.y"]
    assert same(lgc.from_torch(stand_in(name), sample_shape=SHAPES.get(name)), x, y)


@pytest.mark.filterwarnings("ignore::lgc.errors.LgcWarning")
@pytest.mark.parametrize("name", SAVED)
def test_state_dicts(name: str, tmp_path: Path) -> None:
    x, y = golden()[f"{name}.x"].astype(np.float32), golden()[f"{name}.y"]
    assert same(lgc.load(described(name, tmp_path)), x, y)


@pytest.mark.parametrize("name", SAVED)
def test_a_state_dict_is_the_model(name: str, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LgcWarning)
        file = lgc.load(described(name, tmp_path))
    assert lgc.check(file, lgc.from_torch(stand_in(name), sample_shape=SHAPES.get(name)))


def test_convolutions_are_not_unrolled() -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    model = lgc.from_torch(stand_in("conv2d"))
    maps = [stage for stage in model.chain.stages if isinstance(stage, MapOp)]
    assert [len(stage.rows) for stage in maps] == [36, 49, 9]
    kernels = 5 * 3 + 4 * 7  # trees of two and of three levels
    pools = 5 * 3
    assert model.gates == kernels + pools + 40


def test_a_transposed_convolution_has_a_map_for_each_phase() -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    model = lgc.from_torch(stand_in("transpose2d"))
    maps = [stage for stage in model.chain.stages if isinstance(stage, MapOp)]
    assert [len(stage.rows) for stage in maps] == [9, 9, 9, 9, 49]


def test_a_trained_network_has_its_accuracy(tmp_path: Path) -> None:
    file = tmp_path / "digits.npz"
    file.write_bytes((FOLDER / file.name).read_bytes())
    layers = [
        {"kind": "binarization", "feature_dim": 1},
        {"kind": "conv2d"},
        {"kind": "or_pool2d", "size": 2, "stride": 2},
        {"kind": "conv2d"},
        {"kind": "or_pool2d", "size": 2, "stride": 2},
        {"kind": "flatten"},
        {"kind": "dense"},
        {"kind": "dense"},
        {"kind": "group_sum", "classes": 10, "tau": 6, "beta": 1.5},
    ]
    text = json.dumps({"format": "torchlogix", "sample_shape": [1, 8, 8], "layers": layers})
    file.with_suffix(".json").write_text(text)
    model = lgc.load(file)  # both paddings are deduced
    x, y = golden()["digits.x"].astype(np.float32), golden()["digits.y"]
    assert same(model, x, y)
    found = (scores(model, x).argmax(axis=1) == golden()["digits.label"]).mean()
    assert found == (y.argmax(axis=1) == golden()["digits.label"]).mean() > 0.85


def test_circuits() -> None:
    model = lgc.load(FOLDER / "circuit.json")
    x, y = golden()["dense_raw.x"].astype(np.float32), golden()["dense_raw.y"]
    assert same(model, x, y)
    sums = model.chain.group_sum
    assert sums is not None
    assert sums.offset is not None  # constants that simplify folded into beta


def test_a_circuit_is_its_model() -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    model = lgc.from_torch(stand_in("dense_raw"))
    assert lgc.check(model, FOLDER / "circuit.json", mode="exhaustive")


def test_a_live_circuit() -> None:
    class Circuit:
        n_inputs, gates, sum_nodes = 16, (), ()

        def to_dict(self) -> Any:
            return json.loads((FOLDER / "circuit.json").read_text())

    assert lgc.check(lgc.from_torch(Circuit()), FOLDER / "circuit.json", mode="exhaustive")


@pytest.mark.parametrize("rank", [1, 2, 4, 6])
def test_sums_that_cancel_are_rounded_as_torchlogix_rounds(rank: int) -> None:
    """Coefficients of 1/10, 1/3 and 1e8 cancel in real numbers, and not in float32."""
    random = np.random.default_rng(rank)
    columns = 1 << rank
    choices = np.array([0.1, -0.1, 1 / 3, -1 / 3, 1e8, -1e8, 0], np.float32)
    weights = random.choice(choices, (500, columns))
    wanted = np.zeros(500, np.uint64)
    for index in range(columns):
        total = np.zeros(500, np.float32)
        for j in range(columns):  # in the order of weighted_walsh_basis_sum_r
            sign = np.float32(-1 if (index & j).bit_count() % 2 else 1)
            total = total + weights[:, j] * sign if j else weights[:, j] * sign
        wanted = wanted << np.uint64(1) | (-total > 0).astype(np.uint64)
    assert (decode(weights, rank, "warp", "here") == wanted).all()


def test_the_first_of_several_maxima() -> None:
    weights = np.zeros((1, 16), np.float32)
    weights[0, [3, 9]] = 1
    assert decode(weights, 2, None, "here").tolist() == [3]


def test_light_is_one_above_zero() -> None:
    weights = np.array([[0.0, 1e-30, -1.0, 2.0]], np.float32)
    assert decode(weights, 2, "light", "here").tolist() == [0b0101]


def test_thresholds_of_double_precision() -> None:
    """x > t for float32 x is x > the largest float32 that is not above t."""
    wide = np.array([0.1, np.float64(np.float32(0.1)), 1e300, -np.inf])
    level = levels_of(wide, "here")
    around = np.float32(0.1) + np.float32(1e-8) * np.arange(-3, 4, dtype=np.float32)
    for t, one in zip(wide, level):
        assert ((around.astype(np.float64) > t) == (around > one)).all()


def test_learnt_thresholds_are_those_of_torch() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    random = np.random.default_rng(0)
    raw = random.normal(0, 0.3, (200, 9)).astype(np.float32)
    for temperature in (0.01, 0.1, 1.0):
        scale = temperature + 1e-6
        one = torch.from_numpy(raw)
        rest = scale * torch.nn.functional.softplus(one[..., 1:] / scale)
        wanted = torch.cumsum(torch.cat([one[..., :1], rest], dim=-1), dim=-1).numpy()
        got = learnt(raw, temperature, "here")
        assert np.allclose(got, wanted, rtol=0, atol=2e-7 * max(1, np.abs(wanted).max()))
        assert (got == wanted).mean() > 0.5


def test_the_tensors_of_an_exported_model_are_the_same(tmp_path: Path) -> None:
    arrays = tensors("dense_raw")
    ids = {key.replace("weight", "_export_lut_ids"): np.zeros(24, int) for key in arrays}
    exported = {key: value for key, value in ids.items() if "_export" in key}
    np.savez(tmp_path / "exported.npz", **arrays, **exported)
    model = lgc.load(tmp_path / "exported.npz", classes=5, tau=2.5, inputs=16)
    assert same(model, golden()["dense_raw.x"].astype(np.float32), golden()["dense_raw.y"])


def test_layers_of_other_files_stand_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    arrays = tensors("dense_raw")
    late = {key.replace("1.0.", "1.10."): value for key, value in arrays.items()}
    late = {key.replace("1.1.", "1.11.").replace("1.2.", "1.12."): late[key] for key in late}
    np.savez(tmp_path / "net.npz", **dict(reversed(list(late.items()))))
    model = lgc.load(tmp_path / "net.npz", classes=5, tau=2.5, inputs=16)
    assert same(model, golden()["dense_raw.x"].astype(np.float32), golden()["dense_raw.y"])


def test_wiring_that_differs_from_place_to_place_becomes_a_circuit() -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    first = stand_in("conv2d")[:2]  # thresholds and a convolution: bits of 5 kernels, 6 x 6
    x = golden()["conv2d.x"].reshape(-1, 72)
    before = lgc.from_torch(first)
    wired = first[1].connections._indices_L0
    wired[:, 1, 7] = wired[:, 1, 30]  # one kernel looks elsewhere at one place
    after = lgc.from_torch(first)
    assert [type(model.chain.stages[0]) is MapOp for model in (before, after)] == [True, False]
    bits = before.evaluate(x).bits.reshape(-1, 5, 36)
    assert (bits[:, 1, 7] != bits[:, 1, 30]).any()
    bits[:, 1, 7] = bits[:, 1, 30]
    assert (after.evaluate(x).bits == bits.reshape(-1, 180)).all()
