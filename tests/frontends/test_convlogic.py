"""convlogic models: what convlogic itself said, live modules, and every complaint in full."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lgc
from lgc.errors import LgcError
from lgc.frontends.convlogic import Convlogic
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

COMPLETE, TREES = "convlogic_complete", "convlogic_trees"
DESCRIBED = json.loads((FIXTURES / f"{COMPLETE}.json").read_text())
TREES_DESCRIBED = json.loads((FIXTURES / f"{TREES}.json").read_text())
FIRST = "model.network.0"


@pytest.mark.parametrize(("name", "maps"), [(COMPLETE, 4), (TREES, 2)])
def test_what_the_library_said(name: str, maps: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_golden(name, "ckpt", maps)


def said(tmp_path: Path, described: dict[str, Any] | None = None, **changed: Any) -> str:
    known = DESCRIBED if described is None else described
    return failing(tmp_path, {**arrays_of(f"{COMPLETE}.ckpt"), **changed}, known)


def test_what_no_file_holds_is_asked_for(tmp_path: Path) -> None:
    asked = 'a description says it: "{0}": a number, or a list of one for each of the '
    for key in ("kernel", "padding"):
        known = {name: value for name, value in DESCRIBED.items() if name != key}
        assert said(tmp_path, known) == (
            f"m.npz: the {key} of its convolutions is not in the file\n"
            f"  hint: {asked.format(key)}2 convolutions (--description)"
        )
    bare = {"classes": 10, "tau": 1}
    assert said(tmp_path, bare) == (
        "m.npz: the shape of an image is not in the file\n"
        '  hint: a description says it: "shape": [3, 32, 32] of the numbers of a sample, before '
        "any thermometer (--description)"
    )
    known = {name: value for name, value in TREES_DESCRIBED.items() if name != "pool"}
    assert failing(tmp_path, arrays_of(f"{TREES}.ckpt"), known) == (
        "m.npz: the pool of its convolutions is not in the file\n"
        f"  hint: {asked.format('pool')}1 convolutions (--description)"
    )


WRONG = "\n  hint: are shape, kernel, padding, stride and pool those of this model?"


@pytest.mark.parametrize(
    ("described", "message"),
    [
        (
            {"shape": [12, 12]},
            "m.npz: a shape is [channels, rows, columns]\n"
            '  hint: a description says it: "shape": [3, 32, 32] of the numbers of a sample, before '
            "any thermometer (--description)",
        ),
        (
            {"kernel": [5, 3, 3]},
            "m.npz: kernel is a number of at least 1, or a list of one for each of the 2 "
            "convolutions, not [5, 3, 3]",
        ),
        (
            {"padding": -1},
            "m.npz: padding is a number of at least 0, or a list of one for each of the 2 "
            "convolutions, not -1",
        ),
        (
            {"kernel": 3},
            f"m.npz: layer {FIRST}: it reads a row or column outside of a window of 3\n"
            "  hint: are kernel and padding those of this model?",
        ),
        (
            {"padding": [2, 1]},
            "m.npz: the convolutions give 180 bits, layer model.network.3 reads 80" + WRONG,
        ),
        (
            {"input": "round"},
            f"m.npz: layer {FIRST}: it reads channel 1, but there are 1\n"
            "  hint: are shape and the levels of --input those of this model?",
        ),
        (
            {"shape": [1, 4, 12]},
            f"m.npz: layer {FIRST}: a window of 5 does not fit into 4 × 12" + WRONG,
        ),
        (
            {"shape": [1, 5, 12]},
            f"m.npz: layer {FIRST}: 1 × 8 places cannot be pooled by 2",
        ),
        (
            {"pool": 3},
            "m.npz: layers of seven gates a channel are pooled by 2\n  hint: mend pool",
        ),
        (
            {"inputs": 100},
            "--inputs: a sample of shape [1, 12, 12] has 144 numbers, not 100",
        ),
    ],
)
def test_descriptions_that_do_not_fit(
    tmp_path: Path, described: dict[str, Any], message: str
) -> None:
    assert said(tmp_path, {**DESCRIBED, **described}) == message


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {f"{FIRST}.selection": np.zeros((15, 8), np.int32)},
            f"m.npz: layer {FIRST}: a selection of type int32 and shape (15, 8) does not fit 16 "
            "channels\n  hint: whole numbers (16, 8): channel << 16 | row << 8 | column",
        ),
        (
            {f"{FIRST}.selection": np.full((16, 8), -1, np.int32)},
            f"m.npz: layer {FIRST}: a selection below 0",
        ),
        (
            {f"{FIRST}.weights": np.zeros((16, 4, 16), np.float32)},
            f"m.npz: layer {FIRST}: its trees end with 4 bits instead of one\n"
            "  hint: is a TreeLogicLayer missing in the file?",
        ),
        (
            {f"{FIRST}.weights": np.zeros((16, 5, 16), np.float32)},
            f"m.npz: layer {FIRST}: a level of shape (16, 5) does not halve the 8 bits of 16 "
            "channels",
        ),
        (
            {f"{FIRST}.weights": np.zeros((16, 7, 12), np.float32)},
            f"m.npz: layer {FIRST}: weights of type float32 and shape (16, 7, 12) are not logits "
            "of sixteen gates\n"
            "  hint: layers of gates have (out, 16), trees (out, 4 or 7, 16)",
        ),
        (
            {f"{FIRST}.weights": np.full((16, 7, 16), np.nan, np.float32)},
            f"m.npz: layer {FIRST}: neuron 0 has weights that are NaN or infinite\n"
            "  hint: the training diverged, or the file is damaged",
        ),
        (
            {"model.network.3.indices_1": None},
            "m.npz: layer model.network.3: no wiring that fits 120 gates\n"
            "  hint: indices_0 and indices_1 beside the weights, one whole number a gate each",
        ),
        (
            {"model.network.4.indices_1": np.full(100, 120)},
            "m.npz: layer model.network.4: gate 0 reads net 120, but the layer has 120 inputs\n"
            "  hint: was the checkpoint saved with another input size?",
        ),
        (
            {"model.network.3.weights": np.zeros((120, 2, 16), np.float32)},
            "m.npz: layer model.network.1: a level of shape (120, 2) does not halve the 1 bits of "
            "20 channels",
        ),
        (
            {"model.network.4.weights": np.zeros((100, 2, 16), np.float32)},
            "m.npz: layer model.network.4: a tree stands behind no convolution",
        ),
    ],
)
def test_tensors_that_do_not_fit(tmp_path: Path, changed: dict[str, Any], message: str) -> None:
    assert said(tmp_path, **changed) == message


def test_a_convolution_behind_a_layer_of_gates(tmp_path: Path) -> None:
    arrays = arrays_of(f"{COMPLETE}.ckpt")
    late = {key.replace(".1.", ".9."): value for key, value in arrays.items()}
    assert failing(tmp_path, late, DESCRIBED) == (
        "m.npz: the convolutions give 256 bits, layer model.network.3 reads 80" + WRONG
    )
    for side in ("indices_0", "indices_1"):
        late[f"model.network.3.{side}"] = np.full(120, 255)
    assert failing(tmp_path, late, DESCRIBED) == (
        "m.npz: convolution model.network.9 stands behind a layer of gates"
    )


def test_inspection() -> None:
    told = Convlogic().inspect(FIXTURES / f"{COMPLETE}.ckpt", LoadOptions())
    assert told.kind == "convlogic state dict"
    assert told.holds[0] == (
        "layer model.network.0",
        "convolution, 16 channels of at least 2, windows of at least 5 × 5, trees of 7, "
        "pooled 2 × 2",
    )
    assert told.holds[2] == ("layer model.network.3", "120 gates, reads 80 bits")
    assert told.missing == ()


def test_inspection_without_a_description(tmp_path: Path) -> None:
    np.savez(tmp_path / "m.npz", **arrays_of(f"{TREES}.ckpt"))
    told = Convlogic().inspect(tmp_path / "m.npz", LoadOptions())
    assert [assumed.option for assumed in told.assumed] == ["input"]
    assert [missing.option for missing in told.missing] == ["description", "classes", "tau"]
    assert told.missing[0].why == (
        "JSON that says shape, kernel, padding, pool: see docs/formats/convlogic.md"
    )


def live(name: str, *, padding: tuple[int, int] = (0, 0)) -> Module:
    """A fixture as its live modules look from outside."""
    arrays = arrays_of(f"{name}.ckpt")
    layers: list[Module] = []
    sides = iter([(5, padding), (3, (1, 1))] if name == COMPLETE else [(3, (1, 1))])
    for number in range(6):
        parts = {
            key.rpartition(".")[2]: value
            for key, value in arrays.items()
            if key.startswith(f"model.network.{number}.")
        }
        if "selection" in parts:
            kernel, pad = next(sides)
            stride = 1 if name == COMPLETE else 2
            layers.append(
                module(
                    "ConvLogicLayer", kernel=(kernel, kernel), padding=pad, stride=(stride, stride),
                    in_channels=2, **parts,
                )
            )  # fmt: skip
        elif "indices_0" in parts:
            layers.append(module("LogicLayer", **parts))
        elif parts:
            layers.append(module("TreeLogicLayer", input_bits=4, **parts))
        elif name == TREES and number == 3:
            layers.append(module("PoolLogicLayer", kernel=(2, 2), stride=(2, 2)))
    layers.append(module("GroupSum", k=10, tau=6.5))
    return module("Lit", module("Model", module("Sequential", *layers)), module("CrossEntropyLoss"))


def test_live_models() -> None:
    with np.load(FIXTURES / f"{COMPLETE}_golden.npz") as rows:
        model = lgc.from_torch(live(COMPLETE), inputs=144, input=DESCRIBED["input"])
        counts = np.rint(rows["scores"] * 6.5).astype(np.int32)
        assert np.array_equal(model.evaluate(rows["x"]).counts, counts)
    with pytest.raises(LgcError) as caught:
        lgc.from_torch(live(COMPLETE), inputs=145, input=DESCRIBED["input"])
    assert str(caught.value) == (
        "Lit: the image of a model of 2 channels is not known\n"
        "  hint: give inputs, the numbers of a square image in all its channels; load a state "
        "dict and a description for one that is not square"
    )


def test_live_trees_and_pools() -> None:
    from lgc.frontends.convlogic.live import walk

    found = walk(live(TREES))
    assert [(one.kernel, one.padding, one.stride, one.pool) for one in found.windows] == [
        (3, 1, 2, 2)
    ]
    assert len(found.layers) == 2


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (live(COMPLETE, padding=(0, 1)), "Lit: layer 0: windows that are not square"),
        (
            module("Lit", live(TREES), module("Odd")),
            "Lit: Odd stands after GroupSum",
        ),
        (
            module("Lit", module("Odd"), live(TREES)),
            "Lit: a module of class Odd is not part of a convlogic network\n"
            "  hint: lgc.from_torch takes ConvLogicLayer, TreeLogicLayer, PoolLogicLayer, Flatten, "
            "LogicLayer and GroupSum",
        ),
    ],
)
def test_live_models_lgc_does_not_know(model: Module, message: str) -> None:
    with pytest.raises(LgcError) as caught:
        lgc.from_torch(model, inputs=144)
    assert str(caught.value) == message


@pytest.mark.parametrize("name", [COMPLETE, TREES])
def test_damaged_files(name: str, tmp_path: Path) -> None:
    check_damaged(Convlogic(), name, "ckpt", tmp_path)
