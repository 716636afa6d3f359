"""What `lgc inspect` says of torchlogix's files, and the description it asks for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lgc.reading import Inspection, LoadOptions, Missing

from .circuit import Content
from .decoding import rank_of
from .state import Found, State


def inspection(
    form: str, state: State, extra: Mapping[str, Any], options: LoadOptions
) -> Inspection:
    """Rows and gaps of a state dict."""
    holds = [("format", form), *((found.name or "module", _row(found)) for found in state.modules)]
    holds += [("not torchlogix's", name) for name in state.foreign[:8]]
    return Inspection("torchlogix state dict", tuple(holds), tuple(_missing(state, extra, options)))


def _row(found: Found) -> str:
    tensors = found.tensors
    if found.family == "binarization":
        kind = "learnt" if "raw_diffs" in tensors else "fixed"
        return f"binarization, {kind} thresholds {tensors['thresholds'].shape}"
    weights, rank = _first(found)
    kinds = " or ".join(rank_of(weights.shape[-1], rank)) or "weights that do not fit"
    if found.family == "dense":
        learnt = ", learnt wiring" if "connections.weights" in tensors else ""
        return f"dense, {len(weights):,} gates of {rank} inputs, {kinds}{learnt}"
    leaves = tensors["connections._indices_L0"].shape
    depth = sum(key.startswith("tree_weights.") for key in tensors)
    kernels, positions, axes = (*leaves, 0, 0, 0)[1], (*leaves, 0, 0, 0)[2], leaves[-1] - 1
    return (
        f"conv{axes}d, {kernels:,} kernels, trees of {depth} levels of {rank} inputs, {kinds}, at "
        f"{positions:,} positions"
    )


def _first(found: Found) -> tuple[Any, int]:
    """The first weights of a module, and how many inputs a gate has."""
    tensors = found.tensors
    if found.family == "dense":
        wiring = tensors["connections.indices"].shape
        return tensors["weight"], wiring[-2] if len(wiring) > 1 else 0
    return tensors["tree_weights.0"], tensors["connections._indices_L0"].shape[0]


def _missing(state: State, extra: Mapping[str, Any], options: LoadOptions) -> Iterator[Missing]:
    families = [found.family for found in state.modules]
    if "layers" not in extra and ("conv" in families or "binarization" in families[1:]):
        yield Missing(
            "description",
            "pools, paddings and sums are in no tensor. Complete this, where null stands and "
            f"where pools stood, and keep it beside the file as JSON:\n{template(state)}",
        )
        return
    choices = [
        rank_of(weights.shape[-1], rank)
        for weights, rank in (_first(one) for one in state.modules if one.family != "binarization")
    ]
    unclear = next((one for one in choices if len(one) > 1), None)
    if "layers" in extra:
        return
    if unclear is not None and options.parametrisation is None:
        yield Missing("parametrisation", "what the weights of a gate are", unclear)
    if options.classes is None:
        yield Missing("classes", "number of classes, GroupSum's k")
    if options.tau is None:
        yield Missing("tau", "GroupSum's divisor; 1 gives plain counts")


def template(state: State) -> str:
    """A description to complete; a line a layer."""
    layers: list[dict[str, Any]] = []
    before = ""
    for found in state.modules:
        if found.family == "dense" and before == "conv":
            layers += [_POOL, {"kind": "flatten"}]
        if found.family == "conv" and before == "conv":
            layers.append(_POOL)
        layers.append(_entry(found))
        if found.family != "binarization":
            before = found.family
    layers.append({"kind": "group_sum", "classes": None, "tau": None, "beta": 0})
    lines = ",\n  ".join(json.dumps(layer) for layer in layers)
    return f'{{"format": "torchlogix", "sample_shape": null,\n "layers": [\n  {lines}]}}'


_POOL = {"kind": "or_pool2d", "size": None, "stride": None, "padding": None}


def _entry(found: Found) -> dict[str, Any]:
    entry: dict[str, Any] = {"kind": found.family, "name": found.name}
    if found.family == "binarization":
        entry["feature_dim"] = None
        if "raw_diffs" in found.tensors:
            entry["temperature_softplus"] = None
        return entry
    if found.family == "conv":
        entry["kind"] = f"conv{found.tensors['connections._indices_L0'].shape[-1] - 1}d"
        entry["padding"] = None
    weights, rank = _first(found)
    if len(rank_of(weights.shape[-1], rank)) > 1:
        entry["parametrisation"] = None
    return entry


def inspection_of_circuit(content: Content) -> Inspection:
    """Rows of a circuit; nothing is missing."""
    net, sums = content.net, content.sums
    holds = [
        ("inputs", f"{net.inputs:,} bits, of shape {'x'.join(map(str, content.shape))}"),
        ("gates", f"{net.gates:,}"),
    ]
    if sums is None:
        holds.append(("outputs", f"{len(net.outputs):,} bits"))
    else:
        holds.append(("sums", f"{len(net.outputs):,} bits into {sums.classes} classes"))
        holds.append(("tau, beta", f"{sums.tau:g}, {sums.beta:g}"))
        if sums.offset is not None:
            holds.append(("constants", "folded into the sums, kept as offsets"))
    return Inspection("torchlogix circuit", tuple(holds))
