"""A whole model as one netlist: stages in a row, maps unrolled; the class sums beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .chain import Chain, Mapped, Stage
from .dialect import MapOp
from .dialect.unpacking import netlist_of
from .encoding import Encoding
from .errors import UnsupportedError
from .mapping import unrolled
from .netlist import Netlist
from .proof.classifier import Classifier
from .surgery import compose, wires


def flatten(chain: Chain) -> Netlist:
    """From the bits that enter the first stage to those that leave the last."""
    wires = np.arange(chain.bits)
    parts = [Netlist(chain.bits, np.zeros(0, np.uint64), np.zeros((0, 1), np.int32), wires)]
    for stage in chain.stages:
        parts.append(_stage(stage, len(parts[-1].outputs)))
    return compose(parts)


def _stage(stage: Stage, bits: int) -> Netlist:
    if isinstance(stage, MapOp):
        return unrolled(Mapped(stage.net.data, stage.rows, stage.kept), bits)
    return netlist_of(stage)


def layers_of(chain: Chain) -> list[Netlist]:
    """The netlist of each stage; one without gates where there is none.

    Raises:
        UnsupportedError: a stage is a convolution.
    """
    if not chain.stages:
        return [wires(chain.bits)]
    nets: list[Netlist] = []
    for stage in chain.stages:
        if isinstance(stage, MapOp):
            raise UnsupportedError(
                "logic.map, a convolution, is no plain circuit",
                hint="-p unroll-map,O2 makes one of it",
            )
        nets.append(netlist_of(stage))
    return nets


def common_encoding(chains: Sequence[Chain]) -> tuple[Encoding, list[NDArray[np.int64]]]:
    """What some models read of their numbers, each thing once, and where that of each model is.

    All compare numbers, or all read their bits.
    """
    feature = np.concatenate([chain.feature for chain in chains])
    places = [one.encoding.place for one in chains if one.encoding.place is not None]
    assert len(places) in (0, len(chains))
    ranks: NDArray[Any] = np.concatenate(places or [chain.level for chain in chains])
    ranks = ranks + ranks.dtype.type(0)  # -0 is 0
    order = np.lexsort((ranks, feature))
    fresh = np.ones(len(order), np.bool_)
    fresh[1:] = (np.diff(feature[order]) != 0) | (np.diff(ranks[order]) != 0)
    where = np.empty(len(order), np.int64)
    where[order] = np.cumsum(fresh) - 1
    ends = np.cumsum([chain.bits for chain in chains])[:-1]
    names, ranks = feature[order][fresh], ranks[order][fresh]
    made = Encoding(names, None, ranks) if places else Encoding(names, ranks)
    return made, np.split(where, ends)


def classifier(chain: Chain) -> Classifier:
    """The netlist with its class sums.

    Raises:
        UnsupportedError: there are none.
    """
    sums = chain.group_sum
    if sums is None:
        raise UnsupportedError(
            "the model has no class sums, so it gives no class",
            hint="--classes, where the file lacks them",
        )
    return Classifier(
        flatten(chain),
        sums.groups().astype(np.int64),
        sums.weights().astype(np.int64),
        sums.offsets().astype(np.int64),
        chain.facts,
    )


def describe(chain: Chain) -> list[str]:
    """A line for each bit that enters: what it says about the numbers."""
    if not chain.thresholds:
        return [f"b{i} is input bit {i}" for i in range(chain.bits)]
    if (place := chain.encoding.place) is not None:
        pairs = zip(chain.feature.tolist(), place.tolist())
        return [f"b{i} is bit {at} of x[{feature}]" for i, (feature, at) in enumerate(pairs)]
    pairs = zip(chain.feature.tolist(), chain.level.tolist())
    return [f"b{i} is x[{feature}] > {level:.9g}" for i, (feature, level) in enumerate(pairs)]
