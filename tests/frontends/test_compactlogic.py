"""CompactLogic models: what the library said, live modules, and every complaint in full."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lgc
from lgc.errors import LgcError, LgcWarning
from lgc.frontends.compactlogic import Compactlogic
from lgc.reading import LoadOptions
from tests.frontends.images import (
    FIXTURES,
    Module,
    arrays_of,
    check_damaged,
    check_golden,
    failing,
    module,
)

DENSE, CONV = "compactlogic_dense", "compactlogic_conv"
DESCRIBED = json.loads((FIXTURES / f"{CONV}.json").read_text())
OPTIONS: dict[str, Any] = {"classes": 10, "tau": 4.0, "inputs": 40}


def test_layers_of_gates() -> None:
    """47 outputs for 10 classes, the last group filled up; candidates of 16 and of 5."""
    check_golden(DENSE, "pt", 0, **OPTIONS)
    with pytest.warns(LgcWarning) as warned:
        lgc.load(FIXTURES / f"{DENSE}.pt", classes=10, tau=4.0)
    assert str(warned[0].message).startswith(
        f"{DENSE}.pt: the input width is not in the file; 40 is the least"
    )


def test_convolutions() -> None:
    check_golden(CONV, "pt", 3)


def test_a_frozen_layer_keeps_its_candidate(tmp_path: Path) -> None:
    arrays = {
        "0.weights": np.array([[0, 1.0]], np.float32),
        "0.gate_sequence": np.array([[1, 7]], np.uint8),
        "0.indices": np.array([[[0, 1]], [[2, 2]]]),
    }
    options = {"classes": 1, "tau": 1, "inputs": 3}
    np.savez(tmp_path / "m.npz", **arrays)
    assert lgc.load(tmp_path / "m.npz", **options).evaluate([[0, 1, 0]]).bits.tolist() == [[True]]
    np.savez(tmp_path / "m.npz", **arrays, **{"0.w": np.array([0], np.uint8)})
    assert lgc.load(tmp_path / "m.npz", **options).evaluate([[0, 1, 0]]).bits.tolist() == [[False]]


def test_what_training_writes_beside_it(tmp_path: Path) -> None:
    arrays = {
        "1.weights": np.zeros((20, 4), np.float32),
        "1.gate_sequence": np.tile(np.array([3, 1, 1, 1], np.uint8), (20, 1)),
        "1.indices": np.zeros((2, 20, 4), np.int64),
    }
    np.savez(tmp_path / "ckpt_best_freeze.npz", **arrays)
    written = {"args": {"dataset": "mnist", "struct": "regular", "tau": 8.0}, "init_time": 1.5}
    (tmp_path / "meta_data.json").write_text(json.dumps(written))
    model = lgc.load(tmp_path / "ckpt_best_freeze.npz")
    assert (model.chain.features, model.chain.group_sum.classes) == (784, 10)  # type: ignore[union-attr]
    x = np.zeros((3, 784), np.float32)
    x[:, 0] = [0.5, np.nextafter(np.float32(0.5), np.float32(0)), 0.6]  # the library has x ≥ 0.5
    assert model.evaluate(x).bits[:, 0].tolist() == [True, False, True]
    (tmp_path / "meta_data.json").write_text("{")
    with pytest.raises(LgcError, match=r"meta_data\.json: this is not JSON$"):
        lgc.load(tmp_path / "ckpt_best_freeze.npz")


def test_the_windows_that_training_builds(tmp_path: Path) -> None:
    from lgc.frontends.compactlogic.metadata import described_by_training

    written = {"args": {"dataset": "cifar-10-3-thresholds", "struct": "conv_chm", "tau": 20}}
    (tmp_path / "meta_data.json").write_text(json.dumps(written))
    options, geometry = described_by_training(tmp_path / "m.pt", LoadOptions(tau=5))
    assert (options.tau, options.classes, options.input) == (5, 10, "thermometer:0.25,0.5,0.75")
    assert geometry == {
        "shape": [3, 32, 32],
        "kernel": [3, 1, 3, 1],
        "padding": [1, 0, 1, 0],
        "stride": [2, 1, 2, 1],
    }
    for args in ({}, {"dataset": 7, "struct": None, "tau": "x"}):
        (tmp_path / "meta_data.json").write_text(json.dumps({"args": args}))
        assert described_by_training(tmp_path / "m.pt", LoadOptions()) == (LoadOptions(), {})


def said(tmp_path: Path, **changed: Any) -> str:
    return failing(tmp_path, {**arrays_of(f"{DENSE}.pt"), **changed}, None, **OPTIONS)


WHOLE = "\n  hint: is this a whole checkpoint of CompactLogic?"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"1.weights": None}, "m.npz: layer 1: there are no weights (out, G) beside its gates"),
        (
            {"1.gate_sequence": np.zeros((60, 15), np.uint8)},
            "m.npz: layer 1: gate_sequence are no whole numbers of shape (60, 16)" + WHOLE,
        ),
        (
            {"1.gate_sequence": np.full((60, 16), 16, np.uint8)},
            "m.npz: layer 1: a gate or candidate that is none of its numbers",
        ),
        (
            {"1.w": np.full(60, 16, np.uint8)},
            "m.npz: layer 1: a gate or candidate that is none of its numbers",
        ),
        (
            {"1.indices": np.zeros((2, 60, 16))},
            "m.npz: layer 1: indices are no whole numbers of shape (2, 60, 16)" + WHOLE,
        ),
        (
            {"1.indices": None},
            "m.npz: layer 1: neither indices nor offsets beside its weights",
        ),
        (
            {"1.offsets_h": np.zeros((2, 60, 16), np.int8)},
            "m.npz: layer 1: not all of offsets_ch, offsets_h, offsets_w beside its weights",
        ),
        (
            {"1.weights": np.full((60, 16), np.inf, np.float32)},
            "m.npz: layer 1: neuron 0 has weights that are NaN or infinite\n"
            "  hint: the training diverged, or the file is damaged",
        ),
        (
            {
                "1.weights": np.zeros((60, 300), np.float32),
                "1.gate_sequence": np.zeros((60, 300), np.uint8),
            },
            "m.npz: layer 1: 300 candidates a neuron; the library keeps the chosen one in a byte",
        ),
        (
            {"2.indices": np.full((2, 47, 5), 60)},
            "m.npz: layer 2: gate 0 reads net 60, but the layer has 60 inputs\n"
            "  hint: was the checkpoint saved with another input size?",
        ),
    ],
)
def test_tensors_that_do_not_fit(tmp_path: Path, changed: dict[str, Any], message: str) -> None:
    assert said(tmp_path, **changed) == message


def test_descriptions_that_do_not_fit(tmp_path: Path) -> None:
    arrays = arrays_of(f"{CONV}.pt")
    assert failing(tmp_path, arrays, None, classes=6, tau=3) == (
        "m.npz: the shape of an image is not in the file\n"
        '  hint: a description says it: "shape": [3, 32, 32] of the numbers of a sample, before '
        "any thermometer (--description)"
    )
    assert failing(tmp_path, arrays, {**DESCRIBED, "padding": 0}) == (
        "m.npz: layer 0: it reads a row or column outside of a window of 3\n"
        "  hint: are kernel and padding those of this model?"
    )
    assert failing(tmp_path, arrays, {**DESCRIBED, "stride": 1}).startswith(
        "m.npz: the convolutions give 630 bits, layer 4 reads 200"
    )


def test_inspection(tmp_path: Path) -> None:
    told = Compactlogic().inspect(FIXTURES / f"{DENSE}.pt", LoadOptions(tau=4))
    assert told.holds[0] == ("layer 1", "60 gates, reads at least 40 bits")
    assert [missing.option for missing in told.missing] == ["classes"]
    np.savez(tmp_path / "m.npz", **arrays_of(f"{CONV}.pt"))
    told = Compactlogic().inspect(tmp_path / "m.npz", LoadOptions(classes=6, tau=3))
    assert told.holds[0] == (
        "layer 0",
        "convolution, 8 channels of at least 4, rows -1 to 1 and columns -1 to 1 of a window",
    )
    assert told.missing[0].why == (
        "JSON that says shape, kernel, padding: see docs/formats/compactlogic.md"
    )


def live(*more: Module) -> Module:
    """The convolutional fixture as its live modules look from outside."""
    arrays = arrays_of(f"{CONV}.pt")
    layers: list[Module] = []
    for number in (0, 1, 2, 4):
        parts: dict[str, Any] = {
            key.partition(".")[2]: value
            for key, value in arrays.items()
            if key.startswith(f"{number}.")
        }
        if number < 3:
            sides = zip(("ks", "padding", "stride"), ((3, 1, 3), (1, 0, 1), (2, 1, 1)))
            parts |= {key: values[number] for key, values in sides}
            parts["in_shape"] = (4, 9, 7)
        layers.append(module("LogicLayer", in_dim=200, **parts))
    layers.insert(3, module("Flatten"))
    return module("Sequential", *layers, *more, module("GroupSum", k=6, tau=3.0))


def test_live_models() -> None:
    model = lgc.from_torch(live(), input=DESCRIBED["input"])
    with np.load(FIXTURES / f"{CONV}_golden.npz") as rows:
        counts = np.rint(rows["scores"] * 3).astype(np.int32)
        assert np.array_equal(model.evaluate(rows["x"]).counts, counts)
    arrays = arrays_of(f"{DENSE}.pt")
    layers = [
        module("LogicLayer", in_dim=40, **{
            key.partition(".")[2]: value
            for key, value in arrays.items()
            if key.startswith(f"{number}.")
        })
        for number in (1, 2)
    ]  # fmt: skip
    model = lgc.from_torch(module("Sequential", *layers, module("GroupSum", k=10, tau=4.0)))
    with np.load(FIXTURES / f"{DENSE}_golden.npz") as rows:
        counts = np.rint(rows["scores"] * 4).astype(np.int32)
        assert np.array_equal(model.evaluate(rows["x"]).counts, counts)


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        (
            live(module("Upsample")),
            {},
            "Sequential: a module of class Upsample is not part of a CompactLogic network\n"
            "  hint: lgc.from_torch takes ConvLayer, Flatten, LogicLayer and GroupSum",
        ),
        (
            module("Sequential", live(), module("Odd")),
            {},
            "Sequential: Odd stands after GroupSum",
        ),
        (
            live(),
            {"input": "thermometer:1,2,3"},
            "--input: 4 channels do not fall into 3 levels",
        ),
    ],
)
def test_live_models_that_do_not_fit(model: Module, options: dict[str, Any], message: str) -> None:
    with pytest.raises(LgcError) as caught:
        lgc.from_torch(model, **options)
    assert str(caught.value) == message


@pytest.mark.parametrize("name", [DENSE, CONV])
def test_damaged_files(name: str, tmp_path: Path) -> None:
    check_damaged(Compactlogic(), name, "pt", tmp_path)
