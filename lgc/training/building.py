"""From a recipe to a network: encoder, layers of gates, class sums, as a torch module.

How numbers become bits (``input``):

``auto``              ``bool`` where all numbers are 0 or 1; ``uniform:3`` of images and bytes;
                      ``distributive:8`` of anything else
``bool``              x > 0
``round``, ``>T``     x > 0.5, x > T
``thermometer:A,B``   x > A for all numbers, then x > B for all numbers
``uniform:N``         N thresholds, evenly between the least and the largest value: of all numbers
                      of an image, of each number of anything else
``distributive:N``    N thresholds at quantiles of the values that each number takes
``learnable:N``       as ``uniform:N`` to begin with, then trained like the gates

Bits that say nothing on the training rows, or what another threshold of the same number says, are
left out before the first layer of gates, unless thresholds are trained.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..binarisation import parse_binarisation
from ..errors import UsageError
from ..extras import extra
from .datasets import DataSet
from .recipe import Recipe

SPELLINGS = "auto, bool, round, >0.5, thermometer:1,2,3, uniform:3, distributive:3 or learnable:3"
_FROM_DATA = ("uniform", "distributive", "learnable")
_MOST_LEVELS = 255
_BLOCK = 4096
"""Rows that are compared with thresholds at once."""


def resolved(recipe: Recipe, data: DataSet) -> Recipe:
    """The recipe with ``auto`` replaced by what it means for this data, and checked against it.

    Raises:
        UsageError: the last layer does not fall into classes, or ``input`` is unknown.
    """
    classes = len(data.classes)
    if recipe.widths[-1] % classes:
        near = -(-recipe.widths[-1] // classes) * classes
        raise UsageError(
            f"the last layer has {recipe.widths[-1]} gates, which do not fall into {classes} "
            "equal classes",
            where="arch",
            hint=f"{near} would",
        )
    if recipe.input == "auto":
        recipe = replace(recipe, input=_automatic(data))
    if recipe.shift and (len(data.shape) < 2 or recipe.shift >= min(data.shape[-2:])):
        raise UsageError(
            f"samples of shape {data.shape} cannot be moved by {recipe.shift} pixels",
            where="shift",
            hint="it is for images, (rows, columns) or (channels, rows, columns)",
        )
    name, _, count = recipe.input.partition(":")
    if name in _FROM_DATA:
        if not count.isdecimal() or not 1 <= int(count) <= _MOST_LEVELS:
            raise UsageError(
                f"{recipe.input!r} does not say how many thresholds",
                where="input",
                hint=f"{name}:3, up to {_MOST_LEVELS}",
            )
    else:
        encoding = parse_binarisation(recipe.input, SPELLINGS)
        if encoding.by_feature or encoding.groups:
            raise UsageError(
                f"networks are not trained on {recipe.input!r}", where="input", hint=SPELLINGS
            )
    return recipe


def build(recipe: Recipe, data: DataSet) -> Any:
    """The network before its training; torch's own generator draws weights and wires.

    Raises:
        UsageError: the recipe does not suit the data, or a layer refuses its arguments.
        UnsupportedError: torch is not installed.
    """
    torch, nn = extra("torch", "nn"), extra("lgc.nn", "nn")
    recipe = resolved(recipe, data)
    encoder = _encoder(recipe, data)
    width: int = encoder.levels * encoder.features
    layers: list[Any] = [encoder]
    if not encoder.learnable:
        telling = telling_bits(data.x_train, encoder.thresholds.numpy())
        if len(telling) < width:
            layers.append(nn.Select(width, len(telling), telling))
            width = len(telling)
    for wanted in recipe.widths:
        layers.append(nn.LogicLayer(width, wanted, **_options(recipe, width)))
        width = wanted
    layers.append(nn.GroupSum(len(data.classes), recipe.tau, recipe.beta))
    return torch.nn.Sequential(*layers)


def telling_bits(x: NDArray[Any], thresholds: NDArray[np.float32]) -> NDArray[np.int64]:
    """Which bits of an encoder say something that no other bit of the same number says.

    A bit that is the same in all training rows says nothing, and of two thresholds between which
    no training row lies one is enough. With equally many rows above them they are equal on all.

    Args:
        x: training rows, ``(n, features)``.
        thresholds: ``(levels, features)``, increasing.

    Returns:
        Columns in order, level by level; the first one if all say nothing.
    """
    above = np.zeros(thresholds.shape, np.int64)
    for at in range(0, len(x), _BLOCK):
        block = x[at : at + _BLOCK].astype(np.float32)
        above += np.stack([np.count_nonzero(block > level, axis=0) for level in thresholds])
    before = np.concatenate([np.full_like(above[:1], len(x)), above[:-1]])
    telling = np.flatnonzero((above > 0) & (above < before))
    return telling if len(telling) else np.zeros(1, np.int64)


def _options(recipe: Recipe, width: int) -> dict[str, Any]:
    return {
        "connections": recipe.connections,
        "candidates": min(recipe.candidates, width),
        "k": recipe.k,
        "parametrization": recipe.parametrization,
        "logic": recipe.logic,
        "weight_init": recipe.weight_init,
        "temperature": recipe.temperature,
    }


def _automatic(data: DataSet) -> str:
    if _whole(data.x_train):
        return "bool"
    return "uniform:3" if _is_image(data) else "distributive:8"


def _whole(x: NDArray[Any]) -> bool:
    return x.dtype.kind == "b" or bool((x <= 1).all() and ((x == 0) | (x == 1)).all())


def _is_image(data: DataSet) -> bool:
    """Whether all numbers are of one kind, so that one range is that of all."""
    return not data.columns and (len(data.shape) > 1 or data.x_train.dtype == np.uint8)


def _encoder(recipe: Recipe, data: DataSet) -> Any:
    nn = extra("lgc.nn", "nn")
    name, _, count = recipe.input.partition(":")
    if name not in _FROM_DATA:
        given = parse_binarisation(recipe.input, SPELLINGS).levels
        return nn.Thermometer(data.features, len(given), given)
    if name == "distributive":
        return nn.Thermometer.distributive(data.x_train, int(count))
    axis = None if _is_image(data) else 0
    low = data.x_train.min(axis=axis).astype(np.float64)
    high = data.x_train.max(axis=axis).astype(np.float64)
    part: NDArray[np.float64] = np.arange(1, int(count) + 1)[:, None] / (int(count) + 1)
    levels: NDArray[np.float32] = (low + (high - low) * part).astype(np.float32)
    if name == "uniform":
        return nn.Thermometer(data.features, len(levels), levels)
    softness = float((high - low).mean()) / (4 * (len(levels) + 1)) or 1.0
    return nn.Thermometer(data.features, len(levels), levels, learnable=True, softness=softness)
