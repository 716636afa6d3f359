"""Wiring by replay: against torch itself, against real models, and every complaint in full."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lgc
from lgc.errors import InputError, LgcError, LgcWarning, UsageError
from lgc.frontends.difflogic.crops import crop
from lgc.frontends.difflogic.generator import Generator
from lgc.frontends.difflogic.replay import DEVICES, MODES, Draw, Replay, pair_list, parse_replay
from tests.frontends.test_difflogic import save, weights
from tests.support import SHARED, shared_model

UNIQUE = "replay:seed=0,prelude=60000,mode=unique,device=cuda"


@pytest.fixture(scope="module")
def torch() -> Any:
    return pytest.importorskip("torch", reason="torch is not installed")


@pytest.mark.parametrize("seed", [0, 1, 2**31 + 5, 2**32 + 7, 2**64 - 1])
def test_permutations(torch: Any, seed: int) -> None:
    torch.manual_seed(seed)
    generator = Generator(seed)
    for count in (10, 1, 0, 2, 400, 120_000, 3, 60_000, 17):
        assert generator.permutation(count).tolist() == torch.randperm(count).tolist()


def test_what_normal_numbers_consume(torch: Any) -> None:
    """In blocks of 16, one by one in pairs of which one is kept, and across both."""
    torch.manual_seed(3)
    generator = Generator(3)
    counts = [*range(40), 5, 5, 1, 1, 3, 16, 1, 17, 2, 3, 3200, 1, 64, 15, 0, 1, 1_050_000]
    for count in counts:
        torch.randn(count)
        generator.skip_normals(count)
        assert generator.permutation(20).tolist() == torch.randperm(20).tolist(), count


def unique_pairs(inputs: int, gates: int) -> list[tuple[int, int]]:
    """The list by its description: neighbours from 0, neighbours from 1, then further apart."""
    pairs = [(i, i + 1) for i in range(0, inputs - 1, 2)]
    if len(pairs) < gates:
        pairs += [(i, i + 1) for i in range(1, inputs - 1, 2)]
    offset = 2
    while gates > len(pairs) > offset:
        pairs += [(i, i + offset) for i in range(inputs - offset)]
        offset += 1
    return pairs[:gates]


@pytest.mark.parametrize("inputs", [2, 3, 4, 5, 16, 17])
def test_unique_pairs(inputs: int) -> None:
    for gates in range(inputs // 2, 150, 7):
        a, b = pair_list(inputs, gates)
        assert list(zip(a.tolist(), b.tolist())) == unique_pairs(inputs, gates)


def drawn(torch: Any, replay: Replay, inputs: int, sizes: list[int]) -> list[np.ndarray]:
    """What difflogic draws when it makes these layers, as its paper's code describes it."""
    torch.manual_seed(replay.seed)
    for draw in replay.prelude:
        if draw.kind == "permutation":
            torch.randperm(draw.count)
        elif draw.kind == "normals":
            torch.randn(draw.count)
        else:
            torch.empty(draw.count, dtype=torch.int32).random_()
    found: list[np.ndarray] = []
    for gates in sizes:
        if replay.device == "cpu":
            torch.randn(gates, 16)
        if replay.mode == "random":
            chosen = torch.randperm(2 * gates) % inputs
            found.append(torch.randperm(inputs)[chosen].reshape(2, gates).numpy())
        else:
            pairs = torch.tensor(unique_pairs(inputs, gates))
            found.append(pairs[torch.randperm(gates)].T.numpy())
        inputs = gates
    return found


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize(
    "prelude",
    [
        (),
        (Draw("permutation", 60000),),
        (Draw("permutation", 60000), Draw("permutation", 50000)),
        (Draw("normals", 5), Draw("words", 3), Draw("normals", 2), Draw("permutation", 9)),
    ],
    ids=str,
)
def test_wirings_are_those_of_torch(
    torch: Any, mode: str, device: str, prelude: tuple[Draw, ...]
) -> None:
    for seed, inputs, sizes in (
        (0, 17, [24, 24, 12]),
        (7, 400, [200, 1000, 3000, 2000]),
        (1, 5, [4, 6]),
        (2, 4, [2, 1]),
    ):
        replay = Replay(seed, prelude, mode, device)
        assert parse_replay(str(replay)) == replay
        found = replay.pairs(inputs, [(gates, 16) for gates in sizes], "m")
        for ours, theirs in zip(found, drawn(torch, replay, inputs, sizes), strict=True):
            assert np.array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("folder", "model", "golden", "text", "inputs", "classes"),
    [
        ("vicharak_mnist20x20", f"model_None_mnist20x20_{size}_4.pt", f"wiring_{size}_4.npz",
         UNIQUE, 400, 10)
        for size in (200, 800)
    ] + [
        ("argens_uci", f"monk{number}.pth", f"wiring_monk{number}.npz",
         UNIQUE.replace("60000", "none"), 17, 2)
        for number in (1, 2)
    ],
)  # fmt: skip
def test_real_models(
    folder: str, model: str, golden: str, text: str, inputs: int, classes: int
) -> None:
    file = shared_model(folder) / model
    with pytest.warns(LgcWarning, match="nothing says that it is right"):
        read = lgc.load(file, wiring=text, inputs=inputs, classes=classes, tau=1)
    with np.load(file.parent / golden) as right:
        for number, stage in enumerate(read.chain.stages):
            net = stage.net.data  # type: ignore[union-attr]
            assert np.array_equal(net.fanin[:, 0], right[f"l{number}_a"])
            assert np.array_equal(net.fanin[:, 1], right[f"l{number}_b"])
            assert np.array_equal(net.table, right[f"l{number}_op"])


def data(name: str) -> Any:
    file = SHARED / "data" / name
    if not file.is_file():
        pytest.skip(f"the data set {name} is not on this machine")
    return np.load(file)


@pytest.mark.filterwarnings("ignore::lgc.errors.LgcWarning")
@pytest.mark.parametrize(("size", "right"), [(200, 6584), (800, 8330)])
def test_real_models_know_digits(size: int, right: int) -> None:
    file = shared_model("vicharak_mnist20x20") / f"model_None_mnist20x20_{size}_4.pt"
    with data("mnist.npz") as arrays:
        x, y = crop(arrays["x_test"]), arrays["y_test"]
    model = lgc.load(file, wiring=UNIQUE, inputs=400, classes=10, tau=1, input=">127.5")
    assert (lgc.compile(model).predict(x.reshape(-1, 400)) == y).sum() == right
    other = lgc.load(
        file, wiring=UNIQUE.replace("60000", "50000"), inputs=400, classes=10, tau=1, input="round"
    )
    assert (lgc.compile(other).predict(x.reshape(-1, 400)) == y).mean() < 0.25  # it guesses


@pytest.mark.filterwarnings("ignore::lgc.errors.LgcWarning")
@pytest.mark.parametrize(("number", "right"), [(1, 432), (2, 327)])
def test_real_models_know_monks(number: int, right: int) -> None:
    file = shared_model("argens_uci") / f"monk{number}.pth"
    text = UNIQUE.replace("60000", "none")
    model = lgc.load(file, wiring=text, classes=2, tau=1, input="one-hot:3,3,2,3,4,2")
    with data("monks.npz") as arrays:
        x, y = arrays[f"monk{number}_b_test"], arrays[f"monk{number}_y_test"]
    assert (lgc.compile(model).predict(x) == y).sum() == right


LOAD: dict[str, Any] = {"inputs": 4, "classes": 2, "tau": 1}
RANDOM = "replay:seed=5,prelude=none,mode=random,device=cpu"


def test_a_replay_is_loud_until_it_is_checked(tmp_path: Path) -> None:
    file = save(tmp_path / "m.npz", **weights(["1", "2"]))
    with pytest.warns(LgcWarning) as warned:
        model = lgc.load(file, wiring=RANDOM, **LOAD)
    assert [str(one.message) for one in warned] == [
        f"m.npz: the wiring is computed by {RANDOM}, and nothing says that it is right: a wrong "
        "one gives a network that guesses. Check it with labelled data: "
        "lgc inspect m.npz --try-replay --data FILE.npz"
    ]
    assert f'lgc.wiring = "{RANDOM}"' in str(model)
    with pytest.raises(InputError) as caught:
        lgc.load(file, wiring=f"{RANDOM},check=0123456789abcdef", **LOAD)
    found = caught.value.message.split()[7].rstrip(",")
    assert str(caught.value) == (
        f"m.npz: weights and replayed wiring have the fingerprint {found}, not 0123456789abcdef\n"
        "  hint: the replay was checked with another file, --inputs or --input"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = lgc.load(file, wiring=f"{RANDOM},check={found}", **LOAD)
        described = {"wiring": f"{RANDOM},check={found}", **LOAD}
        (tmp_path / "m.json").write_text(json.dumps(described))
        told = lgc.load(file)
    assert lgc.check(model, again)
    assert lgc.check(model, told)
    other = weights(["1", "2"])
    other["2.weights"][0, 0] += 1
    with pytest.raises(InputError, match="the fingerprint"):
        lgc.load(save(tmp_path / "m.npz", **other))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("seed=0,", ""), "{text!r} does not say the seed"),
        (("seed=0", "seed=-1"), "the seed of a replay is a number of up to 64 bits, not '-1'"),
        (
            ("seed=0", f"seed={1 << 64}"),
            "the seed of a replay is a number of up to 64 bits, not '18446744073709551616'",
        ),
        (("unique", "any"), "the mode of a replay is unique or random, not 'any'"),
        (("cuda", "tpu"), "the device of a replay is cpu or cuda, not 'tpu'"),
        (("device=cuda", "device"), "{text!r} has a part 'device' without a value"),
        (("seed=0", "seeds=0"), "{text!r} has a part 'seeds'"),
        (("mode=unique", "seed=1"), "{text!r} says something twice"),
        (
            ("cuda", "cuda,check=12"),
            "the check of a replay is 16 hexadecimal digits, not '12'",
        ),
        *(
            (
                ("60000", wrong),
                "the prelude of a replay is none, 60000, normals:640, words:2 or some of these "
                f"with + between, not '{wrong}'",
            )
            for wrong in ("all", "6+", "cats:3", "none+6", "9999999999999", "-1", "1e3")
        ),
    ],
)
def test_replays_that_are_not_well_said(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    text = UNIQUE.replace(*change)
    file = save(tmp_path / "m.npz", **weights(["1", "2"]))
    with pytest.raises(UsageError) as caught:
        lgc.load(file, wiring=text, **LOAD)
    assert (
        str(caught.value) == f"--wiring: {message.format(text=text)}\n  hint: for example {UNIQUE}"
    )


@pytest.mark.parametrize(
    ("inputs", "mode", "message"),
    [
        (
            13,
            "random",
            "m.npz: 6 gates cannot read 13 nets, so no replay makes layer 1\n"
            "  hint: is --inputs right?",
        ),
        (
            3,
            "unique",
            "m.npz: layer 1: difflogic finds 2 unique pairs of 3 nets for 6 gates\n"
            "  hint: was it wired with mode=random, or is --inputs wrong?",
        ),
    ],
)
def test_layers_that_difflogic_does_not_make(
    tmp_path: Path, inputs: int, mode: str, message: str
) -> None:
    file = save(tmp_path / "m.npz", **weights(["1", "2"]))
    with pytest.raises(LgcError) as caught:
        lgc.load(file, wiring=UNIQUE.replace("unique", mode), classes=2, tau=1, inputs=inputs)
    assert str(caught.value) == message
