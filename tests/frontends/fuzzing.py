"""Fuzzing of frontends: mutated fixtures are read, or refused by an `LgcError`; nothing else."""

from __future__ import annotations

import time
import warnings
from pathlib import Path

import numpy as np

import lgc
from lgc.errors import LgcError
from tests.checkpoint.test_fuzz import mutate


def fuzz(data: bytes, file: Path, rounds: int, **options: object) -> None:
    """Read mutations of a file; a copy of each is written where ``file`` says."""
    for seed in range(rounds):
        changed = mutate(data, np.random.default_rng(seed))
        file.write_bytes(changed)
        start = time.monotonic()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                lgc.load(file, **options)
        except LgcError:
            pass
        except BaseException as error:
            error.add_note(f"{file.name}, seed {seed}")
            raise
        assert time.monotonic() - start < 30, f"{file.name}, seed {seed}"
