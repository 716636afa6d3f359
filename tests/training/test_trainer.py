"""Training: it learns, it repeats itself bit for bit, and it goes on where it was."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from lgc.errors import InputError, UsageError  # noqa: E402
from lgc.training.building import resolved  # noqa: E402
from lgc.training.checkpoints import open_state  # noqa: E402
from lgc.training.datasets import DataSet, make_dataset, read_dataset  # noqa: E402
from lgc.training.feeding import Shift  # noqa: E402
from lgc.training.recipe import Recipe  # noqa: E402
from lgc.training.trainer import Progress, StoppedError, Trained, train  # noqa: E402

SMALL = Recipe(arch="2x40", tau=2, epochs=6, batch=16, lr=0.05, weight_init="normal")


def exclusive_or(rows: int = 120, numbers: int = 4) -> DataSet:
    """Two classes that no single number tells apart."""
    x = np.random.default_rng(3).integers(0, 2, (rows, numbers), np.uint8)
    return make_dataset("xor", (x, x[:, 0] ^ x[:, 1]))


DATA = exclusive_or()


def weights(trained: Trained) -> dict[str, Any]:
    return {name: value.clone() for name, value in trained.model.state_dict().items()}


def same(one: Trained, other: Trained) -> bool:
    left, right = weights(one), weights(other)
    return left.keys() == right.keys() and all(torch.equal(left[key], right[key]) for key in left)


def stopping_after(steps: int) -> Callable[[], bool]:
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked == steps

    return stop


def test_learns_exclusive_or() -> None:
    trained = train(replace(SMALL, epochs=40), DATA)
    assert trained.best.hard == 1
    assert not trained.model.training
    x = torch.from_numpy(DATA.x_test.astype(np.float32))
    assert (trained.model(x).argmax(1).numpy() == DATA.y_test).all()


def test_the_same_recipe_gives_the_same_weights() -> None:
    state = torch.get_rng_state()
    first = train(SMALL, DATA)
    torch.manual_seed(99)
    second = train(SMALL, DATA)
    assert same(first, second)
    assert not same(first, train(replace(SMALL, seed=1), DATA))
    torch.set_rng_state(state)
    train(SMALL, DATA)
    assert torch.equal(torch.get_rng_state(), state), "a training leaves torch's generator alone"


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"parametrization": "gumbel"},
        {"schedule": "cosine", "input": "learnable:2"},
        {"patience": 50, "evaluate": 2},
    ],
    ids=str,
)
@pytest.mark.parametrize("steps", [1, 11, 13])
def test_goes_on_bit_for_bit(change: dict[str, Any], steps: int, tmp_path: Path) -> None:
    """Stopped before, within and between evaluations; and stopped again."""
    recipe, file = replace(SMALL, **change), tmp_path / "c"
    whole = train(recipe, DATA)
    with pytest.raises(StoppedError) as stopped:
        train(recipe, DATA, stop=stopping_after(steps), checkpoint=file)
    assert stopped.value.step == steps
    with pytest.raises(StoppedError):
        train(recipe, DATA, stop=stopping_after(9), resume=file, checkpoint=file)
    assert open_state(file).step == steps + 9
    parts = train(recipe, DATA, resume=file)
    assert same(whole, parts)
    without_time = [replace(each, seconds=0) for each in whole.history]
    assert [replace(each, seconds=0) for each in parts.history] == without_time


def test_a_checkpoint_is_written_at_evaluations(tmp_path: Path) -> None:
    seen: list[int] = []

    def report(found: Progress) -> None:
        seen.append(open_state(tmp_path / "c").step)

    trained = train(SMALL, DATA, report=report, checkpoint=tmp_path / "c")
    assert seen == [each.step for each in trained.history]
    assert len(seen) == 6
    longer = train(replace(SMALL, epochs=8), DATA, resume=tmp_path / "c")
    assert same(longer, train(replace(SMALL, epochs=8), DATA))


def test_the_spare_file_is_for_stops_alone(tmp_path: Path) -> None:
    train(SMALL, DATA, spare=tmp_path / "s")
    assert not (tmp_path / "s").exists()
    with pytest.raises(StoppedError) as stopped:
        train(SMALL, DATA, stop=stopping_after(2), spare=tmp_path / "s")
    assert stopped.value.checkpoint == tmp_path / "s"
    assert (tmp_path / "s").exists()


def test_other_recipes_and_data_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "c"
    train(SMALL, DATA, checkpoint=file)
    message = (
        f"{file}: is of a training with lr 0.05\n"
        "  hint: a training goes on with the same recipe; only epochs may grow"
    )
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        train(replace(SMALL, lr=0.1), DATA, resume=file)
    message = (
        f"{file}: is of other training rows than those of xor\n"
        "  hint: a training goes on with the same data, split in the same way"
    )
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        train(SMALL, exclusive_or(121), resume=file)
    message = (
        f"{file}: is of a training of 6 epochs, not 5\n"
        "  hint: a training that goes on can become longer, not shorter"
    )
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        train(replace(SMALL, epochs=5), DATA, resume=file)
    file.write_bytes(b"else")
    with pytest.raises(InputError, match="cannot be read as a checkpoint"):
        train(SMALL, DATA, resume=file)
    torch.save({"weights": 1}, file)
    message = f"{file}: is no checkpoint of a training\n  hint: lgc train --checkpoint FILE"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        train(SMALL, DATA, resume=file)
    with pytest.raises(InputError, match="there is no such checkpoint"):
        train(SMALL, DATA, resume=tmp_path / "none")


def test_images_are_moved_each_by_itself() -> None:
    images = torch.arange(1, 13, dtype=torch.uint8).repeat(200, 1)
    moved = Shift((3, 4), 1)(images, np.random.default_rng(0)).reshape(-1, 3, 4).numpy()
    image = np.pad(np.arange(1, 13).reshape(3, 4), 1)
    ways = [image[y : y + 3, x : x + 4] for y in range(3) for x in range(3)]
    found = [next(i for i, way in enumerate(ways) if (way == one).all()) for one in moved]
    assert set(found) == set(range(9))


def test_moved_images_go_on_bit_for_bit(tmp_path: Path) -> None:
    data = read_dataset("digits")
    few = replace(data, x_train=data.x_train[:200], y_train=data.y_train[:200])
    recipe = replace(SMALL, arch="1x200", input="thermometer:3,8", shift=1, epochs=2)
    whole = train(recipe, few)
    with pytest.raises(StoppedError):
        train(recipe, few, stop=stopping_after(2), checkpoint=tmp_path / "c")
    assert same(whole, train(recipe, few, resume=tmp_path / "c"))
    assert not same(whole, train(replace(recipe, shift=0), few))
    with pytest.raises(UsageError, match=r"samples of shape \(4,\) cannot be moved by 1 pixels"):
        train(replace(SMALL, shift=1), DATA)


def test_stops_early_with_the_best_weights() -> None:
    trained = train(replace(SMALL, epochs=400, patience=3), DATA)
    hard = [each.hard for each in trained.history]
    assert len(hard) < 400
    assert trained.best == trained.history[hard.index(max(hard))]
    assert len(hard) - 1 - hard.index(max(hard)) == 3


def test_patience_does_not_look_at_the_test_rows() -> None:
    recipe = replace(SMALL, epochs=30, patience=2)
    blind = replace(DATA, x_test=1 - DATA.x_test, y_test=1 - DATA.y_test)
    assert same(train(recipe, DATA), train(recipe, blind))


def test_what_a_report_raises_ends_the_training() -> None:
    class Pruned(Exception):  # noqa: N818 - the name of another library
        pass

    def report(found: Progress) -> None:
        raise Pruned

    with pytest.raises(Pruned):
        train(SMALL, DATA, report=report)


@pytest.mark.parametrize(
    ("x", "meant"),
    [
        (np.array([[0, 1], [1, 0]] * 5), "bool"),
        (np.array([[0, 200], [17, 0]] * 5, np.uint8), "uniform:3"),
        (np.array([[0.5, 2], [1, 3]] * 5), "distributive:8"),
        (np.linspace(0, 1, 40).reshape(10, 2, 2), "uniform:3"),
    ],
)
def test_input_that_is_found(x: np.ndarray, meant: str) -> None:
    data = make_dataset("d", (x, np.arange(10) % 2))
    assert resolved(Recipe(), data).input == meant


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"arch": "2x41"},
            "arch: the last layer has 41 gates, which do not fall into 2 equal classes\n"
            "  hint: 42 would",
        ),
        (
            {"input": "uniform:x"},
            "input: 'uniform:x' does not say how many thresholds\n  hint: uniform:3, up to 255",
        ),
        (
            {"input": "one-hot:3,3"},
            "input: networks are not trained on 'one-hot:3,3'\n  hint: auto, bool, round, >0.5, "
            "thermometer:1,2,3, uniform:3, distributive:3 or learnable:3",
        ),
        (
            {"input": "grey"},
            "--input: 'grey' is not a binarisation\n  hint: one of auto, bool, round, >0.5, "
            "thermometer:1,2,3, uniform:3, distributive:3 or learnable:3",
        ),
    ],
)
def test_recipes_that_do_not_suit_the_data(change: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        train(replace(SMALL, **change), DATA)


@pytest.mark.parametrize("device", ["cuda:99x", "gpu"])
def test_devices_that_are_not_there(device: str) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    message = f"device: torch finds no '{device}' here\n  hint: cpu, or cuda with a GPU"
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        train(SMALL, DATA, device=device)


def test_connections_are_learnt_and_gone_on_with(tmp_path: Path) -> None:
    recipe = replace(SMALL, connections="learnable", candidates=3)
    whole = train(recipe, DATA)
    assert whole.model[1].wires.candidates == 3
    with pytest.raises(StoppedError):
        train(recipe, DATA, stop=stopping_after(7), checkpoint=tmp_path / "c")
    assert same(whole, train(recipe, DATA, resume=tmp_path / "c"))
