"""What `lgc train` reaches on data sets of the literature, hard accuracy on the test rows.

    python bench/train.py                                  # all but the three large sets of images
    python bench/train.py --only digits,adult --seeds 5
    python bench/train.py --only mnist --folder DATA       # an hour's budget, see below

DATA is a folder with ``monks.npz``, ``breast_cancer_ljubljana.npz``, ``adult.npz``, ``digits.npz``,
``mnist.npz``, ``fashion_mnist.npz`` and ``cifar10_2bit.npz``. Every network is trained by
`lgc.training`, compiled with -O2, proved equal to the kernel, and compared with it on all test
rows. Columns: *relaxed* and *hard* accuracy, the mean over the seeds, the least and the greatest
hard accuracy; gates before and after -O2, LUTs of six inputs after -O3, images a second of whole
calls on one thread, and seconds of training, those of the first seed. *paper* is what Petersen et
al., *Deep Differentiable Logic Gate Networks* (2022), report. Test rows decide nothing: recipes
were chosen by rows held back from the training rows, of the small sets by cross-validation.

The encodings are those of that paper: one bit for each value of the MONK's problems (17) and of
breast cancer (51, Ljubljana); Adult without the rows that lack values, without fnlwgt and
education-num, ages below 21, 30, 45, 60 and above, gains and losses of 0, below 5,000 and above,
and six bits for hours per week that are never set, as in its code (116); CIFAR-10 by x > 1/4, 2/4,
3/4.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lgc.training.datasets import DataSet, Reading, make_dataset, read_dataset
from lgc.training.finishing import Finished, finish
from lgc.training.recipe import Recipe
from lgc.training.trainer import train

COLUMNS = (
    "data", "network", "relaxed", "hard", "of seeds", "paper", "gates", "-O2", "LUT6", "images/s",
    "training",
)  # fmt: skip
FOLDER = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


@dataclass(frozen=True)
class Row:
    """A data set and how it is learnt.

    Attributes:
        read: from the folder of data.
        paper: hard accuracy there.
        large: only run when it is asked for.
    """

    read: Callable[[Path], DataSet]
    recipe: Recipe
    paper: str = "–"
    large: bool = False


def monk(number: int) -> Callable[[Path], DataSet]:
    """The n-th of the MONK's problems, a bit for each value."""
    reading = Reading(x=f"monk{number}_b", y=f"monk{number}_y")
    return lambda folder: read_dataset(folder / "monks.npz", reading)


def breast_cancer(folder: Path) -> DataSet:
    """Ljubljana's rows, in the split of the paper's code."""
    with np.load(folder / "breast_cancer_ljubljana.npz") as read:
        b, y, train_rows, test_rows = (read[key] for key in ("b", "y", "idx_train", "idx_test"))
    return make_dataset(
        "breast cancer", (b[train_rows], y[train_rows]), (b[test_rows], y[test_rows])
    )


def adult(folder: Path) -> DataSet:
    """Complete rows, in the 116 bits of the paper's code."""
    with np.load(folder / "adult.npz") as read:
        arrays = {key: read[key] for key in read.files}
    parts: list[tuple[Any, Any]] = []
    for which in ("train", "test"):
        whole = ~arrays[f"missing_{which}"]
        bits = adult_bits(arrays, which)[whole]
        parts.append((bits, arrays[f"y_{which}"][whole]))
    return make_dataset("adult", *parts)


def adult_bits(arrays: dict[str, Any], which: str) -> Any:
    """Text columns by value, four columns of numbers by ranges."""
    numbers = dict(zip(arrays["num_names"], arrays[f"xnum_{which}"].T))
    bits: list[Any] = []
    for column, values in zip(arrays[f"xcat_{which}"].T, arrays["cat_values"]):
        known = [code for code, value in enumerate(values.split("|")) if value != "?"]
        bits.append(column[:, None] == np.array(known))
    for name, bounds in (
        ("age", (21, 30, 45, 60)), ("capital-gain", (1, 5000)), ("capital-loss", (1, 5000)),
    ):  # fmt: skip
        ranges = np.searchsorted(bounds, numbers[name], side="right")
        bits.append(ranges[:, None] == np.arange(len(bounds) + 1))
    bits.append(np.zeros((len(bits[0]), 6), np.bool_))
    return np.concatenate(bits, axis=1).astype(np.uint8)


def archive(name: str) -> Callable[[Path], DataSet]:
    """An archive that `lgc train` reads as it is."""
    return lambda folder: read_dataset(folder / f"{name}.npz")


def cifar10(folder: Path) -> DataSet:
    """Two bits of each value: three thresholds."""
    with np.load(folder / "cifar10_2bit.npz") as read:
        parts = [
            (
                np.stack([read[f"x2_{which}"] >> k & 3 for k in (6, 4, 2, 0)], axis=-1),
                read[f"y_{which}"],
            )
            for which in ("train", "test")
        ]
    images = [(x.reshape(-1, 32, 32, 3).transpose(0, 3, 1, 2), y) for x, y in parts]
    return make_dataset("cifar10", *images)


LIGHT = Recipe(
    arch="4x400", tau=10, input="bool", batch=100, epochs=500, evaluate=50, validation=0,
    parametrization="light", weight_init="residual",
)  # fmt: skip
WIDE = Recipe(
    arch="2x1000", tau=100, input="bool", batch=100, epochs=400, evaluate=50, validation=0
)
IMAGES = Recipe(
    arch="6x8000", tau=10, batch=100, epochs=30, lr=0.1, schedule="cosine", shift=1,
    weight_init="residual",
)  # fmt: skip

ROWS = {
    "monk1": Row(monk(1), LIGHT, "100 %"),
    "monk2": Row(monk(2), replace(LIGHT, arch="6x200", tau=3, epochs=1000), "90.9 %"),
    "monk3": Row(monk(3), WIDE, "97.7 %"),
    "breast_cancer": Row(
        breast_cancer, replace(WIDE, arch="2x4000", tau=200, epochs=100), "76.1 %"
    ),
    "adult": Row(
        adult,
        Recipe(arch="5x256", tau=20, input="bool", batch=100, epochs=30, weight_init="normal"),
        "84.8 %",
    ),
    "digits": Row(
        archive("digits"),
        Recipe(
            arch="3x4000", tau=15, input="uniform:7", batch=100, epochs=60, lr=0.03,
            schedule="cosine", validation=0, evaluate=5, weight_init="residual",
        ),
    ),
    "mnist": Row(
        archive("mnist"),
        IMAGES,
        "97.69 %",
        large=True,
    ),
    "fashion_mnist": Row(
        archive("fashion_mnist"),
        replace(IMAGES, tau=30, shift=0),
        large=True,
    ),
    "cifar10": Row(
        cifar10,
        replace(IMAGES, arch="4x12000", tau=100, input="thermometer:0,1,2", shift=0),
        "51.27 %",
        large=True,
    ),
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default=",".join(n for n, row in ROWS.items() if not row.large))
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, help="Instead of those of the recipes.")
    parser.add_argument("--luts", type=int, default=6, help="Inputs of LUTs; 0 for none.")
    parser.add_argument("--progress", action="store_true", help="A line for every evaluation.")
    options = parser.parse_args()
    print("| " + " | ".join(COLUMNS) + " |")
    print("|---" * len(COLUMNS) + "|", flush=True)
    for name in options.only.split(","):
        row = ROWS[name]
        recipe = (
            row.recipe if options.epochs is None else replace(row.recipe, epochs=options.epochs)
        )
        print(line(name, row, recipe, options), flush=True)


def line(name: str, row: Row, recipe: Recipe, options: argparse.Namespace) -> str:
    """A row of the table."""
    data = row.read(options.folder)
    done: list[Finished] = []
    seconds: list[float] = []
    for seed in range(options.seeds):
        began = time.monotonic()
        trained = train(
            replace(recipe, seed=seed), data, report=print if options.progress else None
        )
        seconds.append(time.monotonic() - began)
        luts = options.luts if options.luts and not done else None
        done.append(finish(trained, data, luts=luts)[0])
    first, hard = done[0], [100 * each.hard for each in done]
    relaxed = np.mean([100 * each.relaxed for each in done])
    return (
        f"| {name} | {recipe.arch}, tau {recipe.tau:g}, {trained.recipe.input} | {relaxed:.2f} % "
        f"| {np.mean(hard):.2f} % | {min(hard):.2f} to {max(hard):.2f} | {row.paper} "
        f"| {first.gates:,} | {first.left:,} | {'–' if first.luts is None else f'{first.luts:,}'} "
        f"| {first.rate / 1e6:.1f} M | {seconds[0]:.0f} s |"
    )


if __name__ == "__main__":
    main()
