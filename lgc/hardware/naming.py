"""Names: which wires of a design are neurons of the model that it was made from.

Optimisation leaves many neurons as they were, often complemented. They are found by what they give
for random inputs: a name is for people, so that this needs no proof.
"""

from __future__ import annotations

import numpy as np

from ..chain import Chain
from ..dialect import MapOp
from ..dialect.unpacking import netlist_of
from ..evaluation import Planes, pack_planes
from ..netlist import Netlist
from .checking import stimuli
from .design import Design

VECTORS = 1024
"""Two neurons that differ on one input in a hundred have the same name once in 30,000 pairs."""


def names(source: Chain, made: Design, seed: int = 1) -> dict[int, str]:
    """The name of each net of a design that is a neuron, the first in order of layers.

    Args:
        source: the model before any pass; its stages are the layers.
    """
    tried = stimuli(source, made.given, VECTORS, seed)
    found, flipped = _alike(_values(made.net, pack_planes(tried.port)))
    place = {value: net for net, value in reversed(list(enumerate(found))) if any(value)}
    planes = pack_planes(tried.bits)
    result: dict[int, str] = {}
    for layer, stage in enumerate(source.stages):
        if isinstance(stage, MapOp):
            return result
        planes = netlist_of(stage).evaluate(planes)
        values, flips = _alike(planes)
        for neuron, (value, flip) in enumerate(zip(values, flips)):
            own = place.get(value, -1)
            if own >= made.net.inputs and own not in result:
                result[own] = f"l{layer}_n{neuron}" + ("_not" if flip != flipped[own] else "")
    return result


def _values(net: Netlist, planes: Planes) -> Planes:
    """What every net gives, in their order."""
    return Netlist(net.inputs, net.table, net.fanin, np.arange(net.nets)).evaluate(planes)


def _alike(planes: Planes) -> tuple[list[bytes], list[bool]]:
    """Rows as keys, the same for complements, and which of them were complemented for that."""
    flip = (planes[:, 0] & np.uint64(1)) > 0
    rows = planes ^ np.where(flip, ~np.uint64(0), np.uint64(0))[:, None]
    return [row.tobytes() for row in rows], flip.tolist()
