"""Damaged files of torchlogix: whatever is done to the bytes, the answer is a model or an `LgcError`."""

from __future__ import annotations

import json
import resource
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lgc
from lgc.errors import LgcError
from lgc.frontends.torchlogix import Torchlogix
from lgc.reading import LoadOptions
from tests.checkpoint.test_fuzz import mutate
from tests.frontends.make_torchlogix import FOLDER, SAVED
from tests.frontends.test_torchlogix import DESCRIPTIONS, tensors

ROUNDS = 25
"""Mutations of each seed in a test run; the script at the end takes any number."""
_MEMORY = 1 << 30
"""Bytes by which the process may grow in a whole test; the files have some 10,000."""


def round_of_bytes(name: str, seed: int, folder: Path) -> None:
    """A changed file beside its description."""
    file = folder / f"{name}.pt"
    file.write_bytes(mutate((FOLDER / file.name).read_bytes(), np.random.default_rng(seed)))
    file.with_suffix(".json").write_text(json.dumps({"format": "torchlogix", **DESCRIPTIONS[name]}))
    attempt(file, f"{name}, bytes, seed {seed}")


def round_of_numbers(name: str, seed: int, folder: Path) -> None:
    """Tensors with a few other numbers, shapes or names: what no checksum catches."""
    random = np.random.default_rng(seed)
    arrays = {key: value.copy() for key, value in tensors(name).items()}
    for _ in range(int(random.integers(1, 4))):
        key = str(random.choice(sorted(arrays)))
        array = arrays[key]
        kind = int(random.integers(0, 5))
        if kind == 0 and array.size:
            values = [-1, 0, 1, 2, 7, 10**6, 2**40, -(2**62)]
            chosen = np.array(random.choice(values)).astype(array.dtype)
            array.flat[int(random.integers(array.size))] = chosen
        elif kind == 1:
            arrays[key] = array[..., : int(random.integers(0, array.shape[-1] + 1))]
        elif kind == 2:
            arrays[key] = array[: int(random.integers(0, len(array) + 1))]
        elif kind == 3:
            arrays[key] = array.astype(random.choice(["f8", "i4", "u8", "f4"]))
        else:
            arrays[f"{key}x"] = arrays.pop(key)
    np.savez(folder / "net.npz", **arrays)
    known = json.dumps({"format": "torchlogix", **DESCRIPTIONS[name]})
    (folder / "net.json").write_text(known)
    attempt(folder / "net.npz", f"{name}, numbers, seed {seed}")


def round_of_descriptions(name: str, seed: int, folder: Path) -> None:
    """The file as it is beside a changed description."""
    random = np.random.default_rng(seed)
    text = json.dumps({"format": "torchlogix", **DESCRIPTIONS[name]}).encode()
    file = folder / f"{name}.pt"
    file.write_bytes((FOLDER / file.name).read_bytes())
    file.with_suffix(".json").write_bytes(mutate(text, random))
    attempt(file, f"{name}, description, seed {seed}")


def round_of_circuits(name: str, seed: int, folder: Path) -> None:
    (folder / "circuit").write_bytes(
        mutate((FOLDER / "circuit.json").read_bytes(), np.random.default_rng(seed))
    )
    attempt(folder / "circuit", f"{name}, circuit, seed {seed}")


def attempt(file: Path, what: str) -> None:
    start = time.monotonic()
    options: dict[str, Any] = {"frontend": "torchlogix"}
    for run in (
        lambda: lgc.load(file, **options),
        lambda: Torchlogix().inspect(file, LoadOptions()),
    ):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                run()
        except LgcError:
            pass
        except BaseException as error:
            error.add_note(what)
            raise
    assert time.monotonic() - start < 30, what


KINDS = {
    "bytes": round_of_bytes,
    "numbers": round_of_numbers,
    "description": round_of_descriptions,
}


@pytest.mark.parametrize("name", SAVED)
@pytest.mark.parametrize("kind", KINDS)
def test_mutations(kind: str, name: str, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for seed in range(ROUNDS):
        KINDS[kind](name, seed, tmp_path)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10
    assert grown < _MEMORY


def test_mutated_circuits(tmp_path: Path) -> None:
    for seed in range(10 * ROUNDS):
        round_of_circuits("circuit", seed, tmp_path)


if __name__ == "__main__":
    import itertools
    import sys
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        for number in itertools.count(int(sys.argv[1])):
            for one in SAVED:
                for run_one in KINDS.values():
                    run_one(one, number, Path(scratch))
            round_of_circuits("circuit", number, Path(scratch))
            if number % 100 == 99:
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
                print(f"{number + 1} rounds, {peak} MiB at most", flush=True)
