"""What the tests of convolutional models share: golden rows, broken files, modules from outside."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lgc
from lgc.dialect import MapOp
from lgc.errors import LgcError
from lgc.reading import Frontend, LoadOptions
from tests.checkpoint.test_fuzz import mutate

FIXTURES = Path(__file__).parent / "fixtures"
ROUNDS = 120
"""Mutations of a fixture in a test run."""


def check_golden(name: str, suffix: str, maps: int, **options: Any) -> lgc.Model:
    """A model gives what its library gave, and none of its convolutions is unrolled."""
    model = lgc.load(FIXTURES / f"{name}.{suffix}", **options)
    with np.load(FIXTURES / f"{name}_golden.npz") as rows:
        outcome = model.evaluate(rows["x"])
        sums = model.chain.group_sum
        assert sums is not None
        scores = rows["scores"] * sums.tau.value.data
        assert np.array_equal(outcome.counts, np.rint(scores).astype(np.int32))
        assert np.array_equal(outcome.bits, rows["bits"])
        assert len(np.unique(outcome.bits, axis=0)) > len(rows["x"]) // 2
        kernel = lgc.compile(model, engine="table")
        assert np.array_equal(kernel.counts(rows["x"]), outcome.counts)
    assert sum(isinstance(stage, MapOp) for stage in model.chain.stages) == maps
    return model


def arrays_of(name: str) -> dict[str, np.ndarray]:
    """The tensors of a fixture."""
    from lgc.checkpoint import read_checkpoint
    from lgc.states import state_of

    return dict(state_of(read_checkpoint(FIXTURES / name).data))


def failing(
    tmp_path: Path, arrays: dict[str, Any], described: dict[str, Any] | None, **options: Any
) -> str:
    """What loading says of tensors with a description beside them."""
    np.savez(tmp_path / "m.npz", **{k: v for k, v in arrays.items() if v is not None})
    (tmp_path / "m.json").unlink(missing_ok=True)
    if described is not None:
        (tmp_path / "m.json").write_text(json.dumps(described))
    with pytest.raises(LgcError) as caught:
        lgc.load(tmp_path / "m.npz", **options)
    return str(caught.value).replace(f"{tmp_path}/", "")


def check_damaged(frontend: Frontend, name: str, suffix: str, tmp_path: Path) -> None:
    """Whatever is done to the bytes, the answer is a model or an error of ours."""
    data = (FIXTURES / f"{name}.{suffix}").read_bytes()
    if (FIXTURES / f"{name}.json").is_file():
        shutil.copy(FIXTURES / f"{name}.json", tmp_path / "m.json")
    options = LoadOptions(classes=4, tau=1.0)
    calls: list[Callable[..., Any]] = [frontend.read, frontend.inspect]
    for seed in range(ROUNDS):
        (tmp_path / f"m.{suffix}").write_bytes(mutate(data, np.random.default_rng(seed)))
        for call in calls:
            try:
                call(tmp_path / f"m.{suffix}", options)
            except LgcError:
                continue
            except BaseException as error:
                error.add_note(f"seed {seed}")
                raise


class Module:
    """What a live module looks like from outside."""

    def __init__(self, *parts: Module, **attributes: Any) -> None:
        self.parts = parts
        self.__dict__.update(attributes)

    def children(self) -> Any:
        return iter(self.parts)


def module(name: str, *parts: Module, **attributes: Any) -> Module:
    """One whose class has a name."""
    return type(name, (Module,), {})(*parts, **attributes)
