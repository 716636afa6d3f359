"""torchlogix: what is ambiguous or does not fit is refused, by the words that say what to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lgc
from lgc.errors import LgcError, LgcWarning
from lgc.frontends.torchlogix import Torchlogix
from lgc.frontends.torchlogix.decoding import decode
from lgc.frontends.torchlogix.encoding import learnt, levels_of
from lgc.reading import LoadOptions
from tests.frontends.make_torchlogix import FOLDER
from tests.frontends.test_torchlogix import DESCRIPTIONS, described, same, scores
from tests.frontends.torchlogix_models import golden, stand_in, tensors

torch = pytest.importorskip("torch", reason="torch is not installed")
nn = torch.nn
pytestmark = pytest.mark.filterwarnings("ignore::lgc.errors.LgcWarning")


def refused(run: Any, *arguments: Any, **options: Any) -> str:
    with pytest.raises(LgcError) as caught:
        run(*arguments, **options)
    return str(caught.value)


def saved(folder: Path, name: str, drop: str = "", **changes: np.ndarray) -> Path:
    """The tensors of a model as an npz file, some of them changed."""
    arrays = {key: value for key, value in tensors(name).items() if key != drop}
    np.savez(folder / "net.npz", **{**arrays, **changes})
    return folder / "net.npz"


def with_layers(folder: Path, name: str, layers: Any, **more: Any) -> str:
    """What is said of a file with other layers in its description."""
    return refused(lgc.load, described(name, folder, layers=layers, **more))


MISSING = {
    "classes": ("dense_raw", {"tau": 1.0}, "the number of classes is not in the file\n  hint: give it with --classes"),
    "tau": ("dense_raw", {"classes": 5}, "GroupSum's tau is not in the file\n  hint: give it with --tau; --tau 1 gives plain counts"),
    "parametrisation": (
        "dense_warp6",
        {"classes": 5, "tau": 1.0},
        "layer 1.0: 64 weights a gate of 6 inputs, and the file does not say what they are\n"
        "  hint: give it with --parametrisation: one of warp, light",
    ),
    "another parametrisation": (
        "dense_warp6",
        {"classes": 5, "tau": 1.0, "parametrisation": "raw"},
        "64 weights a gate of 6 inputs are not raw\n  hint: they may be warp or light",
    ),
    "no parametrisation": (
        "dense_warp6",
        {"classes": 5, "tau": 1.0, "parametrisation": "sigmoid"},
        "there is no parametrisation called 'sigmoid'\n  hint: torchlogix has raw, warp, light",
    ),
    "a description": (
        "conv2d",
        {"classes": 5, "tau": 1.0},
        "convolutions, and what stands between them, need a description\n  hint: lgc inspect "
        "prints one to complete; keep it beside the model, with the ending .json, or give it with "
        "--description",
    ),
    "the order of bits": (
        "thermometer",
        {"classes": 4, "tau": 3.0},
        "thresholds of shape (3,) before a flatten: the order of the bits depends on the shape of "
        "a sample\n  hint: give the shape of one sample: --sample-shape 3,32,32, or sample_shape=(3, 32, 32); --sample-shape 18 for plain rows",
    ),
    "where bits are folded": (
        "thermometer",
        {"classes": 4, "tau": 3.0, "sample_shape": (2, 3, 3)},
        "a sample has 3 axes, and it is not known into which one the 3 bits of a number are folded"
        "\n  hint: give the description of the binarization a \"feature_dim\": 1 for channels, -2, "
        "torchlogix's default, for the last axis",
    ),
    "groups": ("dense_raw", {"classes": 4, "tau": 1.0}, "25 outputs do not fall into 4 equal groups"),
    "a tau": ("dense_raw", {"classes": 5, "tau": -1.0}, "tau must be a positive number, not -1.0"),
    "a shape": ("dense_raw", {"classes": 5, "tau": 1.0, "sample_shape": "16x"}, "--sample-shape: '16x' is not a shape"),
    "inputs": ("dense_raw", {"classes": 5, "tau": 1.0, "inputs": 0}, "a model has at least one input, not 0"),
    "fewer inputs": (
        "dense_raw",
        {"classes": 5, "tau": 1.0, "inputs": 9},
        "but the layer has 9 inputs\n  hint: is the size of a sample right",
    ),
    "other inputs": (
        "dense_raw",
        {"classes": 5, "tau": 1.0, "inputs": 17, "sample_shape": (16,)},
        "the model reads 16 numbers, not 17",
    ),
    "levels": (
        "dense_raw",
        {"classes": 5, "tau": 1.0, "sample_shape": (16,), "input": "thermometer:1,2,3"},
        "16 bits do not fall into 3 levels\n  hint: is --input right?",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", MISSING)
def test_what_is_missing_or_contradicts(what: str, tmp_path: Path) -> None:
    name, options, message = MISSING[what]
    (tmp_path / "net.pt").write_bytes((FOLDER / f"{name}.pt").read_bytes())
    assert message in refused(lgc.load, tmp_path / "net.pt", **options)


def test_rows_of_numbers_need_no_description(tmp_path: Path) -> None:
    """Bits of a row stand number by number, whatever axis they are folded into."""
    (tmp_path / "net.pt").write_bytes((FOLDER / "thermometer.pt").read_bytes())
    model = lgc.load(tmp_path / "net.pt", classes=4, tau=3.0, sample_shape=(18,))
    assert model.chain.feature[:6].tolist() == [0, 0, 0, 1, 1, 1]


def test_a_model_with_thresholds_takes_no_others(tmp_path: Path) -> None:
    file = described("thermometer", tmp_path)
    assert "the model has thresholds of its own\n  hint: leave --input out" in refused(
        lgc.load, file, input="round"
    )


def test_the_width_that_the_wiring_tells_is_remarked() -> None:
    with pytest.warns(LgcWarning, match="16 is the least that the wiring allows, --inputs states"):
        model = lgc.load(FOLDER / "dense_raw.pt", classes=5, tau=2.5, description=None)
    assert model.chain.features == 16


def test_thermometers_and_one_hot_groups_of_bits(tmp_path: Path) -> None:
    file = saved(tmp_path, "dense_raw")
    plain = lgc.load(file, classes=5, tau=2.5, inputs=16)
    levels = lgc.load(file, classes=5, tau=2.5, inputs=4, input="thermometer:1,2,3,4")
    x = np.random.default_rng(0).integers(0, 6, (50, 4))
    bits = np.concatenate([x > level for level in (1, 2, 3, 4)], axis=1)
    assert same(plain, bits, scores(levels, x))
    groups = lgc.load(file, classes=5, tau=2.5, input="one-hot:8,8")
    assert groups.chain.one_hot.tolist() == [0] * 8 + [1] * 8


BROKEN: dict[str, tuple[str, dict[str, Any], str]] = {
    "NaN": ("1.1.weight", {"at": (3, 2), "to": np.nan}, "layer 1.1: neuron 3 has weights that are NaN or infinite"),
    "far wires": ("1.0.connections.indices", {"at": (0, 0), "to": 10**9}, "the first layer reads net 1000000000, and has no more than 48 wires"),
    "negative wires": ("1.2.connections.indices", {"at": (1, 4), "to": -1}, "layer 1.2: gate 4 reads net -1, but the layer has 24 inputs"),
    "columns": ("1.2.weight", {"cut": np.s_[:, :5]}, "layer 1.2: 5 weights do not fit a gate of 2 inputs"),
    "rows": ("1.2.weight", {"cut": np.s_[:5]}, "weights (5, 16) and connections (2, 25) of type int64 do not fit together"),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_broken_tensors(what: str, tmp_path: Path) -> None:
    key, change, message = BROKEN[what]
    array = tensors("dense_raw")[key].copy()
    if "at" in change:
        array[change["at"]] = change["to"]
    else:
        array = array[change["cut"]]
    assert message in refused(
        lgc.load, saved(tmp_path, "dense_raw", **{key: array}), classes=5, tau=1
    )


def test_tensors_of_other_layers(tmp_path: Path) -> None:
    file = saved(
        tmp_path, "dense_raw", **{"head.weight": np.zeros((3, 25)), "head.bias": np.zeros(3)}
    )
    message = refused(lgc.load, file, classes=5, tau=1)
    assert "there are tensors of other layers: head.weight, head.bias" not in message
    assert "there are tensors of other layers: head.bias, head.weight" in message


def test_a_layer_without_wiring_is_no_layer_of_torchlogix(tmp_path: Path) -> None:
    """Files of 0.1 have none."""
    file = saved(tmp_path, "dense_raw", drop="1.1.connections.indices")
    assert "tensors of other layers: 1.1.weight" in refused(lgc.load, file, classes=5, tau=1)
    np.savez(file, **{"1.weight": np.zeros((4, 16), np.float32)})
    assert "no frontend knows this kind of file" in refused(lgc.load, file)


CONV: list[dict[str, Any]] = DESCRIPTIONS["conv2d"]["layers"]


@pytest.mark.parametrize(
    ("number", "entry", "message"),
    [
        (1, {"kind": "convolution"}, "layers[1]: there is no kind of layer called 'convolution'"),
        (1, {"kind": ["conv2d"]}, "layers[1]: there is no kind of layer called ['conv2d']"),
        (1, 7, "layers[1]: there is no kind of layer called None"),
        (1, {"kind": "conv2d", "stride": 2}, "layers[1]: a conv2d has no 'stride'\n  hint: it has name"),
        (4, {"kind": "flatten", "dim": 2}, "a flatten has no 'dim'\n  hint: it has nothing to say"),
        (1, {"kind": "conv2d", "padding": "same"}, "layers[1]: padding cannot be 'same'"),
        (1, {"kind": "conv2d", "padding": True}, "layers[1]: padding cannot be True"),
        (1, {"kind": "conv2d", "padding": -1}, "layers[1]: padding cannot be -1"),
        (1, {"kind": "conv3d"}, "layers[1]: the layer reads a grid of 2 axes, a conv3d one of 3"),
        (1, {"kind": "conv2d", "name": "9"}, "layers[1]: the file has no conv layer called '9'\n  hint: there are 1, 4 that"),
        (1, {"kind": "conv2d"}, "layer 1: the padding of the convolution is not in the file, and 1 and 2 would both fit\n  hint: give the layer a \"padding\" in the description"),
        (1, {"kind": "conv2d", "padding": 0}, "layer 1: the convolution reads up to (7, 7, 3), rows, columns and channel, of a padded grid of (6, 6) with 4 channels"),
        (1, {"kind": "conv2d", "padding": 3}, "layer 1: kernels reach (3, 3) of a receptive field that would have to be (7, 7) on a grid of (6, 6) padded by 3"),
        (2, {"kind": "or_pool2d", "size": 2}, "layers[2]: a or_pool2d needs its 'stride'"),
        (2, {"kind": "or_pool2d", "size": 0, "stride": 1}, "windows of (0, 0), moved by (1, 1)"),
        (2, {"kind": "or_pool2d", "size": 2, "stride": [1]}, "layers[2]: [1] is not a size for each of 2 axes"),
        (2, {"kind": "or_pool2d", "size": 9, "stride": 1}, "a pool of (9, 9), padded by (0, 0), does not suit a sample of shape (5, 6, 6)"),
        (2, {"kind": "or_pool2d", "size": 2, "stride": 1, "padding": 2}, "a pool of (2, 2) cannot be padded by (2, 2)"),
        (2, {"kind": "or_pool2d", "size": 10**6, "stride": 1, "padding": 5 * 10**5}, "a pool of (1000000, 1000000) at 49 places"),
        (2, {"kind": "or_pool3d", "size": 2, "stride": 1}, "does not suit a sample of shape (5, 6, 6)"),
        (2, {"kind": "group_sum"}, "a layer stands after GroupSum"),
        (2, {"kind": "flatten"}, "the convolution reads a grid of 2 axes with channels, and gets a sample of shape (180,)"),
        (2, {"kind": "unflatten", "dim": 1, "sizes": [2, 3]}, "does not suit a sample of shape (5, 6, 6)"),
        (2, {"kind": "residual", "main": [{"kind": "flatten"}]}, "the ways of a residual block give shapes (180,) and (5, 6, 6)"),
        (4, {"kind": "or_pool2d", "size": 1, "stride": 1}, "layer 6: gate 0 reads net"),
    ],
)  # fmt: skip
def test_descriptions(number: int, entry: Any, message: str, tmp_path: Path) -> None:
    layers: list[Any] = [*CONV]
    layers[number] = entry
    assert message in with_layers(tmp_path, "conv2d", layers, classes=5, tau=1)


def test_descriptions_of_all_layers(tmp_path: Path) -> None:
    assert (
        "2 modules of the file are not described: 4, 6\n  hint: lgc inspect prints"
        in with_layers(tmp_path, "conv2d", CONV[:3])
    )
    assert "the file has no dense layer left\n  hint: there are none" in with_layers(
        tmp_path, "conv2d", [*CONV, {"kind": "dense"}]
    )
    grid = [*DESCRIPTIONS["transpose2d"]["layers"], {"kind": "group_sum"}]
    assert (
        "GroupSum over a sample of shape (2, 7, 7) gives no single row of scores\n  hint: is there "
        "a flatten before it?"
    ) in with_layers(tmp_path, "transpose2d", grid, classes=2, tau=1)
    assert "a binarization stands inside the network" in with_layers(
        tmp_path, "conv2d", [*CONV[1:3], CONV[0], *CONV[3:]], sample_shape=[4, 6, 6]
    )
    deep: Any = {"kind": "flatten"}
    for _ in range(30):
        deep = {"kind": "residual", "main": [deep]}
    assert "residual blocks stand too deep inside one another" in with_layers(
        tmp_path, "conv2d", [deep]
    )


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ([2, 16, 16], "kernels reach"),
        ([3, 6, 6], "thresholds of shape (2, 2) do not suit a sample of shape (3, 6, 6)"),
        ([72], "thresholds of shape (2, 2) do not suit a sample of shape (72,)"),
        ([2, 0, 6], "--sample-shape: [2, 0, 6] is not a shape"),
        ([2, 10**5, 10**5], "a sample cannot have the shape (2, 100000, 100000)"),
    ],
)
def test_other_shapes(shape: list[int], message: str, tmp_path: Path) -> None:
    assert message in refused(lgc.load, described("conv2d", tmp_path, sample_shape=shape))


def test_a_description_without_a_shape(tmp_path: Path) -> None:
    file = described("conv2d", tmp_path)
    known = json.loads(file.with_suffix(".json").read_text())
    del known["sample_shape"]
    file.with_suffix(".json").write_text(json.dumps(known))
    assert (
        "the shape of a sample is not in the model\n  hint: give the shape of one sample"
        in refused(lgc.load, file)
    )
    assert lgc.load(file, sample_shape="2,6,6").chain.features == 72


def test_transposed_convolutions_say_what_they_are(tmp_path: Path) -> None:
    layers = [dict(entry) for entry in DESCRIPTIONS["transpose2d"]["layers"]]
    layers[1]["stride"] = 3
    assert (
        "layer 1: (6, 6) positions do not come from a grid of (3, 3) with stride 3 and receptive "
        "field (3, 3)\n  hint: out = (in - 1) * stride - 2 * padding + receptive_field + output_padding"
    ) in with_layers(tmp_path, "transpose2d", layers)
    layers[1] |= {"stride": 2, "padding": 3}
    assert "a stride of 2 and a padding of 3 with a receptive field of (3, 3)" in with_layers(
        tmp_path, "transpose2d", layers
    )
    del layers[1]["padding"]
    assert "layers[1]: a conv_transpose2d needs its 'padding'" in with_layers(
        tmp_path, "transpose2d", layers
    )


def test_learnt_thresholds_need_their_temperature(tmp_path: Path) -> None:
    layers = [dict(entry) for entry in DESCRIPTIONS["learnt_thresholds"]["layers"]]
    del layers[0]["temperature_softplus"]
    assert (
        "learnt thresholds depend on a temperature that is not in the file\n  hint: give the "
        'binarization a "temperature_softplus"; torchlogix\'s default is 0.1'
    ) in with_layers(tmp_path, "learnt_thresholds", layers)
    layers[0]["temperature_softplus"] = -1
    assert "temperature_softplus cannot be -1.0" in with_layers(
        tmp_path, "learnt_thresholds", layers
    )


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((1, 2, 3), np.float32), "here: thresholds of type float32 and shape (1, 2, 3)"),
        (np.array([True]), "here: thresholds of type bool and shape (1,)"),
        (np.array([np.nan]), "here: a threshold is not a number"),
    ],
)
def test_thresholds(array: np.ndarray, message: str) -> None:
    assert message in refused(levels_of, array, "here")


def test_differences_of_learnt_thresholds() -> None:
    assert "raw_diffs of type int64 and shape (1,)" in refused(learnt, np.array([1]), 0.1, "here")
    assert "raw_diffs hold NaN or infinity" in refused(learnt, np.array([np.inf]), 0.1, "here")


def test_weights_that_are_none() -> None:
    assert "weights of type int64 and shape (2, 16)" in refused(
        decode, np.zeros((2, 16), int), 2, None, "here"
    )


def test_modules_that_are_not_known() -> None:
    raw = stand_in("dense_raw")
    for module, message in (
        (
            nn.Sequential(raw, nn.ReLU()),
            "Sequential.1: a module of class ReLU is not part of a torchlogix network",
        ),
        (nn.ModuleList([raw]), "a module of class ModuleList is not part of a torchlogix network"),
    ):
        assert message in refused(lgc.from_torch, module)

    class Doubled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = raw

        def forward(self, x: Any) -> Any:
            return self.model(2 * x)

    assert (
        "a module of class Doubled is not part of a torchlogix network\n  hint: lgc.from_torch "
        "takes a Sequential of torchlogix's layers, or a module whose forward calls one"
        in refused(lgc.from_torch, Doubled())
    )

    class Other(nn.Sequential):
        def forward(self, x: Any) -> Any:
            return super().forward(x).sqrt()

    assert "Other is a Sequential with a forward of its own" in refused(lgc.from_torch, Other(raw))


def test_live_modules_that_do_not_fit() -> None:
    model = stand_in("conv2d")
    model[4].in_dim = (8, 8)
    assert (
        "the convolution was made for samples of shape (5, 8, 8), and gets (5, 7, 7)\n  hint: do the "
        "layers, and the padding of those before it, fit together?"
    ) in refused(lgc.from_torch, model)
    model = stand_in("conv2d")
    model[6].in_dim = 35
    assert "the layer was made for 35 inputs, and gets a sample of shape (36,)" in refused(
        lgc.from_torch, model
    )
    model = stand_in("conv2d")
    model[4].kernel_positions = [3, 4]
    assert "9 positions are no grid of (3, 4)" in refused(lgc.from_torch, model)
    model[4].tree_weights = nn.ParameterList()
    assert "a convolution with trees of no level, which torchlogix cannot run either" in refused(
        lgc.from_torch, model
    )
    model = stand_in("conv2d")
    model[4].connections._indices_L1[0, 0] = 9
    assert (
        "level 1 of the trees has weights (2, 4, 16) and connections (2, 2), which do not fit"
        in refused(lgc.from_torch, model)
    )
    model = stand_in("conv2d")
    model[4].parametrization = nn.Identity()
    assert "the parametrization Identity is not known" in refused(lgc.from_torch, model)
    model = stand_in("dense_learnable")
    model[0].connections.weights[0, 0, 0] = np.nan
    assert "learnt connections (12, 2, 18) over candidates (12, 2, 18), or NaN in them" in refused(
        lgc.from_torch, model
    )
    model = stand_in("thermometer")
    model[0].thresholds = None
    assert "the binarization has no thresholds" in refused(
        lgc.from_torch, model, sample_shape=(2, 3, 3)
    )
    model[0].feature_dim = 7
    model[0].thresholds = torch.tensor([0.5])
    assert "feature_dim is 7, and a batch of samples has 4 axes" in refused(
        lgc.from_torch, model, sample_shape=(2, 3, 3)
    )


def test_inspection(tmp_path: Path) -> None:
    found = Torchlogix().inspect(FOLDER / "dense_warp6.pt", LoadOptions())
    assert found.kind == "torchlogix state dict"
    assert ("1.0", "dense, 24 gates of 6 inputs, warp or light") in found.holds
    assert [one.option for one in found.missing] == ["parametrisation", "classes", "tau"]
    assert found.missing[0].choices == ("warp", "light")
    found = Torchlogix().inspect(FOLDER / "dense_learnable.pt", LoadOptions(classes=3, tau=1))
    assert ("1", "dense, 12 gates of 2 inputs, raw, learnt wiring") in found.holds
    assert not found.missing
    found = Torchlogix().inspect(described("conv2d", tmp_path), LoadOptions())
    assert found.holds[1:3] == (
        ("0", "binarization, fixed thresholds (2, 2)"),
        ("1", "conv2d, 5 kernels, trees of 2 levels of 2 inputs, raw, at 36 positions"),
    )
    assert not found.missing


def test_the_description_that_inspect_prints_can_be_completed(tmp_path: Path) -> None:
    (tmp_path / "net.pt").write_bytes((FOLDER / "conv2d.pt").read_bytes())
    missing = Torchlogix().inspect(tmp_path / "net.pt", LoadOptions()).missing
    assert [one.option for one in missing] == ["description"]
    text = missing[0].why.partition("\n")[2]
    description = json.loads(text)
    (tmp_path / "net.json").write_text(text)
    assert "sample_shape cannot be null" in refused(lgc.load, tmp_path / "net.pt")
    description["sample_shape"] = [2, 6, 6]
    (tmp_path / "net.json").write_text(json.dumps(description))
    assert "layers[0]: feature_dim cannot be None" in refused(lgc.load, tmp_path / "net.pt")
    values = {
        "feature_dim": 1, "padding": None, "size": 2, "stride": 1, "classes": 5, "tau": 4.0,
    }  # fmt: skip
    layers = description["layers"]
    assert [one["kind"] for one in layers] == [
        "binarization", "conv2d", "or_pool2d", "conv2d", "or_pool2d", "flatten", "dense",
        "group_sum",
    ]  # fmt: skip
    del layers[4]  # there was none
    for one in layers:
        one |= {key: values[key] for key, value in one.items() if value is None}
    layers[1]["padding"], layers[2]["padding"], layers[3]["padding"] = 1, 1, 0
    layers[-1]["beta"] = 0.5
    (tmp_path / "net.json").write_text(json.dumps(description))
    model = lgc.load(tmp_path / "net.pt")
    assert same(model, golden()["conv2d.x"].astype(np.float32), golden()["conv2d.y"])


def test_inspection_of_a_circuit() -> None:
    found = Torchlogix().inspect(FOLDER / "circuit.json", LoadOptions())
    assert found.kind == "torchlogix circuit"
    assert found.holds[0] == ("inputs", "16 bits, of shape 16")
    assert ("tau, beta", "2.5, 0") in found.holds


GATE = {"gate_id": 2, "op": "AND", "in0": 0, "in1": 1, "node_idx": -1}
SMALL: dict[str, Any] = {
    "n_inputs": 2, "input_shape": [2], "outputs": [3], "output_shape": [1],
    "gates": [GATE, {**GATE, "gate_id": 3, "in0": 2}],
}  # fmt: skip


def circuit(folder: Path, **changes: Any) -> Path:
    content = {**SMALL, **changes}
    (folder / "c.json").write_text(json.dumps({k: v for k, v in content.items() if v is not None}))
    return folder / "c.json"


def node(**changes: Any) -> dict[str, Any]:
    return {"node_id": 9, "input_ids": [2, 3], "tau": 2.0, "beta": 0.0, **changes}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"gates": None}, "c.json: a circuit has lists of gates and of outputs"),
        ({"outputs": []}, "a circuit has lists of gates and of outputs"),
        ({"n_inputs": 0}, "n_inputs cannot be 0"),
        ({"n_inputs": 10**7}, "n_inputs cannot be 10000000"),
        ({"n_inputs": "2"}, "n_inputs cannot be '2'"),
        ({"gates": [{**GATE, "op": "MUX"}]}, "an operation that is not known: 'MUX'\n  hint: known are CONST_FALSE, AND"),
        ({"gates": [{**GATE, "in0": 5}]}, "there is no gate 5, which something reads"),
        ({"gates": [{**GATE, "in1": -1}]}, "there is no gate -1, which something reads"),
        ({"gates": [{**GATE, "in0": 2}]}, "gate 2 reads a gate that does not stand before it"),
        ({"gates": [{**GATE, "gate_id": 1}]}, "numbers of gates occur twice"),
        ({"gates": [GATE, GATE]}, "numbers of gates occur twice"),
        ({"gates": [{**GATE, "in0": 0.0}]}, "in0 is not a whole number"),
        ({"gates": [{**GATE, "in0": 2**80}]}, "in0 is a number of more than 64 bits"),
        ({"gates": [7]}, "a gate or sum has no gate_id"),
        ({"outputs": [17]}, "there is no gate 17, which something reads"),
        ({"input_shape": "2"}, "input_shape is a list of whole numbers"),
        ({"sum_nodes": {}}, "sum_nodes is a list"),
        ({"outputs": [9, 3], "sum_nodes": [node()]}, "some outputs are bits and some are sums"),
        ({"outputs": [9], "sum_nodes": [node(input_ids=None)]}, "the input_ids of a sum are a list"),
        ({"outputs": [9], "sum_nodes": [{"node_id": 9}]}, "a sum has no input_ids"),
        ({"outputs": [9], "sum_nodes": [node(tau="2")]}, "the tau of a sum is not a number"),
        ({"outputs": [9], "sum_nodes": [node(tau=0)]}, "taus of 0 to 0: classes share one positive tau"),
        ({"outputs": [9, 10], "sum_nodes": [node(), node(node_id=10, tau=3)]}, "taus of 2 to 3: classes share"),
        ({"outputs": [9, 10], "sum_nodes": [node(), node(node_id=10, beta=0.5)]}, "betas of 0 to 0.5, which do not differ by whole numbers"),
    ],
)  # fmt: skip
def test_circuits(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    assert message in refused(lgc.load, circuit(tmp_path, **changes))


def test_text_that_only_begins_like_a_circuit(tmp_path: Path) -> None:
    file = circuit(tmp_path)
    file.write_text(file.read_text()[:-5])
    assert "c.json: this is not JSON" in refused(lgc.load, file)
    file.write_text('{"n_inputs": 1, "input_shape": ' + "[" * 100_000)
    assert "this is not JSON" in refused(lgc.load, file)


def test_options_that_contradict_a_circuit(tmp_path: Path) -> None:
    file = circuit(tmp_path, outputs=[9], sum_nodes=[node()])
    for options, message in (
        ({"inputs": 3}, "inputs is 2 here, not 3\n  hint: leave --inputs out: the file says it"),
        ({"classes": 2}, "classes is 1 here, not 2"),
        ({"tau": 1.0}, "tau is 2 here, not 1"),
        ({"input": "thermometer:1,2,3"}, "2 inputs do not fall into 3 levels"),
    ):
        assert message in refused(lgc.load, file, **options)
    assert lgc.load(file, classes=1, tau=2.0, inputs=2).chain.features == 2


def test_every_operation_of_a_circuit(tmp_path: Path) -> None:
    ops = {
        "CONST_FALSE": 0, "AND": 1, "AND_NOT_B": 2, "WIRE": 3, "AND_NOT_A": 4, "XOR": 6, "OR": 7,
        "NOR": 8, "XNOR": 9, "NOT_B": 10, "OR_NOT_B": 11, "NOT": 12, "NOT_A": 12, "OR_NOT_A": 13,
        "NAND": 14, "CONST_TRUE": 15,
    }  # fmt: skip
    gates = [{**GATE, "gate_id": 5 + 2 * place, "op": op} for place, op in enumerate(ops)]
    gates[0] |= {"in0": -1, "in1": -1}
    gates[3] |= {"in1": -1}
    outputs = [gate["gate_id"] for gate in gates]
    model = lgc.load(circuit(tmp_path, gates=gates, outputs=outputs))
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    bits = model.evaluate(x).bits
    for place, table in enumerate(ops.values()):
        assert bits[:, place].tolist() == [bool(table >> 3 - row & 1) for row in range(4)]
    assert lgc.load(circuit(tmp_path, gates=gates, outputs=outputs), classes=4).chain.group_sum


def test_constants_in_the_betas_of_a_circuit(tmp_path: Path) -> None:
    sums = [
        node(beta=0.3 + 1.0 + 1.0 + 1.0), node(node_id=10, input_ids=[0], beta=0.3),
        node(node_id=11, input_ids=[], beta=1.3),
    ]  # fmt: skip
    model = lgc.load(circuit(tmp_path, outputs=[9, 10, 11], sum_nodes=sums))
    counts = model.evaluate(np.array([[1, 1], [1, 0]])).counts
    assert counts is not None
    assert counts.tolist() == [[5, 1, 1], [3, 1, 1]]
    found = model.chain.group_sum
    assert found is not None
    assert (found.shift, found.tau.value.data) == (0.3, 2.0)
    constant = [node(input_ids=[], beta=4.0), node(node_id=10, input_ids=[], beta=6.0)]
    model = lgc.load(circuit(tmp_path, outputs=[9, 10], sum_nodes=constant))
    counts = model.evaluate(np.array([[1, 1]])).counts
    assert counts is not None
    assert counts.tolist() == [[0, 2]]
