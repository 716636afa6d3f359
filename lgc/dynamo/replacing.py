"""Puts kernels in place of networks: finds them, tries them on random rows, says what hinders."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import fx

from ..errors import LgcError, LgcWarning, UnsupportedError
from .calls import NetworkCall, Roles
from .graphs import Region, attribute, dependent, extracted, is_global, put, regions
from .networks import Network, Part
from .options import Options

_ROWS, _ROUNDS = 64, 16
"""Random rows that a kernel is tried on, and into how many batches they may fall."""


def replace_networks(owner: fx.GraphModule, inputs: list[Any], options: Options) -> None:
    """Let the networks of a graph run as kernels.

    Raises:
        LgcError: there is none, or something stands against one.
    """
    places = [node for node in owner.graph.nodes if node.op == "placeholder"]
    given = dict(zip(places, inputs))
    seen: set[fx.Node] = set()
    unread: list[LgcError] = []
    refused: list[LgcError] = []
    replaced = 0
    for region in regions(owner.graph):
        if not seen.isdisjoint(region.nodes):
            continue
        try:
            network = Network(region.module, _shape(region, given), options)
        except LgcError as error:
            unread.append(error)
            continue
        seen |= set(region.nodes)
        try:
            _replace(owner, region, network, given, options)
            replaced += 1
        except LgcError as error:
            refused.append(error)
    owner.graph.lint()
    owner.recompile()
    if refused and (options.strict or not replaced):
        raise refused[0]
    for error in refused:
        warnings.warn(f"a part runs without a kernel: {error}", LgcWarning, stacklevel=3)
    if not replaced:
        reason = str(unread[0]).partition("\n")[0] if unread else "none was called"
        raise UnsupportedError(
            f"no module in it is a gate network: {reason}",
            hint="lgc.compile(model).as_module() needs no graph; "
            "TORCH_LOGS=graph_breaks tells whether torch traced the model in pieces",
        )


def _replace(
    owner: fx.GraphModule,
    region: Region,
    network: Network,
    given: Mapping[fx.Node, Any],
    options: Options,
) -> None:
    _check_plain(region)
    reads = region.reads()
    roles = _roles(region, reads, given, network)
    data = reads[roles.data]
    out = _output(region, data)
    eager = extracted(owner, region, reads, out)
    call = NetworkCall(region.name, network, eager, roles)
    call.checks_binary = _tried(call, data, reads, given) and not options.binary
    put(owner, region, reads, out, data, call)


def _check_plain(region: Region) -> None:
    """Refuse a module that does something beside what its class says."""
    called: Any = region.module
    for name, module in called.named_modules():
        where = f"{region.name}.{name}" if name else region.name
        if module.training:
            raise UnsupportedError(
                "it is in training mode, and gates are what it is in eval mode",
                where=where,
                hint="model.eval()",
            )
        if module._forward_hooks or module._forward_pre_hooks:
            raise UnsupportedError("it has hooks, which a kernel would not call", where=where)
        if "forward" in vars(module):
            raise UnsupportedError("its forward is not that of its class", where=where)


def _roles(
    region: Region, reads: list[fx.Node], given: Mapping[fx.Node, Any], network: Network
) -> Roles:
    data: list[int] = []
    fixed: dict[int, Any] = {}
    numbers: dict[int, Any] = {}
    parts: dict[int, Part] = {}
    for place, node in enumerate(reads):
        value = _example(node, given)
        if not isinstance(value, torch.Tensor) or value.ndim == 0:
            numbers[place] = value
        elif id(value) in network.copies:
            parts[place] = network.copies[id(value)]
        else:
            data.append(place)
    if len(data) > 1:
        constants = [place for place in data if is_global(reads[place])]
        fixed = {place: _example(reads[place], given).clone() for place in constants}
        data = [place for place in data if place not in constants]
    if len(data) != 1:
        raise UnsupportedError(f"it reads {len(data)} tensors, not one batch", where=region.name)
    batch = reads[data[0]].meta["example_value"].shape[0]
    sizes = [place for place, value in numbers.items() if _is_size(value, batch)]
    for place in numbers.keys() - sizes:
        value = float(_hint(numbers[place]))
        found = attribute(region, reads[place])
        part = None if found is None else network.number(*found, value)
        if part is None:
            fixed[place] = value
        else:
            parts[place] = part
    return Roles(data[0], sizes, parts, fixed)


def _is_size(value: Any, batch: Any) -> bool:
    """Whether a number is the size of the batch by definition, not by chance."""
    return isinstance(value, torch.SymInt) and str(value) == str(batch)


def _example(node: fx.Node, given: Mapping[fx.Node, Any]) -> Any:
    """What a node was when it was traced; an input as it is, others without data."""
    value = given.get(node)
    return node.meta.get("example_value") if value is None else value


def _hint(value: Any) -> Any:
    """A number that may be a symbol, without fixing what it stands for."""
    symbol: Any = value
    return symbol.node.hint if isinstance(value, torch.SymInt | torch.SymFloat) else value


def _output(region: Region, data: fx.Node) -> fx.Node:
    depends = dependent(region, data)
    outs = [node for node in region.gives() if node in depends]
    if len(outs) != 1:
        raise UnsupportedError(f"it gives {len(outs)} results, not one", where=region.name)
    value = outs[0].meta.get("example_value")
    if not isinstance(value, torch.Tensor) or value.ndim != 2:
        raise UnsupportedError("its result is no row of scores a sample", where=region.name)
    if value.dtype != torch.float32:
        raise UnsupportedError(
            f"it gives {value.dtype}, and kernels give torch.float32",
            where=region.name,
            hint="call it with float32 rows, outside autocast",
        )
    if value.requires_grad:
        raise UnsupportedError(
            "its result has a gradient, and that of a kernel has none",
            where=region.name,
            hint="call it under torch.no_grad() or torch.inference_mode()",
        )
    return outs[0]


def _shape(region: Region, given: Mapping[fx.Node, Any]) -> tuple[int, ...]:
    """The shape of a sample of the first thing a region reads."""
    value: Any = _example(region.reads()[0], given) if region.reads() else None
    return tuple(int(_hint(size)) for size in value.shape[1:]) if hasattr(value, "shape") else ()


def _tried(
    call: NetworkCall, data: fx.Node, reads: list[fx.Node], given: Mapping[fx.Node, Any]
) -> bool:
    """Compare the kernel with the operations on random rows.

    Returns:
        Whether they agree only on rows of 0 and 1.

    Raises:
        UnsupportedError: they do not.
    """
    example = _example(data, given)
    shape = [int(_hint(size)) for size in example.shape]
    values = [given.get(node, _hint(node.meta.get("example_value"))) for node in reads]
    values = [_hint(value) for value in values]
    call.checks_binary = False

    def agree(rows: torch.Tensor) -> bool:
        values[call.roles.data] = rows
        kept = rows.clone()
        with torch.no_grad():
            found = torch.equal(call.eager(*values), call.by_kernel(*values))
        return found and torch.equal(rows, kept)

    if not all(agree(rows) for rows in _rows(shape, example, binary=True)):
        raise UnsupportedError(
            "its operations give something else than the gates that were read",
            where=call.name,
            hint="does its forward do what its modules say?",
        )
    return not all(agree(rows) for rows in _rows(shape, example, binary=False))


def _rows(shape: list[int], like: torch.Tensor, *, binary: bool) -> Iterator[torch.Tensor]:
    """Random batches of a shape, of the type of others and where they are."""
    random = torch.Generator().manual_seed(0)
    for turn in range(min(_ROUNDS, math.ceil(_ROWS / max(shape[0], 1)))):
        if binary or like.dtype == torch.bool:
            rows = torch.randint(0, 2, shape, generator=random)
        elif like.dtype.is_floating_point:
            rows = torch.randn(shape, generator=random) * (1, 10, 100)[turn % 3]
        else:
            rows = torch.randint(0, 128, shape, generator=random)
        yield rows.to(like.dtype).to(like.device)
