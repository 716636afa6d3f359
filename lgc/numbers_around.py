"""Random numbers that tell models apart: next to their levels, whole, one-hot where promised."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .chain import Chain

VECTORS = 2048
"""Of numbers, at most."""
NUMBERS = 1 << 24
"""A check on numbers draws at most about so many."""


def reads_whole(a: Chain, b: Chain) -> bool:
    """Whether one of two models reads whole numbers."""
    return a.encoding.place is not None or b.encoding.place is not None


def whole_numbers(a: Chain, b: Chain, seed: int) -> NDArray[np.float32]:
    """Numbers float32 ``(n, columns)`` of as many bits as are read, half of them next to a level
    where one of the models has such."""
    random = np.random.default_rng(seed)
    rows = min(VECTORS, max(64, NUMBERS // a.columns))
    places = [one.encoding.place.max() for one in (a, b) if one.encoding.place is not None]
    most = (1 << int(max(places)) + 1) - 1
    x = random.integers(0, most + 1, (rows, a.columns)).astype(np.float32)
    for one in (a, b):
        if (level := one.encoding.thresholds) is not None:
            spot = np.full(a.columns, -1, np.float32)
            order = random.permutation(one.bits)
            spot[one.feature[order]] = np.clip(np.floor(level[order]), 0, most - 1)
            near = (spot >= 0) & (random.random(x.shape) < 0.5)
            x = np.where(near, spot + random.integers(0, 2, x.shape).astype(np.float32), x)
    x[:, a.features :] %= 2  # bits of a state
    if a.encoding.place is not None and b.encoding.place is not None:
        return x
    return obey(x, a, b, random, whole=True)


def around_levels(a: Chain, b: Chain, seed: int) -> NDArray[np.float32]:
    """Numbers float32 ``(n, columns)``: a level of the feature, or its neighbour on a side."""
    feature = np.concatenate([np.arange(a.columns), a.feature, b.feature])
    level = np.concatenate([np.zeros(a.columns, np.float32), a.level, b.level])
    level = level[np.argsort(feature, kind="stable")]  # every feature has at least the level 0
    counts = np.bincount(feature)
    starts = np.cumsum(counts) - counts
    rows = min(VECTORS, max(64, NUMBERS // a.columns))
    random = np.random.default_rng(seed)
    chosen = level[starts + (random.random((rows, a.columns)) * counts).astype(np.int64)]
    towards = np.array([-np.inf, np.nan, np.inf], np.float32)[random.integers(0, 3, chosen.shape)]
    return obey(np.where(np.isnan(towards), chosen, np.nextafter(chosen, towards)), a, b, random)


def promise(a: Chain, b: Chain) -> Chain:
    """Of two models the one that knows of one-hot groups."""
    return a if (a.one_hot >= 0).any() else b


def obey(
    x: NDArray[np.float32], a: Chain, b: Chain, random: np.random.Generator, *, whole: bool = False
) -> NDArray[np.float32]:
    """The numbers, those of a one-hot group changed so that exactly one is above its levels."""
    one_hot = promise(a, b).one_hot
    compared = [one for one in (a, b) if one.encoding.thresholds is not None]
    feature = np.concatenate([one.feature for one in compared])
    level = np.concatenate([one.level for one in compared])
    low = np.full(a.columns, np.inf, np.float32)
    np.minimum.at(low, feature, level)
    above = np.full(a.columns, -np.inf, np.float32)
    np.maximum.at(above, feature, np.nextafter(level, np.float32(np.inf)))
    if whole:
        low, above = np.floor(low), np.ceil(above)
    for number in np.unique(one_hot[one_hot >= 0]).tolist():
        members = np.flatnonzero(one_hot == number)
        hot = random.integers(0, len(members), len(x))[:, None] == np.arange(len(members))
        x[:, members] = np.where(hot, above[members], np.minimum(x[:, members], low[members]))
    return x
