"""Files that a training goes on from: everything that its further steps depend on."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..extras import extra
from ..files import atomic_write
from ..guards import is_dict
from .datasets import DataSet
from .recipe import Recipe

FORMAT = "lgc training 1"


@dataclass(frozen=True, eq=False)
class State:
    """A training between two steps.

    Attributes:
        data: fingerprint of the training rows.
        generators: states of torch's, of the CPU and of a GPU if one is used.
        loss: sum and number of losses since the last evaluation.
        waited: evaluations since the best one.
        history: evaluations, as plain tuples.
        best: which of them the best one is.
        best_weights: its weights, where they are kept.
        seconds: of training so far.
    """

    recipe: Recipe
    data: str
    model: dict[str, Any]
    optimizer: dict[str, Any]
    generators: list[Any]
    step: int
    loss: tuple[float, int]
    waited: int
    history: list[tuple[Any, ...]]
    best: int | None
    best_weights: dict[str, Any] | None
    seconds: float


def write_state(path: Path, state: State) -> None:
    """Write a checkpoint, whole or not at all."""
    values = {field.name: getattr(state, field.name) for field in fields(state)}
    values["recipe"] = state.recipe.to_json()
    # an open file: of some names torch refuses to make one
    with atomic_write(path) as temporary, temporary.open("wb") as file:
        extra("torch", "nn").save({"format": FORMAT, **values}, file)


def read_state(path: Path, recipe: Recipe, data: DataSet, device: str = "cpu") -> State:
    """Read a checkpoint of the same recipe and data.

    Raises:
        InputError: it cannot be read, or is of another recipe or other data.
    """
    state = open_state(path, device)
    if replace(state.recipe, epochs=recipe.epochs) != recipe:
        unlike = ", ".join(
            f"{field.name} {getattr(state.recipe, field.name)!r}"
            for field in fields(recipe)
            if getattr(state.recipe, field.name) != getattr(recipe, field.name)
        )
        raise InputError(
            f"is of a training with {unlike}",
            where=str(path),
            hint="a training goes on with the same recipe; only epochs may grow",
        )
    if recipe.epochs < state.recipe.epochs:
        raise InputError(
            f"is of a training of {state.recipe.epochs} epochs, not {recipe.epochs}",
            where=str(path),
            hint="a training that goes on can become longer, not shorter",
        )
    if state.data != data.fingerprint():
        raise InputError(
            f"is of other training rows than those of {data.name}",
            where=str(path),
            hint="a training goes on with the same data, split in the same way",
        )
    return state


def open_state(path: Path, device: str = "cpu") -> State:
    """Read a checkpoint.

    Raises:
        InputError: it is none.
    """
    torch = extra("torch", "nn")
    try:
        read = torch.load(path, map_location=device, weights_only=True)
    except FileNotFoundError:
        raise InputError("there is no such checkpoint", where=str(path)) from None
    except Exception as error:  # torch and pickle have many ways to say that it is none
        first = str(error).strip().partition("\n")[0]
        raise InputError(f"cannot be read as a checkpoint: {first}", where=str(path)) from None
    if not is_dict(read) or read.get("format") != FORMAT:
        raise InputError(
            "is no checkpoint of a training", where=str(path), hint="lgc train --checkpoint FILE"
        )
    values: dict[str, Any] = {field.name: read[field.name] for field in fields(State)}
    values["recipe"] = Recipe.from_json(values["recipe"])
    values["generators"] = [each.cpu() for each in values["generators"]]
    return State(**values)
