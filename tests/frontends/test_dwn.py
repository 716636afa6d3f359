"""DWN models: what torch_dwn itself said, thermometers, live modules, and every complaint in full."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lgc
from lgc.errors import InputError, LgcError, LgcWarning, UnsupportedError
from lgc.frontends.dwn import Dwn
from lgc.reading import LoadOptions
from tests.checkpoint.test_fuzz import mutate

FIXTURES = Path(__file__).parent / "fixtures"
TAU = 1 / 0.3
ROUNDS = 150
"""Mutations of a fixture in a test run."""


def golden(name: str) -> dict[str, np.ndarray]:
    with np.load(FIXTURES / f"{name}.npz") as arrays:
        return {key: arrays[key] for key in arrays.files}


def check(model: lgc.Model, rows: dict[str, np.ndarray], tau: float) -> None:
    """Reference and kernel give what the library gave."""
    counts = np.rint(rows["scores"] * tau).astype(np.int32)
    assert np.array_equal(model.evaluate(rows["x"]).counts, counts)
    kernel = lgc.compile(model, engine="table")
    assert np.array_equal(kernel.counts(rows["x"]), counts)
    np.testing.assert_allclose(kernel(rows["x"]), rows["scores"], rtol=1e-6)


def test_a_trained_model_with_learnt_wiring() -> None:
    """33 outputs for 10 classes: the last group has none, the one before it one."""
    model = lgc.load(FIXTURES / "dwn_digits.pt", classes=10, tau=TAU)
    assert model.chain.features == 16
    check(model, golden("dwn_digits_golden"), TAU)


def test_every_number_of_inputs() -> None:
    model = lgc.load(FIXTURES / "dwn_every_n.pt", classes=5, tau=2, inputs=24)
    assert [stage.net.data.k for stage in model.chain.stages] == [1, 2, 3, 4, 5, 6]  # type: ignore[union-attr]
    check(model, golden("dwn_every_n_golden"), 2)


KINDS = ("Thermometer", "GaussianThermometer", "DistributiveThermometer")


@pytest.mark.parametrize("kind", [*KINDS, *(f"{kind}_global" for kind in KINDS)])
def test_thermometers_of_the_library(kind: str, tmp_path: Path) -> None:
    rows = golden("dwn_thermometers")
    bits = rows[f"{kind}_bits"]
    luts = np.tile(np.array([-1, 1], np.float32), (bits.shape[1], 1))
    mapping = np.arange(bits.shape[1], dtype=np.int32)[:, None]
    thresholds = rows[f"{kind}_levels"]
    np.savez(tmp_path / "m.npz", **{"0.luts": luts, "0.mapping": mapping, "thresholds": thresholds})
    model = lgc.load(tmp_path / "m.npz", classes=1, tau=1, inputs=16)
    assert np.array_equal(model.evaluate(rows["x"]).bits, bits)


def tiny(tmp_path: Path, **changed: Any) -> Path:
    """f = a ∧ ¬b of inputs (2, 0), where 2 is the least significant, and its complement."""
    luts = np.array([[-1, 1, -1, 0], [1, -1, 1, 1]], np.float32)
    mapping = np.array([[2, 0], [2, 0]], np.int32)
    arrays = {"0.luts": luts, "0.mapping": mapping, **changed}
    np.savez(
        tmp_path / "m.npz", **{key: value for key, value in arrays.items() if value is not None}
    )
    return tmp_path / "m.npz"


OPTIONS: dict[str, Any] = {"classes": 2, "tau": 1.0, "inputs": 3}


def test_the_first_mapped_input_is_the_least_significant(tmp_path: Path) -> None:
    model = lgc.load(tiny(tmp_path), **OPTIONS)
    x = np.array([[a, 0, c] for a in (0, 1) for c in (0, 1)], np.uint8)
    first = np.array([False, True, False, False])  # on for x₂ and not x₀; 0 is not above 0
    assert np.array_equal(model.evaluate(x).bits, np.stack([first, ~first], axis=1))


def test_thresholds_from_the_description(tmp_path: Path) -> None:
    file, x = tiny(tmp_path), np.array([[0.5, 0, 2], [2, 0, 2], [0.5, 0, 1]], np.float32)
    wanted = np.array([[0, 1], [0, 1], [0, 1]]), np.array([[1, 0], [0, 1], [0, 1]])
    for thresholds, bits in (([3.0], wanted[0]), ([[1.0], [9.0], [1.0]], wanted[1])):
        text = json.dumps({"format": "dwn", "classes": 2, "tau": 1, "inputs": 3})
        described = {**json.loads(text), "thresholds": thresholds}
        (tmp_path / "m.json").write_text(json.dumps(described))
        assert np.array_equal(lgc.load(file).evaluate(x).bits, bits)
    np.savez(tmp_path / "levels.npz", thresholds=np.array([[1.0], [9.0], [1.0]]))
    (tmp_path / "m.json").write_text(json.dumps({"thresholds": "levels.npz"}))
    assert np.array_equal(lgc.load(file, **OPTIONS).evaluate(x).bits, wanted[1])
    (tmp_path / "m.json").unlink()
    model = lgc.load(file, **OPTIONS, input=">1")
    assert np.array_equal(model.evaluate(x).bits, wanted[1])


def test_a_threshold_of_64_bits_is_kept_exactly(tmp_path: Path) -> None:
    """0.1 lies between two numbers of 32 bits: the one above is greater, the one below is not."""
    near = np.float32(0.1)
    rows = np.array([near, np.nextafter(near, np.float32(0)), np.nextafter(near, np.float32(1))])
    file = tiny(tmp_path, thresholds=np.array([0.1]))
    x = np.stack([0 * rows, 0 * rows, rows], axis=1)
    bits = lgc.load(file, **OPTIONS).evaluate(x).bits
    assert np.array_equal(bits[:, 0], rows.astype(np.float64) > 0.1)


def failing(file: Path, **options: Any) -> str:
    with pytest.raises(LgcError) as caught:
        lgc.load(file, **{**OPTIONS, **options})
    return str(caught.value).replace(f"{file.parent}/", "")


def test_what_is_missing_is_asked_for(tmp_path: Path) -> None:
    assert failing(tiny(tmp_path), classes=None) == (
        "m.npz: the number of classes is not in the file\n  hint: give it with --classes"
    )
    assert failing(tiny(tmp_path), tau=None) == (
        "m.npz: GroupSum's tau is not in the file\n"
        "  hint: give it with --tau; --tau 1 gives plain counts"
    )
    assert failing(tiny(tmp_path), tau=-1.0) == "--tau: tau must be a positive number, not -1.0"
    assert failing(tiny(tmp_path), classes=3) == (
        "--classes: 2 outputs cannot be summed for 3 classes"
    )
    with pytest.warns(LgcWarning) as warned:
        lgc.load(tiny(tmp_path), classes=2, tau=1)
    assert str(warned[0].message) == (
        "m.npz: the input width is not in the file; 3 is the least that the wiring allows, "
        "--inputs states it"
    )


LEARNT = np.eye(4, dtype=np.float32)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"0.luts": np.full((2, 4), np.nan, np.float32)},
            "m.npz: layer 0: neuron 0 has weights that are NaN or infinite\n"
            "  hint: the training diverged, or the file is damaged",
        ),
        (
            {"0.luts": np.zeros((2, 3), np.float32)},
            "m.npz: layer 0: a table of 3 entries is none: 2, 4, 8, …",
        ),
        (
            {"0.luts": np.zeros((2, 4), np.int32)},
            "m.npz: layer 0: tables of type int32 and shape (2, 4) are none\n"
            "  hint: the tables of n inputs are real numbers (out, 2**n)",
        ),
        (
            {"0.luts": np.zeros((2, 128), np.float32)},
            "m.npz: layer 0: LUTs of 7 inputs; a gate has at most 6\n"
            "  hint: train with n=6, which is what an FPGA has",
        ),
        (
            {"0.mapping": np.zeros((2, 3), np.int32)},
            "m.npz: layer 0: a mapping of type int32 and shape (2, 3) does not fit 2 LUTs of 2 "
            "inputs\n  hint: whole numbers (2, 2), or weights (in, 4)",
        ),
        (
            {"0.mapping": np.full((2, 2), 3, np.int32)},
            "m.npz: layer 0: gate 0 reads net 3, but the layer has 3 inputs\n"
            "  hint: was the checkpoint saved with another input size?",
        ),
        (
            {"0.mapping": None, "0.mapping.weights": LEARNT},
            "m.npz: layer 0 reads 4 bits, the input has 3\n"
            "  hint: do the thresholds belong to this model? is --inputs right?",
        ),
        (
            {"1.luts": np.zeros((2, 4), np.float32), "1.mapping.weights": LEARNT},
            "m.npz: layer 1: it reads 4 bits, but gets 2",
        ),
        (
            {"thresholds": np.array([[1.0], [2.0]])},
            "m.npz: there are thresholds for 2 numbers, the model reads 3\n"
            "  hint: do the thresholds belong to this model? is --inputs right?",
        ),
        (
            {"thresholds": np.array([np.inf])},
            "m.npz: there are thresholds that are NaN or infinite, or none",
        ),
        (
            {"thresholds": np.array("x")},
            "m.npz: thresholds: thresholds of type <U1 and shape () are none\n"
            "  hint: (levels,) for all features, or (features, levels)",
        ),
    ],
)
def test_what_does_not_fit(tmp_path: Path, changed: dict[str, Any], message: str) -> None:
    assert failing(tiny(tmp_path, **changed)) == message


def test_thresholds_that_do_not_fit(tmp_path: Path) -> None:
    both = tiny(tmp_path, thresholds=np.array([1.0]))
    assert failing(both, input=">2") == (
        "m.npz: there are thresholds of a thermometer, and --input >2 beside them\n"
        "  hint: leave out one of the two"
    )
    learnt = {"0.mapping": None, "0.mapping.weights": LEARNT}
    assert failing(tiny(tmp_path, **learnt, thresholds=np.arange(3.0)), inputs=None) == (
        "m.npz: 4 inputs do not fall into 3 levels\n"
        "  hint: are the thresholds, or --input, those of this model?"
    )
    (tmp_path / "m.json").write_text(json.dumps({"thresholds": [[1], [1, 2]]}))
    assert failing(tiny(tmp_path)) == (
        "m.json: thresholds are a row of numbers, or a row of as many for each feature"
    )
    np.savez(tmp_path / "levels.npz", other=np.zeros(3))
    (tmp_path / "m.json").write_text(json.dumps({"thresholds": "levels.npz"}))
    assert failing(tiny(tmp_path)) == "levels.npz: there is no array thresholds in it"


def test_inspection() -> None:
    told = Dwn().inspect(FIXTURES / "dwn_digits.pt", LoadOptions(tau=1))
    assert told.kind == "DWN state dict (torch_dwn)"
    assert told.holds == (
        ("layer 0", "40 LUTs of 6 inputs, learnt wiring, reads 48 bits"),
        ("layer 1", "33 LUTs of 3 inputs, fixed wiring, reads at least 40 bits"),
        ("thermometer", "3 thresholds for each of 16 numbers"),
    )
    assert [missing.option for missing in told.missing] == ["classes"]
    told = Dwn().inspect(FIXTURES / "dwn_every_n.pt", LoadOptions())
    assert [assumed.option for assumed in told.assumed] == ["input"]


class Module:
    """What a live module of torch_dwn looks like from outside."""

    def __init__(self, **parts: Any) -> None:
        self.__dict__.update(parts)


class Sequential:
    def __init__(self, *parts: Any) -> None:
        self.parts = parts

    def children(self) -> Any:
        return iter(self.parts)


LUTS = np.array([[-1, 1, -1, 0], [1, -1, 1, 1]], np.float32)


def lut_layer(**changed: Any) -> Module:
    mapping = np.array([[2, 0], [2, 0]], np.int32)
    return Module(**{"luts": LUTS, "mapping": mapping, "input_size": 3, "ste": True, **changed})


def test_live_models() -> None:
    x = np.array([[0.5, 0, 2], [2, 0, 2], [0.5, 0, 1]], np.float32)
    bits = np.array([[1, 0], [0, 1], [0, 1]])
    thermometer = Module(thresholds=np.array([[1.0], [9.0], [1.0]]), num_bits=1)
    body = Sequential(Sequential(lut_layer()), Module(k=2, tau=2.0, randperm=None))
    model = lgc.from_torch((thermometer, body))
    assert np.array_equal(model.evaluate(x).bits, bits)
    assert np.array_equal(model.evaluate(x).counts, bits)
    body.thermometer = thermometer  # type: ignore[attr-defined]
    assert np.array_equal(lgc.from_torch(body).evaluate(x).bits, bits)
    learnt = np.zeros((3, 4), np.float32)
    learnt[[2, 0, 2, 0], np.arange(4)] = 1
    swapped = Sequential(
        lut_layer(mapping=Module(weights=learnt)), Module(k=2, tau=1, randperm=np.array([1, 0]))
    )
    assert np.array_equal(lgc.from_torch((thermometer, swapped)).evaluate(x).counts, bits[:, ::-1])


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (
            [lut_layer(ste=False)],
            "Sequential: layer 0: a LUT layer with ste=False gives real numbers, not bits\n"
            "  hint: train with ste=True, the default",
        ),
        (
            [lut_layer(), Module()],
            "Sequential: a module of class Module is not part of a DWN\n"
            "  hint: lgc.from_torch takes Sequential(LUTLayer, …, GroupSum)",
        ),
        ([lut_layer(), Module(k=2, tau=1), Module()], "Sequential: Module stands after GroupSum"),
    ],
)
def test_live_models_lgc_does_not_know(parts: list[Any], message: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        lgc.from_torch(Sequential(*parts))
    assert str(caught.value) == message


def test_a_broken_order_of_the_sums() -> None:
    body = Sequential(lut_layer(), Module(k=2, tau=1, randperm=np.array([1, 1])))
    with pytest.raises(InputError, match="^Sequential: GroupSum's order is none of 2 outputs$"):
        lgc.from_torch(body)


@pytest.mark.parametrize("name", ["dwn_digits", "dwn_every_n"])
def test_damaged_files(name: str, tmp_path: Path) -> None:
    """Whatever is done to the bytes, the answer is a model or an error of ours."""
    data = (FIXTURES / f"{name}.pt").read_bytes()
    if name == "dwn_digits":
        shutil.copy(FIXTURES / "dwn_digits.thresholds.npz", tmp_path / "m.thresholds.npz")
    for seed in range(ROUNDS):
        (tmp_path / "m.pt").write_bytes(mutate(data, np.random.default_rng(seed)))
        try:
            Dwn().read(tmp_path / "m.pt", LoadOptions(classes=5, tau=1.0, inputs=24))
        except LgcError:
            continue
        except BaseException as error:
            error.add_note(f"seed {seed}")
            raise
