"""What ``lgc refine`` makes of a trained network: accuracy on images it never saw, and gates.

    python bench/refine.py --model DIR --data digits --seeds 0 1 2 3 4
    python bench/refine.py --model DIR --data digits --copies 8
    python bench/refine.py --model DIR --data mnist.npz --goal size --held-back test

A model folder holds ``state_dict.pt``, ``indices.pt`` and ``testset.npz`` (packed bits and labels).
Its training rows are made from the data that the test rows come from, and the test rows are made
again and compared bit by bit, so that the encoding is known to be the same:

- ``digits`` is scikit-learn's: bits are pixel > 2, 8, 13; what is not a test row is a training row,
  and with ``--copies`` so are copies of it, moved by up to a pixel;
- a file with ``x_train``, ``y_train``, ``x_test`` and ``y_test`` is MNIST: the 20 x 20 pixels in
  the middle of 28 x 28, > 127.

``--held-back none`` searches on all training rows and takes the round in which they cost least;
``train`` holds back a tenth of them; ``test`` holds back a random half of the test rows, and the
accuracy in the table is that of the other half. Mended are test rows that were wrong and are right,
broken the others. A candidate is one net as a fan-in of one gate with all of its tables, or, for
size, as its stand-in.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import lgc
from lgc.inputs import PackedBits
from lgc.refining import Refined

Bits = NDArray[np.bool_]
Labels = NDArray[np.int64]

LEVELS = np.array([2, 8, 13])


@dataclass(frozen=True, eq=False)
class Rows:
    """Training and test rows of a model."""

    x_train: Bits
    y_train: Labels
    x_test: Bits
    y_test: Labels


def digits(x_test: Bits, y_test: Labels, copies: int) -> Rows:
    """Training rows are those of scikit-learn's digits that are not test rows, and copies."""
    from sklearn.datasets import load_digits

    images, labels = (np.asarray(part) for part in load_digits(return_X_y=True))
    bits = by_levels(images)
    places: defaultdict[tuple[bytes, int], list[int]] = defaultdict(list)
    for place, (row, label) in enumerate(zip(bits, labels.tolist())):
        places[row.tobytes(), label].append(place)
    # a test row that is not there, or is there too often, fails here
    found = [places[row.tobytes(), label].pop() for row, label in zip(x_test, y_test.tolist())]
    rest = np.setdiff1d(np.arange(len(bits)), found)
    moved = moved_copies(images[rest].reshape(-1, 8, 8), copies)
    return Rows(
        np.concatenate([bits[rest], by_levels(moved.reshape(-1, 64))]),
        np.tile(labels[rest].astype(np.int64), copies + 1), x_test, y_test,
    )  # fmt: skip


def by_levels(images: NDArray[Any]) -> Bits:
    return (images[:, :, None] > LEVELS).reshape(len(images), -1)


def moved_copies(images: NDArray[Any], copies: int) -> NDArray[Any]:
    """Every image so many times, each moved by up to a pixel both ways, interpolated between."""
    random = np.random.default_rng(0)
    whole = np.tile(images, (copies, 1, 1))
    for axis in (1, 2):
        part = random.uniform(-1, 1, len(whole))[:, None, None]
        to = np.pad(whole, [(0, 0), *((1, 1) if at == axis else (0, 0) for at in (1, 2))])
        size = whole.shape[axis]
        low, high = (np.take(to, range(at, at + size), axis) for at in (0, 2))
        whole = (1 - abs(part)) * whole + abs(part) * np.where(part > 0, low, high)
    return whole


def mnist(file: Path, x_test: Bits, y_test: Labels) -> Rows:
    """The middle of every image, black and white."""
    with np.load(file) as arrays:
        x, y, own, own_y = (arrays[key] for key in ("x_train", "y_train", "x_test", "y_test"))
    if not (np.array_equal(middle(own), x_test) and np.array_equal(own_y, y_test)):
        raise SystemExit(f"{file}: its test images do not become the rows of testset.npz")
    return Rows(middle(x), y.astype(np.int64), x_test, y_test)


def middle(images: NDArray[Any]) -> Bits:
    return (images[:, 4:24, 4:24] > 127).reshape(len(images), -1)


def read_rows(folder: Path, data: str, copies: int = 0) -> Rows:
    """The rows of a model folder, of digits also moved copies of the training images."""
    with np.load(folder / "testset.npz") as arrays:
        x = PackedBits(arrays["X"], int(arrays["n_bits"])).unpack()
        y = arrays["y"].astype(np.int64)
    return digits(x, y, copies) if data == "digits" else mnist(Path(data), x, y)


def measure(
    model: lgc.Model, rows: Rows, goal: Any, held_back: str, seed: int, rounds: int, **options: Any
) -> tuple[Refined, list[str]]:
    """One search, and its line of the table."""
    test = np.arange(len(rows.y_test))
    half = None
    if held_back == "test":
        order = np.random.default_rng(0).permutation(test)
        held, test = order[: len(order) // 2], order[len(order) // 2 :]
        half = rows.x_test[held], rows.y_test[held]
    found = lgc.refine(
        model, rows.x_train, rows.y_train, goal=goal, seed=seed, rounds=rounds,
        validation=0.1 if held_back == "train" else 0.0, validation_data=half, **options,
    )  # fmt: skip
    before, after = (
        one.evaluate(rows.x_test[test]).classes == rows.y_test[test] for one in (model, found.model)
    )
    start, result = found.start, found.result
    held_text = "–" if not found.held_back else percent(start.held_back, result.held_back)
    return found, [
        goal, held_back, f"{seed}", f"{found.kept} of {len(found.rounds) - 1}",
        f"{start.gates:,} to {found.model.gates:,}", percent(start.training, result.training),
        held_text, percent(before.mean(), after.mean()), f"{(after & ~before).sum()}",
        f"{(before & ~after).sum()}", f"{found.seconds:.0f}", f"{found.rate:,.0f}",
    ]  # fmt: skip


def percent(before: float, after: float) -> str:
    return f"{before:.2%} to {after:.2%}"


HEAD = (
    "goal", "held back", "seed", "rounds kept", "gates after O2", "training", "held back",
    "test", "mended", "broken", "s", "candidates/s",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path, required=True, help="model folder")
    parser.add_argument("--data", required=True, help="digits, or MNIST as .npz")
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--tau", type=float, default=10.0)
    parser.add_argument("--goal", nargs="+", default=["accuracy"], choices=["accuracy", "size"])
    parser.add_argument(
        "--held-back", nargs="+", default=["none"], choices=["none", "train", "test"]
    )
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--patience", type=int, default=5)
    parser.add_argument("--temperature", type=float)
    parser.add_argument("--copies", type=int, default=0, help="moved, of each training digit")
    parser.add_argument("--save", type=Path, help="folder for the models")
    given = parser.parse_args()
    rows = read_rows(given.model, given.data, given.copies)
    model = lgc.load(
        given.model / "state_dict.pt", wiring=given.model / "indices.pt", classes=given.classes,
        tau=given.tau, inputs=rows.x_test.shape[1],
    )  # fmt: skip
    print(
        f"{given.model.name}: {len(rows.y_train):,} training rows, {len(rows.y_test):,} test rows"
    )
    print(f"| {' | '.join(HEAD)} |\n{'|---' * len(HEAD)}|")
    for goal in given.goal:
        for held_back in given.held_back:
            for seed in given.seeds:
                found, line = measure(
                    model, rows, goal, held_back, seed, given.rounds,
                    patience=given.patience, temperature=given.temperature,
                )  # fmt: skip
                print(f"| {' | '.join(line)} |", flush=True)
                if given.save is not None:
                    given.save.mkdir(parents=True, exist_ok=True)
                    found.model.save(given.save / f"{goal}_{held_back}_{seed}.mlir")


if __name__ == "__main__":
    main()
